/* SPDX-License-Identifier: MIT */
/* Files: by names in a namespace, and through sessions of servers that belong to others. */
#include "abi/file.h"
#include "abi/ns.h"
#include "lib/file/client.h"
#include "lib/file/space.h"
#include "tests/userland/escape/escape.h"

static err_t open_in(struct session_cap from, const char *path, uint32_t flags) {
    struct session_cap out;
    const struct file_name n = {.path = text_of(path), .flags = flags, .mode = 0644};
    return file_open(from, &n, &out, NULL);
}

#define OPENS(X)                                                                                   \
    X(absolute, scene.space, "/" SECRET, FILE_FOR_READ)                                            \
    X(relative, scene.space, SECRET, FILE_FOR_READ)                                                \
    X(slashes, scene.space, "//" SECRET, FILE_FOR_READ)                                            \
    X(dot, scene.space, "/./" SECRET, FILE_FOR_READ)                                               \
    X(root, scene.space, "/", FILE_FOR_READ)                                                       \
    X(device, scene.space, "/dev/zero", FILE_FOR_READ)                                             \
    X(to_write, scene.space, "/" SECRET, FILE_FOR_WRITE)                                           \
    X(to_make, scene.space, "/new", FILE_CREATE | FILE_FOR_WRITE)                                  \
    X(at_server, files, SECRET, FILE_FOR_READ)                                                     \
    X(at_server_make, files, "attempted", FILE_CREATE | FILE_FOR_WRITE)                            \
    X(at_devices, devices, "random", FILE_FOR_READ)
#define OPEN(name, from, path, flags)                                                              \
    static uint64_t open_##name(void) {                                                            \
        return open_in(from, path, flags).code;                                                    \
    }
OPENS(OPEN)

/* Nobody gets above the root. */
static uint64_t open_above(void) {
    return open_in(scene.space, "/../../" SECRET "/..", FILE_FOR_WRITE).code;
}

#define TRY(name, call)                                                                            \
    static uint64_t try_##name(void) {                                                             \
        err_t e = call;                                                                            \
        return e.code;                                                                             \
    }
static char bytes[8];
static size_t done;
static struct file_stat stat_of;
static struct file_space space_of;
static uint32_t number;

#define NAME(text, ...)                                                                            \
    &(struct file_name) {                                                                          \
        .path = text_of(text), ##__VA_ARGS__                                                       \
    }
#define CALLS(X)                                                                                   \
    X(read, file_read(scene.file, 0, bytes, 8, &done))                                             \
    X(write, file_write(scene.file, 0, "x", 1, &done))                                             \
    X(space, file_space(files, &space_of))                                                         \
    X(stat, file_stat(scene.file, NAME(""), &stat_of, NULL))                                       \
    X(stat_name, file_stat(scene.space, NAME("/" SECRET), &stat_of, NULL))                         \
    X(make, file_make(files, NAME("dir", .mode = FILE_TYPE_DIRECTORY | 0755),                      \
                      (struct text){NULL, 0}, NULL))                                               \
    X(link, file_link(files, NAME(SECRET), text_of("second"), NULL))                               \
    X(rename, file_rename(files, NAME(SECRET), text_of("moved"), NULL))                            \
    X(remove, file_remove(files, NAME(SECRET), NULL))                                              \
    X(remove_name, file_remove(scene.space, NAME("/" SECRET), NULL))                               \
    X(mount, space_mount(scene.space, text_of("/m"), text_of("files"), files, NS_AFTER, &number))  \
    X(unmount, space_unmount(scene.space, text_of("/"), 0))
CALLS(TRY)

#define OPEN_ROW(name, from, path, flags) {"open-" #name, open_##name, false},
#define ROW(name, call)                   {"file-" #name, try_##name, false},
const struct attempt name_attempts[] = {
    OPENS(OPEN_ROW) CALLS(ROW){"open-above", open_above, true},
    {0},
};
