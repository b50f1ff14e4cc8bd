/* SPDX-License-Identifier: MIT */
/*
 * The inside of lib/posix: the system calls of Linux over the process's own handles. Each call of
 * calls.def is a function call_NAME that gets the call's six arguments and returns what Linux
 * does, -errno for errors. Like lib/bare, nothing here uses the C library's errno or a thread
 * pointer, allocates with its malloc, or touches floating-point registers.
 *
 * A pointer of the program that goes into a window of a message is checked by the kernel. Memory
 * that the library uses itself is touched first (access.c).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/err.h"
#include "abi/memory.h"
#include "lib/file/lookup.h"
#include "lib/posix/touch.h"

#define CALL(name) long call_##name(const long *a);
#include "lib/posix/calls.def"
#undef CALL

/* 0 or -errno. */
long posix_errno(err_t e);

#define USER_END (1ull << 47)
/* Whether memory of the program can be there. */
static inline bool user_range(uint64_t address, uint64_t length) {
    return !length || (address >= PAGE_SIZE && address < USER_END && length <= USER_END - address);
}

/* access.c: whether it is there. A text has at most `most` bytes before its NUL, or is cut there.
 */
bool user_pages(uint64_t address, uint64_t length, bool (*touch)(uint64_t at));
static inline bool user_there(uint64_t address, uint64_t length, bool (*touch)(uint64_t at)) {
    if (address >= PAGE_SIZE && address < USER_END && length &&
        address % PAGE_SIZE + length <= PAGE_SIZE)
        return touch(address);
    return user_pages(address, length, touch);
}
static inline bool user_readable(uint64_t address, uint64_t length) {
    return user_there(address, length, touch_to_read);
}
static inline bool user_writable(uint64_t address, uint64_t length) {
    return user_there(address, length, touch_to_write);
}
bool user_text(uint64_t address, size_t most, size_t *length);

/* ---- blocks.c: memory of the library ---- */

/* Room for a lookup or the path of a directory; NULL: no memory. */
#define BLOCK_SIZE 8704u
void *block_take(void);
void block_give(void *block); /* NULL: nothing */

/* ---- description.c, descriptor.c: open files ---- */

/*
 * An open file, shared by the descriptors that were duplicated from each other, and held by the
 * calls that are using it. Its offset and its flags APPEND and NONBLOCK are the server's. Nothing
 * in it changes while it is open, but for options of a socket, each read and written whole.
 */
struct socket_options {
    uint8_t kind;                           /* enum socket_kind; 0: no socket */
    bool tells_who;                         /* SO_PASSCRED */
    uint64_t receive_timeout, send_timeout; /* nanoseconds; 0: none */
};

enum timer_clock { TIMER_NONE, TIMER_MONOTONIC, TIMER_WALL };

struct description {
    uint32_t references;
    uint32_t flags;          /* O_* that it was opened with, as F_GETFL shows them */
    uint32_t mode;           /* type and permissions when it was opened */
    bool log;                /* no session: reads as empty, and what is written goes to the log */
    struct lookup_base base; /* its session; its path, if it is a directory: a block */
    struct socket_options socket;
    enum timer_clock timer; /* of timerfd_create: what absolute times count from */
    struct epoll *epoll;    /* of epoll_create, or NULL */
    uint32_t watched;       /* members of epoll instances that it is; under their lock */
};

#define DESCRIPTORS_MAX  1024
#define DESCRIPTION_NONE (~0u)

/* A new one with one reference, or NULL. */
struct description *description_make(void);
void description_hold(struct description *d);
/* Makes it that of a session which came from elsewhere, as its server tells. */
void description_adopt(struct description *d, struct session_cap session);
/* The last one closes the file. NULL: nothing. */
void description_release(struct description *d);
bool description_is(const struct description *d, uint32_t type);
/* The places of the table of open files, for fork and exec; NULL: none was used from there on. */
struct description *description_at(unsigned index);
/* One to be used, with an index that is from description_index. */
struct description *description_place(unsigned index);
/* DESCRIPTION_NONE: it is not in the table. */
unsigned description_index(const struct description *d);

