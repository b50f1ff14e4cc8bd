/* SPDX-License-Identifier: MIT */
#include "services/procfs/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/procfs/snapshot.h"

/* Identities of nodes: of what there is once, and from there on 8 for each process. */
enum { ID_ROOT = 1, ID_SELF, ID_FILES };
#define ID_PROCESS 8u /* of the number 1, the directory; its files follow it */

/* Cookies of the root's entries: what there is once, then numbers. */
#define FIRST_COOKIE   2u
#define NUMBERS_COOKIE 64u

/* The request that is being served, and what was learned for it. */
static const struct file_request *now;
static struct census_process looked_at;
static bool looked;

static const struct tree_machine *the_machine;

void tree_begins(const struct file_request *r) {
    now = r;
    looked = false;
}

/* Once for a request: a walk asks for the same process at each step. */
static err_t look_at(uint64_t number, const struct census_process **out) {
    err_t e = OK;
    if (!looked || looked_at.number != number)
        e = census_get(now->process, number, &looked_at);
    looked = err_ok(e);
    if (looked)
        *out = &looked_at;
    return e;
}

/* ---- files ---- */

/* Exactly one of the two makes its text. */
struct file_kind {
    const char *name;
    void (*of_process)(struct text_of_proc *to, const struct census_process *p);
    void (*of_machine)(struct text_of_proc *to, const struct machine *m);
};

static const struct file_kind process_kinds[] = {{"cmdline", format_cmdline, NULL},
                                                 {"comm", format_comm, NULL},
                                                 {"stat", format_stat, NULL},
                                                 {"statm", format_statm, NULL},
                                                 {"status", format_status, NULL}};
static const struct file_kind machine_kinds[] = {
    {"cpuinfo", NULL, format_cpuinfo}, {"loadavg", NULL, format_loadavg},
    {"meminfo", NULL, format_meminfo}, {"stat", NULL, format_system},
    {"uptime", NULL, format_uptime},   {"version", NULL, format_version}};

#define PROCESS_KINDS (sizeof process_kinds / sizeof *process_kinds)
#define MACHINE_KINDS (sizeof machine_kinds / sizeof *machine_kinds)

/* A file or, without a kind, the directory of a process. Made for those who use it. */
struct entry {
    struct node node;
    uint32_t number; /* of the process; 0: the machine's */
    const struct file_kind *kind;
};

static struct entry *entry_of(struct node *n) {
    return (struct entry *)(void *)n;
}

/* How much memory there is on the machine concerns the outermost domain only. */
static err_t machine_look(struct machine *m) {
    struct census_total total;
    err_t e = census_total(now->process, &total);
    if (err_is(e, ERR_NOT_FOUND)) { /* whoever `proc` does not know sees no process */
        total = (struct census_total){.depth = 1};
        e = OK;
    }
    if (!err_ok(e))
        return e;
    the_machine->now(m);
    m->total = total;
    if (total.depth)
        m->memory = m->memory_free = 0;
    return e;
}

static err_t text_make(const struct entry *entry, struct text_of_proc *to) {
    const struct census_process *p;
    struct machine m;
    err_t e = entry->number ? look_at(entry->number, &p) : machine_look(&m);
    if (!err_ok(e))
        return e;
    if (entry->number)
        entry->kind->of_process(to, p);
    else
        entry->kind->of_machine(to, &m);
    return e;
}

static err_t entry_open(struct file *f) {
    const struct entry *entry = entry_of(f->node);
    struct text_of_proc *text;
    err_t e = snapshot_take(now->account, &text);
    if (err_ok(e) && entry->kind && !err_ok(e = text_make(entry, text)))
        snapshot_give(text);
    if (err_ok(e))
        f->state = text;
    return e;
}

static void entry_close(struct file *f) {
    snapshot_give(f->state);
}

/* Who begins again reads what is so now; what they go on reading is one text. */
static err_t entry_read(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    struct text_of_proc *text = f->state;
    err_t e = offset ? OK : text_make(entry_of(f->node), text);
    if (!err_ok(e))
        return e;
    size_t left = offset < text->length ? text->length - offset : 0;
    return left ? file_emit(r, text->at + offset, left < count ? left : count) : OK;
}

static void entry_unused(struct node *n) {
    free(entry_of(n));
}

static const struct node_ops file_ops = {
    .unused = entry_unused, .open = entry_open, .close = entry_close, .read = entry_read};

static struct entry *entry_make(const struct node_ops *ops, uint64_t id, uint32_t mode) {
    struct entry *entry = calloc(1, sizeof *entry);
    if (entry)
        entry->node = (struct node){.ops = ops, .id = id, .mode = mode, .references = 1};
    return entry;
}

static bool is_called(struct text name, const char *other) {
    return name.length == strlen(other) && !memcmp(name.at, other, name.length);
}

/* The file of a name among some kinds; `first_id` is that of the first kind. */
static err_t file_find_kind(const struct file_kind *kinds, size_t count, struct text name,
                            uint32_t number, uint64_t first_id, struct node **out) {
    for (size_t i = 0; i < count; i++) {
        if (!is_called(name, kinds[i].name))
            continue;
        struct entry *entry = entry_make(&file_ops, first_id + i, FILE_TYPE_REGULAR | 0444);
        if (!entry)
            return ERROR(NO_MEMORY);
        entry->number = number;
        entry->kind = &kinds[i];
        *out = &entry->node;
        return OK;
    }
    return ERROR(NOT_FOUND);
}

/* ---- the directory of a process ---- */

