/* SPDX-License-Identifier: MIT */
/* Parts of the program's memory that a call reads or writes one after the other. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

struct vector {
    const struct iovec *part;
    size_t count, size; /* of parts, of bytes */
};

/* Takes the arguments of a call: 0, -EINVAL, -EFAULT. */
long vector_take(long parts, long count, struct vector *v);
/* Whether all of it is there, to be written if `to_parts`. */
bool vector_there(const struct vector *v, bool to_parts);
/* Copies `size` bytes between what is `skip` bytes behind the start of the parts, and a buffer. */
void vector_copy(const struct vector *v, size_t skip, char *buffer, size_t size, bool to_parts);
/* All of it, if no more than one part has bytes; or NULL. */
char *vector_alone(const struct vector *v);
