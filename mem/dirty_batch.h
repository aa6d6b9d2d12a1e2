/* SPDX-License-Identifier: Apache-2.0 */
/* mem/dirty_batch.h - an engine's marks, put together word by word until its read
 * section ends (rule E5 of mem/dirty_log.h).
 *
 * A mark is a locked instruction, and that waits for all stores before it: a guest that writes page after page waits
 * for memory at each.  64 neighbours cost one here.  Thread: the engine's own. */
#ifndef MEM_DIRTY_BATCH_H
#define MEM_DIRTY_BATCH_H

#include "mem/dirty_log.h"

#define DIRTY_BATCH_WORDS 8

struct dirty_batch {                    /* all zero: empty */
    uint64_t word[DIRTY_BATCH_WORDS];   /* page number / 64 */
    uint64_t bits[DIRTY_BATCH_WORDS];
    bool any;
};

/* Marks the pages touched by [off, off + len), at the latest when flushed; they need no other mark in this section, nor
 * in the next while the epoch stays.  False: nothing was done, some page may hold watched code: use
 * dirty_log_mark_rcu() and dirty_log_settled_rcu(). */
bool dirty_batch_mark_rcu(struct dirty_log *log, struct dirty_batch *b, uint64_t off, uint64_t len);
/* In the section of the marks, the same log. */
void dirty_batch_flush_rcu(struct dirty_log *log, struct dirty_batch *b);

#endif
