/* SPDX-License-Identifier: MIT */
/*
 * Nothing here waits without a limit: the machine goes off whatever the servers and programs do.
 */
#include "services/init/power.h"

#include <pthread.h>
#include <time.h>

#include "abi/proc.h"
#include "lib/sys/message.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/init/console.h"
#include "services/init/first.h"
#include "services/init/notes.h"
#include "services/init/supervise.h"

#define MILLISECOND 1000000ull
#define PATIENCE    (2000 * MILLISECOND) /* for programs that were asked to end */
#define KILL_TIME   (500 * MILLISECOND)  /* for those that were made to */
#define CALL_TIME   (500 * MILLISECOND)
#define LOOK        (20 * MILLISECOND)
#define SIGTERM     15u
#define RIGHTS      (RIGHT_SESSION_CALL | RIGHT_SEND | RIGHT_DUPLICATE)

static struct endpoint_cap endpoint;
static struct session_cap session;
static bool going;

bool power_going(void) {
    return __atomic_load_n(&going, __ATOMIC_ACQUIRE);
}

struct session_cap power_session(void) {
    if (endpoint.h == HANDLE_NONE && !err_ok(sys_endpoint_create(program_pool, &endpoint)))
        return session;
    if (session.h == HANDLE_NONE)
        (void)sys_endpoint_mint(endpoint, 1, RIGHTS, HANDLE_NONE, &session);
    return session;
}

static void pause_for(uint64_t nanoseconds) {
    const struct timespec t = {.tv_nsec = (long)nanoseconds};
    nanosleep(&t, NULL);
}

/* ---- programs ---- */

/* To all of them; false: there are none, or `proc` does not answer. Signal 0 only looks. */
static bool signal_all(unsigned signal) {
    struct message m = {.op = PROC_KILL | OP_DEADLINE, .word = {(uint64_t)-1, signal}};
    thread_block()->deadline = clock_nanoseconds() + CALL_TIME;
    return err_ok(session_ask(first_servers[FIRST_PROC].session, &m));
}

/* Those that ended are no programs any more once somebody has waited for them. */
static void reap(void) {
    struct message m;
    do {
        m = (struct message){.op = PROC_WAIT | OP_DEADLINE,
                             .word = {PROC_ANY, 0, PROC_WAIT_ENDED | PROC_WAIT_NOW}};
        thread_block()->deadline = clock_nanoseconds() + CALL_TIME;
    } while (err_ok(session_ask(first_servers[FIRST_PROC].session, &m)) && m.word[0]);
}

static bool wait_for_none(uint64_t limit) {
    uint64_t until = clock_nanoseconds() + limit;
    while (signal_all(0)) {
        if (clock_nanoseconds() >= until)
            return false;
        reap();
        pause_for(LOOK);
    }
    return true;
}

static void programs_kill(void) {
    if (signal_all(PROC_SIGKILL) && !wait_for_none(KILL_TIME))
        print("init: some programs have not ended yet\n");
}

/* A shell that a person types at does not end for SIGTERM, but does when its terminal hangs up,
 * which comes later, so that what others still have to say is read. One that is stopped acts on
 * neither before it goes on. */
static void programs_end(void) {
    if (!signal_all(SIGTERM))
        return;
    signal_all(PROC_SIGCONT);
    if (wait_for_none(PATIENCE / 4))
        return;
    signal_all(PROC_SIGHUP);
    if (wait_for_none(PATIENCE / 4 * 3))
        return;
    print("init: some programs did not end when they were asked to\n");
    programs_kill();
}

/* ---- the machine ---- */

static void port_write(unsigned port, unsigned width, unsigned value) {
    sys_ports_write((struct ports_cap){boot_page->ports}, port, width, value);
}

/*
 * Sleep type 0 with the sleep bit, at the PM1 control registers of QEMU's pc and q35 (0x604; 0xb004
 * under some firmware) and of VirtualBox. ACPI 6.5, section 4.8.3.2.1.
 */
static void machine_off(void) {
    port_write(0x604, 2, 0x2000);
    port_write(0xb004, 2, 0x2000);
    port_write(0x4004, 2, 0x3400);
}

/* The reset control register: full reset. Intel ICH9 data sheet, section 13.7.5. */
static void machine_restart(void) {
    port_write(0xcf9, 1, 0x02);
    port_write(0xcf9, 1, 0x0e);
}

/* There is no disk whose data would have to be written: files are in memory. */
_Noreturn void power_down(enum power_op what, struct audit_actor who) {
    uint32_t never = 0;
    if (!__atomic_exchange_n(&going, true, __ATOMIC_ACQ_REL)) {
        note(who, "power", what == POWER_RESTART ? "restart" : "off", "granted");
        programs_end();
        print(what == POWER_RESTART ? "init: restart\n" : "init: power off\n");
        notes_drain();
        console_drain();
        console_end();
        supervise_end();
        if (what == POWER_RESTART)
            machine_restart();
        else
            machine_off();
        sys_futex_wait(&never, 0, clock_nanoseconds() + 1000 * MILLISECOND, FUTEX_ALL);
        print("init: no way that this machine knows; all has ended, and it can be switched off\n");
    }
    for (;;)
        sys_futex_wait(&never, 0, DEADLINE_NONE, FUTEX_ALL);
}

/* ---- who asks ---- */

/* The answer goes out before anything ends. */
static void *answer_always(void *unused) {
    struct message m = {0};
    enum message_kind kind;
    (void)unused;
    for (;;) {
        err_t e = endpoint_receive(endpoint, 0, &m, &kind);
        if (!err_ok(e))
            pause_for(LOOK); /* no memory for a moment */
        if (!err_ok(e) || kind != MESSAGE_CALL)
            continue;
        uint32_t op = (uint16_t)m.op;
        const struct audit_actor who = {thread_block()->caller_process,
                                        thread_block()->caller_account};
        bool known = op >= POWER_OFF && op < POWER_OPS;
        struct message answer = {.op = known ? 0 : ERR_UNSUPPORTED};
        (void)reply_send(m.reply, &answer);
        if (known)
            power_down((enum power_op)op, who);
    }
    return NULL;
}

err_t power_start(void) {
    pthread_t thread;
    if (power_session().h == HANDLE_NONE || pthread_create(&thread, NULL, answer_always, NULL))
        return ERROR(NO_MEMORY);
    return OK;
}
