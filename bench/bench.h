/* SPDX-License-Identifier: Apache-2.0 */
/* bench/bench.h - what the memory benchmarks share: clocks, order statistics, one line per result.
 *
 * A result line is "name<TAB>case<TAB>value<TAB>unit" so that bench/memory_plot.py can make plots and tables of it. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline uint64_t bench_clock(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static inline uint64_t now_ns(void)
{
    return bench_clock(CLOCK_MONOTONIC);
}

static inline uint64_t cpu_ns(void)
{
    return bench_clock(CLOCK_THREAD_CPUTIME_ID);
}

static inline uint64_t bench_rnd(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    return *s ^= *s << 17;
}

static inline int bench_cmp(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* The q-th part of n values (0.5 = median); sorts them. */
static inline double bench_quantile(double *v, size_t n, double q)
{
    qsort(v, n, sizeof(*v), bench_cmp);
    return v[(size_t)(q * (double)(n - 1))];
}

static inline void bench_result(const char *name, const char *kase, double value, const char *unit)
{
    printf("%s\t%s\t%.4g\t%s\n", name, kase, value, unit);
    fflush(stdout);
}

#endif