/* The file of a descriptor, held; NULL: there is none. */
struct description *descriptor_get(long fd);
/* Takes the lowest free number that is not below `from`, so that nobody else does. -EMFILE. */
long descriptor_reserve(long from);
/* Puts a file, whose reference goes over, at a reserved number; NULL gives the number back. */
void descriptor_fill(long fd, struct description *d, bool close_on_exec);
/* The lowest number from `from` on for a file, whose reference goes over even if it fails. */
long descriptor_add(struct description *d, long from, bool close_on_exec);
/* Closes what has the number and gives it to a file, whose reference goes over even if it fails:
 * -EBUSY, another thread is opening a file there. */
long descriptor_replace(struct description *d, long fd, bool close_on_exec);
long descriptor_close(long fd);
/* Whether it is closed by exec; -EBADF. `change`: it is to be as `close_on_exec` says. */
long descriptor_on_exec(long fd, bool change, bool close_on_exec);
/* No number from here on was ever used. */
long descriptors_end(void);
/* What a descriptor is, without a lock and not held, for fork and exec. NULL: nothing. */
struct description *descriptor_peek(long fd, bool *close_on_exec);
/* The soft limit for new numbers; read and written whole. */
extern uint32_t descriptors_limit;

/* The file of a descriptor for an operation that needs O_RDONLY or O_WRONLY access; or NULL. */
struct description *descriptor_for(long fd, uint32_t access);

/* open.c: opens a name for a new description. 0 or -errno. A directory's path is kept, and with
 * OPEN_WITH_PATH among the flags any file's. */
#define OPEN_WITH_PATH (1u << 30)
long description_open(long directory, long path, uint32_t flags, uint32_t mode,
                      struct description *d);

/* open.c: the session behind the name of a FIFO or socket, as FILE_BEHIND says, and its mode. */
long name_behind(long path, uint32_t flags, struct session_cap *out, uint32_t *mode);
/* ... and puts one there: of a name that was just made. */
long name_place(long path, struct session_cap behind);
/* entries.c: makes a file that is no directory, whose mode has the type. */
long name_make(long directory, long path, uint32_t mode);
long name_remove(long path);

/* ---- directory.c: the working directory ---- */

/* The directory, held. */
struct description *directory_get(void);
/* Makes another one the directory; the reference goes over. */
void directory_set(struct description *d);
/* The directory, without a lock and not held, for fork and exec. */
struct description *directory_peek(void);

/* ---- names.c: names as the calls get them ---- */

/* What the last part of a name is. */
enum last_part { LAST_NAME, LAST_DOT, LAST_PARENT, LAST_ROOT };

struct name_at {
    struct description *from; /* where it begins, held; NULL: at the root */
    struct text path;
};

/* Takes the arguments of a call. `empty`: the name may be empty and means the descriptor. 0 or
 * -errno; after 0 it ends with name_end. */
long name_begin(struct name_at *n, long directory, long path, bool empty);
void name_end(const struct name_at *n);

/* self.c: a name of the running program's file means that file's own name. */
void name_self(struct name_at *n);
/* That name; empty: the path is another one. */
struct text self_name(struct text path);

enum last_part name_last(const struct name_at *n);
bool name_slashed(const struct name_at *n);
/* Removes slashes from the end. */
void name_strip(struct name_at *n);
/* What is wrong with the way to the last part of a name: 0 or -errno. */
long name_way(const struct name_at *n);
/* 0 and what is there, or -errno. */
long name_stat(const struct name_at *n, uint32_t flags, struct file_stat *out, uint64_t *mount);

/* Looks a name up, calls `call` with it as lookup_do says, and gives 0 or -errno. */
typedef err_t (*name_call)(struct lookup *l, void *context);
long name_do(const struct name_at *n, const struct file_name *how, name_call call, void *context);
long name_do_two(const struct name_at n[2], uint32_t flags, name_call call, void *context);
/* The first half of name_do: a lookup that was started, in a block that is the caller's. */
long name_lookup(const struct name_at *n, const struct file_name *how, struct lookup **out);

/* Sets attributes. */
long name_set(const struct name_at *n, uint32_t flags, struct file_set *set);

