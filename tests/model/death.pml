/* SPDX-License-Identifier: MIT */
/*
 * Two clients call server A, which forwards to server B and hands reply handles to it; B hands them
 * back, to A or to A's successor. One client is killed at any time, the other interrupted; A is killed
 * at any time, its process torn down in pieces, and then its successor receives on the same endpoint.
 */
#define CALLERS 2
#define SERVERS 3
#define ENDPOINTS 2
#define FORWARD_HANDLE(s) ((s) == 0 -> 2 : NIL)
#define MOVE_TO(s) ((s) == 1 -> (server[0].thread == STATE_ENDED -> 2 : 0) : 1)
#define MAY_PARK true
#define MAY_DROP true
#include "kernel.pml"
#include "user.pml"

proctype caller_killer(byte c) {
    d_step { caller_end(c) }
}

proctype server_killer() {
    d_step { server_end(0) }
    if
    :: MUTANT == 65 -> run server_loop(2, 0) /* before the teardown */
    :: MUTANT != 65
    fi;
    d_step { close_if_held(0, 0) }
    d_step { close_if_held(1, 0) }
    d_step { handle[2].used = false }
    if
    :: MUTANT == 65
    :: MUTANT != 65 -> run server_loop(2, 0)
    fi
}

init {
    d_step {
        handle_install(0, 0, NIL);
        handle_install(1, 1, NIL);
        handle_install(2, 1, NIL)
    }
    atomic {
        run server_loop(0, 0);
        run server_loop(1, 1);
        run client(0, 1, true);
        run client(1, 3, false);
        run interrupter(0);
        run alarm(0);
        run caller_killer(1);
        run server_killer();
        run quiescence()
    }
}
