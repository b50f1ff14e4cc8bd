/* SPDX-License-Identifier: MIT */
/*
 * A hostile program with nothing: a copy of this one, with its memory, so that it knows every
 * number there is to know, but with no handle except its own process and thread and an empty
 * namespace. Each attempt is made first by a copy that has this program's handles, where it must
 * succeed, and then by the prisoner, where it must not, and change nothing. What nobody may do has
 * no control. Exits with the number of results.
 */
#include <stdio.h>
#include <string.h>

#include "abi/file.h"
#include "abi/ns.h"
#include "lib/file/client.h"
#include "lib/file/server.h"
#include "lib/file/space.h"
#include "lib/sys/message.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/thread.h"
#include "tests/userland/escape/escape.h"
#include "tests/userland/servers.h"

#define PRIORITY    100u
#define SCENE_BYTES (1ull << 20)
#define CELL_BYTES  (2ull << 20)
#define SECONDS     30ull
#define MARK        0x6d61726bull
#define INDEXES     256u
#define GENERATIONS 16u /* of handles from before the first scene */

struct scene scene;
struct session_cap files, devices;
struct ports_cap ports;
struct irq_cap irqs;

static struct endpoint_cap ends;
static struct session_cap empty_space;
static uint64_t cookie;
static struct any_cap before[INDEXES]; /* what there was before the first scene */
static unsigned before_count;

/* ---- copies ---- */

static struct begin {
    struct thread_entry entry;
    uint64_t fs, (*run)(void);
} begin;
static char stack[16384] __attribute__((aligned(16)));

/* The thread pointer first: until then no function may look for its stack guard. */
__attribute__((optimize("no-stack-protector"))) static void copy_main(void *argument) {
    const struct begin *b = argument;
    __asm__ volatile("wrfsbase %0" : : "r"(b->fs) : "memory");
    program_exit(b->run());
}

static void before_find(void) {
    uint64_t type, identity;
    for (uint64_t g = 0; g < GENERATIONS; g++)
        for (uint64_t i = HANDLE_THREAD + 1; i < INDEXES; i++) {
            struct any_cap h = {g << HANDLE_INDEX_BITS | i};
            if (before_count < INDEXES && err_ok(sys_handle_info(h, &type, &identity)))
                before[before_count++] = h;
        }
}

/* Says of all handles whether copies get them. The attempt `guess` would find one that is missed.
 */
static void keep_all(struct pool_cap cell, bool keep) {
    const struct any_cap of_scene[] = {
        ANY(scene.pool),     ANY(scene.victim),  ANY(scene.thread), ANY(scene.memory),
        ANY(scene.endpoint), ANY(scene.session), ANY(scene.signal), ANY(scene.timer),
        ANY(scene.file),     ANY(scene.space),   ANY(cell)};
    for (unsigned i = 0; i < before_count; i++)
        sys_handle_keep(before[i], keep);
    for (unsigned i = 0; i < sizeof of_scene / sizeof *of_scene; i++)
        sys_handle_keep(of_scene[i], keep);
}

/* As `init` does it for what a person starts. */
static err_t bound(struct process_cap p) {
    struct syscall_filter all = {.priority = PRIORITY};
    memset(all.native, 0xff, sizeof all.native);
    memset(all.foreign, 0xff, sizeof all.foreign);
    return sys_process_filter(p, &all);
}

bool copy_start(uint64_t (*run)(void), struct pool_cap pool, bool prisoner,
                struct process_cap *out) {
    struct session_cap all = scene.space;
    struct thread_cap thread = {HANDLE_NONE};
    if (prisoner) {
        keep_all(pool, false);
        scene.space = empty_space;
        sys_handle_keep(ANY(empty_space), 1);
    }
    __asm__ volatile("rdfsbase %0" : "=r"(begin.fs));
    begin.run = run;
    begin.entry = (struct thread_entry){copy_main, &begin};
    err_t e = sys_process_clone(SELF_PROCESS, pool, out);
    scene.space = all;
    if (prisoner)
        keep_all(pool, true);
    if (err_ok(e) && prisoner)
        e = bound(*out);
    if (err_ok(e))
        e = sys_thread_create(*out, thread_block()->self, PRIORITY, &thread);
    if (err_ok(e))
        e = sys_process_bind(*out, ends, ++cookie);
    if (err_ok(e))
        e = sys_thread_start(thread, (uint64_t)thread_start_up, (uint64_t)(stack + sizeof stack),
                             (uint64_t)&begin.entry);
    if (thread.h != HANDLE_NONE)
        sys_handle_close(ANY(thread));
    if (!err_ok(e))
        printf("# a copy does not start: %s\n", error_name(e));
    return err_ok(e);
}

