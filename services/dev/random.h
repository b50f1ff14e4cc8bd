/* SPDX-License-Identifier: MIT */
/*
 * Random bytes: the generator of lib/bare, which starts from what init gave this process alone, and
 * to which what the processor knows and what clients write is added.
 */
#pragma once
#include "lib/file/server.h"

#define RESEED_BYTES (1u << 20)     /* after as many given out, */
#define RESEED_TIME  60000000000ull /* or as many nanoseconds, the processor is asked again */

void generator_start(void);
/* Adds to the generator's state: whoever knows the bytes knows no more of it than before. */
void generator_add(const void *from, size_t length);

err_t random_read(struct file *f, struct file_request *r, uint64_t offset, size_t count);
err_t random_write(struct file *f, struct file_request *r, uint64_t offset, size_t count);
uint32_t random_poll(struct file *f, uint64_t *bytes);
void random_settled(struct file *f, struct file_request *r, bool answered);
