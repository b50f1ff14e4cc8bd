/* SPDX-License-Identifier: MIT */
/* The server of terminals in the program that tests it: its line, its clock and `proc` are here. */
#pragma once
#include "services/tty/tree.h"
#include "tests/file/host/host.h"

#define HOST_LINE 65536u

/* What was typed and not taken, what was sent. The line takes no more than `host_line_room`. */
extern uint8_t host_typed[HOST_LINE], host_sent[HOST_LINE];
extern size_t host_typed_count, host_sent_count, host_line_room;
extern uint64_t host_now, host_alarm;
/* Who the caller `host_process` is, if not 0: number, group and session. */
extern struct who host_who;
/* The session of every group, and whether it has its leader. */
extern uint32_t host_group_session;
extern bool host_led;
/* The signals sent since it was set to 0: bits by number. */
extern uint64_t host_signals;
extern uint32_t host_signal_group;

/* The root. */
struct session_cap host_terminals_start(void);
void host_type(const char *text);
