/* SPDX-License-Identifier: MIT */
/*
 * The kernel's part of a call's life, for all scenarios of this directory. Each inline is one piece
 * of kernel work: the kernel runs under one lock without sleeping, so a piece is one d_step of the
 * process that enters it; long work (revoke, close, teardown) is several. States are named as in
 * kernel/include/{thread,endpoint,slot}.h. Variables marked "monitor" belong to no kernel: the
 * properties are stated with them. PROPERTY(n, fact) asserts fact as part of property Pn. A mutant is
 * a kernel with one error, chosen at translation with -DMUTANT=n; 0 is the kernel as it should be.
 *
 * The scenario defines CALLERS, SERVERS and ENDPOINTS.
 */
#ifndef MUTANT
#define MUTANT 0
#endif
#ifndef CHECK
#define CHECK 0 /* the property to check; 0: all */
#endif
#ifndef KIND_MATTERS
#define KIND_MATTERS false /* whether a server looks at the kind of its last message */
#endif
#define PROPERTY(n, fact) assert((CHECK != 0 && CHECK != n) || (fact))
#define HANDLES 6
#define NIL 6 /* no caller, server, slot, endpoint or handle */
/* Server 0 has two reply slots, the others have one. */
#define SLOTS (SERVERS + 1)
#define FIRST(s) ((s) == 0 -> 0 : (s) + 1)
#define LAST(s) ((s) + 1)
#define SERVER_OF(r) ((r) < 2 -> 0 : (r) - 1)
#define BIT_OF(h) (1 << (h))
#define in_set(h, set) ((set) & BIT_OF(h))

mtype = { CALL_NONE, CALL_QUEUED, CALL_RECEIVED };
mtype = { STATE_READY, STATE_CALLING, STATE_RECEIVING, STATE_ENDED };
mtype = { SLOT_FREE, SLOT_RESERVED, SLOT_REPLY, SLOT_GONE, SLOT_NOTICE };
mtype = { MESSAGE_CALL, MESSAGE_SIGNAL, MESSAGE_GONE };
mtype = { OK, PEER_DIED, REVOKED, INTERRUPTED, TIMED_OUT, CALLER_GONE };

/* A calling thread and its call record. */
typedef caller_t {
    mtype thread = STATE_READY;
    bit interrupted;          /* an interrupt is pending */
    mtype state = CALL_NONE;
    bit parked;
    bit deadline;             /* the alarm is set */
    byte endpoint = NIL;      /* where it is queued or was received */
    byte via = NIL;           /* the session handle */
    byte reply = NIL;         /* RECEIVED: the slot that holds the right to answer */
    mtype result;             /* of the last call */
    bit serial;               /* monitor: tells this call from the thread's last */
    bit timed;                /* monitor: this call was given a deadline */
    byte answers;             /* monitor: successful replies to this call */
    byte lineage;             /* monitor: handles whose revoke must end this call */
};

/* A server thread; it is its process, and owns the reply slots r with SERVER_OF(r) == s. */
typedef server_t {
    mtype thread = STATE_READY;
    byte receiving = NIL;     /* endpoint */
    byte reply_slot = NIL;    /* reserved for the next message */
    mtype kind;               /* of the last message */
};

/* A reply slot. */
typedef slot_t {
    mtype state = SLOT_FREE;
    byte caller = NIL;
    bit serial;               /* monitor: of the call that it came with */
    byte answers;             /* monitor: successful uses */
};

/* A session handle. A number is never used twice in a scenario: generations see to that. */
typedef handle_t {
    bit used;
    bit flagged;              /* SLOT_REVOKED */
    byte parent = NIL;
    byte endpoint = NIL;
    byte lineage;             /* monitor: itself and all that it was ever derived from */
};

caller_t caller[CALLERS];
server_t server[SERVERS];
slot_t slot[SLOTS];
handle_t handle[HANDLES + 1]; /* the last stays empty: the parent of a root */

