/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/tlb.h - soft TLB: effective page to host address, one set per translation mode.
 *
 * An entry maps one 4 KiB granule.  A tag holds the granule's effective address when that kind of access is allowed without
 * further work, TLB_NEVER otherwise: a store tag is withheld while the page must be marked dirty or holds predecoded code.
 * Every entry is on the chain of the page table entry it came from, so that removing an HPTE costs what it mapped.
 * Thread: the processor's own; other threads ask for flushes through the machine, which runs them on this thread. */
#ifndef CPU_TLB_H
#define CPU_TLB_H

#include <stddef.h>

#include "cpu/cpu.h"

#define TLB_PAGE_SHIFT 12
#define TLB_PAGE (1ull << TLB_PAGE_SHIFT)
#define TLB_BITS 13
#define TLB_ENTRIES (1u << TLB_BITS)
#define TLB_MODES 3             /* 0 real, 1 virtual privileged, 2 virtual problem state */
#define TLB_NEVER 1ull          /* no granule address has its low bit set */
#define TLB_CHAINS 4096u
#define TLB_NO_PTEX UINT64_MAX  /* real mode: no page table entry */

struct tlb_entry {
    uint64_t read_tag;
    uint64_t write_tag;
    uint64_t exec_tag;
    uintptr_t addend;           /* host address = addend + effective address */
};

/* What the fast path does not need.  Links are slot numbers + 1; 0 ends a chain. */
struct tlb_slot {
    uint64_t ea, ra;            /* granule's addresses, when valid */
    uint64_t ptex;
    uint16_t next, prev;
    bool valid, listed;         /* listed: on its mode's fill list */
};

struct tlb {
    struct tlb_entry entry[TLB_MODES][TLB_ENTRIES];
    struct tlb_slot slot[TLB_MODES * TLB_ENTRIES];
    uint16_t chain[TLB_CHAINS];
    uint16_t fills[TLB_MODES][TLB_ENTRIES];     /* indices that may be valid, so that a flush costs what was filled */
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

/* Real address behind an effective one whose tag matched. */
static inline ra_t tlb_real(const struct tlb *t, unsigned mode, ea_t ea)
{
    return ra(t->slot[mode * TLB_ENTRIES + tlb_index(ea)].ra | (ea.v & (TLB_PAGE - 1)));
}

enum tlb_access { TLB_READ = 1, TLB_WRITE = 2, TLB_EXEC = 4 };

struct tlb *tlb_new(void);                      /* NULL: no memory */
void tlb_free(struct tlb *t);
/* Installs a granule with the given fast accesses (TLB_READ | ...). host: address of the granule's first byte. */
void tlb_fill(struct tlb *t, unsigned mode, ea_t ea, ra_t ra, unsigned accesses, uint8_t *host, uint64_t ptex);
void tlb_flush_all(struct tlb *t);
/* Drops what lies in [ea, ea + 2^shift) in both virtual modes. */
void tlb_flush_segment(struct tlb *t, ea_t ea, unsigned shift);
void tlb_flush_ptex(struct tlb *t, uint64_t ptex);
/* Takes the fast store path away from every granule at host addresses [host, host + len); whole entries of it if all is set. */
void tlb_protect_host(struct tlb *t, const uint8_t *host, uint64_t len, bool all);

#endif
