/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/address_space.h - whether this process can reserve that much: ThreadSanitizer's layout
 * and ulimit -v allow less. */
#ifndef TESTS_UNIT_ADDRESS_SPACE_H
#define TESTS_UNIT_ADDRESS_SPACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#define TEST_SKIPPED 77     /* exit status by which Meson counts a program as skipped */

static inline bool address_space_holds(uint64_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED)
        return false;
    munmap(p, bytes);
    return true;
}

/* In a cmocka test. */
#define NEEDS_ADDRESS_SPACE(bytes) \
    do { \
        if (!address_space_holds(bytes)) \
            skip(); \
    } while (0)

#endif
