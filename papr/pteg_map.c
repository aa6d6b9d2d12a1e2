/* SPDX-License-Identifier: Apache-2.0 */
/* papr/pteg_map.c - the summary of a pteg_map: setting a path of bits upwards, finding the next set bit downwards. */
#include "papr/pteg_map.h"

#include <assert.h>

/* Words of each level for n groups; returns the number of levels. */
static unsigned level_words(uint64_t n, uint64_t words[PTEG_MAP_LEVELS])
{
    uint64_t bits = n / 64;
    unsigned levels = 0;

    do {
        assert(levels < PTEG_MAP_LEVELS);
        words[levels] = (bits + 63) / 64;
        bits = words[levels++];
    } while (bits > 1);
    return levels;
}

size_t pteg_map_bytes(uint64_t n)
{
    uint64_t words[PTEG_MAP_LEVELS];
    uint64_t total = 0;
    unsigned levels = level_words(n, words);

    for (unsigned i = 0; i < levels; i++)
        total += words[i];
    return (size_t)(n + (total * 8 + 63) / 64 * 64);
}

void pteg_map_init(struct pteg_map *m, uint64_t n, void *room)
{
    uint64_t words[PTEG_MAP_LEVELS];
    _Atomic uint64_t *at = (_Atomic uint64_t *)((uint8_t *)room + n);

    m->n = n;
    m->byte = (_Atomic uint8_t *)room;
    m->levels = level_words(n, words);
    for (unsigned i = 0; i < m->levels; i++) {
        m->level[i] = at;
        at += words[i];
    }
}

void pteg_map_mark_slow(struct pteg_map *m, uint64_t pteg)
{
    uint64_t bit = pteg >> 6;

    /* Always to the top: another thread may have set a lower bit and not yet the higher ones. */
    for (unsigned i = 0; i < m->levels; i++, bit >>= 6)
        atomic_fetch_or_explicit(&m->level[i][bit >> 6], 1ull << (bit & 63), memory_order_release);
}

/* The first set bit of level i at or after `bit`; UINT64_MAX: none. */
static uint64_t next_bit(const struct pteg_map *m, unsigned i, uint64_t bit)
{
    uint64_t bits = m->n / 64;

    bits = (bits + (1ull << (6 * i)) - 1) >> (6 * i);
    while (bit < bits) {
        uint64_t word = atomic_load_explicit(&m->level[i][bit >> 6], memory_order_acquire) >> (bit & 63);

        if (word)
            return bit + (unsigned)__builtin_ctzll(word);
        if (i + 1 == m->levels)
            break;
        bit = next_bit(m, i + 1, (bit >> 6) + 1);
        if (bit == UINT64_MAX)
            break;
        bit <<= 6;
    }
    return UINT64_MAX;
}

/* The first non-zero byte of the 64 that `pteg` is in, from it on; 64-aligned end if none. */
static uint64_t next_byte(const struct pteg_map *m, uint64_t pteg)
{
    uint64_t end = (pteg | 63) + 1;

    for (; pteg < end && pteg % 8; pteg++) {
        if (pteg_map_get(m, pteg))
            return pteg;
    }
    for (; pteg < end; pteg += 8) {
        if (atomic_load_explicit((_Atomic uint64_t *)&m->byte[pteg], memory_order_relaxed))
            break;
    }
    for (; pteg < end && !pteg_map_get(m, pteg); pteg++)
        ;
    return pteg;
}

uint64_t pteg_map_next(const struct pteg_map *m, uint64_t pteg)
{
    while (pteg < m->n) {
        uint64_t line = next_bit(m, 0, pteg >> 6);
        uint64_t found;

        if (line == UINT64_MAX)
            return m->n;
        if (line != pteg >> 6)
            pteg = line << 6;
        found = next_byte(m, pteg);
        if (found <= (pteg | 63))
            return found;
        pteg = found;
    }
    return m->n;
}
