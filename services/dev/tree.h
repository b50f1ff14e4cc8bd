/* SPDX-License-Identifier: MIT */
/* The directory of devices, and those that give nothing, zeros, or no room. */
#pragma once
#include "lib/file/server.h"

/* The root. */
struct node *devices_start(void);
/* For file_server.lasting. */
struct node *device_lasting(uint8_t number);
/* For `open` of a device: every seek succeeds and stays at 0, as Linux has it. */
err_t device_open(struct file *f);
/* For `sync`: there is nothing that could be. */
err_t device_sync(struct node *n);
/* For `write` of a device that keeps nothing: all is taken. */
err_t device_drop(struct file *f, struct file_request *r, uint64_t offset, size_t count);
