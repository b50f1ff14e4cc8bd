/* SPDX-License-Identifier: MIT */
/*
 * Handles: what a process holds. A handle value is (generation << 16 | index) where index names a
 * slot of the process's table and the 32-bit generation changes each time the slot is reused; a
 * slot whose generation is used up is retired, so a stale value never names a new object. Each kind
 * of object has its own C type in user space.
 */
#pragma once
#include <stdint.h>

typedef uint64_t handle_t;

#define HANDLE_NONE       0ull
#define HANDLE_PROCESS    1ull /* the calling process itself; copied by clone to mean the child */
#define HANDLE_THREAD     2ull /* the calling thread itself */
#define HANDLE_INDEX_BITS 16

enum object_type {
    OBJECT_NONE,
    OBJECT_POOL,
    OBJECT_PROCESS,
    OBJECT_THREAD,
    OBJECT_MEMORY,
    OBJECT_ENDPOINT,
    OBJECT_SESSION,
    OBJECT_REPLY,
    OBJECT_SIGNAL,
    OBJECT_TIMER,
    OBJECT_IRQ,
    OBJECT_PORTS,
    OBJECT_TRACE,
    OBJECT_TYPES,
};

/* Rights that every kind has. */
#define RIGHT_DUPLICATE 0x0001u /* make a child of this handle in the same process */
#define RIGHT_SEND      0x0002u /* pass it in a message, or give it to a process */
#define RIGHT_REVOKE    0x0004u /* end everything derived from it */
#define RIGHT_INFO      0x0008u /* read the object's state */

/* Rights of each kind; the same bits mean different things for different kinds. */
#define RIGHT_POOL_BUY 0x0010u /* create objects that this pool pays for */
#define RIGHT_POOL_LIMIT                                                                           \
    0x0020u /* change its limit, at its parent's cost; bind its pressure signal */
#define RIGHT_POOL_DESTROY  0x0040u /* destroy it and all that it bought; release quarantine */
#define RIGHT_POOL_JIT      0x0080u /* memory bought with it gets RIGHT_MEMORY_JIT */
#define RIGHT_POOL_PHYSICAL 0x0100u /* memory bought with it gets RIGHT_MEMORY_PHYSICAL */

#define RIGHT_PROCESS_MAP     0x0010u /* map, unmap, protect */
#define RIGHT_PROCESS_THREAD  0x0020u /* create threads */
#define RIGHT_PROCESS_CLONE   0x0040u /* copy it */
#define RIGHT_PROCESS_GIVE    0x0080u /* put handles into its table */
#define RIGHT_PROCESS_KILL    0x0100u /* end it */
#define RIGHT_PROCESS_CONTROL 0x0200u /* set filter, upcall entry, notice */
#define RIGHT_PROCESS_DEBUG   0x0400u /* read and write its memory */
#define RIGHT_PROCESS_BECOME  0x0800u /* be replaced by, or supply the address space for, become */

#define RIGHT_THREAD_RUN       0x0010u /* start, suspend, resume */
#define RIGHT_THREAD_REGISTERS 0x0020u /* read and write registers */
#define RIGHT_THREAD_INTERRUPT 0x0040u /* interrupt */
#define RIGHT_THREAD_SCHEDULE  0x0080u /* priority and affinity */

#define RIGHT_MEMORY_READ     0x0010u
#define RIGHT_MEMORY_WRITE    0x0020u
#define RIGHT_MEMORY_EXECUTE  0x0040u
#define RIGHT_MEMORY_JIT      0x0080u /* map writable and executable, or switch between */
#define RIGHT_MEMORY_CLONE    0x0100u /* make copy-on-write children, or slices of device memory */
#define RIGHT_MEMORY_CONTROL  0x0200u /* supply, resize, discard, read dirty state */
#define RIGHT_MEMORY_PHYSICAL 0x0400u /* learn physical addresses */

#define RIGHT_ENDPOINT_RECEIVE 0x0010u /* receive, park, bind a signal, list sessions */
#define RIGHT_ENDPOINT_MINT    0x0020u /* make sessions and pager-backed memory */

#define RIGHT_SESSION_CALL 0x0010u
/* Rights 0x0100..0x8000 of a session mean what its server says; the server sees them: OP_RIGHTS. */
#define RIGHT_SESSION_SERVER 0xff00u

#define RIGHT_SIGNAL_RAISE 0x0010u
#define RIGHT_SIGNAL_WAIT  0x0020u

#define RIGHT_TIMER_SET 0x0010u

#define RIGHT_IRQ_BIND   0x0010u /* bind to a signal, acknowledge */
#define RIGHT_IRQ_CREATE 0x0020u /* carve single lines or message vectors out of a range */

#define RIGHT_PORTS_READ  0x0010u
#define RIGHT_PORTS_WRITE 0x0020u

#define RIGHT_TRACE_READ    0x0010u
#define RIGHT_TRACE_CONTROL 0x0020u /* choose which events are kept */
#define RIGHT_TRACE_LOG     0x0040u /* write text to the kernel log */

#define RIGHTS_ALL 0xffffu