static struct node root;

static uint64_t directory_id(uint64_t number) {
    return number * ID_PROCESS;
}

static err_t directory_look_up(struct node *directory, struct text name, struct node **out) {
    uint32_t number = entry_of(directory)->number;
    const struct census_process *p;
    err_t e = look_at(number, &p);
    if (!err_ok(e))
        return e;
    return file_find_kind(process_kinds, PROCESS_KINDS, name, number, directory->id + 1, out);
}

static struct node *directory_parent(struct node *directory) {
    (void)directory;
    node_hold(&root);
    return &root;
}

static err_t directory_entries(struct node *directory, struct file_request *r, uint64_t cookie) {
    const struct census_process *p;
    err_t e = look_at(entry_of(directory)->number, &p);
    for (uint64_t i = cookie - FIRST_COOKIE; err_ok(e) && i < PROCESS_KINDS; i++)
        if (!file_entry_add(r, text_of(process_kinds[i].name), FILE_TYPE_REGULAR | 0444,
                            directory->id + 1 + i, i + FIRST_COOKIE + 1))
            break;
    return e;
}

static const struct node_ops directory_ops = {.look_up = directory_look_up,
                                              .parent = directory_parent,
                                              .entries = directory_entries,
                                              .unused = entry_unused,
                                              .open = entry_open,
                                              .close = entry_close};

/* ---- self ---- */

/* The text is of the request that asks for it. */
static err_t self_read_link(struct node *n, struct text *out) {
    static char text[16];
    struct census_process p;
    (void)n;
    err_t e = census_get(now->process, 0, &p);
    if (err_ok(e))
        *out = (struct text){text, (size_t)snprintf(text, sizeof text, "%u", p.number)};
    return e;
}

static const struct node_ops self_ops = {.read_link = self_read_link};

/* ---- the root ---- */

static struct node self;

/* The number as it is written, without zeros in front; 0: it is none. */
static uint32_t number_of(struct text name) {
    uint32_t number = 0;
    if (name.length > 7 || name.at[0] == '0')
        return 0;
    for (size_t i = 0; i < name.length; i++) {
        if (name.at[i] < '0' || name.at[i] > '9')
            return 0;
        number = 10 * number + (uint32_t)(name.at[i] - '0');
    }
    return number;
}

static err_t directory_find(uint32_t number, struct node **out) {
    const struct census_process *p;
    err_t e = look_at(number, &p);
    if (!err_ok(e))
        return e;
    struct entry *entry =
        entry_make(&directory_ops, directory_id(number), FILE_TYPE_DIRECTORY | 0555);
    if (!entry)
        return ERROR(NO_MEMORY);
    entry->number = number;
    *out = &entry->node;
    return OK;
}

static err_t root_look_up(struct node *directory, struct text name, struct node **out) {
    uint32_t number = number_of(name);
    (void)directory;
    if (number)
        return directory_find(number, out);
    if (!is_called(name, "self"))
        return file_find_kind(machine_kinds, MACHINE_KINDS, name, 0, ID_FILES, out);
    node_hold(&self);
    *out = &self;
    return OK;
}

static struct node *root_parent(struct node *directory) {
    (void)directory;
    return NULL;
}

/* False: there is no room. Without `proc` nobody is there. */
static bool number_add(struct file_request *r, uint64_t number) {
    char name[16];
    size_t length = (size_t)snprintf(name, sizeof name, "%u", (unsigned)number);
    return file_entry_add(r, (struct text){name, length}, FILE_TYPE_DIRECTORY | 0555,
                          directory_id(number), NUMBERS_COOKIE + number);
}

static err_t numbers_add(struct file_request *r, uint64_t above) {
    uint64_t numbers[MESSAGE_WORDS];
    err_t e;
    while (err_ok(e = census_next(r->process, above, numbers)))
        for (unsigned i = 0; i < MESSAGE_WORDS; i++) {
            if (!numbers[i] || !number_add(r, numbers[i]))
                return OK;
            above = numbers[i];
        }
    return err_is(e, ERR_NOT_FOUND) ? OK : e;
}

/* False: there is no room. */
static bool files_add(struct file_request *r, uint64_t from) {
    for (uint64_t i = from; i < MACHINE_KINDS; i++)
        if (!file_entry_add(r, text_of(machine_kinds[i].name), FILE_TYPE_REGULAR | 0444,
                            ID_FILES + i, i + FIRST_COOKIE + 1))
            return false;
    return true;
}

static err_t root_entries(struct node *directory, struct file_request *r, uint64_t cookie) {
    uint64_t from = cookie - FIRST_COOKIE;
    (void)directory;
    if (cookie >= NUMBERS_COOKIE)
        return numbers_add(r, cookie - NUMBERS_COOKIE);
    if (!files_add(r, from))
        return OK;
    if (from <= MACHINE_KINDS &&
        !file_entry_add(r, text_of("self"), self.mode, self.id, NUMBERS_COOKIE))
        return OK;
    return numbers_add(r, 0);
}

static const struct node_ops root_ops = {
    .look_up = root_look_up, .parent = root_parent, .entries = root_entries};

struct node *tree_start(const struct tree_machine *machine) {
    the_machine = machine;
    root = (struct node){
        .ops = &root_ops, .id = ID_ROOT, .mode = FILE_TYPE_DIRECTORY | 0555, .references = 1};
    self = (struct node){
        .ops = &self_ops, .id = ID_SELF, .mode = FILE_TYPE_SYMLINK | 0777, .references = 1};
    return &root;
}
