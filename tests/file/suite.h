/* SPDX-License-Identifier: MIT */
/*
 * For the cases of the suite. A case has a new directory, `here`, which is emptied and removed
 * after it; a call on a session that could not be opened fails and nothing else.
 */
#pragma once
#include "tests/file/conformance.h"

struct suite_case {
    const char *name;
    void (*run)(void);
    uint32_t needs; /* enum conformance_feature */
};
extern const struct suite_case suite_names[], suite_symlinks[], suite_open[], suite_data[],
    suite_attributes[], suite_change[], suite_rename[], suite_entries[], suite_prepared[];

extern const struct conformance *suite;
extern struct session_cap here;
extern struct file_found found; /* of the last call on a name */

#define expect(x)        ((x) ? (void)0 : suite_fail(__FILE__, __LINE__, #x))
#define is(e, NAME)      suite_is(__FILE__, __LINE__, #e, (e), ERR_##NAME)
#define is_code(e, code) suite_is(__FILE__, __LINE__, #e, (e), (enum err_code)(code))
void suite_fail(const char *file, int line, const char *what);
void suite_is(const char *file, int line, const char *what, err_t e, enum err_code due);
/* A case begins; what went wrong in it first, or NULL. */
void suite_begin(void);
const char *suite_failure(void);
/* Said in front of the next failures: which round of a loop it is. */
void suite_round(const char *what, unsigned long a, unsigned long b);
void suite_round_over(void);

#define DIRECTORY  (FILE_TYPE_DIRECTORY | 0755)
#define REGULAR    (FILE_TYPE_REGULAR | 0644)
#define FIFO       (FILE_TYPE_FIFO | 0600)
#define NO_SESSION ((struct session_cap){HANDLE_NONE})

/* The last component of these names the thing; s is where they begin. */
err_t open_try(struct session_cap s, const char *name, uint32_t flags, struct session_cap *out);
struct session_cap open_at(struct session_cap s, const char *name, uint32_t flags);
struct session_cap open_here(const char *name, uint32_t flags); /* from `here`, must succeed */
err_t open_close(struct session_cap s, const char *name, uint32_t flags);
void shut(struct session_cap s);
struct session_cap narrow(struct session_cap s, uint32_t rights);
err_t make(struct session_cap s, const char *name, uint32_t mode);
err_t make_symlink(struct session_cap s, const char *name, const char *text);
err_t remove_name(struct session_cap s, const char *name, uint32_t flags);
err_t rename_name(struct session_cap s, const char *from, const char *to, uint32_t flags);
err_t link_name(struct session_cap s, const char *from, const char *to, uint32_t flags);
err_t stat_name(struct session_cap s, const char *name, uint32_t flags, struct file_stat *out);
struct file_stat stat_of(struct session_cap s, const char *name); /* must succeed; of links too */
err_t set_name(struct session_cap s, const char *name, uint32_t flags, struct file_set set);
err_t resize(struct session_cap s, uint64_t size);
bool exists(const char *name); /* in `here` */
/* A file of `here` with this text in it. */
void file_with(const char *name, const char *text);
bool file_is(const char *name, const char *text);
void write_all(struct session_cap s, uint64_t offset, const void *from, size_t size);
bool read_is(struct session_cap s, uint64_t offset, const void *bytes, size_t size);
/* Calls `each` for every entry from `cookie` on, but "." and "..". */
void entries_each(struct session_cap s, uint64_t cookie, size_t window,
                  bool (*each)(const struct file_entry *e, struct text name));
/* Removes all that is in a directory. */
void empty(struct session_cap s);
unsigned number_of(struct text name);               /* the digits at the end */
const char *numbered(const char *word, unsigned n); /* WORDn; good until the next call */
/* Byte `at` of the stream `seed`. */
uint8_t pattern(uint64_t seed, uint64_t at);
