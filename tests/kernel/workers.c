/* SPDX-License-Identifier: MIT */
/* Threads and processes of tests; see the header. */
#include "tests/kernel/workers.h"

#include "lib/sys/room.h"

#define CHILD_STACK 32768u
#define CHILD_DEPTH 4u
#define CHILD_BLOCK 0x0f0000000000ull

static char worker_stacks[WORKERS][WORKER_STACK] __attribute__((aligned(16)));
static uint32_t stacks_used; /* bit per stack */
static char child_stacks[CHILD_DEPTH][CHILD_STACK] __attribute__((aligned(16)));
static unsigned child_depth;
static struct thread_entry child_entry;

/* Short at first, since most things come soon; the kernel is to be left alone by who waits. */
static void doze(uint64_t *ns) {
    uint32_t never = 0;
    sys_futex_wait(&never, 0, clock_nanoseconds() + *ns, FUTEX_ALL);
    if (*ns < 5000000)
        *ns *= 2;
}

static bool failed(int line, const char *what, err_t e) {
    test_fail(__FILE__, line, "%s: %s", what, error_name(e));
    return false;
}
#define FAILED(what, e) failed(__LINE__, what, e)

static bool stack_take(unsigned *out) {
    for (unsigned i = 0; i < WORKERS; i++)
        if (!(__atomic_fetch_or(&stacks_used, 1u << i, __ATOMIC_RELAXED) >> i & 1)) {
            *out = i;
            return true;
        }
    return false;
}

bool worker_make(struct worker *w, unsigned priority, void (*run)(void *), void *argument) {
    *w = (struct worker){.alive = 1, .run = run, .argument = argument};
    if (!stack_take(&w->stack))
        return FAILED("too many workers", OK);
    w->block = (struct thread_block *)room_take(THREAD_BLOCK_SIZE);
    err_t e = sys_thread_create(SELF_PROCESS, (uint64_t)w->block, priority, &w->thread);
    return err_ok(e) || FAILED("thread_create", e);
}

static void worker_main(void *argument) {
    struct worker *w = argument;
    w->run(w->argument);
    sys_thread_exit(0, 0, &w->alive);
}

bool worker_go(struct worker *w) {
    char *top = worker_stacks[w->stack] + WORKER_STACK;
    struct thread_entry *entry = (struct thread_entry *)top - 1;
    *entry = (struct thread_entry){worker_main, w};
    err_t e =
        sys_thread_start(w->thread, (uint64_t)thread_start_up, (uint64_t)entry, (uint64_t)entry);
    return err_ok(e) || FAILED("thread_start", e);
}

bool worker_start(struct worker *w, unsigned priority, void (*run)(void *), void *argument) {
    return worker_make(w, priority, run, argument) && worker_go(w);
}

bool worker_join(struct worker *w) {
    uint64_t ns = 50000, deadline = in_ms(PATIENCE_MS);
    while (__atomic_load_n(&w->alive, __ATOMIC_ACQUIRE)) {
        err_t e = sys_futex_wait(&w->alive, 1, deadline, FUTEX_ALL);
        if (err_is(e, ERR_TIMED_OUT))
            return FAILED("a worker does not end", e);
    }
    while (thread_state(w->thread) != THREAD_ENDED && clock_nanoseconds() < deadline)
        doze(&ns);
    sys_handle_close(ANY(w->thread));
    __atomic_fetch_and(&stacks_used, ~(1u << w->stack), __ATOMIC_RELAXED);
    return true;
}

enum thread_state_abi thread_state(struct thread_cap t) {
    struct thread_info info;
    err_t e = sys_thread_info(t, &info);
    return err_ok(e) ? info.state : THREAD_ENDED;
}

bool eventually(const volatile uint32_t *word, uint32_t value) {
    uint64_t ns = 50000, deadline = in_ms(PATIENCE_MS);
    while (*word < value) {
        if (clock_nanoseconds() > deadline)
            return FAILED("a step does not come", OK);
        doze(&ns);
    }
    return true;
}

bool settled(struct thread_cap t) {
    uint64_t ns = 50000, deadline = in_ms(PATIENCE_MS);
    while (thread_state(t) != THREAD_WAITING) {
        if (clock_nanoseconds() > deadline)
            return FAILED("a thread does not come to wait", OK);
        doze(&ns);
    }
    return true;
}

static void caller_main(void *argument) {
    struct caller *c = argument;
    c->result = session_call(c->session, &c->m);
}

bool caller_make(struct caller *c, struct session_cap session, uint64_t op) {
    *c = (struct caller){.session = session, .m = {.op = op}};
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        c->m.word[i] = 100 + i;
    return worker_make(&c->worker, PRIORITY, caller_main, c);
}

bool caller_go(struct caller *c) {
    return worker_go(&c->worker) && settled(c->worker.thread);
}

bool caller_start(struct caller *c, struct session_cap session, uint64_t op) {
    return caller_make(c, session, op) && caller_go(c);
}

bool caller_join(struct caller *c) {
    return worker_join(&c->worker);
}

bool caller_ends(struct caller *c, enum err_code code) {
    if (!caller_join(c))
        return false;
    if (c->result.code == code)
        return true;
    test_fail(__FILE__, __LINE__, "the call ended with %s, not %s", error_name(c->result),
              error_name((err_t){.code = (uint16_t)code}));
    return false;
}

static void child_main(void *argument) {
    struct thread_entry wanted = *(struct thread_entry *)argument;
    child_depth++;
    stacks_used = 0;
    wanted.run(wanted.argument);
    program_exit(test_failed());
}

