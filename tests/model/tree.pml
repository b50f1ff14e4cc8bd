/* SPDX-License-Identifier: MIT */
/*
 * The derivation tree: close and revoke, in the pieces between which the kernel gives way. A revoke
 * flags top-down, one handle a piece; then it takes leaves off, one call or one handle a piece; the
 * piece that finds nothing left is the one that returns. A handle that is being revoked or closed is
 * flagged: nothing can be called through it or derived from it.
 */
#define parent_of(h) handle[h].parent
#define child_of(x, h) (handle[x].used && parent_of(x) == h)
#define below(x, h) (handle[x].used && (parent_of(x) == h || parent_of(parent_of(x)) == h \
    || parent_of(parent_of(parent_of(x))) == h || parent_of(parent_of(parent_of(parent_of(x)))) == h))
#define has_child(h) (child_of(0, h) || child_of(1, h) || child_of(2, h) || child_of(3, h) \
    || child_of(4, h) || child_of(5, h))

hidden byte t_found, t_call;

/* System call `endpoint_mint` with a reply: h, never used before, comes to be in answer to r's call. */
inline sys_mint(h, e, r) {
    k_caller = slot[r].caller;
    k_index = caller[k_caller].via;
    if
    :: MUTANT != 45 -> handle_install(h, e, k_index)
    :: MUTANT == 45 -> handle_install(h, e, NIL) /* a root */
    fi;
    handle[h].lineage = BIT_OF(h) | caller[k_caller].lineage
}

inline handle_free(h) {
    handle[h].used = false;
    handle[h].flagged = false;
    handle[h].parent = NIL;
    handle[h].endpoint = NIL
}

/* t_call: a call that came through h, or NIL. */
inline find_call(h) {
    t_call = NIL;
    for (k_index : 0 .. CALLERS - 1) {
        if
        :: in_flight(k_index) && caller[k_index].via == h -> t_call = k_index
        :: else
        fi
    }
}

/* A piece of the removal of a handle without children. */
inline handle_remove(h) {
    find_call(h);
    if
    :: t_call != NIL && MUTANT != 41 -> call_end(t_call, REVOKED)
    :: t_call != NIL && MUTANT == 41 -> caller[t_call].via = NIL /* the call goes on */
    :: t_call == NIL -> handle_free(h)
    fi
}

/* A piece of a revoke of h; t_found is NIL when there was nothing left to do below h. */
inline revoke_below(h) {
    t_found = NIL;
    for (k_index : 0 .. HANDLES - 1) {
        if
        :: below(k_index, h) && !handle[k_index].flagged && handle[parent_of(k_index)].flagged ->
            t_found = k_index
        :: else
        fi
    }
    if
    :: t_found != NIL -> handle[t_found].flagged = true
    :: t_found == NIL ->
        for (k_index : 0 .. HANDLES - 1) {
            if
            :: below(k_index, h) && !has_child(k_index) -> t_found = k_index
            :: else
            fi
        }
        if
        :: t_found != NIL -> handle_remove(t_found)
        :: else
        fi
    fi
}

/* The last pieces: the calls through h itself, then the flag. t_found is NIL at the end. */
inline revoke_self(h) {
    find_call(h);
    t_found = t_call;
    if
    :: t_call != NIL && MUTANT != 41 -> call_end(t_call, REVOKED)
    :: t_call != NIL && MUTANT == 41 -> caller[t_call].via = NIL
    :: t_call == NIL -> handle[h].flagged = handle[parent_of(h)].flagged
    fi
}

/* Nothing that came to be through h works any more. */
inline revoke_return(h) {
    for (k_index : 0 .. CALLERS - 1) {
        PROPERTY(4, !in_flight(k_index) || !in_set(h, caller[k_index].lineage))
    }
    for (k_index : 0 .. HANDLES - 1) {
        if
        :: k_index != h && in_set(h, handle[k_index].lineage) ->
            PROPERTY(4, !handle[k_index].used);
            revoked = revoked | BIT_OF(k_index)
        :: else
        fi
    }
}

/* A piece of closing h: children and calls move to the parent, one a piece; then h is gone. */
inline close_piece(h) {
    find_call(h);
    t_found = NIL;
    for (k_index : 0 .. HANDLES - 1) {
        if
        :: child_of(k_index, h) -> t_found = k_index
        :: else
        fi
    }
    if
    :: t_found != NIL && MUTANT != 44 -> parent_of(t_found) = parent_of(h)
    :: t_found != NIL && MUTANT == 44 -> parent_of(t_found) = NIL /* a child becomes a root */
    :: t_found == NIL && t_call != NIL && MUTANT != 43 -> caller[t_call].via = parent_of(h)
    :: t_found == NIL && t_call != NIL && MUTANT == 43 -> caller[t_call].via = NIL /* a call is lost sight of */
    :: t_found == NIL && t_call == NIL -> handle_free(h)
    fi
}

/* System call `handle_revoke`. If it `stops` half-way, its process ended: then the handle is closed. */
proctype revoker(byte h; bit stops) {
    bit flagged;
    do
    :: d_step { usable(h) && !flagged -> handle[h].flagged = true; flagged = true }
    :: d_step {
           handle[h].used && flagged ->
           revoke_below(h);
           if
           :: t_found == NIL ->
               revoke_self(h);
               if
               :: t_found == NIL -> revoke_return(h); flagged = false
               :: else
               fi
           :: else
           fi
       }
    :: d_step { !handle[h].used && flagged -> revoke_return(h); flagged = false }
       break
    :: !flagged -> break /* refused, or returned */
    :: flagged && stops && MUTANT != 64 -> goto stopped
    :: flagged && stops && MUTANT == 64 -> goto closing /* closed as if no revoke were under way */
    od;
    goto out;
stopped:
    /* A close of a handle whose revoke is under way ends what the revoke would have ended. */
    do
    :: d_step {
           handle[h].used ->
           revoke_below(h);
           if
           :: t_found == NIL -> handle_remove(h)
           :: else
           fi
       }
    :: !handle[h].used -> goto out
    od;
closing:
    do
    :: d_step { handle[h].used -> close_piece(h) }
    :: !handle[h].used -> break
    od;
out:
}

/* System call `handle_close`. */
proctype closer(byte h) {
    if
    :: d_step { usable(h) -> handle[h].flagged = true }
    :: goto out
    fi;
    do
    :: d_step { handle[h].used -> close_piece(h) }
    :: !handle[h].used -> break
    od;
out:
}

/* Mints handle 4 in answer to the call in slot r, once. */
proctype minter(byte r) {
end:
    d_step {
        slot[r].state == SLOT_REPLY && !handle[caller[slot[r].caller].via].flagged -> sys_mint(4, 0, r)
    }
}
