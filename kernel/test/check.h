/* SPDX-License-Identifier: MIT */
/*
 * Parts of the look at docs/invariants.md. Each looks at one thing, with the kernel lock held,
 * changes nothing, and says what does not hold.
 */
#pragma once
#include "object.h"

struct endpoint;
struct memory;
struct pool;
struct process;
struct session;
struct space;
struct thread;

/* Counts and tells a broken line; `value` helps to find out what it is about. */
void check_that(bool holds, const char *file, unsigned line, const char *fact, uint64_t value);
#define CHECK(fact, value) check_that((fact), __FILE__, __LINE__, #fact, (uint64_t)(value))

void check_handles(const struct object *o);
void check_process(const struct process *p);
void check_thread(const struct thread *t);
void check_endpoint(const struct endpoint *e);
void check_memory(const struct memory *m);
void check_space(struct space *s);
