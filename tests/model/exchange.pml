/* SPDX-License-Identifier: MIT */
/*
 * Two clients call server A, one of them also server B; A forwards to B and hands reply handles to it;
 * every call can have a deadline, and one client is interrupted at any time.
 */
#define CALLERS 2
#define SERVERS 2
#define ENDPOINTS 2
#define FORWARD_HANDLE(s) ((s) == 0 -> 2 : NIL)
#define MOVE_TO(s) ((s) == 0 -> 1 : NIL)
#define MAY_PARK true
#define MAY_DROP true
#include "kernel.pml"
#include "user.pml"

init {
    d_step {
        handle_install(0, 0, NIL);
        handle_install(1, 1, NIL);
        handle_install(2, 1, NIL)
    }
    atomic {
        run server_loop(0, 0);
        run server_loop(1, 1);
        run client(0, 3, true);
        run client(1, 1, false);
        run interrupter(0);
        run alarm(0);
        run quiescence()
    }
}