bool copy_wait(uint64_t *code) {
    struct message m = {0};
    enum message_kind kind = MESSAGE_CALL;
    do {
        thread_block()->deadline = clock_nanoseconds() + SECONDS * 1000000000;
        err_t e = endpoint_receive(ends, OP_DEADLINE, &m, &kind);
        if (!err_ok(e)) {
            printf("# a copy does not end: %s\n", error_name(e));
            *code = 0;
            return true;
        }
    } while (kind != MESSAGE_ENDED || m.badge != cookie);
    *code = m.op == END_EXIT ? m.word[0] : m.word[1];
    return m.op == END_EXIT;
}

/* ---- scenes ---- */

static struct file_name secret(uint32_t flags) {
    return (struct file_name){.path = text_of(SECRET), .flags = flags, .mode = 0644};
}

static err_t file_prepare(void) {
    const struct file_name n = secret(FILE_CREATE | FILE_TRUNCATE | FILE_FOR_READ | FILE_FOR_WRITE);
    uint32_t number;
    size_t done;
    err_t e = file_open(files, &n, &scene.file, NULL);
    if (err_ok(e))
        e = file_write(scene.file, 0, "secret", 6, &done);
    if (err_ok(e))
        e = space_empty(empty_space, &scene.space);
    if (err_ok(e))
        e = space_mount(scene.space, text_of("/"), text_of("files"), files, NS_CREATE, &number);
    return err_ok(e) ? space_mount(scene.space, text_of("/dev"), text_of("dev"), devices, NS_AFTER,
                                   &number)
                     : e;
}

static err_t objects_make(void) {
    err_t e = sys_endpoint_create(scene.pool, &scene.endpoint);
    if (err_ok(e))
        e = sys_endpoint_mint(scene.endpoint, 1, SESSION_USE, HANDLE_NONE, &scene.session);
    if (err_ok(e))
        e = sys_signal_create(scene.pool, &scene.signal);
    return err_ok(e) ? sys_timer_create(scene.pool, scene.signal, 1, &scene.timer) : e;
}

/* One that never runs: its memory has a mark. */
static err_t victim_make(void) {
    const uint64_t mark = MARK;
    uint64_t done;
    err_t e = sys_process_create(scene.pool, &scene.victim);
    if (err_ok(e))
        e = sys_memory_create(scene.pool, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &scene.memory);
    if (err_ok(e))
        e = sys_process_map(scene.victim, scene.memory, VICTIM_PAGE, 0, PAGE_SIZE,
                            MEMORY_READ | MEMORY_WRITE);
    if (err_ok(e))
        e = sys_process_write(scene.victim, VICTIM_PAGE, &mark, sizeof mark, &done);
    return err_ok(e) ? sys_thread_create(scene.victim, VICTIM_PAGE + (1 << 20), 50, &scene.thread)
                     : e;
}

static bool scene_make(void) {
    err_t e = sys_pool_create(program_pool, SCENE_BYTES, 0, &scene.pool);
    if (err_ok(e))
        e = objects_make();
    if (err_ok(e))
        e = victim_make();
    if (err_ok(e))
        e = file_prepare();
    if (!err_ok(e))
        printf("# no scene: %s\n", error_name(e));
    return err_ok(e);
}

static void scene_end(void) {
    sys_pool_destroy(scene.pool);
    sys_handle_close(ANY(scene.file));
    sys_handle_close(ANY(scene.space));
}

/* What an attempt could have changed. */
struct witness {
    struct pool_info pool;
    struct process_info victim;
    struct thread_info thread;
    struct memory_info memory;
    uint64_t mark, signalled;
    char text[8];
};

