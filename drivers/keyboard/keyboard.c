/* SPDX-License-Identifier: MIT */
/*
 * The driver of a PC's keyboard and mouse. Started with its endpoint, the controller's port for
 * data and that for commands, interrupts 1 and 12; and as arguments the name of the layout, and the
 * width and the height of what the mouse moves on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "drivers/keyboard/files.h"
#include "drivers/keyboard/i8042.h"
#include "drivers/keyboard/scan.h"
#include "lib/file/loop.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"

#define DATA      0x60u
#define CONTROL   0x64u
#define NOTHING   0xffu
#define OVERRUN   0xffu /* as a scan code: keys that went up may not have been told */
#define INTERRUPT 1u    /* bits of the signal */
#define ROUNDS    256u  /* bytes before clients have their turn */
#define FEWEST    16u   /* pixels, */
#define MOST      16384u

static struct file_server server;
static struct ports_cap data, control;
static struct irq_cap irqs[2];
static struct signal_cap interrupts;
static struct i8042 controller;
static struct scan scan;
static struct keys keys;
static struct mouse mouse;

/* ---- the device ---- */

uint8_t i8042_read(bool status) {
    uint64_t value = NOTHING;
    sys_ports_read(status ? control : data, status ? CONTROL : DATA, 1, &value);
    return (uint8_t)value;
}

void i8042_write(bool command, uint8_t value) {
    sys_ports_write(command ? control : data, command ? CONTROL : DATA, 1, value);
}

void i8042_pause(void) {
    const struct timespec pause = {.tv_nsec = I8042_PAUSE};
    nanosleep(&pause, NULL);
}

static void take_key(uint8_t byte) {
    struct keyboard_event made[KEYS_EVENTS];
    uint16_t key;
    bool down;
    uint8_t locks = keys.locks;
    if (byte == OVERRUN)
        keys_forget(&keys);
    if (!scan_take(&scan, byte, &key, &down))
        return;
    unsigned count = keys_take(&keys, key, down, made);
    for (unsigned i = 0; i < count; i++)
        files_key(&made[i]);
    if (keys.locks != locks)
        i8042_lights(&controller, (keys.locks & KEYBOARD_CAPS ? LIGHT_CAPS : 0) |
                                      (keys.locks & KEYBOARD_NUM ? LIGHT_NUM : 0));
}

static void service(void) {
    unsigned rounds = 0;
    uint8_t byte;
    bool of_mouse;
    for (; rounds < ROUNDS && i8042_take(&controller, &byte, &of_mouse); rounds++)
        if (!of_mouse)
            take_key(byte);
        else if (mouse.length && mouse_take(&mouse, byte))
            files_mouse(&mouse);
    if (rounds == ROUNDS)
        sys_signal_raise(interrupts, INTERRUPT);
}

static void raised(struct file_server *s, uint64_t bits) {
    (void)s;
    (void)bits;
    service();
    sys_irq_acknowledge(irqs[0]); /* each tells if there was another one meanwhile */
    sys_irq_acknowledge(irqs[1]);
}

/* ---- start ---- */

static err_t start(struct endpoint_cap endpoint) {
    err_t e = sys_signal_create(program_pool, &interrupts);
    if (err_ok(e))
        e = sys_endpoint_bind(endpoint, interrupts);
    for (unsigned i = 0; i < 2 && err_ok(e); i++) {
        e = sys_irq_bind(irqs[i], interrupts, INTERRUPT);
        if (err_ok(e))
            e = sys_irq_acknowledge(irqs[i]); /* one that came to a driver before this one */
    }
    return err_ok(e) ? sys_signal_raise(interrupts, INTERRUPT) : e;
}

/* 0: there is no screen. */
static uint32_t pixels(const char *text, uint32_t otherwise) {
    unsigned long n = strtoul(text, NULL, 10);
    if (!n)
        return otherwise;
    return n < FEWEST ? FEWEST : n > MOST ? MOST : (uint32_t)n;
}

static void settings(char **arguments) {
    keys.layout = layout_find(arguments[1], strlen(arguments[1]));
    if (!keys.layout) {
        print("keyboard: there is no layout of the name in `keyboard='; it is %s\n",
              layouts[0].name);
        keys.layout = &layouts[0];
    }
    mouse.width = pixels(arguments[2], 1024);
    mouse.height = pixels(arguments[3], 768);
    mouse.x = mouse.width / 2;
    mouse.y = mouse.height / 2;
}

int main(int argc, char **argv) {
    const handle_t *h = start_page->handles;
    if (start_page->handle_count != 5 || argc != 4) {
        fprintf(stderr,
                "keyboard: usage: keyboard LAYOUT WIDTH HEIGHT, with an endpoint, two ports "
                "and two interrupts\n");
        return 1;
    }
    data = (struct ports_cap){h[1]};
    control = (struct ports_cap){h[2]};
    irqs[0] = (struct irq_cap){h[3]};
    irqs[1] = (struct irq_cap){h[4]};
    settings(argv);
    err_t e = i8042_start(&controller);
    mouse.length = controller.mouse_length;
    if (!err_ok(e))
        print("keyboard: there is no keyboard controller\n");
    e = start((struct endpoint_cap){h[0]});
    if (!err_ok(e)) {
        fprintf(stderr, "keyboard: no interrupts: %s\n", error_text(e));
        return 1;
    }
    file_server_start(&server, files_start(&server, &keys));
    server.raised = raised;
    file_server_loop(&server, (struct endpoint_cap){h[0]});
}
