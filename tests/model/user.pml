/* SPDX-License-Identifier: MIT */
/*
 * Programs and other actors that the safety scenarios share. They do all that the system calls allow,
 * in every order; what a server never does is stop serving: while it lives, it goes on until it holds
 * nothing and waits for a message.
 *
 * The scenario defines FORWARD_HANDLE(s), the session that server s forwards to, and MOVE_TO(s), the
 * server that s hands reply handles to, NIL for none; and whether servers MAY_PARK and MAY_DROP.
 */
#define movable(r) (slot[r].state == SLOT_REPLY && !caller[slot[r].caller].parked)
#define holds(r) (slot[r].state != SLOT_FREE && slot[r].state != SLOT_RESERVED)
#define has_free(s) (slot[FIRST(s)].state == SLOT_FREE || slot[LAST(s)].state == SLOT_FREE)

inline call_with_or_without(c, h, may_time_out) {
    if
    :: d_step { sys_call(c, h, false) }
    :: d_step { may_time_out -> sys_call(c, h, true) }
    fi
}

/* Makes calls through any of a set of handles, as often as it likes. */
proctype client(byte c; byte set; bit may_time_out) {
    do
    :: atomic {
           caller[c].thread == STATE_READY ->
           if
           :: in_set(0, set) && usable(0) -> call_with_or_without(c, 0, may_time_out)
           :: in_set(1, set) && usable(1) -> call_with_or_without(c, 1, may_time_out)
           :: in_set(2, set) && usable(2) -> call_with_or_without(c, 2, may_time_out)
           :: in_set(3, set) && usable(3) -> call_with_or_without(c, 3, may_time_out)
           :: in_set(4, set) && usable(4) -> call_with_or_without(c, 4, may_time_out)
           :: in_set(5, set) && usable(5) -> call_with_or_without(c, 5, may_time_out)
           :: break
           fi
       }
       if
       :: d_step { caller[c].thread == STATE_READY -> call_return(c) }
       :: caller[c].thread == STATE_ENDED -> break
       fi
    :: caller[c].thread == STATE_ENDED -> break
    od
}

/* One thing that server s, which receives on e, can do with its reply handle r. */
inline serve(s, e, r) {
    if
    :: d_step { sys_reply(r, e) }
    :: d_step { MAY_DROP -> reply_close(r, e) }
    :: d_step { MAY_PARK -> sys_park(r, e) }
    :: d_step {
           FORWARD_HANDLE(s) != NIL && usable(FORWARD_HANDLE(s)) -> sys_forward(r, FORWARD_HANDLE(s), e)
       }
    :: d_step {
           MOVE_TO(s) != NIL && movable(r) && has_free(MOVE_TO(s)) && server[MOVE_TO(s)].thread != STATE_ENDED ->
           k_server = MOVE_TO(s);
           slot_take(k_server, k_slot);
           reply_move(r, k_slot)
       }
    fi
}

inline serve_any(s, e) {
    if
    :: d_step { has_free(s) -> sys_receive(s, e) }
    :: holds(FIRST(s)) -> serve(s, e, FIRST(s))
    :: FIRST(s) != LAST(s) && holds(LAST(s)) -> serve(s, e, LAST(s))
    fi
}

proctype server_loop(byte s; byte e) {
end:
    do
    :: server[s].thread == STATE_ENDED -> break
    :: atomic { ready(s) -> serve_any(s, e) }
    :: d_step { server[s].thread == STATE_RECEIVING && (holds(FIRST(s)) || holds(LAST(s))) -> receive_end(s) }
    od
}

/* Interrupts a caller while it waits. */
proctype interrupter(byte c) {
end:
    do
    :: d_step { caller[c].thread == STATE_CALLING && !caller[c].interrupted -> sys_interrupt(c) }
    od
}

proctype alarm(byte c) {
end:
    do
    :: d_step { caller[c].deadline -> alarm_ring(c) }
    od
}

#define slot_accounted(r) (slot[r].state == SLOT_FREE || slot[r].state == SLOT_RESERVED \
    && server[SERVER_OF(r)].reply_slot == r && server[SERVER_OF(r)].thread == STATE_RECEIVING)

/* When nothing can happen any more, no slot, notice or call is left over. */
proctype quiescence() {
    byte i;
    timeout;
    d_step {
        for (i : 0 .. SLOTS - 1) {
            PROPERTY(6, slot_accounted(i))
        }
        for (i : 0 .. ENDPOINTS - 1) {
            PROPERTY(6, !waiting(notices, i) && !waiting(queue, i))
        }
        for (i : 0 .. HANDLES - 1) {
            PROPERTY(6, !handle[i].flagged)
        }
    }
}

/* One piece of the teardown of a process. */
inline close_if_held(r, e) {
    if
    :: holds(r) -> reply_close(r, e)
    :: else
    fi
}
