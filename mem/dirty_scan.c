/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/dirty_scan.h"

#include "mem/dirty_scan_host.h"

static uint64_t portable_move(uint64_t *word, uint64_t *out, size_t lines)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < lines * 8; i++) {
        uint64_t w = word[i];

        out[i] |= w;
        word[i] = 0;
        bits += (uint64_t)__builtin_popcountll(w);
    }
    return bits;
}

static uint64_t portable_take(uint64_t *word, size_t lines)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < lines * 8; i++) {
        bits += (uint64_t)__builtin_popcountll(word[i]);
        word[i] = 0;
    }
    return bits;
}

const struct dirty_scan dirty_scan_portable = { "portable", portable_move, portable_take };

const struct dirty_scan *dirty_scan_nth(unsigned i)
{
    const struct dirty_scan *host = dirty_scan_host_nth(i);

    if (host)
        return host;
    return i == 0 || dirty_scan_host_nth(i - 1) ? &dirty_scan_portable : NULL;
}

const struct dirty_scan *dirty_scan_best(void)
{
    return dirty_scan_nth(0);
}
