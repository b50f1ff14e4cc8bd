/* SPDX-License-Identifier: MIT */
/*
 * Who may tell `audit` what happened: whoever has a session of it whose badge names a source.
 * `init` makes these sessions, before the server starts, and gives each to the one program that it
 * is for. Such a session is a file that can only be written: each FILE_WRITE is one record, as six
 * words with one blank between them,
 *
 *     PROCESS ACCOUNT USER WHAT OBJECT OUTCOME
 *
 * of visible characters (lib/audit/told.h writes them). PROCESS and ACCOUNT are the kernel's
 * numbers of who did it, `-` for the writer itself. When the answer has come the record is kept,
 * and survives the server. LIMIT: the source writes too fast; it is counted, not kept.
 */
#pragma once
#include <stdint.h>

/* Numbers are part of badges. The names are in lib/audit/told.c. */
enum audit_source {
    AUDIT_SELF = 1, /* the server itself; nobody has its session */
    AUDIT_INIT,
    AUDIT_AUTH,
    AUDIT_BOOTFS,
    AUDIT_PROCFS,
    AUDIT_SOURCES,
};

/* Bytes of the memory in which `init` keeps the records for each server in turn, zeros at first. */
#define AUDIT_KEPT (512u << 10)

/* As of lib/file/badges.h: lasting, so that each server that follows another knows it. */
#define AUDIT_BADGE(source) (1ull << 32 | (uint64_t)(source) << 24 | (uint64_t)(source))
