/* SPDX-License-Identifier: Apache-2.0 */
/* bench/guest/bench.h - kernels that are timed inside a guest.
 * "-like": the same kind of work as a known benchmark, other code. */
#ifndef BENCH_GUEST_BENCH_H
#define BENCH_GUEST_BENCH_H

#include <stddef.h>
#include <stdint.h>

struct kernel {
    const char *name;
    uint64_t (*run)(size_t mib);    /* calls begin() when its data is ready; returns a checksum of its results */
};

/* end: name NULL */
extern const struct kernel integer_kernels[], float_kernels[], vector_kernels[], memory_kernels[], shared_kernels[];

void begin(void);                   /* the time counts from here */
uint64_t mix(uint64_t sum, uint64_t value);
uint64_t next_random(uint64_t *x);
void *must_alloc(size_t bytes);

#endif
