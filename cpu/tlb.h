/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/tlb.h - soft TLB: effective address to host address in two levels, one set per translation mode.
 *
 * First level, probed inline: granules of 4 KiB, data and fetches apart. A tag holds the granule's effective address
 * when that kind of access is allowed without further work, TLB_NEVER otherwise. Two side tables of whole 64 KiB and 16
 * MiB pages, of which every granule allows the same, are probed by translated code when the granule misses: random
 * accesses over gigabytes stay out of C. Second level: whole pages of the size the guest mapped (4 KiB, 64 KiB, 16
 * MiB), so that reach grows with the page size; a first-level miss that hits here is refilled in some ten nanoseconds.
 * Each page is on the chain of the page table entry it came from and on that of the host memory it maps, so that
 * removing an HPTE or protecting code costs what is mapped there, and that no mapping of the memory is missed, by
 * whatever address it was made.
 * Invariants:
 *  1. A first-level granule is allowed no more than the valid second-level page that covers it:
 *     dropping a page drops its granules.
 *  2. A store tag is withheld while a store must be seen: predecoded code, dirty tracking, watchpoints.
 * Thread: the processor's own; other threads ask for flushes through the machine, which runs them on this thread. */
#ifndef CPU_TLB_H
#define CPU_TLB_H

#include <stddef.h>

#include "cpu/cpu.h"
#include "cpu/limits.h"

#define TLB_PAGE_SHIFT 12
#define TLB_PAGE (1ull << TLB_PAGE_SHIFT)
#define TLB_ENTRIES (1u << TLB_BITS)
#define TLB_FETCHES (1u << TLB_FETCH_BITS)
#define TLB_HALVES 2            /* of the address space: user's, kernel's */
#define TLB_MODES 3             /* 0 real, 1 virtual privileged, 2 virtual problem state */
#define TLB_NEVER 1ull          /* no granule address has its low bit set */
#define TLB_NO_PTEX UINT64_MAX  /* real mode: no page table entry */

struct tlb_entry {
    uint64_t read_tag;
    uint64_t write_tag;
    uintptr_t addend;           /* host address = addend + effective address */
    uint64_t ra_delta;          /* real address = ra_delta + effective address */
};

struct tlb_fetch {
    uint64_t tag;
    uintptr_t addend;
};

enum tlb_access { TLB_READ = 1, TLB_WRITE = 2, TLB_EXEC = 4 };

/* A page of the second level. Links are page numbers + 1 over all tables; 0 ends a chain. */
struct tlb_page {
    uint64_t tag;               /* first address | mode << 1 | 1; 0: empty */
    uint64_t gen;               /* of its context; another value than its half's: not good now, or flushed */
    uintptr_t addend;
    uint64_t ra;                /* of its first byte */
    uint64_t ptex;
    uint32_t ptex_next, ptex_prev;
    uint32_t host_next, host_prev;
    uint8_t allowed;            /* TLB_READ | ... by protection, C already set for TLB_WRITE */
    uint8_t fast;               /* what every granule of it may have in the first level */
    uint8_t shift;
    bool fetched;               /* code may have been found through it: addresses of code are remembered elsewhere */
    uint32_t round;             /* of dirty tracking, in which fast may hold TLB_WRITE */
};

struct tlb_store;

/* What is counted about each kind of access. */
enum tlb_kind { TLB_KIND_READ, TLB_KIND_WRITE, TLB_KIND_EXEC, TLB_KINDS };
/* REAL: untranslated */
enum tlb_size { TLB_SIZE_4K, TLB_SIZE_64K, TLB_SIZE_16M, TLB_SIZE_16G, TLB_SIZE_REAL, TLB_SIZES };
struct tlb_misses {
    uint64_t first[TLB_SIZES];          /* inline tables missed, by size of the page found; base/counter.h */
    uint64_t second[TLB_SIZES];         /* of these, the page table was searched */
    uint64_t faults;                    /* nothing found: an interrupt */
};

#define TLB_MID_SHIFT 16
#define TLB_HUGE_SHIFT 24
/* Side table hits before a granule is refilled: few while neighbours are, as sequences become fast by it, many while
 * they are not. */
#define TLB_SIDE_HITS_MIN 16
#define TLB_SIDE_HITS_MAX 512

/* Data side of one mode; translated code keeps a pointer to it. */
struct tlb_set {
    struct tlb_entry entry[TLB_ENTRIES];
    struct tlb_entry mid[1u << TLB_MID_BITS];
    struct tlb_entry huge[1u << TLB_HUGE_BITS];
    int32_t side_hits;          /* to come before the next refill */
    int32_t side_interval;
    uint64_t recent[4];         /* granules that were refilled last */
    unsigned turn;
};

