/* SPDX-License-Identifier: MIT */
/*
 * The file protocol: what a client asks a file server. A session is an open file, or a directory
 * from which names are looked up. Semantics follow 9P2000.L; see docs/man/5/file.md.
 *
 * The low half of the operation word is an enum file_op; the answer's is the error (abi/err.def).
 * Names travel as bytes without a final NUL, separated by single or several '/', at the start of
 * the read window. A server never follows a symbolic link: it answers SYMLINK and how much of the
 * name it has used, and the client goes on with the link's text. `..` is the directory's parent;
 * above the session's server root it answers ABOVE_ROOT. Everything is little-endian.
 *
 * Operations on names (OPEN to READ_LINK; an empty name is the session's own file):
 *   word 0  flags, FILE_*, low half; mode for what is made, high half
 *   word 1  bytes of the name, bits 0..15; of a second name behind it, 16..31; branch, 32..63
 *   word 2  owner of what is made: user, low half; group, high half
 *   word 3  bytes of a longer name that led to the session, low half; of a longer second one, high
 *           half. Added to what is answered as used
 *   word 5  mount, put there by `ns` and given back with every answer
 * answer:
 *   word 0  mode       word 1  identity of the file       word 2  size in bytes     word 5  mount
 * after SYMLINK, ABOVE_ROOT and NOT_FOUND:
 *   word 0  bytes of the name used   word 4  branch to try next, 0: none   word 5  mount
 *
 * Data of at most FILE_READ_WORDS or FILE_WRITE_WORDS bytes travels in words when the call has no
 * window for it.
 */
#pragma once
#include <stdint.h>

#include "handle.h"

enum file_op {
    FILE_OPEN = 1,  /* flags; answers a session (one handle) */
    FILE_STAT,      /* answer data: struct file_stat */
    FILE_SET,       /* struct file_set behind the name */
    FILE_MAKE,      /* makes a directory, FIFO, socket or (second name: text) symbolic link */
    FILE_REMOVE,    /* FILE_DIRECTORY: an empty directory; else: anything but a directory */
    FILE_RENAME,    /* to the second name, from the same session */
    FILE_LINK,      /* gives the file the second name as well */
    FILE_READ_LINK, /* answer data: as much of the text as fits; word 0 bytes of all of it */
    FILE_NAMES_END = FILE_READ_LINK,

    FILE_READ,    /* word 0 offset, 1 bytes; answer: word 0 bytes, data or words 1..5 */
    FILE_WRITE,   /* word 0 offset, 1 bytes, data or words 2..5; answer: word 0 bytes */
    FILE_SEEK,    /* word 0 offset, 1 FILE_SEEK_*; answer: word 0 offset */
    FILE_ENTRIES, /* word 0 cookie; answer: word 0 bytes of struct file_entry */
    FILE_SYNC,    /* answers when what was written would survive */
    FILE_FLAGS,   /* word 0 the new FILE_APPEND and FILE_NONBLOCK, 1 which of them change;
                     answer: word 0 all flags */
    FILE_SPACE,   /* answer data: struct file_space */
    FILE_POLL,    /* word 0 FILE_POLL_*, 1 cookie, at most one handle: a poller; answer: word 0
                     what is ready, 1 bytes that a read gives without waiting */
    FILE_POLLER,  /* word 0 bits; one handle: a signal. Answers a session: a poller */
    FILE_READY,   /* to a poller; answer: word 0 bytes of struct file_ready */
    FILE_MAP,     /* answers the file's contents (one handle: memory to be read, executed and
                     cloned), word 0 bytes of it */
    FILE_PLACE,   /* to a FIFO or socket that is only a name; one handle: a session that is behind
                     the name from now on, see FILE_BEHIND */
    FILE_OWNER,   /* word 0 a number that others are told. Answers a session: an owner of locks */
    FILE_LOCK,    /* word 0 FILE_LOCK_*, 1 and 2 first and last byte; at most one handle: the owner,
                     else the open file is. Answer to TEST: word 0 kind of the first that is in the
                     way, 0: none; 1 and 2 its bytes, 3 its owner's number, 0: an open file */
    FILE_OPS,
};

/* Rights of the memory that FILE_MAP answers. */
#define FILE_MAP_RIGHTS                                                                            \
    (RIGHT_SEND | RIGHT_DUPLICATE | RIGHT_INFO | RIGHT_MEMORY_READ | RIGHT_MEMORY_EXECUTE |        \
     RIGHT_MEMORY_CLONE)

