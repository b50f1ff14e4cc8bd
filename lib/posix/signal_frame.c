/* SPDX-License-Identifier: MIT */
/*
 * The frame of a handler on the user's stack, as Linux lays it out on x86-64 (arch/x86/include/uapi
 * /asm/sigcontext.h and ucontext.h, and Intel's SDM vol. 1 13.4 for the extended state): the way
 * back, ucontext_t, siginfo_t, and above them the extended state. What is written where nothing is
 * ends the process as on Linux, since that is a fault while upcalls are masked.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "abi/syscall.h"
#include "lib/posix/signals.h"

#define RED_ZONE 128u

/* ---- the extended state ---- */

#define STATE_ALIGN  64u
#define STATE_PLAIN  512u        /* bytes of FXSAVE */
#define STATE_NOTE   464u        /* where it has room for others: struct state_note */
#define STATE_HEADER 64u         /* behind that */
#define STATE_MXCSR  24u         /* uint32_t, and then the bits that it may have */
#define MAGIC_FIRST  0x46505853u /* "FPXS", in the note */
#define MAGIC_LAST   0x46505845u /* "FPXE", behind the state */
#define LEAF_STATE   0xdu        /* of CPUID */

struct state_note {
    uint32_t magic, whole; /* bytes, with the last magic number */
    uint64_t features;
    uint32_t bytes, spare[7];
};

struct state_header {
    uint64_t present, compact, reserved[6];
};

/* All components as at first: none is present. MXCSR is loaded all the same. */
static const struct {
    uint32_t before[STATE_MXCSR / 4], mxcsr,
        rest[(STATE_PLAIN + STATE_HEADER - STATE_MXCSR) / 4 - 1];
} state_at_first __attribute__((aligned(64))) = {.mxcsr = 0x1f80};

