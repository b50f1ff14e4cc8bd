/* SPDX-License-Identifier: MIT */
/*
 * What survives exec in this library: open files and their numbers, the working directory, the mask
 * of permissions, limits, the user, signals. Handles keep their numbers, so that the new program
 * only has to know what they are. Open files that no number is left for are told as well, for the
 * new program to close: until it runs, exec can fail.
 */
#include "lib/posix/state.h"

#include "lib/bare/bare.h"
#include "lib/posix/process.h"
#include "lib/sys/mem.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"

struct state {
    uint64_t bytes; /* of all of it */
    handle_t before;
    struct signals_kept signals;
    struct rlimit limits[RLIM_NLIMITS];
    struct identity identity;
    struct session_cap owners[LOCK_OWNERS]; /* of locks */
    uint32_t umask, directory;              /* DESCRIPTION_NONE: the root */
    uint32_t files, numbers; /* struct state_file and then struct state_number, then paths */
};

struct state_file {
    handle_t session;
    uint64_t mount;
    uint32_t index, flags, mode;
    uint16_t path; /* bytes of its path */
    bool log, by_path, kept;
    struct socket_options socket;
    enum timer_clock timer;
};

struct state_number {
    uint32_t fd, index;
};

/* Where things are in the memory. */
struct place {
    struct state *state;
    struct state_file *file;
    struct state_number *number;
    char *path;
};

static struct place place_at(uint64_t address, uint32_t files, uint32_t numbers) {
    struct place p = {.state = (struct state *)address};
    p.file = (struct state_file *)(p.state + 1);
    p.number = (struct state_number *)(p.file + files);
    p.path = (char *)(p.number + numbers);
    return p;
}

/* ---- before ---- */

static bool kept_number(long fd, struct description **d) {
    bool closes;
    *d = descriptor_peek(fd, &closes);
    return *d && !closes && !(*d)->epoll;
}

struct sizes {
    uint32_t files, numbers;
    size_t paths;
};

static struct sizes measure(void) {
    struct sizes s = {0};
    struct description *d;
    for (unsigned i = 0; (d = description_at(i)); i++) {
        s.files += d->references > 0;
        s.files += d->references && d->epoll ? epoll_handles(d->epoll, NULL) : 0;
        s.paths += d->references ? d->base.path.length : 0;
    }
    for (long fd = 0; fd < descriptors_end(); fd++)
        s.numbers += kept_number(fd, &d);
    return s;
}

static void file_put(struct state_file *to, const struct description *d) {
    *to = (struct state_file){
        .session = d->base.session.h,
        .mount = d->base.mount,
        .index = description_index(d),
        .flags = d->flags,
        .mode = d->mode,
        .path = (uint16_t)d->base.path.length,
        .log = d->log,
        .by_path = d->base.by_path,
        .kept = d == directory_peek(),
        .socket = d->socket,
        .timer = d->timer,
    };
}

/* An epoll instance ends with the program: its handles are closed as files that nobody has. */
static struct state_file *epoll_put(struct state_file *to, const struct epoll *ep) {
    handle_t handle[EPOLL_HANDLES];
    unsigned count = epoll_handles(ep, handle);
    for (unsigned i = 0; i < count; i++)
        *to++ = (struct state_file){.session = handle[i], .index = DESCRIPTION_NONE};
    return to;
}

static void files_put(struct place *p) {
    const struct description *d;
    struct state_file *to = p->file;
    for (unsigned i = 0; (d = description_at(i)); i++) {
        if (!d->references)
            continue;
        file_put(to++, d);
        if (d->epoll)
            to = epoll_put(to, d->epoll);
        if (d->base.path.length)
            memcpy(p->path, d->base.path.at, d->base.path.length);
        p->path += d->base.path.length;
    }
}

static void numbers_put(struct place *p) {
    struct description *d;
    struct state_number *to = p->number;
    for (long fd = 0; fd < descriptors_end(); fd++) {
        if (!kept_number(fd, &d))
            continue;
        *to++ = (struct state_number){(uint32_t)fd, description_index(d)};
        for (uint32_t i = 0; i < p->state->files; i++)
            if (p->file[i].index == description_index(d))
                p->file[i].kept = true;
    }
}

static void state_put(uint64_t at, uint64_t bytes, const struct sizes *s, handle_t before) {
    struct place p = place_at(at, s->files, s->numbers);
    *p.state = (struct state){.bytes = bytes,
                              .before = before,
                              .umask = umask_now,
                              .directory = description_index(directory_peek()),
                              .files = s->files,
                              .numbers = s->numbers};
    signals_keep(&p.state->signals);
    limits_keep(p.state->limits);
    identity_keep(&p.state->identity);
    locks_keep(p.state->owners);
    files_put(&p);
    numbers_put(&p);
}

err_t state_keep(struct process_cap to) {
    const struct sizes s = measure();
    uint64_t at, bytes = (uint64_t)(place_at(0, s.files, s.numbers).path + s.paths);
    struct memory_cap memory;
    bytes = page_round(bytes);
    err_t e = room_allocate(program_pool, bytes, MEMORY_READ | MEMORY_WRITE | MAP_PRIVATE_COPY,
                            &memory, &at);
    if (!err_ok(e))
        return e;
    state_put(at, bytes, &s, to.h);
    sys_process_unmap(SELF_PROCESS, at, bytes);
    e = sys_process_map(to, memory, EXEC_STATE_AT, 0, bytes, MEMORY_READ | MAP_PRIVATE_COPY);
    sys_handle_close(ANY(memory));
    return e;
}

/* ---- afterwards ---- */

/* A directory whose path has no room is as one whose path is not known. */
static struct text path_copy(const char *from, size_t length) {
    char *path = length ? block_take() : NULL;
    if (path)
        memcpy(path, from, length);
    return (struct text){path, path ? length : 0};
}

static void file_take(const struct state_file *f, const char *path) {
    if (!f->kept) {
        const struct description gone = {.mode = f->mode, .base = {.session = {f->session}}};
        if (f->index != DESCRIPTION_NONE)
            locks_closing(&gone);
        if (f->session != HANDLE_NONE)
            sys_handle_close((struct any_cap){f->session});
        return;
    }
    struct description *d = description_place(f->index);
    *d = (struct description){
        .flags = f->flags,
        .mode = f->mode,
        .log = f->log,
        .socket = f->socket,
        .timer = f->timer,
        .base = {.session = {f->session}, .mount = f->mount, .by_path = f->by_path},
    };
    d->base.path = path_copy(path, f->path);
}

void state_restore(void) {
    const struct state *s = (const struct state *)EXEC_STATE_AT;
    struct place p = place_at(EXEC_STATE_AT, s->files, s->numbers);
    locks_restore(s->owners);
    for (uint32_t i = 0; i < s->files; p.path += p.file[i++].path)
        file_take(&p.file[i], p.path);
    for (uint32_t i = 0; i < s->numbers; i++) {
        struct description *d = description_at(p.number[i].index);
        description_hold(d);
        descriptor_fill(p.number[i].fd, d, false);
    }
    if (s->directory != DESCRIPTION_NONE) {
        description_hold(description_at(s->directory));
        directory_set(description_at(s->directory));
    }
    umask_now = s->umask;
    limits_restore(s->limits);
    identity_restore(&s->identity);
    signals_restore(&s->signals);
    sys_handle_close((struct any_cap){s->before});
    sys_process_unmap(SELF_PROCESS, EXEC_STATE_AT, s->bytes);
}
