/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/tlb.h - soft TLB: effective page to host address, one set per translation mode.
 *
 * An entry maps one 4 KiB granule.  A tag holds the granule's effective address when the access kind is allowed without
 * further work, TLB_NEVER otherwise: a store tag is withheld while the page must be marked dirty or holds predecoded code.
 * Thread: the processor's own; other threads ask for flushes through the machine, which runs them on this thread. */
#ifndef CPU_TLB_H
#define CPU_TLB_H

#include "cpu/cpu.h"

#define TLB_PAGE_SHIFT 12
#define TLB_PAGE (1ull << TLB_PAGE_SHIFT)
#define TLB_BITS 13
#define TLB_ENTRIES (1u << TLB_BITS)
#define TLB_MODES 3
#define TLB_NEVER 1ull          /* no tag: tags have their low 12 bits clear (or hold a misaligned low part) */

struct tlb_entry {
    uint64_t read_tag;
    uint64_t write_tag;
    uint64_t exec_tag;
    uintptr_t addend;           /* host address = addend + effective address */
};

struct tlb_slot {
    uint64_t vpn;               /* virtual page number >> 12 of the granule (VSID and offset), to flush by virtual address */
    uint64_t ra;                /* real address of the granule */
    uint32_t ptex;              /* where the translation came from */
    bool used;
};

struct tlb {
    struct tlb_entry entry[TLB_MODES][TLB_ENTRIES];
    struct tlb_slot slot[TLB_MODES][TLB_ENTRIES];
    uint32_t fills[TLB_MODES][TLB_ENTRIES];     /* indices filled since the last flush of this mode, for cheap flushes */
    uint32_t n_fills[TLB_MODES];
    uint64_t misses;
};

static inline unsigned tlb_index(ea_t ea)
{
    return (unsigned)(ea.v >> TLB_PAGE_SHIFT) & (TLB_ENTRIES - 1);
}

static inline const struct tlb_entry *tlb_entry(const struct tlb *t, unsigned mode, ea_t ea)
{
    return &t->entry[mode][tlb_index(ea)];
}

/* What the tag must be for an access of size bytes at ea to be allowed and to stay inside the granule: the address of the
 * granule that holds its last byte.  An access that crosses a border never matches, as neighbours have different indices. */
static inline uint64_t tlb_tag(ea_t ea, unsigned size)
{
    return (ea.v + size - 1) & ~(TLB_PAGE - 1);
}

#endif