struct tlb {
    struct tlb_set set[TLB_MODES];
    struct tlb_fetch fetch[TLB_MODES][TLB_FETCHES];
    struct tlb_store *store;                            /* the second level (tlb.c) */
    struct tlb_misses misses[TLB_KINDS];
    bool left[TLB_HALVES];      /* a segment went: which pages are good is found out at the next access */
    bool fetch_changed;         /* pages that were fetched from are gone: what was remembered by address is void */
};

static inline unsigned tlb_index(ea_t ea)
{
    return (unsigned)(ea.v >> TLB_PAGE_SHIFT) & (TLB_ENTRIES - 1);
}

static inline const struct tlb_entry *tlb_entry(const struct tlb *t, unsigned mode, ea_t ea)
{
    return &t->set[mode].entry[tlb_index(ea)];
}

static inline const struct tlb_fetch *tlb_fetch(const struct tlb *t, unsigned mode, ea_t ea)
{
    return &t->fetch[mode][ea.v >> TLB_PAGE_SHIFT & (TLB_FETCHES - 1)];
}

/* What the tag must be for an access of size bytes at ea to be allowed and to stay inside the granule: the address of
 * the granule that holds its last byte.
 * An access that crosses a border never matches, as neighbours have different indices. */
static inline uint64_t tlb_tag(ea_t ea, unsigned size)
{
    return (ea.v + size - 1) & ~(TLB_PAGE - 1);
}

/* Real address behind an effective one whose tag matched. */
static inline ra_t tlb_real(const struct tlb *t, unsigned mode, ea_t ea)
{
    return ra(tlb_entry(t, mode, ea)->ra_delta + ea.v);
}

struct tlb *tlb_new(void);                      /* NULL: no memory */
void tlb_free(struct tlb *t);

/* The valid page that covers ea; NULL: none. */
struct tlb_page *tlb_find(struct tlb *t, unsigned mode, ea_t ea);
/* Puts the page of 2^shift (12, 16 or 24) bytes around ea into the second level. host and ra: of the page's first byte,
 * and multiples of its size. */
struct tlb_page *tlb_insert(struct tlb *t, unsigned mode, ea_t ea, unsigned shift, ra_t ra, uint8_t *host,
                            uint64_t ptex, unsigned allowed, unsigned fast);
/* Every granule of a page of 64 KiB or less may store unseen from now on (until a new round or tlb_protect()). */
void tlb_page_may_store(struct tlb *t, struct tlb_page *p);
/* First-level granule of ea from a page; accesses: what the granule may do.
 * With TLB_EXEC only the fetch side is filled. */
void tlb_refill(struct tlb *t, unsigned mode, ea_t ea, struct tlb_page *p, unsigned accesses);

void tlb_flush_all(struct tlb *t);
/* A segment at ea went: what was found in its half through it, at least, is not good until it is there again. */
void tlb_segment_gone(struct tlb *t, ea_t ea);
/* One came, and nothing went for it. */
void tlb_segment_added(struct tlb *t, const struct slb_entry *s);
/* After a segment went, before anything is found or put in: what the SLB_ENTRIES hold now. */
void tlb_enter_context(struct tlb *t, unsigned half, const struct slb_entry *slb);
void tlb_flush_ptex(struct tlb *t, uint64_t ptex);
/* Takes the fast store path away from host memory [start, start + len);
 * drops the pages there altogether if all is set. */
void tlb_protect(struct tlb *t, uintptr_t start, uint64_t len, bool all);
/* Takes the fast store path away everywhere: dirty tracking began a new round.
 * Translations stay, and loads stay fast. */
void tlb_protect_all(struct tlb *t);

/* ---- tlb_context.c, for tlb.c ---- */
struct tlb_contexts;
struct tlb_contexts *tlb_contexts_new(void);    /* NULL: no memory; free() ends it */
/* The context of these segments: its number. *gen: in, of a new one; out, of the one that was entered. */
unsigned tlb_context_enter(struct tlb_contexts *t, unsigned half, const struct slb_entry *slb,
                           uint64_t *gen);
/* False: it is full. */
bool tlb_context_add(struct tlb_contexts *t, unsigned half, unsigned number, const struct slb_entry *s);
void tlb_contexts_forget(struct tlb_contexts *t);

#endif
