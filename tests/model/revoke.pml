/* SPDX-License-Identifier: MIT */
/*
 * Handle 0 and its child 1 lead to server A, which forwards through root 3 to server B and mints handle
 * 4 in answer to a call. One client calls through 1 and 4, another through 0. Handles 0 and 3 are revoked
 * at any time.
 */
#define CALLERS 2
#define SERVERS 2
#define ENDPOINTS 2
#define FORWARD_HANDLE(s) ((s) == 0 -> 3 : NIL)
#define MOVE_TO(s) NIL
#define MAY_PARK true
#define MAY_DROP false
#include "kernel.pml"
#include "tree.pml"
#include "user.pml"

init {
    d_step {
        handle_install(0, 0, NIL);
        handle_install(1, 0, 0);
        handle_install(3, 1, NIL)
    }
    atomic {
        run server_loop(0, 0);
        run server_loop(1, 1);
        run client(0, 2 + 16, false);
        run client(1, 1, false);
        run minter(0);
        run revoker(0, false);
        run revoker(3, false);
        run quiescence()
    }
}
