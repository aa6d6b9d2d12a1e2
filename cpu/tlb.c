/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/tlb.c - filling and flushing the soft TLB.  The fast paths are in cpu/tlb.h and cpu/access.h. */
#include "cpu/tlb.h"

#include <stdlib.h>

static unsigned chain_of(uint64_t ptex)
{
    return (unsigned)(ptex ^ ptex >> 12) & (TLB_CHAINS - 1);
}

static void unlink_slot(struct tlb *t, struct tlb_slot *s)
{
    if (s->ptex == TLB_NO_PTEX)
        return;
    if (s->prev)
        t->slot[s->prev - 1].next = s->next;
    else
        t->chain[chain_of(s->ptex)] = s->next;
    if (s->next)
        t->slot[s->next - 1].prev = s->prev;
}

static void link_slot(struct tlb *t, struct tlb_slot *s)
{
    uint16_t *head = &t->chain[chain_of(s->ptex)];

    if (s->ptex == TLB_NO_PTEX)
        return;
    s->prev = 0;
    s->next = *head;
    if (*head)
        t->slot[*head - 1].prev = (uint16_t)(s - t->slot + 1);
    *head = (uint16_t)(s - t->slot + 1);
}

static void clear_entry(struct tlb_entry *e)
{
    e->read_tag = e->write_tag = e->exec_tag = TLB_NEVER;
}

static void drop(struct tlb *t, unsigned mode, unsigned index)
{
    struct tlb_slot *s = &t->slot[mode * TLB_ENTRIES + index];

    if (!s->valid)
        return;
    unlink_slot(t, s);
    s->valid = false;
    clear_entry(&t->entry[mode][index]);
}

struct tlb *tlb_new(void)
{
    struct tlb *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    for (unsigned m = 0; m < TLB_MODES; m++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++)
            clear_entry(&t->entry[m][i]);
    return t;
}

void tlb_free(struct tlb *t)
{
    free(t);
}

void tlb_fill(struct tlb *t, unsigned mode, ea_t ea, ra_t ra, unsigned accesses, uint8_t *host, uint64_t ptex)
{
    unsigned index = tlb_index(ea);
    struct tlb_entry *e = &t->entry[mode][index];
    struct tlb_slot *s = &t->slot[mode * TLB_ENTRIES + index];
    uint64_t tag = ea.v & ~(TLB_PAGE - 1);

    drop(t, mode, index);
    e->read_tag = accesses & TLB_READ ? tag : TLB_NEVER;
    e->write_tag = accesses & TLB_WRITE ? tag : TLB_NEVER;
    e->exec_tag = accesses & TLB_EXEC ? tag : TLB_NEVER;
    e->addend = (uintptr_t)host - (uintptr_t)tag;
    s->ea = tag;
    s->ra = ra.v & ~(TLB_PAGE - 1);
    s->ptex = ptex;
    s->valid = true;
    link_slot(t, s);
    if (!s->listed) {
        s->listed = true;
        t->fills[mode][t->n_fills[mode]++] = (uint16_t)index;
    }
}

/* Drops the mode's entries whose granule lies in [ea, ea + 2^shift); shift 64 = all. Keeps the others listed. */
static void flush_mode(struct tlb *t, unsigned mode, uint64_t ea, unsigned shift)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < t->n_fills[mode]; i++) {
        unsigned index = t->fills[mode][i];
        struct tlb_slot *s = &t->slot[mode * TLB_ENTRIES + index];

        if (s->valid && (shift >= 64 || (s->ea ^ ea) >> shift == 0))
            drop(t, mode, index);
        if (s->valid)
            t->fills[mode][kept++] = (uint16_t)index;
        else
            s->listed = false;
    }
    t->n_fills[mode] = kept;
}

void tlb_flush_all(struct tlb *t)
{
    for (unsigned m = 0; m < TLB_MODES; m++)
        flush_mode(t, m, 0, 64);
}

void tlb_flush_segment(struct tlb *t, ea_t ea, unsigned shift)
{
    flush_mode(t, 1, ea.v, shift);
    flush_mode(t, 2, ea.v, shift);
}

void tlb_flush_ptex(struct tlb *t, uint64_t ptex)
{
    unsigned next;

    for (unsigned link = t->chain[chain_of(ptex)]; link; link = next) {
        struct tlb_slot *s = &t->slot[link - 1];

        next = s->next;
        if (s->ptex == ptex)
            drop(t, (link - 1) / TLB_ENTRIES, (link - 1) % TLB_ENTRIES);
    }
}

void tlb_protect_host(struct tlb *t, const uint8_t *host, uint64_t len, bool all)
{
    for (unsigned m = 0; m < TLB_MODES; m++)
        for (uint32_t i = 0; i < t->n_fills[m]; i++) {
            unsigned index = t->fills[m][i];
            struct tlb_entry *e = &t->entry[m][index];
            struct tlb_slot *s = &t->slot[m * TLB_ENTRIES + index];

            if (!s->valid || (uintptr_t)(e->addend + s->ea) - ((uintptr_t)host & ~(TLB_PAGE - 1)) >=
                                 len + ((uintptr_t)host & (TLB_PAGE - 1)))
                continue;
            if (all)
                drop(t, m, index);
            else
                e->write_tag = TLB_NEVER;
        }
}
