/* SPDX-License-Identifier: MIT */
/*
 * A chain of handles 0, 1, 2 leads to one server, which mints handle 4 in answer to a call; 5 is derived
 * from any of 1, 2 and 4. Handles 0 and 1 are revoked at any time, the process that revokes 1 can die on
 * the way, and 2 is closed at any time. One client calls through 2, 4 and 5.
 */
#define CALLERS 1
#define SERVERS 1
#define ENDPOINTS 1
#define FORWARD_HANDLE(s) NIL
#define MOVE_TO(s) NIL
#define MAY_PARK false
#define MAY_DROP false
#include "kernel.pml"
#include "tree.pml"
#include "user.pml"

proctype deriver() {
    if
    :: d_step { usable(1) -> handle_install(5, 0, 1) }
    :: d_step { usable(2) -> handle_install(5, 0, 2) }
    :: d_step { usable(4) -> handle_install(5, 0, 4) }
    :: skip
    fi
}

init {
    d_step {
        handle_install(0, 0, NIL);
        handle_install(1, 0, 0);
        handle_install(2, 0, 1)
    }
    atomic {
        run server_loop(0, 0);
        run client(0, 4 + 16 + 32, false);
        run minter(0);
        run deriver();
        run revoker(0, false);
        run revoker(1, true);
        run closer(2);
        run quiescence()
    }
}