chan queue[ENDPOINTS] = [CALLERS] of { byte };           /* calls, one priority */
chan receivers[ENDPOINTS] = [SERVERS] of { byte };       /* waiting server threads */
chan notices[ENDPOINTS] = [SLOTS + 1] of { byte };       /* reply slots; NIL: the bound signal */
bit notice_last[ENDPOINTS];
bit signalled[ENDPOINTS];                                /* the bound signal is among the notices */
byte revoked;                                            /* monitor: handles that a revoke ended */

/* Used within one d_step only. */
hidden byte k_caller, k_server, k_slot, k_index, k_endpoint;

#define ready(s) (server[s].thread == STATE_READY)
#define kind_tell(s, k) server[s].kind = (KIND_MATTERS -> k : 0)
#define waiting(what, e) (len(what[e]) > 0)
#define in_flight(c) (caller[c].state != CALL_NONE)
#define usable(h) (handle[h].used && !handle[h].flagged)

/* Handles; see also tree.pml. */
inline handle_install(h, e, from) {
    handle[h].used = true;
    handle[h].endpoint = e;
    handle[h].parent = from;
    handle[h].lineage = BIT_OF(h) | handle[from].lineage
}

/* Reply slots. */
inline slot_free(r) {
    slot[r].state = SLOT_FREE;
    slot[r].caller = NIL;
    slot[r].serial = 0;
    slot[r].answers = 0
}

/* A free reply slot of s, which has one. */
inline slot_take(s, r) {
    if
    :: slot[FIRST(s)].state == SLOT_FREE -> r = FIRST(s)
    :: else -> r = LAST(s)
    fi
}

/* Takes a waiting server thread off its endpoint; its reserved slot stays reserved. */
inline receiver_take(e, s) {
    receivers[e] ? s;
    server[s].thread = STATE_READY;
    server[s].receiving = NIL
}

inline reserved_give_back(s) {
    if
    :: server[s].reply_slot != NIL ->
        if
        :: MUTANT == 61 /* the slot stays reserved */
        :: MUTANT != 61 -> k_index = server[s].reply_slot; slot_free(k_index)
        fi;
        server[s].reply_slot = NIL
    :: else
    fi
}

/* Notices. */
inline notice_receive(n, s) {
    reserved_give_back(s);
    if
    :: n != NIL ->
        PROPERTY(6, slot[n].state == SLOT_NOTICE && SERVER_OF(n) == s);
        if
        :: MUTANT == 62 -> slot[n].state = SLOT_RESERVED /* never given back */
        :: MUTANT != 62 -> slot_free(n)
        fi;
        kind_tell(s, MESSAGE_GONE)
    :: else -> kind_tell(s, MESSAGE_SIGNAL)
    fi
}

inline notice_tell(e, n) {
    if
    :: waiting(receivers, e) ->
        receiver_take(e, k_server);
        notice_receive(n, k_server)
    :: !waiting(receivers, e) && (n != NIL || !signalled[e]) ->
        signalled[e] = signalled[e] | (n == NIL);
        notices[e] ! n
    :: else
    fi
}

inline notice_withdraw(e, n) {
    if
    :: MUTANT != 63 -> notices[e] ?? eval(n)
    :: MUTANT == 63 /* the notice stays queued */
    fi
}

/* Calls. */

/* The caller's system call returns e. */
inline call_finish(c, e) {
    PROPERTY(2, in_flight(c));
    PROPERTY(2, e != TIMED_OUT || caller[c].timed);
    caller[c].state = CALL_NONE;
    caller[c].parked = false;
    caller[c].endpoint = NIL;
    caller[c].via = NIL;
    caller[c].reply = NIL;
    caller[c].lineage = 0;
    if
    :: MUTANT == 22 && e == OK /* the alarm stays set after a reply */
    :: else -> caller[c].deadline = false
    fi;
    caller[c].result = e;
    if
    :: caller[c].thread == STATE_CALLING -> caller[c].thread = STATE_READY
    :: else
    fi
}

