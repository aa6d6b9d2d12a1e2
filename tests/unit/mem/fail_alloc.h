/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/mem/fail_alloc.h - the n-th allocation from now on fails.
 *
 * The program is linked with --wrap for malloc, calloc, realloc, aligned_alloc and mmap, so every allocation of the
 * library passes here. */
#ifndef TESTS_FAIL_ALLOC_H
#define TESTS_FAIL_ALLOC_H

#include <stdbool.h>

/* n = 1: the next one fails; 0: none, what was said before stays remembered.
 * Only allocations of the calling thread count. */
void fail_alloc_at(unsigned n);
/* True when one was made to fail since fail_alloc_at(); turns failing off. */
bool fail_alloc_done(void);

#endif
