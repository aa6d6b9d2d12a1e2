/* SPDX-License-Identifier: Apache-2.0 */
/* base/counter.h - statistics with one writer and readers on any thread: no lock, no lock prefix, no torn value. */
#ifndef BASE_COUNTER_H
#define BASE_COUNTER_H

#include <stdint.h>

static inline void counter_add(uint64_t *n, uint64_t more)
{
    __atomic_store_n(n, *n + more, __ATOMIC_RELAXED);
}

static inline uint64_t counter_get(const uint64_t *n)
{
    return __atomic_load_n(n, __ATOMIC_RELAXED);
}

#endif
