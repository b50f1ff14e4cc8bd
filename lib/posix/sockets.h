/* SPDX-License-Identifier: MIT */
/* The inside of local sockets: lib/file/socket.h for descriptors. */
#pragma once
#include "lib/file/socket.h"
#include "lib/posix/process.h"

/* What Linux calls the errors of sockets: 0 or -errno. */
long socket_errno(err_t e);
/* The file of a descriptor that is a socket, held: 0; -EBADF, -ENOTSOCK. */
long socket_get(long fd, struct description **out);
/* What others are told of the process. */
struct socket_who socket_who(void);
/* A deadline for the call that is under way, of a timeout in nanoseconds; 0: none. */
uint64_t socket_deadline(uint64_t timeout);

/* ---- socket_address.c ---- */

#define ADDRESS_ROOM 110u /* sizeof(struct sockaddr_un) */

/* Where a message or a connection goes. `address.name` is closed with address_end. */
struct address {
    struct socket_address to;
    char text[ADDRESS_ROOM + 1];
};
/* Takes the address of a call, and finds the socket if it has a name in the file system. 0 or
 * -errno. */
long address_find(struct address *a, long at, long length);
void address_end(const struct address *a);
/* Writes an address as getsockname does: at most *length bytes, and how many it has. */
long address_put(const char *name, size_t size, long to, uint32_t *length);
/* How many bytes it has, with its family. */
uint32_t address_length(const char *name, size_t size);
