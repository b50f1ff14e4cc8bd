/* SPDX-License-Identifier: MIT */
/*
 * Sets of physical memory as sorted arrays. Every change replaces a run of neighbouring ranges
 * by at most two, so that the order and the gaps hold by construction.
 */
#include "boot/memory_map.h"

#include "string.h"

/* Puts `n` ranges in the place of [first, last). */
static bool replace(struct memory_map *m, size_t first, size_t last,
                    const struct memory_range *with, size_t n) {
    if (m->count - (last - first) + n > BOOT_RANGES)
        return false;
    memmove(&m->ranges[first + n], &m->ranges[last], (m->count - last) * sizeof(*with));
    for (size_t i = 0; i < n; i++)
        m->ranges[first + i] = with[i];
    m->count = m->count - (last - first) + n;
    return true;
}

bool memory_map_add(struct memory_map *m, paddr_t start, paddr_t end) {
    struct memory_range all = {start, end};
    if (start >= end)
        return true;
    size_t first = 0;
    while (first < m->count && m->ranges[first].end < start)
        first++;
    size_t last = first;
    for (; last < m->count && m->ranges[last].start <= end; last++) {
        all.start = min_u64(all.start, m->ranges[last].start);
        if (m->ranges[last].end > all.end)
            all.end = m->ranges[last].end;
    }
    return replace(m, first, last, &all, 1);
}

bool memory_map_remove(struct memory_map *m, paddr_t start, paddr_t end) {
    struct memory_range left[2];
    size_t n = 0, first = 0;
    while (first < m->count && m->ranges[first].end <= start)
        first++;
    size_t last = first;
    for (; last < m->count && m->ranges[last].start < end; last++) {
        if (m->ranges[last].start < start)
            left[n++] = (struct memory_range){m->ranges[last].start, start};
        if (m->ranges[last].end > end)
            left[n++] = (struct memory_range){end, m->ranges[last].end};
    }
    return start >= end || replace(m, first, last, left, n);
}

bool memory_map_contains(const struct memory_map *m, paddr_t start, paddr_t end) {
    for (size_t i = 0; i < m->count; i++)
        if (start >= m->ranges[i].start && start < m->ranges[i].end)
            return end <= m->ranges[i].end;
    return false;
}

bool memory_map_firmware(struct memory_map *m, paddr_t start, uint64_t length, bool ram) {
    paddr_t end = length < DIRECT_MAP_BYTES ? start + length : DIRECT_MAP_BYTES;
    if (start >= DIRECT_MAP_BYTES || !length)
        return true;
    end = min_u64(end, DIRECT_MAP_BYTES);
    if (!ram)
        return memory_map_remove(m, start & -PAGE_BYTES, round_up(end, PAGE_BYTES));
    start = start ? round_up(start, PAGE_BYTES) : PAGE_BYTES;
    return memory_map_add(m, start, end & -PAGE_BYTES);
}

paddr_t memory_map_place(const struct memory_map *ram, const struct memory_map *reserved,
                         uint64_t bytes, paddr_t limit) {
    for (size_t i = 0, r = 0; i < ram->count; i++) {
        paddr_t start = ram->ranges[i].start, end = min_u64(ram->ranges[i].end, limit);
        while (r < reserved->count && reserved->ranges[r].end <= start)
            r++;
        for (; r < reserved->count && reserved->ranges[r].start < end; r++) {
            if (reserved->ranges[r].start >= start + bytes)
                break;
            start = reserved->ranges[r].end;
        }
        if (start < end && end - start >= bytes)
            return start;
    }
    return 0;
}

uint64_t memory_map_bytes(const struct memory_map *m) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < m->count; i++)
        bytes += m->ranges[i].end - m->ranges[i].start;
    return bytes;
}
