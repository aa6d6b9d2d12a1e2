/* SPDX-License-Identifier: Apache-2.0 */
/* bench/guest/memory.c - vectorised loops in the caches, and what goes beyond them. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static uint64_t float_bits(float v)
{
    uint32_t b;

    memcpy(&b, &v, sizeof(b));
    return b;
}

static uint64_t copy(size_t mib)
{
    char *from = must_alloc(1 << 20), *to = must_alloc(1 << 20);

    (void)mib;
    memset(from, 1, 1 << 20);
    begin();
    for (int i = 0; i < 16000; i++) {
        from[i] = (char)i;
        memcpy(to, from, 1 << 20);
    }
    return (uint64_t)to[5] << 8 | (uint64_t)to[(1 << 20) - 1];
}

static uint64_t saxpy(size_t mib)
{
    static float a[4096], b[4096], c[4096];
    uint64_t sum = 0;

    (void)mib;
    for (int i = 0; i < 4096; i++)
        b[i] = (float)i, c[i] = 0.5f;
    begin();
    for (int r = 0; r < 16000; r++)
        for (int i = 0; i < 4096; i++)
            a[i] = b[i] * c[i] + (float)r;
    for (int i = 0; i < 4096; i++)
        sum = mix(sum, float_bits(a[i]));
    return sum;
}

static void *map(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return p;
}

/* Copy, scale, add, triad over three arrays of 32 MiB. */
static uint64_t stream_like(size_t mib)
{
    enum { N = 4 << 20 };
    double *a = map(N * 8), *b = map(N * 8), *c = map(N * 8);
    uint64_t sum = 0;

    (void)mib;
    for (size_t i = 0; i < N; i++)
        a[i] = 1, b[i] = 2, c[i] = 0;
    begin();
    for (int r = 0; r < 6; r++) {
        for (size_t i = 0; i < N; i++)
            c[i] = a[i];
        for (size_t i = 0; i < N; i++)
            b[i] = 3.0 * c[i];
        for (size_t i = 0; i < N; i++)
            c[i] = a[i] + b[i];
        for (size_t i = 0; i < N; i++)
            a[i] = b[i] + 3.0 * c[i];
    }
    for (size_t i = 0; i < N; i += 999)
        sum = mix(sum, (uint64_t)(a[i] + b[i] + c[i]));
    return sum;
}

/* One chain through 64 MiB, each line once. */
static uint64_t chase(size_t mib)
{
    enum { LINES = 1 << 19, LINE = 128 / sizeof(uint32_t) };
    uint32_t *p = map((size_t)LINES * 128), at = 0;
    uint64_t x = 88172645463325252ull;

    (void)mib;
    for (uint32_t i = 0; i < LINES; i++)
        p[i * LINE] = i;
    for (uint32_t i = LINES - 1; i > 0; i--) {
        uint32_t k = (uint32_t)(next_random(&x) % i), t = p[i * LINE];

        p[i * LINE] = p[k * LINE];
        p[k * LINE] = t;
    }
    begin();
    for (unsigned i = 0; i < 6 * LINES - 5; i++)
        at = p[at * LINE];
    return at;
}

static uint64_t *words(size_t mib)
{
    uint64_t *p = map(mib << 20);

    for (size_t i = 0; i < mib << 17; i++)
        p[i] = i;
    return p;
}

static uint64_t store_seq(size_t mib)
{
    uint64_t *p = words(mib);

    begin();
    for (unsigned r = 0; r < 8; r++)
        for (size_t i = 0; i < mib << 17; i++)
            p[i] = i + r;
    return p[12345];
}

static uint64_t store_random(size_t mib)
{
    uint64_t *p = words(mib), x = 88172645463325252ull;

    begin();
    for (unsigned i = 0; i < 10000000; i++) {
        next_random(&x);
        p[x & ((mib << 17) - 1)] = x;
    }
    return mix(p[12345], p[x & ((mib << 17) - 1)]);
}

static uint64_t load_random(size_t mib)
{
    uint64_t *p = words(mib), x = 88172645463325252ull, sum = 0;

    begin();
    for (unsigned i = 0; i < 10000000; i++) {
        next_random(&x);
        sum += p[x & ((mib << 17) - 1)];
    }
    return sum;
}

const struct kernel vector_kernels[] = { { "memcpy", copy }, { "saxpy", saxpy }, { NULL, NULL } };

const struct kernel memory_kernels[] = {
    { "stream-like", stream_like }, { "chase", chase }, { "store-seq", store_seq }, { "store-random", store_random },
    { "load-random", load_random }, { NULL, NULL },
};