static void witness(struct witness *w) {
    uint64_t done, bits = 0;
    size_t length = 0;
    *w = (struct witness){0};
    sys_pool_info(scene.pool, &w->pool);
    sys_process_info(scene.victim, &w->victim);
    sys_thread_info(scene.thread, &w->thread);
    sys_memory_info(scene.memory, &w->memory);
    sys_process_read(scene.victim, VICTIM_PAGE, &w->mark, sizeof w->mark, &done);
    w->signalled = err_ok(sys_signal_wait(scene.signal, UINT64_MAX, 1, &bits)) ? bits : 0;
    file_read(scene.file, 0, w->text, sizeof w->text, &length);
}

static bool same(const struct witness *a, const struct witness *b) {
    return a->pool.used == b->pool.used && a->pool.limit == b->pool.limit &&
           a->victim.ended == b->victim.ended && a->victim.handles == b->victim.handles &&
           a->victim.threads == b->victim.threads && a->victim.resident == b->victim.resident &&
           a->thread.state == b->thread.state && a->thread.priority == b->thread.priority &&
           a->memory.size == b->memory.size && a->mark == b->mark && b->mark == MARK &&
           !b->signalled && !memcmp(a->text, b->text, sizeof a->text) && b->text[0] == 's';
}

/* ---- attempts ---- */

/* True if the attempt succeeded; *changed if the scene is not as it was. */
static bool attempt_made(const struct attempt *a, bool prisoner, bool *changed) {
    struct pool_cap cell = {HANDLE_NONE};
    struct process_cap copy;
    struct witness old, new;
    uint64_t code = 0;
    bool ended = true;
    if (!scene_make() || !err_ok(sys_pool_create(program_pool, CELL_BYTES, 0, &cell)))
        return prisoner; /* the result is a failure either way */
    witness(&old);
    if (copy_start(a->run, cell, prisoner, &copy))
        ended = copy_wait(&code);
    else
        code = prisoner ? 0 : 1;
    witness(&new);
    *changed = !same(&old, &new);
    sys_pool_destroy(cell);
    scene_end();
    if (!prisoner && (!ended || code))
        printf("# control %s: %s %lu\n", a->name, ended ? "error" : "fault at", code);
    return ended && !code;
}

static unsigned attempts_run(const char *group, const struct attempt *a) {
    unsigned count = 0;
    for (; a->name; a++, count++) {
        bool changed = false;
        bool control = a->for_nobody || attempt_made(a, false, &changed);
        bool escaped = attempt_made(a, true, &changed);
        if (escaped || changed)
            printf("# prisoner %s: %s\n", a->name, escaped ? "succeeded" : "changed something");
        printf("%s - escape: %s %s\n", control && !escaped && !changed ? "ok" : "not ok", group,
               a->name);
    }
    return count;
}

/* That a success would be seen at all. */
static uint64_t nothing(void) {
    return 0;
}

static unsigned nothing_run(void) {
    static const struct attempt a = {"nothing", nothing, false};
    bool changed = false;
    bool good = attempt_made(&a, true, &changed) && !changed;
    printf("%s - escape: a success of the prisoner is seen\n", good ? "ok" : "not ok");
    return 1;
}

int main(void) {
    files.h = start_page->handles[GIVEN_FILES];
    devices.h = start_page->handles[GIVEN_DEVICES];
    ports.h = start_page->handles[GIVEN_COUNT];
    irqs.h = start_page->handles[GIVEN_COUNT + 1];
    err_t e = sys_endpoint_create(program_pool, &ends);
    if (err_ok(e))
        e = space_empty((struct session_cap){start_page->handles[GIVEN_SPACE]}, &empty_space);
    if (!err_ok(e)) {
        printf("not ok - escape: start: %s\n", error_name(e));
        return 1;
    }
    before_find();
    unsigned count = nothing_run();
    count += attempts_run("call", call_attempts);
    count += attempts_run("name", name_attempts);
    count += attempts_run("machine", machine_attempts);
    return (int)(count + laws_run());
}
