/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/dirty_block.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

/* One mapping behind any number of blocks: first the headers, then the summaries, then the words of all.  So arming a
 * terabyte is one system call, and scanning a clean one streams over its summaries. */
struct dirty_slab {
    atomic_ulong refs;                  /* blocks alive */
    uint64_t bytes;
};

#define PAGE 4096ull
#define WORD_BYTES (DIRTY_BLOCK_WORDS * sizeof(uint64_t))
#define SUMMARY_BYTES (DIRTY_SUMMARY_WORDS * sizeof(uint64_t))
#define HUGE_WISH (8ull << 20)
#define HUGE_LIMIT (256ull << 20)       /* 4 TiB: beyond, a marker would clear a huge page for each place it comes to */
#define BLOCK_STRIDE 128ull             /* two cache lines: neighbours do not share one */

_Static_assert(sizeof(struct dirty_block) <= BLOCK_STRIDE, "a block header fits its stride");
_Static_assert(SUMMARY_BYTES == 64, "the summary of a half is one cache line");

static uint64_t round_up(uint64_t v, uint64_t to)
{
    return (v + to - 1) & ~(to - 1);
}

int dirty_blocks_new(struct dirty_block **out, uint64_t n)
{
    uint64_t summaries = BLOCK_STRIDE * (n + 1);
    uint64_t words = round_up(summaries + 2 * n * SUMMARY_BYTES, PAGE);
    uint64_t bytes = words + 2 * n * WORD_BYTES;
    uint8_t *mem;
    struct dirty_slab *slab;

    if (!n)
        return 0;
    mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mem == MAP_FAILED)
        return -ENOMEM;
    if (bytes >= HUGE_WISH && bytes <= HUGE_LIMIT)
        (void)madvise(mem, bytes, MADV_HUGEPAGE);       /* scanning a terabyte's bitmap is a sixth faster */
    slab = (struct dirty_slab *)mem;
    slab->refs = n;
    slab->bytes = bytes;
    for (uint64_t i = 0; i < n; i++) {
        struct dirty_block *b = (struct dirty_block *)(mem + BLOCK_STRIDE * (i + 1));

        for (unsigned h = 0; h < 2; h++) {
            b->half[h].summary = (_Atomic uint64_t *)(mem + summaries + (2 * i + h) * SUMMARY_BYTES);
            b->half[h].word = (_Atomic uint64_t *)(mem + words + (2 * i + h) * WORD_BYTES);
        }
        b->refs = 1;
        b->slab = slab;
        out[i] = b;
    }
    return 0;
}

void dirty_block_put(struct dirty_block *b)
{
    struct dirty_slab *slab = b->slab;

    if (atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) != 1)
        return;
    madvise((void *)(uintptr_t)b->half[0].word, 2 * WORD_BYTES, MADV_DONTNEED);
    if (atomic_fetch_sub_explicit(&slab->refs, 1, memory_order_acq_rel) == 1)
        munmap(slab, slab->bytes);
}

static void put_after_grace(struct rcu_head *head)
{
    rcu_grace_passed();
    dirty_block_put(caa_container_of(head, struct dirty_block, rcu));
}

void dirty_block_put_deferred(struct dirty_block *b)
{
    call_rcu(&b->rcu, put_after_grace);
}

bool dirty_block_get_rcu(struct dirty_block *b)
{
    /* The array's reference is dropped a grace period after the block left the array: it is still there. */
    return atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed) > 0;
}

static void set_bits(_Atomic uint64_t *word, uint64_t mask)
{
    /* No fence between the caller's store and this look: whoever clears the bit waits for our read section first. */
    if ((atomic_load_explicit(word, memory_order_relaxed) & mask) != mask)
        atomic_fetch_or_explicit(word, mask, memory_order_relaxed);
}

/* Bits [from, from + n) of a word, n in 1..64. */
static uint64_t bits(unsigned from, uint64_t n)
{
    return (n == 64 ? UINT64_MAX : (1ull << n) - 1) << from;
}

void dirty_block_mark_rcu(struct dirty_block *b, uint64_t first, uint64_t n)
{
    const struct dirty_half *h = dirty_block_active(b);
    uint64_t end = first + n;

    assert(end <= DIRTY_BLOCK_PAGES);
    while (first < end) {
        uint64_t line = first / DIRTY_LINE_PAGES;
        uint64_t line_end = (line + 1) * DIRTY_LINE_PAGES;

        while (first < end && first < line_end) {
            unsigned from = first % 64;
            uint64_t count = end - first < 64 - from ? end - first : 64 - from;

            set_bits(&h->word[first / 64], bits(from, count));
            first += count;
        }
        set_bits(&h->summary[line / 64], 1ull << line % 64);
    }
}

void dirty_block_mark_word_rcu(struct dirty_block *b, uint64_t word, uint64_t bits)
{
    const struct dirty_half *h = dirty_block_active(b);
    uint64_t line = word / DIRTY_LINE_WORDS;

    set_bits(&h->word[word], bits);
    set_bits(&h->summary[line / 64], 1ull << line % 64);
}