/* Delivers a call to s with the right to answer it in slot r. */
inline call_deliver(c, s, r) {
    PROPERTY(4, (caller[c].lineage & revoked) == 0);
    caller[c].state = CALL_RECEIVED;
    caller[c].reply = r;
    slot[r].state = SLOT_REPLY;
    slot[r].caller = c;
    slot[r].serial = caller[c].serial;
    server[s].reply_slot = NIL;
    kind_tell(s, MESSAGE_CALL)
}

/* Fast path: hands the call to a waiting receiver; else queues it. */
inline call_send(c, e) {
    caller[c].endpoint = e;
    if
    :: waiting(receivers, e) ->
        receiver_take(e, k_server);
        k_slot = server[k_server].reply_slot;
        call_deliver(c, k_server, k_slot)
    :: !waiting(receivers, e) ->
        caller[c].state = CALL_QUEUED;
        if
        :: MUTANT != 51 -> queue[e] ! c
        :: MUTANT == 51 -> queue[e] !! c /* ordered by caller, not by arrival */
        fi
    fi
}

inline call_via(c, h) {
    caller[c].via = h;
    caller[c].lineage = handle[h].lineage
}

/* System call `call`, of a thread that runs, through a usable handle. */
inline sys_call(c, h, with_deadline) {
    caller[c].serial = 1 - caller[c].serial;
    caller[c].timed = with_deadline;
    caller[c].deadline = with_deadline | caller[c].deadline;
    caller[c].thread = STATE_CALLING;
    call_via(c, h);
    k_endpoint = handle[h].endpoint;
    call_send(c, k_endpoint)
}

/* Ends a call in flight wherever it is. */
inline call_end(c, e) {
    k_slot = caller[c].reply;
    if
    :: caller[c].state == CALL_QUEUED -> queue[caller[c].endpoint] ?? eval(c)
    :: caller[c].state == CALL_RECEIVED && caller[c].parked ->
        slot[k_slot].state = SLOT_NOTICE;
        slot[k_slot].caller = NIL;
        k_endpoint = caller[c].endpoint;
        notice_tell(k_endpoint, k_slot)
    :: caller[c].state == CALL_RECEIVED && !caller[c].parked ->
        if
        :: MUTANT != 11 -> slot[k_slot].state = SLOT_GONE; slot[k_slot].caller = NIL
        :: MUTANT == 11 /* the slot still names the caller */
        fi
    :: else
    fi;
    call_finish(c, e)
}

/* The thread's return from `call`: an upcall for a pending interrupt, then the result is seen. */
inline call_return(c) {
    PROPERTY(1, (caller[c].result == OK) == (caller[c].answers == 1));
    PROPERTY(2, caller[c].result != 0);
    caller[c].result = 0;
    caller[c].answers = 0;
    caller[c].timed = false;
    caller[c].interrupted = false
}

/* System call `receive`: k_slot becomes the reserved slot; the server has one free. */
inline sys_receive(s, e) {
    slot_take(s, k_slot);
    slot[k_slot].state = SLOT_RESERVED;
    server[s].reply_slot = k_slot;
    if
    :: waiting(notices, e) && (!waiting(queue, e) || !notice_last[e] || MUTANT == 52) ->
        notices[e] ? k_slot;
        notice_last[e] = true;
        signalled[e] = signalled[e] && k_slot != NIL;
        notice_receive(k_slot, s)
    :: waiting(queue, e) && (!waiting(notices, e) || notice_last[e] && MUTANT != 52) ->
        queue[e] ? k_caller;
        notice_last[e] = false;
        call_deliver(k_caller, s, k_slot)
    :: !waiting(queue, e) && !waiting(notices, e) ->
        server[s].thread = STATE_RECEIVING;
        server[s].receiving = e;
        receivers[e] ! s
    fi
}

/* Ends a server's wait: its deadline, or its own end. */
inline receive_end(s) {
    k_index = server[s].receiving;
    receivers[k_index] ?? eval(s);
    server[s].receiving = NIL;
    server[s].thread = STATE_READY;
    reserved_give_back(s)
}