extern struct session_cap posix_space; /* the namespace; HANDLE_NONE: there is none */
extern struct session_cap posix_pipes; /* the server `pipe`; HANDLE_NONE: there is none */
/* power.c: of `init`; HANDLE_NONE: the process cannot turn the machine off. */
extern struct session_cap posix_power;
/* authority.c: of `auth`; HANDLE_NONE: there is nobody to ask for more. */
extern struct session_cap posix_authority;
/* identity.c: who owns what is made. */
uint32_t identity_user(void);
uint32_t identity_group(void);
extern uint32_t umask_now; /* read and written whole */

/* ---- attributes.c, data.c: contents ---- */

long file_resize(struct description *d, uint64_t size);
/* Reads (O_RDONLY) or writes (O_WRONLY); `offset` may be FILE_CURRENT. Bytes done, or -errno. */
long data_move(struct description *d, uint32_t access, uint64_t offset, char *buffer, size_t size);
/* Whether what goes by the words of a message is there, which the kernel does not see. */
bool data_there(uint32_t access, const char *buffer, size_t size);
/* What is wrong with the arguments of such a call: 0 or -errno. */
long data_check(const struct description *d, uint64_t offset, long buffer, long size);

/* ---- sockets.c, socket_transfer.c ---- */

/* What a descriptor of a socket is for that did not come from socket(2). */
void socket_adopt(struct description *d);
/* event.c: the same of a timer. */
void timer_adopt(struct description *d);
/* ---- locks.c ---- */

struct flock;
/* F_GETLK and its relatives. */
long lock_control(const struct description *d, long command, struct flock *f);
/* A number of the file is closed: the process has no locks on the file any more. */
void locks_closing(const struct description *d);
/* What exec keeps, and a fork's child has not. */
#define LOCK_OWNERS 8u /* servers */
void locks_keep(struct session_cap to[LOCK_OWNERS]);
void locks_restore(const struct session_cap from[LOCK_OWNERS]);
void locks_after_fork(void);

/* ---- epoll_table.c, epoll.c ---- */

void epoll_end(struct epoll *ep);
/* The file is closed here, and no member of any instance any more. */
void epoll_forget(struct description *file);
/* Whether one of its members is ready. */
bool epoll_ready(struct epoll *ep);
/* Calls `watch` for the file of each member and FILE_* that is wanted of it, for who waits for the
 * instance itself. */
typedef err_t (*epoll_watcher)(void *context, struct description *file, uint32_t wanted);
err_t epoll_watch_once(struct epoll *ep, epoll_watcher watch, void *context);
/* Its handles, which exec closes: how many; `to` NULL: only that. */
unsigned epoll_handles(const struct epoll *ep, handle_t *to);
#define EPOLL_HANDLES 64u

/* ---- socket_transfer.c, vector.c ---- */

/* As data_move, for a socket. */
long socket_move(struct description *d, uint32_t access, char *buffer, size_t size);
struct vector;
long socket_move_vector(struct description *d, uint32_t access, const struct vector *v);

/* ---- pipe.c ---- */

/* Puts both ends at their numbers, or after an error gives everything back, which may be NULL. */
long descriptions_install(struct description *const end[2], long error, bool close_on_exec,
                          int *to);

/* The description has what is behind the name of a FIFO, and gets an end of it: waits for the other
 * side, as open(2) does. 0 or -errno. */
long fifo_open(struct description *d, uint32_t flags);
/* The capacity of a pipe, which is changed first if `change`; or -errno. */
long pipe_capacity(const struct description *d, bool change, uint32_t size);

/* ---- terminal.c ---- */

/* What was opened without O_NOCTTY, if it is a terminal, becomes that of a leader of a session that
 * has none. */
void terminal_take(const struct description *d);
/* ioctl of a terminal; -ENOTTY: it is none, or cannot do that. */
long terminal_control(const struct description *d, uint32_t request, long argument);

/* ---- clock.c ---- */

/* Nanoseconds since 1970. */
int64_t clock_wall(void);
/* A time of the wall clock, or of the monotonic one, as a deadline. 0 or -EINVAL. */
struct timespec;
long clock_deadline(const struct timespec *time, bool wall, uint64_t *deadline);
