/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "mem/interval_sort.h"

#define MAX 5000

static uint64_t rnd(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    return *s ^= *s << 17;
}

/* Equal starts stay in order. */
static int by_start_and_last(const void *a, const void *b)
{
    const struct map_interval *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->last < y->last ? -1 : x->last > y->last;
}

/* Starts that differ in the bits of mask only; `last` tells which interval it was. */
static void check(size_t n, uint64_t mask, uint64_t seed)
{
    static struct map_interval v[MAX], spare[MAX], want[MAX];
    struct map_interval *have;

    for (size_t i = 0; i < n; i++)
        want[i] = v[i] = (struct map_interval){ (rnd(&seed) & mask) | 1ull << 62, i };
    qsort(want, n, sizeof(*want), by_start_and_last);
    have = interval_sort(v, spare, n);
    assert_true(have == v || have == spare);
    assert_memory_equal(have, want, n * sizeof(*want));
}

static void starts_of_every_width_come_out_in_order(void **state)
{
    static const size_t sizes[] = { 0, 1, 2, 31, 32, 33, 64, 1000, MAX };
    static const uint64_t masks[] = { 0, 1, 0x800, 0xfff, 0x3ffff0000, 1ull << 63, UINT64_MAX, 0x8000000000000001 };

    (void)state;
    for (unsigned s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
        for (unsigned m = 0; m < sizeof(masks) / sizeof(masks[0]); m++)
            check(sizes[s], masks[m], 99 + s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_of_every_width_come_out_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
