/* SPDX-License-Identifier: MIT */
#include "tests/file/host/terminals.h"

#include <string.h>

#include "services/tty/clock.h"
#include "services/tty/line.h"
#include "services/tty/tree.h"

uint8_t host_typed[HOST_LINE], host_sent[HOST_LINE];
size_t host_typed_count, host_sent_count, host_line_room;
uint64_t host_now, host_alarm;
struct who host_who;
uint32_t host_group_session;
bool host_led;
uint64_t host_signals;
uint32_t host_signal_group;

struct line {
    char unused;
};
static struct line host_line;

size_t line_peek(struct line *l, uint8_t *to, size_t size) {
    size_t count = host_typed_count < size ? host_typed_count : size;
    (void)l;
    memcpy(to, host_typed, count);
    return count;
}

void line_taken(struct line *l, size_t count) {
    (void)l;
    host_typed_count -= count;
    memmove(host_typed, host_typed + count, host_typed_count);
}

size_t line_send(struct line *l, const uint8_t *from, size_t count) {
    (void)l;
    if (count > host_line_room)
        count = host_line_room;
    if (count > HOST_LINE - host_sent_count)
        count = HOST_LINE - host_sent_count;
    memcpy(host_sent + host_sent_count, from, count);
    host_sent_count += count;
    host_line_room -= count;
    return count;
}

void line_forget(struct line *l) {
    (void)l;
}

bool line_idle(struct line *l) {
    (void)l;
    return host_line_room > 0;
}

void clock_alarm(uint64_t deadline) {
    host_alarm = deadline;
}

uint64_t clock_now(void) {
    return host_now;
}

err_t jobs_who(uint64_t process, struct who *out) {
    if (!process)
        return ERROR(NOT_FOUND);
    *out = host_who;
    return OK;
}

uint32_t jobs_session(uint32_t group, bool *led) {
    *led = host_led;
    return group ? host_group_session : 0;
}

void jobs_signal(uint32_t group, enum jobs_signal signal) {
    if (!group)
        return;
    host_signals |= 1ull << signal;
    host_signal_group = group;
}

struct session_cap host_terminals_start(void) {
    host_typed_count = host_sent_count = 0;
    host_line_room = HOST_LINE;
    host_now = 1000;
    file_server_start(&host_server, tree_start(&host_server, &host_line, NULL));
    return host_session(FILE_BADGE_ROOT, FILE_RIGHTS, HOST_ACCOUNT);
}

void host_type(const char *text) {
    size_t count = strlen(text);
    if (count > HOST_LINE - host_typed_count)
        count = HOST_LINE - host_typed_count;
    memcpy(host_typed + host_typed_count, text, count);
    host_typed_count += count;
    terminal_run(&console);
}
