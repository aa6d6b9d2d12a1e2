/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/dirty_batch.h"

#include "mem/dirty_log_int.h"

static void put_rcu(struct dirty_log *log, uint64_t word, uint64_t bits)
{
    unsigned armed = atomic_load_explicit(&log->armed, memory_order_acquire);

    for (unsigned c = 0; c < DIRTY_NR_CLIENTS; c++) {
        struct dirty_block *b =
            armed & 1u << c ? dirty_dir_block(dirty_log_dir(log, c), word / DIRTY_BLOCK_WORDS) : NULL;

        if (b)
            dirty_block_mark_word_rcu(b, word % DIRTY_BLOCK_WORDS, bits);
    }
}

bool dirty_batch_mark_rcu(struct dirty_log *log, struct dirty_batch *b, uint64_t off, uint64_t len)
{
    unsigned armed = atomic_load_explicit(&log->armed, memory_order_acquire);
    uint64_t page = off >> log->page_shift, last = (off + len - 1) >> log->page_shift;

    if (!armed)
        return true;
    if (armed & 1u << DIRTY_CODE)
        return false;
    for (; page <= last; page = (page | 63) + 1) {
        uint64_t word = page / 64, end = last < (page | 63) ? last : page | 63;
        uint64_t bits = UINT64_MAX << page % 64 & UINT64_MAX >> (63 - end % 64);
        unsigned i = word % DIRTY_BATCH_WORDS;

        if (b->word[i] != word) {
            if (b->bits[i])
                put_rcu(log, b->word[i], b->bits[i]);
            b->word[i] = word;
            b->bits[i] = 0;
        }
        b->bits[i] |= bits;
    }
    b->any = true;
    return true;
}

void dirty_batch_flush_rcu(struct dirty_log *log, struct dirty_batch *b)
{
    if (!b->any)
        return;
    for (unsigned i = 0; i < DIRTY_BATCH_WORDS; i++) {
        if (b->bits[i])
            put_rcu(log, b->word[i], b->bits[i]);
        b->bits[i] = 0;
    }
    b->any = false;
}
