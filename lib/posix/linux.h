/* SPDX-License-Identifier: MIT */
/*
 * Numbers and structures of Linux on x86-64 that the headers of musl do not have; from its manual
 * pages and include/uapi.
 */
#pragma once
#include <stdint.h>

#define AT_EMPTY_PATH       0x1000
#define AT_STATX_SYNC       0x6000
#define AT_STATX_FORCE_SYNC 0x2000
#define AT_STATX_DONT_SYNC  0x4000
#define LARGE               0100000u /* O_LARGEFILE, as F_GETFL shows it of what was opened */
#define RENAME_FLAGS        7u       /* all that there are */
#define RENAME_NOREPLACE    1u
#define CLOSE_RANGE_UNSHARE 2u
#define CLOSE_RANGE_CLOEXEC 4u
#define STATX_BASIC         0x7ffu
#define STATX_RESERVED      0x80000000u
#define NAME_ROOM           4096u        /* PATH_MAX: a name with its NUL */
#define MOVE_MAX            0x7ffff000ul /* bytes that one call reads or writes */
#define VECTOR_MAX          1024         /* parts of a readv */
#define USAGE_BYTES         144u         /* of getrusage: the C library has more behind it */
#define SYSINFO_BYTES       112u         /* ... and here */
#define WAIT_OWN            0x20000000u  /* __WNOTHREAD */
#define WAIT_ALL_KINDS      0x40000000u  /* __WALL */
#define WAIT_CLONES         0x80000000u  /* __WCLONE */

/* Of sendmsg and recvmsg. */
struct message_header {
    uint64_t name;
    uint32_t name_length, spare0;
    uint64_t parts, part_count, control, control_length;
    uint32_t flags, spare1;
};

/* A part of its control data: this, and what it says, up to the alignment of 8. */
struct control_header {
    uint64_t length; /* with this */
    int32_t level, type;
};

struct statx_time {
    int64_t seconds;
    uint32_t nanoseconds;
    int32_t reserved;
};

struct statx_answer {
    uint32_t mask, block_size;
    uint64_t attributes;
    uint32_t links, user, group;
    uint16_t mode, spare0;
    uint64_t id, size, blocks, attributes_mask;
    struct statx_time accessed, made, changed, modified;
    uint32_t special_major, special_minor, device_major, device_minor;
    uint64_t mount, spare[13];
};

/* Of getdents64; followed by the name with its NUL. The next is `length` bytes from this one. */
struct entry64 {
    uint64_t id;
    int64_t next;
    uint16_t length;
    uint8_t type;
    char name[5]; /* as much as there is up to the alignment of 8 */
};
#define ENTRY64_NAME 19u /* where the name begins */
