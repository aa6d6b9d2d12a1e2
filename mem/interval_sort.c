/* SPDX-License-Identifier: Apache-2.0 */
/* mem/interval_sort.c - by digits, lowest first: a transaction of thousands of regions spent a tenth of its time on
 * comparing. */
#include "mem/interval_sort.h"

#define FEW 32
#define DIGIT_BITS 11
#define DIGITS (1u << DIGIT_BITS)

static void insert_each(struct map_interval *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct map_interval x = v[i];
        size_t at = i;

        for (; at && v[at - 1].start > x.start; at--)
            v[at] = v[at - 1];
        v[at] = x;
    }
}

static void by_digit(const struct map_interval *from, struct map_interval *to, size_t n, unsigned shift)
{
    size_t at[DIGITS] = { 0 }, sum = 0;

    for (size_t i = 0; i < n; i++)
        at[from[i].start >> shift & (DIGITS - 1)]++;
    for (unsigned d = 0; d < DIGITS; d++) {
        size_t count = at[d];

        at[d] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        to[at[from[i].start >> shift & (DIGITS - 1)]++] = from[i];
}

struct map_interval *interval_sort(struct map_interval *v, struct map_interval *spare, size_t n)
{
    uint64_t differ = 0;

    if (n <= FEW) {
        insert_each(v, n);
        return v;
    }
    for (size_t i = 1; i < n; i++)
        differ |= v[i].start ^ v[0].start;
    if (!differ)
        return v;
    for (unsigned shift = (unsigned)__builtin_ctzll(differ); shift < 64 && differ >> shift; shift += DIGIT_BITS) {
        struct map_interval *sorted = spare;

        by_digit(v, sorted, n, shift);
        spare = v;
        v = sorted;
    }
    return v;
}