bool child_make(struct child *c, struct pool_cap p, void (*run)(void *), void *argument) {
    child_entry = (struct thread_entry){run, argument};
    *c = (struct child){.thread = {HANDLE_NONE}};
    if (child_depth == CHILD_DEPTH)
        return FAILED("children too deep", OK);
    err_t e = sys_process_clone(SELF_PROCESS, p, &c->process);
    if (!err_ok(e))
        return FAILED("process_clone", e);
    e = sys_thread_create(c->process, CHILD_BLOCK, PRIORITY, &c->thread);
    if (!err_ok(e))
        return FAILED("thread_create", e);
    return true;
}

bool child_go(struct child *c) {
    uint64_t top = (uint64_t)(child_stacks[child_depth] + CHILD_STACK);
    static struct thread_entry start = {child_main, &child_entry};
    err_t e = sys_thread_start(c->thread, (uint64_t)thread_start_up, top, (uint64_t)&start);
    return err_ok(e) || FAILED("thread_start", e);
}

bool child_spawn(struct child *c, struct pool_cap p, void (*run)(void *), void *argument) {
    return child_make(c, p, run, argument) && child_go(c);
}

extern char _end[]; /* of the program, from the linker */

void memory_own(void) {
    volatile char *at = (volatile char *)((uint64_t)&test_seed & -(uint64_t)PAGE_SIZE);
    for (; at < _end; at += PAGE_SIZE)
        *at = *at;
    (void)*(volatile const uint32_t *)&boot_page->flags;
    (void)test_failed();
}

bool child_wait(struct child *c, struct process_info *info) {
    uint64_t ns = 50000, deadline = in_ms(2 * PATIENCE_MS);
    for (;;) {
        err_t e = sys_process_info(c->process, info);
        if (!err_ok(e))
            return FAILED("process_info", e);
        if (info->ended)
            return true;
        if (clock_nanoseconds() > deadline)
            return FAILED("a child does not end", OK);
        doze(&ns);
    }
}

bool child_join(struct child *c) {
    struct process_info info;
    bool waited = child_wait(c, &info);
    sys_handle_close(ANY(c->thread));
    sys_handle_close(ANY(c->process));
    if (!waited || (info.reason == END_EXIT && !info.code))
        return waited;
    test_fail(__FILE__, __LINE__, "a child ended with reason %lu, code %lu, address %lx",
              info.reason, info.code, info.address);
    return false;
}

bool connect(struct endpoint_cap *e, struct session_cap *s, uint64_t badge) {
    err_t error = sys_endpoint_create(pool, e);
    if (err_ok(error))
        error = sys_endpoint_mint(*e, badge, SESSION_RIGHTS, HANDLE_NONE, s);
    return err_ok(error) || FAILED("endpoint_create, endpoint_mint", error);
}

err_t receive(struct endpoint_cap e, uint64_t op, struct message *m, enum message_kind *kind) {
    thread_block()->deadline = in_ms(PATIENCE_MS);
    return endpoint_receive(e, op | OP_DEADLINE, m, kind);
}

err_t poll(struct endpoint_cap e, uint64_t op, struct message *m, enum message_kind *kind) {
    thread_block()->deadline = 1;
    return endpoint_receive(e, op | OP_DEADLINE, m, kind);
}

err_t call(struct session_cap s, uint64_t op) {
    struct message m = {.op = op};
    return session_call(s, &m);
}

err_t receive_call(struct endpoint_cap e, struct message *m) {
    enum message_kind kind;
    err_t error = receive(e, 0, m, &kind);
    return err_ok(error) && kind != MESSAGE_CALL ? ERROR_ARG(UNSUPPORTED, (uint16_t)kind) : error;
}

err_t answer(struct reply_cap reply, uint64_t op, uint64_t word) {
    struct message m = {.op = op, .word = {word}};
    return reply_send(reply, &m);
}

err_t memory_map(struct memory_cap m, uint64_t bytes, uint32_t flags, void *address) {
    return room_map(m, 0, bytes, flags, address);
}

bool memory_make(uint64_t bytes, struct memory_cap *m, void *address) {
    err_t e = sys_memory_create(pool, bytes, MEMORY_READ | MEMORY_WRITE | MEMORY_EXECUTE, m);
    if (err_ok(e))
        e = memory_map(*m, bytes, MEMORY_READ | MEMORY_WRITE | MAP_PRIVATE_COPY, address);
    return err_ok(e) || FAILED("memory_create, process_map", e);
}

void *shared_page(void) {
    struct memory_cap m;
    uint64_t address;
    err_t e = room_allocate(pool, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &m, &address);
    return err_ok(e) ? (void *)address : NULL;
}

struct touch {
    volatile char *address;
    bool write;
};

static void touch_main(void *argument) {
    struct touch *t = argument;
    if (t->write)
        *t->address = 1;
    else
        (void)*t->address;
}

bool touch_ends(struct pool_cap p, volatile void *address, bool write, uint64_t *code) {
    static struct touch t;
    struct process_info info;
    struct child c;
    t = (struct touch){address, write};
    *code = FAULT_NONE;
    if (!child_spawn(&c, p, touch_main, &t) || !child_wait(&c, &info))
        return false;
    sys_handle_close(ANY(c.thread));
    sys_handle_close(ANY(c.process));
    if (info.reason == END_FAULT)
        *code = info.code;
    return info.reason == END_FAULT;
}