static uint64_t features(void) {
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

/* Of the state that is in use; an emulator's CPUID is dear. */
static uint32_t state_bytes(void) {
    static uint32_t known;
    uint32_t a = LEAF_STATE, b, c = 0, d, bytes = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (bytes)
        return bytes;
    __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    __atomic_store_n(&known, b, __ATOMIC_RELAXED);
    return b;
}

static void state_put(uint64_t at) {
    uint32_t bytes = state_bytes(), last = MAGIC_LAST;
    memset((void *)(at + STATE_PLAIN), 0, STATE_HEADER);
    signal_state_save((void *)at);
    *(struct state_note *)(at + STATE_NOTE) = (struct state_note){
        .magic = MAGIC_FIRST, .whole = bytes + 4, .features = features(), .bytes = bytes};
    memcpy((void *)(at + bytes), &last, sizeof last);
    signal_state_load(&state_at_first);
}

static bool state_whole(uint64_t at) {
    const struct state_note *note = (const struct state_note *)(at + STATE_NOTE);
    uint32_t last;
    if (note->magic != MAGIC_FIRST || note->bytes != state_bytes())
        return false;
    memcpy(&last, (const void *)(at + note->bytes), sizeof last);
    return last == MAGIC_LAST;
}

/* A handler may have written what it likes; what the processor refuses is taken out. */
static void state_get(uint64_t at) {
    struct state_header *header = (struct state_header *)(at + STATE_PLAIN);
    uint32_t *mxcsr = (uint32_t *)(at + STATE_MXCSR);
    if (!at) {
        signal_state_load(&state_at_first);
        return;
    }
    if (at % STATE_ALIGN || !user_writable(at, state_bytes()) || !state_whole(at))
        signal_end(SIGSEGV);
    *header = (struct state_header){.present = header->present & features()};
    mxcsr[0] &= mxcsr[1] ? mxcsr[1] : 0xffbf;
    signal_state_load((const void *)at);
}

uint64_t signal_state_below(uint64_t sp) {
    uint64_t bytes = state_bytes(), at = (sp - RED_ZONE - bytes) & -(uint64_t)STATE_ALIGN;
    if (!user_writable(at, bytes))
        return 0;
    memset((void *)(at + STATE_PLAIN), 0, STATE_HEADER);
    signal_state_save((void *)at);
    return at;
}

/* ---- the frame ---- */

struct machine_context {
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, sp, ip, flags;
    uint16_t cs, gs, fs, ss;
    uint64_t error, trap, mask, fault_address, state, reserved[8];
};

struct user_context {
    uint64_t flags, link;
    stack_t stack;
    struct machine_context machine;
    uint64_t mask;
};

struct signal_frame {
    uint64_t back;
    struct user_context context;
    siginfo_t information;
};

_Static_assert(sizeof(struct machine_context) == 256 && sizeof(struct user_context) == 304 &&
                   sizeof(siginfo_t) == 128 && sizeof(struct signal_frame) == 440,
               "the sizes are those of Linux");
_Static_assert(offsetof(struct thread_block, upcall_mask) == BLOCK_UPCALL_MASK &&
                   offsetof(struct thread_block, upcall_pending) == BLOCK_UPCALL_PENDING &&
                   offsetof(struct thread_block, user) == BLOCK_USER &&
                   offsetof(struct upcall_frame, general) == FRAME_GENERAL &&
                   offsetof(struct upcall_frame, ip) == FRAME_IP &&
                   offsetof(struct upcall_frame, flags) == FRAME_FLAGS &&
                   offsetof(struct upcall_frame, sp) == FRAME_SP &&
                   offsetof(struct thread_block, upcall_top) == BLOCK_UPCALL_TOP &&
                   YIELD == SYSCALL_BASE + SYSCALL_thread_yield,
               "offsets.h");

#define CONTEXT_FLAGS 7u /* extended state, and a segment of the stack that counts */
#define USER_CODE     0x33u
#define USER_DATA     0x2bu

/* In the order of enum general. */
#define FOR_GENERAL(DO)                                                                            \
    DO(rax)                                                                                        \
    DO(rbx)                                                                                        \
    DO(rcx)                                                                                        \
    DO(rdx)                                                                                        \
    DO(rsi)                                                                                        \
    DO(rdi)                                                                                        \
    DO(rbp)                                                                                        \
    DO(r8)                                                                                         \
    DO(r9)                                                                                         \
    DO(r10)                                                                                        \
    DO(r11)                                                                                        \
    DO(r12)                                                                                        \
    DO(r13)                                                                                        \
    DO(r14)                                                                                        \
    DO(r15)

#define PUT(name) to->name = *general++;
#define GET(name) *general++ = m->name;

static void machine_put(struct machine_context *to, const struct upcall_frame *from,
                        const struct signal_fault *fault, uint64_t mask, uint64_t state) {
    const uint64_t *general = from->general;
    *to = (struct machine_context){.sp = from->sp, .ip = from->ip, .flags = from->flags};
    FOR_GENERAL(PUT)
    to->cs = USER_CODE;
    to->ss = USER_DATA;
    to->error = fault->error;
    to->trap = fault->trap;
    to->fault_address = fault->address;
    to->mask = mask;
    to->state = state;
}

static void machine_get(struct upcall_frame *to, const struct machine_context *m) {
    uint64_t *general = to->general;
    FOR_GENERAL(GET)
    to->sp = m->sp;
    to->ip = m->ip;
    to->flags = (m->flags & FLAGS_OF_USER) | FLAGS_PLAIN;
}

void signal_siginfo_put(siginfo_t *to, int signal, const struct signal_note *note) {
    memset(to, 0, sizeof *to);
    to->si_signo = signal;
    to->si_code = note->code;
    if (note->code == SI_KERNEL)
        return;
    if (note->code > 0 && signal != SIGCHLD) {
        to->si_addr = (void *)note->value;
        return;
    }
    to->si_pid = (pid_t)note->process;
    if (note->code > 0)
        to->si_status = (int)(note->code == (int)PROC_EXITED ? note->value & 0xff : note->value);
    else if (note->code != SI_USER && note->code != SI_TKILL)
        to->si_value.sival_ptr = (void *)note->value;
}

/* ---- stacks ---- */

#define ON_STACK(a, address)                                                                       \
    ((address) > (uint64_t)(a)->ss_sp && (address) - (uint64_t)(a)->ss_sp <= (a)->ss_size)
#define AUTODISARM (1u << 31)

static bool on_alternate(const stack_t *a, uint64_t sp) {
    return !((uint32_t)a->ss_flags & AUTODISARM) && ON_STACK(a, sp);
}

/* Where a frame can begin downwards; `switched`: on the other stack. */
static uint64_t stack_for(const stack_t *a, const struct signal_action *action, uint64_t sp,
                          bool *switched) {
    *switched = action->flags & SA_ONSTACK && a->ss_size && !on_alternate(a, sp);
    return *switched ? (uint64_t)a->ss_sp + a->ss_size : sp - RED_ZONE;
}

/* One that was in use and does not hold the frame is not run over. */
static uint64_t place(const stack_t *a, const struct signal_action *action, uint64_t sp,
                      uint64_t *state) {
    bool switched, nested = on_alternate(a, sp);
    uint64_t at = stack_for(a, action, sp, &switched);
    *state = (at - state_bytes() - 4) & -(uint64_t)STATE_ALIGN;
    at = ((*state - sizeof(struct signal_frame)) & -16ul) - 8;
    if ((switched || nested) && !ON_STACK(a, at))
        signal_end(SIGSEGV);
    if (!user_range(at, sizeof(struct signal_frame)) || !(action->flags & SA_RESTORER))
        signal_end(SIGSEGV);
    return at;
}

uint64_t signal_frame_most(void) {
    return RED_ZONE + STATE_ALIGN + state_bytes() + sizeof(uint32_t) + sizeof(struct signal_frame) +
           16;
}

static uint64_t mask_during(const struct thread_signals *own, const struct signal_taken *s) {
    uint64_t mask = own->mask | s->action.mask;
    return s->action.flags & SA_NODEFER ? mask : mask | SIGNAL_BIT(s->number);
}

void signal_frame_push(struct upcall_frame *context, const struct signal_taken *s) {
    struct thread_signals *own = signals_own();
    uint64_t state, at = place(&own->alternate, &s->action, context->sp, &state);
    struct signal_frame *frame = (struct signal_frame *)at;
    uint64_t before = own->keeps_mask ? own->kept_mask : own->mask;
    state_put(state);
    frame->back = s->action.restorer;
    frame->context.flags = CONTEXT_FLAGS;
    frame->context.link = 0;
    frame->context.stack = own->alternate;
    frame->context.mask = before;
    machine_put(&frame->context.machine, context, &own->fault, before, state);
    signal_siginfo_put(&frame->information, s->number, &s->note);
    if ((uint32_t)own->alternate.ss_flags & AUTODISARM)
        own->alternate = (stack_t){.ss_flags = SS_DISABLE};
    own->keeps_mask = false;
    signal_mask_set(mask_during(own, s) & ~SIGNALS_CERTAIN);
    *context = (struct upcall_frame){
        .ip = s->action.handler,
        .sp = at,
        .flags = FLAGS_PLAIN,
        .general = {[GENERAL_RDI] = (uint64_t)s->number,
                    [GENERAL_RSI] = (uint64_t)&frame->information,
                    [GENERAL_RDX] = (uint64_t)&frame->context},
    };
}

/* ---- calls ---- */

static long alternate_set(stack_t *own, const stack_t *new, uint64_t sp) {
    uint32_t mode = (uint32_t) new->ss_flags & ~AUTODISARM;
    if (on_alternate(own, sp))
        return -EPERM;
    if (mode && mode != SS_DISABLE && mode != SS_ONSTACK)
        return -EINVAL;
    if (mode != SS_DISABLE && new->ss_size < MINSIGSTKSZ)
        return -ENOMEM;
    *own = *new;
    if (mode == SS_DISABLE)
        *own = (stack_t){.ss_flags = new->ss_flags};
    return 0;
}

static void go_back(const void *argument) {
    struct thread_signals *own = signals_own();
    const struct user_context *c = *(const struct user_context *const *)argument;
    struct upcall_frame context = {.reason = 0};
    machine_get(&context, &c->machine);
    state_get(c->machine.state);
    (void)alternate_set(&own->alternate, &c->stack, context.sp);
    if (context.ip >= USER_END) /* the way there itself would fault */
        signal_end(SIGSEGV);
    signal_mask_set(c->mask & ~SIGNALS_CERTAIN);
    signals_deliver(&context);
    signal_resume(&context);
}

/* rt_sigreturn(context), which is the frame without the way back. Does not return. */
long call_rt_sigreturn(const long *a) {
    if (!user_readable((uint64_t)a[0], sizeof(struct user_context)))
        signal_end(SIGSEGV);
    signal_off_stack(go_back, &a[0], sizeof a[0]);
}

long signal_alternate(const long *a, uint64_t sp) {
    stack_t *own = &signals_own()->alternate, before = *own, wanted;
    const stack_t *new = (const stack_t *)a[0];
    if (!user_readable((uint64_t) new, new ? sizeof *new : 0) ||
        !user_writable((uint64_t)a[1], a[1] ? sizeof before : 0))
        return -EFAULT;
    if (new)
        wanted = *new;
    long error = new ? alternate_set(own, &wanted, sp) : 0;
    if (error || !a[1])
        return error;
    uint32_t state = !before.ss_size ? SS_DISABLE : (on_alternate(&before, sp) ? SS_ONSTACK : 0);
    before.ss_flags = (int)(state | ((uint32_t)before.ss_flags & AUTODISARM));
    *(stack_t *)a[1] = before;
    return 0;
}

/* sigaltstack(new, old); the call itself runs on the stack that is asked about. */
long call_sigaltstack(const long *a) {
    return signal_alternate(a, (uint64_t)__builtin_frame_address(0));
}