/* What reply, forward and drop do with a slot whose call has ended: CALLER_GONE, or nothing. */
inline slot_gone(r, e) {
    if
    :: slot[r].state == SLOT_NOTICE -> notice_withdraw(e, r)
    :: else
    fi;
    slot_free(r)
}

/* System call `reply`. */
inline sys_reply(r, e) {
    if
    :: slot[r].state == SLOT_REPLY ->
        k_caller = slot[r].caller;
        slot[r].answers++;
        caller[k_caller].answers++;
        PROPERTY(1, caller[k_caller].state == CALL_RECEIVED && caller[k_caller].reply == r
                    && caller[k_caller].serial == slot[r].serial);
        PROPERTY(2, slot[r].answers == 1);
        call_finish(k_caller, OK);
        if
        :: MUTANT != 21 -> slot_free(r)
        :: MUTANT == 21 /* the handle stays */
        fi
    :: else -> slot_gone(r, e)
    fi
}

/* Closing a reply handle. */
inline reply_close(r, e) {
    if
    :: slot[r].state == SLOT_REPLY ->
        k_caller = slot[r].caller;
        slot_free(r);
        if
        :: MUTANT != 31 -> call_finish(k_caller, PEER_DIED)
        :: MUTANT == 31 /* nobody tells the caller */
        fi
    :: else -> slot_gone(r, e)
    fi
}

/* System call `forward`, through a usable handle h. */
inline sys_forward(r, h, e) {
    if
    :: slot[r].state == SLOT_REPLY ->
        k_caller = slot[r].caller;
        if
        :: MUTANT != 23 -> slot_free(r)
        :: MUTANT == 23 /* the forwarder keeps its reply handle */
        fi;
        caller[k_caller].parked = false;
        caller[k_caller].reply = NIL;
        if
        :: MUTANT != 42 -> call_via(k_caller, h)
        :: MUTANT == 42 -> caller[k_caller].lineage = handle[h].lineage /* hangs on the old handle */
        fi;
        k_endpoint = handle[h].endpoint;
    call_send(k_caller, k_endpoint)
    :: else -> slot_gone(r, e)
    fi
}

/* System call `park`: e is where the early end is told. */
inline sys_park(r, e) {
    if
    :: slot[r].state == SLOT_REPLY && !caller[slot[r].caller].parked ->
        k_caller = slot[r].caller;
        caller[k_caller].endpoint = e;
        caller[k_caller].parked = true;
        if
        :: caller[k_caller].interrupted -> call_end(k_caller, INTERRUPTED)
        :: else
        fi
    :: else /* BUSY or CALLER_GONE */
    fi
}

/* A reply handle moves to another process, into its free slot `to`. */
inline reply_move(r, to) {
    slot[to].state = SLOT_REPLY;
    slot[to].caller = slot[r].caller;
    slot[to].serial = slot[r].serial;
    if
    :: MUTANT != 12 -> caller[slot[r].caller].reply = to
    :: MUTANT == 12 /* the call still names the old slot */
    fi;
    slot_free(r)
}

/* System call `thread_interrupt` on a caller. */
inline sys_interrupt(c) {
    if
    :: caller[c].state == CALL_QUEUED || caller[c].parked -> call_end(c, INTERRUPTED)
    :: caller[c].state == CALL_RECEIVED && !caller[c].parked -> caller[c].interrupted = true
    :: else
    fi
}

/* The alarm. */
inline alarm_ring(c) {
    call_end(c, TIMED_OUT)
}

/* Death of a calling thread. */
inline caller_end(c) {
    caller[c].thread = STATE_ENDED;
    if
    :: in_flight(c) -> call_end(c, PEER_DIED)
    :: else
    fi
}

/* Death of a server's process, first piece: its thread runs no more. Slots are closed one by one. */
inline server_end(s) {
    if
    :: server[s].thread == STATE_RECEIVING && MUTANT != 32 -> receive_end(s)
    :: else /* mutant 32: stays among the receivers */
    fi;
    server[s].thread = STATE_ENDED
}
