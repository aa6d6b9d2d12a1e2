/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/tlb_context.c - pages of the soft TLB's second level that outlive a change of segments.
 *
 * A *context* is a set of segments of one half of the address space and the generation of the pages that were found
 * through them. When a segment goes, the half leaves its context; at the next access the SLB tells which one it enters:
 * one whose segments are all there again, so that every page of it is good, or a new one. A segment that is only added
 * stays in the context. */
#include "cpu/tlb.h"

#include <stdlib.h>
#include <string.h>

struct context {
    uint64_t gen;               /* 0: unused */
    uint64_t entered;           /* when */
    unsigned n;
    struct slb_entry segments[SLB_ENTRIES];
};

struct tlb_contexts {
    struct context all[TLB_HALVES][TLB_CONTEXTS];
    uint64_t clock;
};

static unsigned half_of(const struct slb_entry *s)
{
    return (unsigned)(s->esid >> 63);
}

static bool holds(const struct slb_entry *set, unsigned n, const struct slb_entry *s)
{
    for (unsigned i = 0; i < n; i++)
        if (set[i].esid == s->esid && set[i].vsid == s->vsid)
            return true;
    return false;
}

static bool all_there(const struct context *c, const struct slb_entry *set, unsigned n)
{
    for (unsigned i = 0; i < c->n; i++)
        if (!holds(set, n, &c->segments[i]))
            return false;
    return c->gen;
}

/* The largest context whose segments are all there; none: the one that was left longest ago, emptied. */
static struct context *choose(struct context *all, const struct slb_entry *set, unsigned n, uint64_t fresh)
{
    struct context *best = NULL, *oldest = &all[0];

    for (unsigned i = 0; i < TLB_CONTEXTS; i++) {
        if (all_there(&all[i], set, n) && (!best || all[i].n > best->n))
            best = &all[i];
        if (all[i].entered < oldest->entered)
            oldest = &all[i];
    }
    if (best)
        return best;
    oldest->gen = fresh;
    return oldest;
}

unsigned tlb_context_enter(struct tlb_contexts *t, unsigned half, const struct slb_entry *slb, uint64_t *gen)
{
    struct slb_entry set[SLB_ENTRIES];
    struct context *c;
    unsigned n = 0;

    for (unsigned i = 0; i < SLB_ENTRIES; i++)
        if ((slb[i].esid & SLB_ESID_V) && half_of(&slb[i]) == half)
            set[n++] = slb[i];
    c = choose(t->all[half], set, n, *gen);
    memcpy(c->segments, set, n * sizeof(set[0]));
    c->n = n;
    c->entered = ++t->clock;
    *gen = c->gen;
    return (unsigned)(c - t->all[half]);
}

bool tlb_context_add(struct tlb_contexts *t, unsigned half, unsigned number, const struct slb_entry *s)
{
    struct context *c = &t->all[half][number];

    if (c->n == SLB_ENTRIES)
        return false;
    c->segments[c->n++] = *s;
    return true;
}

void tlb_contexts_forget(struct tlb_contexts *t)
{
    for (unsigned half = 0; half < TLB_HALVES; half++)
        for (unsigned i = 0; i < TLB_CONTEXTS; i++)
            t->all[half][i].gen = 0;
}

struct tlb_contexts *tlb_contexts_new(void)
{
    return calloc(1, sizeof(struct tlb_contexts));
}
