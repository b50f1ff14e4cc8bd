/* SPDX-License-Identifier: MIT */
/*
 * The namespace protocol. A session of `ns` is a namespace: the operations on names of abi/file.h,
 * with the name counted from the namespace's root, go through it to the server that is mounted
 * there; the answer comes from that server. The operations below change and copy the namespace
 * itself.
 *
 * What `ns` adds to a message on its way: word 1 the branch to try next, word 3 the bytes of the
 * name that led to the mount, word 5 the mount. A name with `..` in the part that leads to a mount
 * is answered with ABOVE_ROOT; clients take `..` out of names that start at the root.
 */
#pragma once
#include <stdint.h>

enum ns_op {
    NS_MOUNT = 0x100, /* word 0 flags, 1 bytes of the place's name, 16.. of the source's text;
                         one handle: a session of a file server. Answer: word 0 the mount */
    NS_UNMOUNT,       /* word 0 the mount, 0: all that is at the place; 1 bytes of its name */
    NS_COPY,          /* answer: a session, a namespace of its own that begins as this one */
    NS_EMPTY,         /* answer: a session, an empty namespace */
    NS_LIST,          /* word 0 offset; answer: word 0 bytes of text, a command for each mount */
};

/* The badges of the namespaces that are there when the server starts: the first one, and a copy of
 * it with what only some may see. */
#define NS_FIRST 0x100000001ull
#define NS_FULL  0x200000002ull

/* Flags of NS_MOUNT: how it stands to what is mounted at the same place. */
#define NS_REPLACE 0u
#define NS_BEFORE  1u
#define NS_AFTER   2u
#define NS_CREATE  4u /* names are made in this one */

/* Right of a session: to mount and unmount. What can be done with files is for the mounts to say.
 */
#define NS_RIGHT_MOUNT 0x1000u

/* Of the mount that answers carry: its number, and */
#define NS_NUMBER 0xffffffffull
#define NS_UNION  (1ull << 32) /* this is the root of a union: read its other branches as well */
#define NS_BELOW  (1ull << 33) /* something is mounted below: look names up from the root */

/* The branch in which names of a union are made. */
#define NS_BRANCH_CREATE 0xffffffffu
#define NS_MOUNTS_MAX    1024u /* in one namespace */
