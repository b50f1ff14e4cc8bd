/* SPDX-License-Identifier: MIT */
/*
 * lib/linux begins after exec (lib/posix/exec.c), takes over what survived, as each program of
 * lib/posix does, and enters the program of Linux with the stack that Linux would give it.
 */
#include "lib/posix/start.h"
#include "lib/bare/bare.h"
#include "lib/linux/linux.h"
#include "lib/posix/state.h"
#include "lib/posix/touch.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"

/* No call has a stack guard: it would be of no use against the program, which can read it. */
uintptr_t __stack_chk_guard = 0x595e9fbd94fda766;

_Noreturn void __stack_chk_fail(void) {
    program_fail("stack guard overwritten in a call from %p", __builtin_return_address(0));
}

__attribute__((optimize("no-stack-protector"))) _Noreturn void program_start(void *argument) {
    program_open(argument);
    if (!start_page || start_page->handle_count <= START_BREAK)
        program_fail("lib/linux is started by exec");
    if (program_seed)
        __stack_chk_guard = program_seed[3];
    bare_first_thread();
    (void)bare_started();
    break_begin(start_page->handles[START_BREAK]);
    (void)sys_process_upcall(SELF_PROCESS, (uint64_t)linux_upcall_entry, (uint64_t)touch_fixup);
    linux_enter(start_page->handles[START_PROGRAM], EXEC_VECTOR_AT);
}
