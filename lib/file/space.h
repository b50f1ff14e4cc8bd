/* SPDX-License-Identifier: MIT */
/* The client side of abi/ns.h: to change, copy and list a namespace. */
#pragma once
#include "abi/err.h"
#include "abi/ns.h"
#include "lib/file/text.h"
#include "lib/sys/cap.h"

/* Mounts a session of a file server, which stays the caller's as well. `source`: what it is called.
 */
err_t space_mount(struct session_cap space, struct text place, struct text source,
                  struct session_cap session, uint32_t flags, uint32_t *number);
/* Number 0: all that is mounted there. */
err_t space_unmount(struct session_cap space, struct text place, uint32_t number);
err_t space_copy(struct session_cap space, struct session_cap *out);
err_t space_empty(struct session_cap space, struct session_cap *out);
/* Text from `offset` on; *done 0 at the end. */
err_t space_list(struct session_cap space, uint64_t offset, void *to, size_t size, size_t *done);
