/* SPDX-License-Identifier: MIT */
#include "services/pipe/event.h"

#include <stdlib.h>
#include <string.h>

#include "abi/event.h"

struct event {
    struct node node;
    uint64_t count, told; /* what it counts; what the request that is served takes or adds */
    bool semaphore;
    struct file_queue reads, writes;
};

static uint64_t count, next_id = 2ull << 32; /* beyond what sockets have */

uint64_t events_count(void) {
    return count;
}

struct node event_node(const struct node_ops *ops, const struct file_request *r) {
    count++;
    return (struct node){.ops = ops,
                         .id = ++next_id,
                         .mode = 0600,
                         .user = (uint32_t)r->word[2],
                         .group = (uint32_t)(r->word[2] >> 32),
                         .references = 1};
}

void event_gone(void) {
    count--;
}

err_t event_give(struct file_request *r, struct node *n, uint32_t flags) {
    static const uint32_t both = FILE_RIGHT_READ | FILE_RIGHT_WRITE;
    err_t e = file_give(r, n, FILE_FOR_READ | FILE_FOR_WRITE | flags, both | FILE_RIGHT_CHANGE);
    node_release(n); /* its file has it */
    return e;
}

static struct event *event_of(struct node *n) {
    return LINK_OF(n, struct event, node);
}

static err_t event_read(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    struct event *v = event_of(f->node);
    (void)offset;
    if (wanted < sizeof v->told)
        return ERROR_ARG(BAD_ARGUMENT, 4);
    if (!v->count || file_behind(r, &v->reads))
        return file_wait(r, &v->reads);
    v->told = v->semaphore ? 1 : v->count;
    r->quiet = !v->writes.count && !v->node.watch_count;
    return file_emit(r, &v->told, sizeof v->told);
}

static err_t event_write(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    struct event *v = event_of(f->node);
    uint64_t more;
    (void)offset;
    if (wanted != sizeof more)
        return ERROR_ARG(BAD_ARGUMENT, 4);
    err_t e = file_take(r, 0, &more, sizeof more);
    if (err_ok(e) && more > EVENT_MOST)
        e = ERROR_ARG(BAD_ARGUMENT, 5);
    if (!err_ok(e))
        return e;
    if (more > EVENT_MOST - v->count || file_behind(r, &v->writes))
        return file_wait(r, &v->writes);
    v->told = more;
    r->done = sizeof more;
    r->quiet = !v->reads.count && !v->node.watch_count;
    return OK;
}

static void event_settled(struct file *f, struct file_request *r, bool answered) {
    struct event *v = event_of(f->node);
    if (!answered || !r->done)
        return;
    if (r->op == FILE_READ) {
        v->count -= v->told;
        file_wake(f->server, &v->writes);
        file_changed(&v->node, FILE_WRITABLE);
    } else if (r->op == FILE_WRITE) {
        v->count += v->told;
        file_wake(f->server, &v->reads);
        file_changed(&v->node, FILE_READABLE);
    }
}

static uint32_t event_poll(struct file *f, uint64_t *bytes) {
    const struct event *v = event_of(f->node);
    *bytes = v->count ? sizeof v->count : 0;
    return (v->count ? FILE_READABLE : 0) | (v->count < EVENT_MOST ? FILE_WRITABLE : 0);
}

static err_t event_file_open(struct file *f) {
    f->positioned = false;
    return OK;
}

static void event_unused(struct node *n) {
    free(event_of(n));
    event_gone();
}

static const struct node_ops event_ops = {.unused = event_unused,
                                          .open = event_file_open,
                                          .read = event_read,
                                          .write = event_write,
                                          .poll = event_poll,
                                          .settled = event_settled};

err_t event_serve_make(struct file_request *r) {
    static const uint32_t both = FILE_RIGHT_READ | FILE_RIGHT_WRITE;
    if (r->word[0] & ~(uint64_t)(FILE_NONBLOCK | EVENT_SEMAPHORE))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (r->word[1] > EVENT_MOST)
        return ERROR_ARG(BAD_ARGUMENT, 4);
    if ((r->rights & both) != both)
        return ERROR(NO_RIGHT);
    struct event *v = calloc(1, sizeof *v);
    if (!v)
        return ERROR(NO_MEMORY);
    v->node = event_node(&event_ops, r);
    v->count = r->word[1];
    v->semaphore = r->word[0] & EVENT_SEMAPHORE;
    return event_give(r, &v->node, (uint32_t)r->word[0] & FILE_NONBLOCK);
}
