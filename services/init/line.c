/* SPDX-License-Identifier: MIT */
#include "services/init/line.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "services/init/console.h"

/* The line that is being typed, below `lock`. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *prompt;
static char *line;
static size_t length;
static bool typing;

static void show(void) {
    console_write(prompt, strlen(prompt));
    console_write(line, length);
}

/* Blanks over what is shown: no terminal is too simple for that. */
static void hide(void) {
    console_write("\r", 1);
    for (size_t i = strlen(prompt) + length; i; i--)
        console_write(" ", 1);
    console_write("\r", 1);
}

void line_print(const char *text, size_t size) {
    pthread_mutex_lock(&lock);
    if (typing)
        hide();
    console_write(text, size);
    if (typing)
        show();
    pthread_mutex_unlock(&lock);
}

/* True at the end of the line. */
static bool take(char c, size_t size) {
    if (c == '\r' || c == '\n')
        return true;
    if ((c == '\b' || c == 0x7f) && length) {
        length--;
        console_write("\b \b", 3);
    } else if (c >= ' ' && c < 0x7f && length + 1 < size) {
        line[length++] = c;
        console_write(&c, 1);
    }
    return false;
}

void line_read(const char *with, char *to, size_t size) {
    bool over = false;
    pthread_mutex_lock(&lock);
    prompt = with;
    line = to;
    length = 0;
    typing = true;
    show();
    while (!over) {
        pthread_mutex_unlock(&lock);
        char c = console_read();
        pthread_mutex_lock(&lock);
        over = take(c, size);
    }
    typing = false;
    line[length] = 0;
    console_write("\n", 1);
    pthread_mutex_unlock(&lock);
}
