/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c tests/file/host/ramfs.c lib/file/serve.c lib/file/locks.c
   lib/file/waits.c lib/file/polls.c lib/file/names.c lib/file/walk.c lib/file/badges.c
   lib/file/answer.c lib/file/client.c services/ramfs/inode.c services/ramfs/placed.c
   services/ramfs/directory.c services/ramfs/store.c tests/file/host/pages.c
   RUNS: 8000 */
/*
 * The input is a sequence of events at one file: locks of ranges by owners and open files, of the
 * whole by open files, tests, waits that are interrupted, ends. The model has for each owner what
 * it has of each byte. After each event those calls wait, and only those, that something is in the
 * way of; what is in the way is what the model has; and a deadlock is told only if there is one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file/locks.h"
#include "tests/file/host/ramfs.h"

#define OWNERS 3u
#define FILES  3u
#define BOTH   (OWNERS + FILES) /* who can have locks of ranges: owners, then files */
#define BYTES  24u              /* the last one stands for all that follow */
#define CALLS  8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct input {
    const uint8_t *at;
    size_t left;
} input;

static struct session_cap root, owner[OWNERS], file[FILES];
static uint8_t range[BOTH][BYTES], whole[FILES]; /* FILE_LOCK_SHARED, _EXCLUSIVE, 0 */

static struct call {
    bool used;
    unsigned who, file; /* of the range's owner; through which file */
    unsigned first, last, kind;
    bool whole;
    unsigned order;
    struct host_call call;
} call[CALLS];
static unsigned order;

static _Noreturn void broken(const char *what, int line) {
    fprintf(stderr, "line %d: %s\n", line, what);
    abort();
}
#define must(what) ((what) ? (void)0 : broken(#what, __LINE__))

static unsigned take(void) {
    if (!input.left)
        return 0;
    input.left--;
    return *input.at++;
}

/* ---- the model ---- */

static bool conflict(unsigned one, unsigned other) {
    return one && other && (one | other) & FILE_LOCK_EXCLUSIVE;
}

static bool blocked_by(const struct call *c, unsigned who) {
    if (c->whole)
        return who >= OWNERS && who - OWNERS != c->file && conflict(c->kind, whole[who - OWNERS]);
    for (unsigned i = c->first; who != c->who && i <= c->last; i++)
        if (conflict(c->kind, range[who][i]))
            return true;
    return false;
}

static bool blocked(const struct call *c) {
    bool any = false;
    for (unsigned who = 0; who < BOTH; who++)
        any |= blocked_by(c, who);
    return any;
}

static void apply(const struct call *c) {
    if (c->whole)
        whole[c->file] = (uint8_t)c->kind;
    for (unsigned i = c->first; !c->whole && i <= c->last; i++)
        range[c->who][i] = (uint8_t)c->kind;
}

static struct call *next_after(unsigned before) {
    struct call *found = NULL;
    for (struct call *c = call; c < call + CALLS; c++)
        if (c->used && c->order > before && (!found || c->order < found->order))
            found = c;
    return found;
}

/* Whether `from` waits, over whoever is in the way, for `to`. */
static bool waits_for(unsigned from, unsigned to, unsigned depth) {
    for (struct call *c = call; depth < 16 && c < call + CALLS; c++)
        for (unsigned who = 0; c->used && !c->whole && c->who == from && who < BOTH; who++)
            if (blocked_by(c, who) && (who == to || waits_for(who, to, depth + 1)))
                return true;
    return false;
}

static bool in_circle(const struct call *c) {
    bool circle = false;
    for (unsigned who = 0; who < BOTH; who++)
        circle |= blocked_by(c, who) && waits_for(who, c->who, 0);
    return circle && c->who < OWNERS && !c->whole;
}

/* Those that wait get what is free, in order, until none can. One that is tried again may find that
 * it waits in a circle, which was not seen when that was closed: as on Linux, only the first who is
 * in the way is looked at. */
static void settle(void) {
    for (bool again = true; again;) {
        again = false;
        for (struct call *c = next_after(0); c; c = next_after(c->order))
            if (!blocked(c)) {
                apply(c);
                c->used = false;
                again = true;
                must(!c->call.waiting && err_ok(c->call.error));
            }
    }
    for (struct call *c = call; c < call + CALLS; c++)
        if (c->used && !c->call.waiting) {
            must(err_is(c->call.error, ERR_BUSY) && in_circle(c));
            c->used = false;
        }
}

/* ---- the client ---- */

static uint64_t last_of(unsigned byte) {
    return byte == BYTES - 1 ? (uint64_t)INT64_MAX : byte;
}

static struct host_call ask(const struct call *c, uint32_t how) {
    struct host_call h = {.badge = host_file((unsigned)file[c->file].h)->badged.badge,
                          .account = HOST_ACCOUNT,
                          .op = FILE_LOCK,
                          .rights = FILE_RIGHTS,
                          .word = {c->kind | how | (c->whole ? FILE_LOCK_WHOLE : 0),
                                   c->whole ? 0 : c->first,
                                   c->whole ? INT64_MAX : last_of(c->last)}};
    if (!c->whole && c->who < OWNERS)
        h.sent = owner[c->who].h;
    return h;
}

