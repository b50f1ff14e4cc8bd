/* SPDX-License-Identifier: MIT */
#include "tests/posix/operations.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_ROOM    9000u
#define ENTRIES_ROOM 512u

static uint64_t random_state;

static int said_to = -1;

void say(const char *format, ...) {
    static char line[LINE_ROOM];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    if (said_to < 0)
        line_take(line);
    else
        dprintf(said_to, "%s\n", line);
}

void say_to(const char *file) {
    said_to = open(file, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);
}

void said_in(const char *file) {
    char line[LINE_ROOM];
    FILE *f = fopen(file, "r");
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        say("%s", line);
    }
    if (f)
        fclose(f);
    unlink(file);
}

void tell(const char *what, long result) {
    int error = errno;
    if (result == -1)
        say("%s: -1, errno %d", what, error);
    else
        say("%s: %ld", what, result);
    errno = 0;
}

void tell_of(const char *what, const char *name, long result) {
    char line[LINE_ROOM];
    int error = errno;
    snprintf(line, sizeof line, "%s of %.300s", what, name);
    errno = error;
    tell(line, result);
}

static char type_of(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFREG:
        return '-';
    case S_IFDIR:
        return 'd';
    case S_IFLNK:
        return 'l';
    case S_IFIFO:
        return 'p';
    case S_IFSOCK:
        return 's';
    default:
        return '?';
    }
}

void show(const char *path) {
    struct stat s;
    char text[300] = "";
    if (lstat(path, &s) < 0) {
        tell_of("lstat", path, -1);
        return;
    }
    if (S_ISLNK(s.st_mode) && readlink(path, text, sizeof text - 1) < 0)
        strcpy(text, "?");
    say("  %s: %c%o, %lu links, owner %u:%u, %ld bytes%s%s", path, type_of(s.st_mode),
        s.st_mode & 07777u, (unsigned long)s.st_nlink, s.st_uid, s.st_gid,
        S_ISDIR(s.st_mode) ? 0l : (long)s.st_size, *text ? " -> " : "", text);
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a directory, sorted, each to be freed. */
static unsigned names_in(const char *path, char **names) {
    unsigned count = 0;
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d)) && count < ENTRIES_ROOM;)
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
            names[count++] = strdup(e->d_name);
    if (d)
        closedir(d);
    qsort(names, count, sizeof *names, compare);
    return count;
}

void tree(const char *path) {
    char *names[ENTRIES_ROOM], inner[600];
    struct stat s;
    unsigned count = names_in(path, names);
    for (unsigned i = 0; i < count; i++) {
        snprintf(inner, sizeof inner, "%s/%s", path, names[i]);
        free(names[i]);
        show(inner);
        if (!lstat(inner, &s) && S_ISDIR(s.st_mode))
            tree(inner);
    }
}

void directory_empty(const char *path) {
    char *names[ENTRIES_ROOM], inner[600];
    unsigned count = names_in(path, names);
    for (unsigned i = 0; i < count; i++) {
        snprintf(inner, sizeof inner, "%s/%s", path, names[i]);
        free(names[i]);
        if (unlink(inner) == 0)
            continue;
        directory_empty(inner);
        rmdir(inner);
    }
}

void text_make(const char *path, const char *text) {
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        tell_of("text_make", path, -1);
    close(fd);
}

void usual_make(void) {
    directory_empty(".");
    text_make("file", "hello");
    text_make("empty", "");
    text_make("script", "#!");
    chmod("script", 0755);
    mkdir("dir", 0755);
    mkdir("dir/inner", 0755);
    mkdir("void", 0755);
    mkdir("full", 0755);
    text_make("full/one", "1");
    symlink("file", "to-file");
    symlink("dir", "to-dir");
    symlink("void", "to-void");
    symlink("none", "dangling");
    symlink("loop", "loop");
    link("file", "hard");
    mkfifo("pipe", 0644);
}

uint32_t random_next(void) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33);
}

uint32_t random_below(uint32_t n) {
    return random_next() % n;
}

void group_run(const struct group *g) {
    random_state = 1;
    errno = 0;
    umask(022);
    if (mkdir(g->name, 0755) < 0 || chdir(g->name) < 0) {
        tell_of("group", g->name, -1);
        return;
    }
    g->run();
    directory_empty(".");
    if (chdir("..") < 0 || rmdir(g->name) < 0)
        tell_of("group's end", g->name, -1);
}
