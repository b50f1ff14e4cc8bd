/* SPDX-License-Identifier: MIT */
/*
 * What the holder of the right to answer does with it: answer, park, copy from and to the caller's
 * windows, give it up. Copies never wait for the caller's pages; its own pages the server brings in
 * on its own time.
 */
#include "cpu.h"
#include "ipc.h"
#include "syscall.h"
#include "timer.h"
#include "trace.h"

struct object call_gone = {.type = OBJECT_REPLY};

/* Gives a reply slot free whose call no longer names it. */
static void release_slot(struct slot *s) {
    notice_unbind(&s->gone);
    s->object = NULL;
    slot_give_back(s);
}

void reply_close(struct slot *s) {
    struct thread *caller = reply_caller(s);
    if (caller) {
        caller->call.reply = NULL;
        caller->call.parked = false;
        call_end(caller, ERROR(PEER_DIED));
    }
    notice_unbind(&s->gone);
}

/* Whose call it answers. If that has ended, this was the slot's last use. */
static err_t find_caller(struct slot *s, unsigned argument, struct thread **out) {
    *out = reply_caller(s);
    if (likely(*out))
        return OK;
    release_slot(s);
    return ERROR_ARG(CALLER_GONE, (uint16_t)argument);
}

err_t reply_find(struct thread *t, handle_t h, struct slot **out) {
    struct thread *caller;
    err_t e = handle_check(t, h, OBJECT_REPLY, 0, 1, out);
    return err_ok(e) ? find_caller(*out, 1, &caller) : e;
}

/* Copies between the current thread's space and another, its own pages brought in at need. */
static err_t copy_own(struct thread *t, vaddr_t own, struct space *other, vaddr_t address,
                      uint64_t length, bool write) {
    struct space *s = t->process->space;
    err_t e = write ? space_copy(s, own, other, address, length)
                    : space_copy(other, address, s, own, length);
    if (likely(!err_is(e, ERR_BAD_WINDOW)) || !length)
        return e;
    err_t held = space_hold(t, own, length, write);
    if (!err_ok(held))
        return held;
    return write ? space_copy(s, own, other, address, length)
                 : space_copy(other, address, s, own, length);
}

static bool inside(const struct window *w, uint64_t offset, uint64_t length) {
    return offset <= w->length && length <= w->length - offset;
}

/* Data that comes with an answer goes to the start of the caller's write window. */
static err_t send_data(struct thread *from, struct thread *caller, uint64_t *length) {
    struct window data = window_read(&from->block->read);
    if (data.length > INLINE_MAX || !inside(&caller->call.write, 0, data.length))
        return ERROR_ARG(BAD_WINDOW, 2);
    *length = data.length;
    if (!data.length)
        return OK; /* wherever the windows are */
    err_t e = copy_own(from, data.address, caller->process->space, caller->call.write.address,
                       data.length, false);
    return err_is(e, ERR_BAD_ADDRESS) ? ERROR_ARG(BAD_WINDOW, 2) : e;
}

/* Sends the words and makes the caller ready. */
static void finish(struct thread *from, struct thread *caller, uint64_t op) {
    caller->regs.a[0] = 0;
    caller->regs.a[1] = op;
    for (unsigned i = 2; i < 8; i++)
        caller->regs.a[i] = from->regs.a[i];
    caller->regs.status = ERR_OK;
    trace(TRACE_MESSAGES, reply, caller->identity, op);
    call_clear(caller);
    thread_ready(caller);
}

/* The pager's word: try again, or the fault stands. */
static void finish_page(struct thread *caller, uint64_t op) {
    call_clear(caller);
    caller->page_failed = op & OP_CODE;
    thread_ready(caller);
}

err_t reply_send(struct thread *from, struct slot *reply, uint64_t op) {
    struct thread *caller = reply_caller(reply);
    struct parcel parcel;
    uint64_t length = 0;
    err_t e = op_check(op, 2);
    if (!err_ok(e))
        return e;
    if (caller->call.page) {
        release_slot(reply);
        finish_page(caller, op);
        return OK;
    }
    e = parcel_check(from, op, caller->accepting, NULL, &parcel);
    for (unsigned i = 0; err_ok(e) && i < parcel.count; i++)
        if (parcel.item[i].slot == reply)
            e = ERROR(BAD_ARGUMENT);
    if (err_ok(e) && op & OP_READ_WINDOW)
        e = send_data(from, caller, &length);
    if (!err_ok(e))
        return e;
    caller->block->read_length = length;
    caller->block->inline_length = 0;
    parcel_deliver(&parcel, caller);
    release_slot(reply);
    finish(from, caller, op);
    return OK;
}

err_t sys_reply(struct thread *t, struct call_args *c) {
    struct thread *caller;
    err_t e = find_caller(c->slot[0], 1, &caller);
    return err_ok(e) ? reply_send(t, c->slot[0], c->a[1]) : e;
}

err_t sys_park(struct thread *t, struct call_args *c) {
    struct endpoint *e = container_of(c->slot[1]->object, struct endpoint, object);
    struct slot *s = c->slot[0];
    struct thread *caller;
    err_t error = find_caller(s, 1, &caller);
    (void)t;
    if (!err_ok(error))
        return error;
    if (caller->call.parked || caller->call.page)
        return ERROR_ARG(BUSY, 1);
    caller->call.parked = true;
    s->badge = c->a[2];
    notice_bind(&s->gone, MESSAGE_GONE, e);
    call_undonate(caller);
    if (caller->attention & ATTEND_INTERRUPT) {
        caller->attention &= ~ATTEND_INTERRUPT;
        call_end(caller, ERROR(INTERRUPTED));
    }
    return OK;
}

/* From (write false: to) a window of a held call. */
static err_t copy_window(struct thread *t, struct call_args *c, bool from) {
    struct thread *caller;
    err_t e = find_caller(c->slot[0], 1, &caller);
    if (!err_ok(e))
        return e;
    const struct forwarded *f = from ? caller->call.forwarded : NULL;
    struct window w = from ? caller->call.read : caller->call.write;
    if (f && f->data)
        w = (struct window){(uintptr_t)f->data, f->length};
    if (caller->call.page || !inside(&w, c->a[1], c->a[3]))
        return ERROR_ARG(BAD_WINDOW, 2);
    if (f && f->data)
        e = user_write(c->a[2], f->data + c->a[1], c->a[3]);
    else
        e = copy_own(t, c->a[2], caller->process->space, w.address + c->a[1], c->a[3], from);
    return err_is(e, ERR_BAD_ADDRESS) ? ERROR_ARG(BAD_ADDRESS, 3) : e;
}

err_t sys_reply_copy_from(struct thread *t, struct call_args *c) {
    return copy_window(t, c, true);
}

err_t sys_reply_copy_to(struct thread *t, struct call_args *c) {
    return copy_window(t, c, false);
}

err_t sys_reply_copy_between(struct thread *t, struct call_args *c) {
    struct thread *source, *target;
    err_t e = find_caller(c->slot[0], 1, &source);
    if (err_ok(e))
        e = find_caller(c->slot[1], 2, &target);
    (void)t;
    if (!err_ok(e))
        return e;
    const struct window *r = &source->call.read, *w = &target->call.write;
    if (source->call.page || !inside(r, c->a[2], c->a[4]))
        return ERROR_ARG(BAD_WINDOW, 3);
    if (target->call.page || !inside(w, c->a[3], c->a[4]))
        return ERROR_ARG(BAD_WINDOW, 4);
    return space_copy(target->process->space, w->address + c->a[3], source->process->space,
                      r->address + c->a[2], c->a[4]);
}
