/* SPDX-License-Identifier: MIT */
/* The root of the server: an empty directory, through which all that it has is made. */
#include "abi/event.h"
#include "abi/pipe.h"
#include "lib/file/polls.h"
#include "services/pipe/event.h"
#include "services/pipe/pipe.h"
#include "services/pipe/share.h"
#include "services/pipe/socket.h"

#define OPEN_MAX 8192u /* ends and sockets, of all accounts */

static err_t root_other(struct file *f, struct file_request *r) {
    (void)f;
    switch (r->op) {
    case PIPE_MAKE:
        return pipe_serve_make(r);
    case PIPE_FIFO:
        return fifo_serve_make(r);
    case SOCKET_MAKE:
        return socket_serve_make(r);
    case SOCKET_PAIR:
        return socket_serve_make_pair(r);
    case EVENT_MAKE:
        return event_serve_make(r);
    case EVENT_TIMER:
        return timer_serve_make(r);
    default:
        return ERROR(UNSUPPORTED);
    }
}

static err_t root_look_up(struct node *directory, struct text name, struct node **out) {
    (void)directory;
    (void)name;
    (void)out;
    return ERROR(NOT_FOUND);
}

static struct node *root_parent(struct node *directory) {
    (void)directory;
    return NULL;
}

static err_t root_entries(struct node *directory, struct file_request *r, uint64_t cookie) {
    (void)directory;
    (void)r;
    (void)cookie;
    return OK;
}

static const struct node_ops root_ops = {
    .look_up = root_look_up, .parent = root_parent, .entries = root_entries, .other = root_other};

/* No signal is raised but the clock's. */
static void clock_raised(struct file_server *s, uint64_t bits) {
    (void)bits;
    timers_run(s);
}

void pipes_start(struct file_server *s, uint64_t bytes) {
    static struct node root;
    root = (struct node){.ops = &root_ops, .id = 1, .mode = FILE_TYPE_DIRECTORY | 0555};
    shares_start(bytes);
    file_server_start(s, &root);
    s->open.limit = OPEN_MAX;
    s->watches.limit = WATCHES_MAX;
    s->pollers.limit = POLLERS_MAX;
    s->cargo_end = socket_cargo_end;
    s->accept = MESSAGE_HANDLES;
    s->raised = clock_raised;
}
