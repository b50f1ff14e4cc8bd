/* SPDX-License-Identifier: MIT */
/*
 * A plugin for the emulator that says which guest instructions ran between two marks, and in which
 * order, and how often the page table was changed. The marks are the instructions `xchg %bx, %bx`
 * (start) and `xchg %cx, %cx` (stop), which do nothing else; measure.c has them. At the stop two
 * files are written: PREFIX.counts with pairs (address, times executed), and PREFIX.path with the
 * first addresses in order; all 64-bit numbers. With switches=on it only counts the changes of the
 * page table, and adds a line with the number to PREFIX.switches at each stop.
 *
 * Arguments: prefix=PREFIX; switches=on; boot=on records from the machine's first instruction to
 * the first start. An iteration of a `rep` instruction counts as one instruction, as in the
 * emulator's own count. For emulators with one host thread for all processors only.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The parts of QEMU's plugin interface, version 1, that are used: Debian ships no header for it. */
#define EXPORT __attribute__((visibility("default")))
typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id,
                                                  void (*run)(plugin_id, struct qemu_plugin_tb *));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                                   void (*run)(unsigned cpu, void *data), int flags,
                                                   void *data);
EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

#define PLACES   (1u << 20) /* a power of two; more distinct instructions than a kernel runs */
#define PATH_MAX (4u << 20)

static struct place {
    uint64_t address; /* 0: free */
    uint64_t count;
} places[PLACES];
static uint64_t path[PATH_MAX];
static uint64_t path_length;
static bool recording, from_boot, only_switches;
static uint64_t switches;
static char prefix[400];

static struct place *place_of(uint64_t address) {
    uint64_t i = address * 0x9e3779b97f4a7c15u >> 44;
    while (places[i].address && places[i].address != address)
        i = (i + 1) % PLACES;
    places[i].address = address;
    return &places[i];
}

static void save(const char *suffix, const void *data, size_t size, size_t count) {
    char name[sizeof prefix + 16];
    snprintf(name, sizeof name, "%s.%s", prefix, suffix);
    FILE *f = fopen(name, "wb");
    if (!f || fwrite(data, size, count, f) != count || fclose(f)) {
        perror(name);
        exit(1);
    }
}

static void save_all(void) {
    size_t n = 0;
    static struct place used[PLACES];
    for (size_t i = 0; i < PLACES; i++)
        if (places[i].count)
            used[n++] = places[i];
    save("counts", used, sizeof *used, n);
    save("path", path, sizeof *path, path_length);
}

static void switches_save(void) {
    char name[sizeof prefix + 16];
    snprintf(name, sizeof name, "%s.switches", prefix);
    FILE *f = fopen(name, "a");
    if (!f || fprintf(f, "%llu\n", (unsigned long long)switches) < 0 || fclose(f)) {
        perror(name);
        exit(1);
    }
}

static void on_start(unsigned cpu, void *data) {
    (void)cpu;
    (void)data;
    if (from_boot) {
        if (recording)
            save_all();
        recording = false;
        return;
    }
    if (!only_switches)
        for (size_t i = 0; i < PLACES; i++)
            places[i].count = 0;
    path_length = 0;
    switches = 0;
    recording = true;
}

static void on_stop(unsigned cpu, void *data) {
    (void)cpu;
    (void)data;
    if (!recording || from_boot)
        return;
    recording = false;
    if (only_switches)
        switches_save();
    else
        save_all();
}

static void on_instruction(unsigned cpu, void *data) {
    struct place *p = data;
    (void)cpu;
    if (!recording)
        return;
    p->count++;
    if (path_length < PATH_MAX)
        path[path_length++] = p->address;
}

static void on_switch(unsigned cpu, void *data) {
    (void)cpu;
    (void)data;
    switches++;
}

/* A write to CR3: 0f 22, and 3 in the middle of the third byte (AMD64 manual 3, MOV CRn). */
static bool is_switch(const struct qemu_plugin_insn *insn) {
    const uint8_t *b = qemu_plugin_insn_data(insn);
    return qemu_plugin_insn_size(insn) == 3 && b[0] == 0x0f && b[1] == 0x22 && (b[2] >> 3 & 7) == 3;
}

static bool is(const struct qemu_plugin_insn *insn, const char *bytes) {
    return qemu_plugin_insn_size(insn) == 3 && !memcmp(qemu_plugin_insn_data(insn), bytes, 3);
}

static void on_translation(plugin_id id, struct qemu_plugin_tb *tb) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        if (is(insn, "\x66\x87\xdb"))
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_start, 0, NULL);
        else if (is(insn, "\x66\x87\xc9"))
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_stop, 0, NULL);
        else if (only_switches && is_switch(insn))
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_switch, 0, NULL);
        else if (!only_switches)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_instruction, 0,
                                                   place_of(qemu_plugin_insn_vaddr(insn)));
    }
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (!strncmp(argv[i], "prefix=", 7))
            snprintf(prefix, sizeof prefix, "%s", argv[i] + 7);
        else if (!strcmp(argv[i], "boot=on"))
            from_boot = recording = true;
        else if (!strcmp(argv[i], "switches=on"))
            only_switches = true;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    return 0;
}