/* What an open file is ready for. */
#define FILE_READABLE 0x01u /* there is something to read */
#define FILE_WRITABLE 0x02u /* there is room for a write; in a pipe, for one of PIPE_BUF bytes */
#define FILE_HUNG_UP  0x04u /* nothing will come any more */
#define FILE_BROKEN   0x08u /* nobody takes what is written */
#define FILE_ENDED    0x10u /* nothing more will be written at the other end, which may still read */
#define FILE_EVENTS   0x1fu
/* How a poller is told: while it lasts, or once each time something happens, or once at all. */
#define FILE_POLL_EDGE   0x100u
#define FILE_POLL_ONCE   0x200u
#define FILE_POLL_REMOVE 0x400u /* not any more */

struct file_ready {
    uint64_t cookie;
    uint64_t events;
};

/* FILE_LOCK. Neither kind: what is locked there is no more. */
#define FILE_LOCK_SHARED    0x01u
#define FILE_LOCK_EXCLUSIVE 0x02u
#define FILE_LOCK_WAIT      0x04u /* even if the file is FILE_NONBLOCK */
#define FILE_LOCK_TEST      0x08u
#define FILE_LOCK_WHOLE                                                                            \
    0x10u /* of the other kind of locks: for the open file, bytes mean nothing */

/* Flags of operations on names. */
#define FILE_FOR_READ   0x001u
#define FILE_FOR_WRITE  0x002u
#define FILE_CREATE     0x004u /* a regular file if there is none, with the given mode */
#define FILE_EXCLUSIVE  0x008u /* there must be none */
#define FILE_TRUNCATE   0x010u
#define FILE_APPEND     0x020u /* every write goes to the end */
#define FILE_NONBLOCK   0x040u
#define FILE_DIRECTORY  0x080u /* it must be a directory */
#define FILE_NO_FOLLOW  0x100u /* the last name may be a symbolic link and means the link */
#define FILE_NO_REPLACE 0x200u /* RENAME: the new name must be free */
#define FILE_BEHIND     0x400u /* OPEN: of a FIFO or socket, what is behind the name; else nothing */
#define FILE_FLAGS_ALL  0x7ffu

/* Rights of a session; see RIGHT_SESSION_SERVER. What is opened has no right that the session
 * lacks. */
#define FILE_RIGHT_READ   0x0100u /* the file's contents */
#define FILE_RIGHT_WRITE  0x0200u
#define FILE_RIGHT_WALK   0x0400u /* look names up */
#define FILE_RIGHT_CHANGE 0x0800u /* make, remove and rename names, set attributes */
#define FILE_RIGHTS       0x0f00u

#define FILE_CURRENT     UINT64_MAX /* as an offset: the session's own, which moves on */
#define FILE_READ_WORDS  40u
#define FILE_WRITE_WORDS 32u
#define FILE_NAME_MAX    255u
#define FILE_PATH_MAX    4095u

enum file_seek { FILE_SEEK_START, FILE_SEEK_HERE, FILE_SEEK_END };

/* Types in a mode, POSIX.1-2017 <sys/stat.h> with the usual numbers. */
#define FILE_TYPE           0170000u
#define FILE_TYPE_SOCKET    0140000u
#define FILE_TYPE_SYMLINK   0120000u
#define FILE_TYPE_REGULAR   0100000u
#define FILE_TYPE_BLOCK     0060000u
#define FILE_TYPE_DIRECTORY 0040000u
#define FILE_TYPE_CHARACTER 0020000u
#define FILE_TYPE_FIFO      0010000u
#define FILE_PERMISSIONS    0007777u

struct file_stat {
    uint64_t id, size, blocks; /* bytes; blocks of 512 bytes in use */
    uint32_t mode, links, user, group;
    uint64_t device;                     /* of BLOCK and CHARACTER: major << 32 | minor */
    int64_t accessed, modified, changed; /* nanoseconds since 1970 */
};

enum file_set_fields {
    FILE_SET_MODE = 1, /* permissions only */
    FILE_SET_USER = 2,
    FILE_SET_GROUP = 4,
    FILE_SET_SIZE = 8,
    FILE_SET_ACCESSED = 16,
    FILE_SET_MODIFIED = 32,
};
#define FILE_SET_ALL 63u

struct file_set {
    uint32_t fields; /* enum file_set_fields: which of these to set */
    uint32_t mode, user, group;
    uint64_t size;
    int64_t accessed, modified;
};

/* Followed by the name, without NUL; the next one begins at `length` bytes from this one. */
struct file_entry {
    uint64_t id, next; /* cookie with which to go on behind it */
    uint16_t length;   /* a multiple of 8 */
    uint8_t type;      /* mode >> 12 */
    uint8_t name_length;
    uint32_t reserved;
};

struct file_space {
    uint64_t total, available; /* bytes */
    uint64_t files, files_available;
};
