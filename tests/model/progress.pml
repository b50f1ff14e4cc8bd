/* SPDX-License-Identifier: MIT */
/*
 * Clients call without end: two server A, one server B. A answers a call at once, forwards it to B, or
 * parks it until the next tick of a signal that is bound to A's endpoint. Handle 0, which leads to A, is
 * revoked at some time. P5, under weak fairness: every call ends, and so does the revoke.
 */
#define CALLERS 3
#define SERVERS 2
#define ENDPOINTS 2
#define KIND_MATTERS true
#include "kernel.pml"
#include "tree.pml"

proctype endless_client(byte c; byte h) {
    do
    :: d_step { handle[h].used && (!handle[h].flagged || MUTANT == 53) -> sys_call(c, h, false) }
       d_step { caller[c].thread == STATE_READY -> call_return(c) }
    od
}

proctype ticker() {
    do
    :: d_step { notice_tell(0, NIL) }
    od
}

#define keeps(r) (slot[r].state == SLOT_NOTICE || slot[r].state == SLOT_REPLY && caller[slot[r].caller].parked)
#define current(r) (slot[r].state == SLOT_GONE || slot[r].state == SLOT_REPLY && !caller[slot[r].caller].parked)

inline answer_forward_or_park(r, other) {
    if
    :: d_step { sys_reply(r, 0) }
    :: d_step { sys_forward(r, 3, 0) }
    :: d_step {
           slot[other].state == SLOT_FREE ->
           sys_park(r, 0);
           if
           :: slot[r].state == SLOT_GONE -> reply_close(r, 0) /* park said CALLER_GONE */
           :: else
           fi
       }
    fi
}

inline answer_kept(r) {
    if
    :: keeps(r) -> sys_reply(r, 0)
    :: else
    fi
}

proctype parking_server() {
    do
    :: d_step { sys_receive(0, 0) }
       atomic {
           ready(0);
           if
           :: server[0].kind == MESSAGE_CALL && current(0) -> answer_forward_or_park(0, 1)
           :: server[0].kind == MESSAGE_CALL && current(1) -> answer_forward_or_park(1, 0)
           :: server[0].kind == MESSAGE_SIGNAL -> d_step { answer_kept(0); answer_kept(1) }
           :: server[0].kind == MESSAGE_GONE
           fi
       }
    od
}

proctype answering_server() {
    do
    :: d_step { sys_receive(1, 1) }
       d_step { ready(1) -> sys_reply(2, 1) }
    od
}

init {
    d_step {
        handle_install(0, 0, NIL);
        handle_install(1, 0, NIL);
        handle_install(2, 1, NIL);
        handle_install(3, 1, NIL)
    }
    atomic {
        run parking_server();
        run answering_server();
        run ticker();
        run endless_client(0, 0);
        run endless_client(1, 1);
        run endless_client(2, 2);
        run revoker(0, false)
    }
}

#define calling(c) (caller[c].thread == STATE_CALLING)

ltl call_0 { [] (calling(0) -> <> !calling(0)) }
ltl call_1 { [] (calling(1) -> <> !calling(1)) }
ltl call_2 { [] (calling(2) -> <> !calling(2)) }
ltl revoke { [] (handle[0].flagged -> <> !handle[0].flagged) }