/* Only one wait of an owner at a time: then who waits for whom is told whole. */
static bool is_waiting(unsigned who) {
    for (const struct call *c = call; c < call + CALLS; c++)
        if (c->used && !c->whole && c->who == who)
            return true;
    return false;
}

static bool there(unsigned who) {
    return who < OWNERS ? owner[who].h != HANDLE_NONE : file[who - OWNERS].h != HANDLE_NONE;
}

static bool choose(struct call *c) {
    unsigned what = take(), a = take() % BYTES, b = take() % BYTES;
    *c = (struct call){.who = what % BOTH,
                       .file = (what >> 4) % FILES,
                       .first = a < b ? a : b,
                       .last = a < b ? b : a,
                       .whole = what & 0x80};
    if (c->whole || c->who >= OWNERS)
        c->who = OWNERS + c->file;
    return there(c->who) && there(OWNERS + c->file);
}

static void test(void) {
    struct call c;
    if (!choose(&c))
        return;
    c.kind = take() & 1 ? FILE_LOCK_SHARED : FILE_LOCK_EXCLUSIVE;
    struct host_call h = ask(&c, FILE_LOCK_TEST);
    must(err_ok(host_serve(&h)) && blocked(&c) == (h.word[0] != 0));
    if (!h.word[0] || c.whole)
        return;
    uint64_t last = h.word[2] < BYTES ? h.word[2] : BYTES - 1;
    unsigned found = 0;
    for (unsigned who = 0; who < BOTH; who++) {
        bool all = who != c.who && (who < OWNERS ? h.word[3] == who + 1 : !h.word[3]);
        for (uint64_t i = h.word[1]; i <= last; i++)
            all = all && range[who][i] == h.word[0];
        found += all;
    }
    must(found && h.word[1] <= c.last && last >= c.first);
}

static void lock(void) {
    struct call c;
    unsigned kind = take();
    bool waits = kind & 0x80;
    struct call *slot = call;
    while (slot < call + CALLS && slot->used)
        slot++;
    if (!choose(&c) || slot == call + CALLS)
        return;
    c.kind = kind % 3;
    if (!c.whole && is_waiting(c.who))
        waits = false;
    if (c.whole && c.kind) { /* what it has is given up first */
        whole[c.file] = 0;
    }
    bool stuck = c.kind && blocked(&c);
    *slot = c;
    slot->call = ask(&c, waits ? FILE_LOCK_WAIT : 0);
    err_t e = host_serve(&slot->call);
    if (!stuck) {
        must(err_ok(e));
        apply(&c);
    } else if (!waits) {
        must(err_is(e, ERR_WOULD_BLOCK) && !slot->call.waiting);
    } else if (err_is(e, ERR_BUSY)) {
        must(in_circle(&c));
    } else {
        must(err_is(e, ERR_WOULD_BLOCK) && slot->call.waiting);
        slot->used = true;
        slot->order = ++order;
    }
}

static void interrupt(void) {
    struct call *c = &call[take() % CALLS];
    if (!c->used)
        return;
    host_interrupt(&c->call);
    must(!c->call.waiting && err_is(c->call.error, ERR_INTERRUPTED));
    c->used = false;
}

static bool used_by_call(unsigned who) {
    for (const struct call *c = call; c < call + CALLS; c++)
        if (c->used && (c->who == who || c->file + OWNERS == who))
            return true;
    return false;
}

/* An owner or open file ends, and there is another one in its place. */
static void renew(unsigned who) {
    struct session_cap *s = who < OWNERS ? &owner[who] : &file[who - OWNERS];
    static const struct file_name name = {
        .path = {"file", 4}, .flags = FILE_FOR_READ | FILE_FOR_WRITE | FILE_CREATE, .mode = 0644};
    if (s->h != HANDLE_NONE && used_by_call(who))
        return;
    if (s->h != HANDLE_NONE)
        host_close(NULL, *s);
    memset(range[who], 0, BYTES);
    if (who >= OWNERS)
        whole[who - OWNERS] = 0;
    if (who < OWNERS)
        must(err_ok(file_owner(root, who + 1, s)));
    else
        must(err_ok(file_open(root, &name, s, NULL)));
}

static void event(void) {
    unsigned what = take();
    if (what < 16)
        renew(what % BOTH);
    else if (what < 40)
        interrupt();
    else if (what < 90)
        test();
    else
        lock();
    settle();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (root.h == HANDLE_NONE)
        root = host_ramfs_start(1u << 20);
    input = (struct input){data, size};
    for (unsigned who = 0; who < BOTH; who++)
        renew(who);
    while (input.left)
        event();
    for (struct call *c = call; c < call + CALLS; c++)
        if (c->used)
            host_interrupt(&c->call);
    memset(call, 0, sizeof call);
    for (unsigned i = 0; i < OWNERS; i++) {
        host_close(NULL, owner[i]);
        owner[i].h = HANDLE_NONE;
        memset(range[i], 0, BYTES);
    }
    for (unsigned i = 0; i < FILES; i++) {
        host_close(NULL, file[i]);
        file[i].h = HANDLE_NONE;
        memset(range[OWNERS + i], 0, BYTES);
        whole[i] = 0;
    }
    must(!host_server.locks.count && !host_server.waits.count && !host_server.open.count);
    return 0;
}
