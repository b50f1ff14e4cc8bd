/* SPDX-License-Identifier: MIT */
/*
 * What serving a request needs of the kernel. lib/file/loop.c is the real one; tests that run on
 * the host have another.
 */
#pragma once
#include "lib/file/server.h"

/* Copies from the caller's read window, or into its write window. */
err_t transport_fetch(const struct file_request *r, size_t at, void *to, size_t length);
err_t transport_store(const struct file_request *r, size_t at, const void *from, size_t length);
/* Makes a session for an open file, derived from the one that the request came through. */
err_t transport_session(struct file_request *r, uint64_t badge, uint32_t rights);
/* The same with a duplicate of a handle that is another server's, or memory. */
err_t transport_copy(struct file_request *r, handle_t h, uint32_t rights);
/* Gives the last of these sessions up; its end is told as that of any other. */
void transport_drop(struct file_request *r);
/* The call may take long: file_gone is told the cookie if it ends early. */
err_t transport_park(struct file_request *r, uint64_t cookie);
/* Answers the request. If that fails its caller is told so, or is gone. */
err_t transport_answer(struct file_request *r, err_t e);
/* A client's signal, which may be gone by now. */
void transport_raise(handle_t signal, uint64_t bits);
void transport_close(handle_t h);
