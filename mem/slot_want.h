/* SPDX-License-Identifier: Apache-2.0 */
/* mem/slot_want.h - which addresses should be backed by which host memory: ranges in order, joined as far as they go.
 *
 * Invariant: no two neighbours could be one range.  Thread: the owner's lock. */
#ifndef MEM_SLOT_WANT_H
#define MEM_SLOT_WANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ram_block;

struct slot_want {                   /* addresses backed by a block, joined as far as they go */
    uint64_t start, last;
    struct ram_block *block;    /* NULL: nothing (only as an argument) */
    uint64_t off;
    bool readonly;
};

struct slot_wants {
    struct slot_want *w;
    size_t n, room;
};

/* Sets what is wanted in w's range.  1: something changed, 0: it was so already, -ENOMEM: nothing changed. */
int slot_want_set(struct slot_wants *s, const struct slot_want *w);

#endif
