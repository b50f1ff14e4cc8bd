/* SPDX-License-Identifier: MIT */
#include "services/audit/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/audit/told.h"

#define NAME          "audit"
#define FIRST_COOKIE  2u /* see file_entry_add */
#define SNAPSHOTS_MAX 8u /* of the log, in all; and of one account: */
#define SNAPSHOTS     4u

enum { ID_ROOT = 1, ID_LOG, ID_SOURCES };

static struct log *the_log;
static struct log_time (*time_now)(void);
static struct node root, log_file, source_file[AUDIT_SOURCES];

/* ---- the log, as it was when it was opened ---- */

struct snapshot {
    uint64_t account;
    size_t length;
    char *text; /* NULL: free */
};

static struct snapshot snapshots[SNAPSHOTS_MAX];
static const struct file_request *serving; /* the request that is being served */

void tree_begins(const struct file_request *r) {
    serving = r;
}

static err_t snapshot_find(uint64_t account, struct snapshot **out) {
    unsigned own = 0;
    *out = NULL;
    for (struct snapshot *s = snapshots; s < snapshots + SNAPSHOTS_MAX; s++)
        if (!s->text)
            *out = s;
        else
            own += s->account == account;
    return *out && own < SNAPSHOTS ? OK : ERROR(TOO_MANY_OPEN);
}

static err_t log_opened(struct file *f) {
    struct snapshot *s;
    f->state = NULL;
    if (!(f->flags & FILE_FOR_READ))
        return OK;
    err_t e = snapshot_find(serving->account, &s);
    if (!err_ok(e))
        return e;
    log_settle(the_log, time_now());
    size_t length = log_size(the_log);
    char *text = malloc(length);
    if (!text)
        return ERROR(NO_MEMORY);
    log_text(the_log, text);
    *s = (struct snapshot){serving->account, length, text};
    f->state = s;
    return OK;
}

static void log_closed(struct file *f) {
    struct snapshot *s = f->state;
    if (!s)
        return;
    free(s->text);
    *s = (struct snapshot){.text = NULL};
}

static err_t log_read(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    const struct snapshot *s = f->state;
    if (!s)
        return ERROR(NO_RIGHT);
    size_t left = offset < s->length ? s->length - offset : 0;
    return left ? file_emit(r, s->text + offset, left < count ? left : count) : OK;
}

static void log_stat(struct node *n, struct file_stat *out) {
    struct log_time t = time_now();
    (void)n;
    out->size = log_size(the_log);
    out->accessed = out->modified = out->changed = t.wall;
}

/* ---- what sources write ---- */

static struct text number_text(char to[24], uint64_t n) {
    return (struct text){to, (size_t)snprintf(to, 24, "%llu", (unsigned long long)n)};
}

static bool word_is(struct text word, const char *other) {
    return word.length == strlen(other) && !memcmp(word.at, other, word.length);
}

/* One write is one record. The writer itself is who the kernel says it is. */
static err_t source_write(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    char text[AUDIT_TOLD_MOST], process[24], account[24];
    struct audit_told told;
    (void)offset;
    if (count >= sizeof text)
        return ERROR(LIMIT);
    err_t e = file_take(r, 0, text, count);
    if (err_ok(e) && !audit_told_parse((struct text){text, count}, &told))
        e = ERROR(BAD_ARGUMENT);
    if (!err_ok(e))
        return e;
    if (word_is(told.word[AUDIT_PROCESS], "-"))
        told.word[AUDIT_PROCESS] = number_text(process, r->process);
    if (word_is(told.word[AUDIT_ACCOUNT], "-"))
        told.word[AUDIT_ACCOUNT] = number_text(account, r->account);
    e = log_add(the_log, f->node->lasting, &told, time_now());
    if (err_ok(e))
        r->done = count;
    return e;
}

static err_t source_open(struct file *f) {
    f->positioned = false;
    return OK;
}

/* ---- the directory ---- */

static err_t root_look_up(struct node *directory, struct text name, struct node **out) {
    (void)directory;
    if (!word_is(name, NAME))
        return ERROR(NOT_FOUND);
    node_hold(&log_file);
    *out = &log_file;
    return OK;
}

static struct node *root_parent(struct node *directory) {
    (void)directory;
    return NULL;
}

static err_t root_entries(struct node *directory, struct file_request *r, uint64_t cookie) {
    (void)directory;
    if (cookie == FIRST_COOKIE)
        (void)file_entry_add(r, text_of(NAME), log_file.mode, ID_LOG, FIRST_COOKIE + 1);
    return OK;
}

static const struct node_ops root_ops = {
    .look_up = root_look_up, .parent = root_parent, .entries = root_entries};
static const struct node_ops log_ops = {
    .open = log_opened, .close = log_closed, .read = log_read, .stat = log_stat};
static const struct node_ops source_ops = {.open = source_open, .write = source_write};

struct node *tree_source(uint8_t number) {
    return number && number < AUDIT_SOURCES ? &source_file[number] : NULL;
}

/* Nobody else writes as the server itself: its session is not made. */
void tree_denied(const struct file_request *r, struct text name, err_t e) {
    char process[24], account[24], object[AUDIT_WORD_MOST + 1];
    (void)e;
    audit_word_write(object, name);
    const struct audit_told told = {{number_text(process, r->process),
                                     number_text(account, r->account), text_of("-"),
                                     text_of("access"), text_of(object), text_of("denied")}};
    (void)log_add(the_log, AUDIT_SELF, &told, time_now()); /* what is too much is counted */
}

struct node *tree_start(struct log *l, struct log_time (*now)(void)) {
    the_log = l;
    time_now = now;
    root = (struct node){
        .ops = &root_ops, .id = ID_ROOT, .mode = FILE_TYPE_DIRECTORY | 0555, .references = 1};
    log_file = (struct node){
        .ops = &log_ops, .id = ID_LOG, .mode = FILE_TYPE_REGULAR | 0444, .references = 1};
    for (unsigned s = 1; s < AUDIT_SOURCES; s++)
        source_file[s] = (struct node){.ops = &source_ops,
                                       .id = ID_SOURCES + s,
                                       .mode = FILE_TYPE_CHARACTER | 0200,
                                       .references = 1,
                                       .lasting = (uint8_t)s};
    return &root;
}
