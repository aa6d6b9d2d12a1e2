/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/access.c - the slow paths of loads and stores: TLB misses, page borders, MMIO, watchpoints, stores to code.
 *
 * An access is resolved whole before any byte moves: one piece, or two when it crosses a 4 KiB granule.
 * Thread: the processor's own. Host pointers are used inside an RCU read section only. */
#include "cpu/access.h"

#include <string.h>

#include "base/counter.h"
#include "base/rcu.h"
#include "cpu/code_map.h"
#include "cpu/cpu_int.h"
#include "cpu/hash_mmu.h"
#include "cpu/lockstep.h"
#include "cpu/run.h"
#include "mem/dirty_log.h"
#include "mem/mem_map.h"

/* A store is about to change these bytes: the lockstep test wants to take it back. */
static void journal(struct cpu *c, const uint8_t *host, unsigned len)
{
    if (__builtin_expect(c->journal != NULL, 0))
        lockstep_journal(c->journal, host, len);
}

/* One granule's part of an access. */
struct piece {
    ea_t addr;
    unsigned len;
    uint8_t *host;              /* NULL: MMIO through hit */
    ra_t ra;
    struct tlb_page *page;      /* what the soft TLB knows; NULL: MMIO, or forgotten for the access's other page */
    uint8_t shift, fast;        /* copies of what it said */
    bool found;                 /* the map was asked: hit is what it said of ra */
    struct mem_hit hit;
};

/* DAWR: does an access of len bytes at addr touch the watched doublewords? (ISA III, "Data address watchpoint") */
static bool watched(const struct cpu *c, ea_t addr, unsigned len, enum tlb_access access)
{
    uint64_t dawrx = c->spr[SPR_DAWRX0], start = c->spr[SPR_DAWR0] & ~7ull, end;
    bool translate = c->msr & MSR_DR;

    if (!(dawrx & 0x60))                                        /* DW, DR */
        return false;
    if (!(dawrx & (access == TLB_WRITE ? 0x40u : 0x20u)))
        return false;
    if (!(dawrx & (c->msr & MSR_PR ? 1u : 2u)))                 /* PRIVM: problem, supervisor */
        return false;
    if (!(dawrx & 8) && translate != !!(dawrx & 0x10))          /* WTI, WT */
        return false;
    end = start + ((dawrx >> 10 & 63) + 1) * 8;                 /* MRD */
    return addr.v < end && addr.v + len > start;
}

static bool may_be_watched(const struct cpu *c, ea_t addr)
{
    uint64_t start = c->spr[SPR_DAWR0] & ~(TLB_PAGE - 1);

    return (c->spr[SPR_DAWRX0] & 0x60) && (addr.v & ~(TLB_PAGE - 1)) - start <= TLB_PAGE;
}

/* A real address nothing answers: the bus would end it with a machine check. */
static bool bus_error(struct cpu *c, ea_t addr, enum tlb_access access)
{
    if (access == TLB_EXEC) {
        cpu_raise(c, VEC_MCE, 0);
        return false;
    }
    c->spr[SPR_DAR] = addr.v;
    c->spr[SPR_DSISR] = 0x8000;
    cpu_raise(c, VEC_MCE, 0x200000);
    return false;
}

/* May every store to this range go unseen? It must not be ROM, hold code, or be due for a dirty
 * mark (unless marked already). */
static bool store_unseen(const struct cpu *c, const struct mem_hit *hit, uint64_t len, bool marked)
{
    if (!hit->writable || c->journal || (c->exits[CPU_EXIT_HCALL] & TRACKED_EXITS) ||
        code_map_has(c->group->code, hit->host, len))
        return false;
    for (uint64_t off = 0; hit->log && !marked && off < len; off += TLB_PAGE) {
        if (!dirty_log_settled_rcu(hit->log, hit->off + off))
            return false;
        if (!dirty_log_armed(hit->log, DIRTY_MIGRATION) && !dirty_log_armed(hit->log, DIRTY_DISPLAY))
            return true;
    }
    return true;
}

/* The largest size up to the guest's page that is RAM in one piece, aligned in host memory too.
 * start: what is at its first byte. */
static unsigned whole_shift(const struct cpu *c, const struct translation *t, const uint8_t *host,
                            struct mem_hit *start)
{
    static const uint8_t shifts[] = { 24, 16, 12 };

    for (unsigned i = 0; i < sizeof(shifts); i++) {
        uint64_t size = 1ull << shifts[i], in = t->ra.v & (size - 1);

        if (shifts[i] > t->shift || ((uintptr_t)(host - in) & (size - 1)))
            continue;
        if (mem_map_find_rcu(c->map, ra(t->ra.v - in), start) && start->host == host - in && start->len >= size)
            return shifts[i];
    }
    return 0;                   /* not reached: RAM comes in units of the host's page */
}

/* Puts the translated page into the second level. */
static struct tlb_page *insert(struct cpu *c, ea_t addr, unsigned mode, const struct translation *t,
                               const uint8_t *host)
{
    struct mem_hit start;
    unsigned shift = whole_shift(c, t, host, &start);
    unsigned allowed = start.writable ? t->allowed : t->allowed & ~(unsigned)TLB_WRITE;
    unsigned fast = allowed & (TLB_READ | TLB_WRITE);

    if ((fast & TLB_WRITE) && !store_unseen(c, &start, 1ull << shift, false))
        fast &= ~(unsigned)TLB_WRITE;
    if (c->spr[SPR_DAWRX0] & 0x60)
        fast = 0;
    if (c->imode != c->dmode)
        allowed &= mode == c->imode ? (unsigned)TLB_EXEC : ~(unsigned)TLB_EXEC;
    return tlb_insert(c->tlb, mode, addr, shift, ra(t->ra.v & ~((1ull << shift) - 1)), start.host, t->ptex, allowed,
                      fast);
}

static unsigned size_class(unsigned mode, unsigned shift)
{
    if (!mode)
        return TLB_SIZE_REAL;
    return shift < 16 ? TLB_SIZE_4K : shift < 24 ? TLB_SIZE_64K : shift < 34 ? TLB_SIZE_16M : TLB_SIZE_16G;
}

/* Finds the page, in the second level or by translating. False: an interrupt was raised. */
static bool find_page(struct cpu *c, enum tlb_access access, struct piece *p)
{
    unsigned mode = access == TLB_EXEC ? c->imode : c->dmode;
    struct tlb_misses *misses =
        &c->tlb->misses[access == TLB_EXEC ? TLB_KIND_EXEC : access == TLB_WRITE ? TLB_KIND_WRITE : TLB_KIND_READ];
    unsigned half = (unsigned)(p->addr.v >> 63);
    struct translation t;

    p->found = false;
    if (c->tlb->left[half])
        tlb_enter_context(c->tlb, half, c->slb);
    p->page = tlb_find(c->tlb, mode, p->addr);
    if (p->page && (p->page->allowed & access)) {
        counter_add(&misses->first[size_class(mode, p->page->shift)], 1);
    } else {
        if (!mmu_translate(c, p->addr, access, &t)) {
            counter_add(&misses->faults, 1);
            return false;
        }
        counter_add(&misses->first[size_class(mode, t.shift)], 1);
        counter_add(&misses->second[size_class(mode, t.shift)], 1);
        p->ra = t.ra;
        p->page = NULL;
        if (!mem_map_find_rcu(c->map, t.ra, &p->hit))
            return bus_error(c, p->addr, access);
        p->found = true;
        p->host = NULL;
        if (!p->hit.host)
            return true;
        if (access == TLB_WRITE && !p->hit.writable)
            return bus_error(c, p->addr, access);
        p->page = insert(c, p->addr, mode, &t, p->hit.host);
    }
    p->shift = p->page->shift;
    p->fast = p->page->fast;
    p->host = (uint8_t *)(p->page->addend + p->addr.v);
    p->ra = ra(p->page->ra + (p->addr.v & ((1ull << p->page->shift) - 1)));
    return true;
}

/* First-level entry for the granule's data: what the page allows to all of its granules, and a fast store path where
 * this one may have it. */
static void refill(struct cpu *c, const struct piece *p, bool may_store)
{
    unsigned fast = p->page->fast;

    if (c->spr[SPR_DAWRX0] & 0x60)
        fast = may_be_watched(c, p->addr) ? 0 : p->page->allowed & TLB_READ;
    if (may_store && !may_be_watched(c, p->addr))
        fast |= TLB_WRITE;
    tlb_refill(c->tlb, c->dmode, p->addr, p->page, fast);
}

/* Resolves one piece; false when an interrupt was raised. Stores get their fast path after the store (stored()). */
static bool resolve(struct cpu *c, ea_t addr, unsigned len, enum tlb_access access, struct piece *p)
{
    p->addr = addr;
    p->len = len;
    if (access != TLB_EXEC && watched(c, addr, len, access)) {
        mmu_data_fault(c, addr, DSISR_DAWR, access);
        return false;
    }
    if (!find_page(c, access, p))
        return false;
    if (p->page && access == TLB_EXEC)
        tlb_refill(c->tlb, c->imode, addr, p->page, TLB_EXEC);
    else if (p->page && access == TLB_READ)
        refill(c, p, false);
    return true;
}

/* What the map says of the piece's unit of marking: a page is in one piece of RAM, so what is known of ra will do. */
static bool find_unit(const struct cpu *c, const struct piece *p, uint64_t unit, struct mem_hit *hit)
{
    uint64_t back = p->ra.v & (unit - 1);

    if (!p->found)
        return mem_map_find_rcu(c->map, ra(p->ra.v - back), hit);
    *hit = p->hit;
    hit->host -= back;
    hit->off -= back;
    hit->len += back;
    return true;
}

/* Marks the unit around a store dirty.
 * May the next store to its granule (all of the page, when it is one unit) go unseen? */
static bool mark(struct cpu *c, const struct piece *p)
{
    uint64_t unit = p->shift >= 16 ? 1ull << 16 : TLB_PAGE, in = p->ra.v & (unit - 1) & ~(TLB_PAGE - 1);
    struct mem_hit hit;
    bool marked;

    if (!find_unit(c, p, unit, &hit))
        return false;
    marked = c->in_section && hit.log == c->log && dirty_batch_mark_rcu(c->log, &c->log_batch, hit.off, unit);
    if (hit.log && !marked)
        dirty_log_mark_rcu(hit.log, hit.off, unit);
    if (p->page && p->shift <= 16 && !(c->spr[SPR_DAWRX0] & 0x60) && store_unseen(c, &hit, unit, marked)) {
        tlb_page_may_store(c->tlb, p->page);
        return true;
    }
    hit.host += in;
    hit.off += in;
    return store_unseen(c, &hit, TLB_PAGE, marked);
}

/* After the bytes of a piece changed: code there goes, the page is marked dirty, and the next store may be fast. A page
 * of 64 KiB or more is marked in units of 64 KiB: the guest manages it as a whole, and tracking costs a sixteenth. */
static void stored(struct cpu *c, const struct piece *p)
{
    bool may_store;

    code_map_stored(c->group->code, p->host, p->len);
    may_store = (p->fast & TLB_WRITE) || mark(c, p);
    if (p->page)
        refill(c, p, may_store);
}

static bool mmio(struct cpu *c, ea_t addr, struct piece *p, uint8_t *data, enum tlb_access access)
{
    uint64_t v = 0;
    bool ok;

    if (p->len > 8 || (p->len & (p->len - 1)) || (p->ra.v & (p->len - 1))) {
        cpu_alignment(c, addr);
        return false;
    }
    if (access == TLB_READ) {
        ok = p->hit.ops && p->hit.ops->read && p->hit.ops->read(p->hit.opaque, p->hit.off, p->len, &v);
        memcpy(data, &v, p->len);
    } else {
        memcpy(&v, data, p->len);
        ok = p->hit.ops && p->hit.ops->write && p->hit.ops->write(p->hit.opaque, p->hit.off, p->len, v);
    }
    return ok || bus_error(c, addr, access);
}

static unsigned first_piece(ea_t addr, unsigned len)
{
    uint64_t room = TLB_PAGE - (addr.v & (TLB_PAGE - 1));

    return len < room ? len : (unsigned)room;
}

static ea_t second_ea(const struct cpu *c, ea_t addr, unsigned first)
{
    return ea((addr.v + first) & c->ea_mask);
}

/* Resolves all of an access into n <= 2 pieces; false when an interrupt was raised. */
static bool resolve_all(struct cpu *c, ea_t addr, unsigned len, enum tlb_access access, struct piece p[2], unsigned *n)
{
    unsigned first = first_piece(addr, len);

    *n = 1;
    if (!resolve(c, addr, first, access, &p[0]))
        return false;
    if (first == len)
        return true;
    *n = 2;
    if (!resolve(c, second_ea(c, addr, first), len - first, access, &p[1]))
        return false;
    if (!p[0].host || !p[1].host) {
        cpu_alignment(c, addr);             /* MMIO does not span pages */
        return false;
    }
    if ((p[0].page->tag ^ p[0].addr.v) >> p[0].shift)
        p[0].page = NULL;                   /* both pages want the same place in the second level */
    return true;
}

/* Moves len bytes in memory order. */
static bool slow(struct cpu *c, ea_t addr, uint8_t *data, unsigned len, enum tlb_access access)
{
    struct piece p[2];
    unsigned n, done = 0;
    bool ok;

    rcu_read_lock();
    ok = resolve_all(c, addr, len, access, p, &n);
    if (ok && !p[0].host)
        ok = mmio(c, addr, &p[0], data, access);
    else if (ok)
        for (unsigned i = 0; i < n; i++) {
            if (access == TLB_READ) {
                memcpy(data + done, p[i].host, p[i].len);
            } else {
                journal(c, p[i].host, p[i].len);
                memcpy(p[i].host, data + done, p[i].len);
                stored(c, &p[i]);
            }
            done += p[i].len;
        }
    rcu_read_unlock();
    return ok;
}

/* A naturally aligned access inside one granule of RAM is one host access, so that other processors see it whole. */
static void *whole(struct cpu *c, ea_t addr, unsigned size, enum tlb_access access, struct piece *p)
{
    if (addr.v & (size - 1))
        return NULL;
    if (!resolve(c, addr, size, access, p))
        return NULL;
    return p->host;
}

#define SLOW(bits, swap)                                                                                              \
    bool cpu_load##bits##_slow(struct cpu *c, ea_t addr, uint##bits##_t *out)                                         \
    {                                                                                                                 \
        struct piece p;                                                                                               \
        uint##bits##_t v = 0, *host;                                                                                  \
        bool ok = true;                                                                                               \
                                                                                                                      \
        rcu_read_lock();                                                                                              \
        host = whole(c, addr, bits / 8, TLB_READ, &p);                                                                \
        if (host)                                                                                                     \
            v = __atomic_load_n(host, __ATOMIC_RELAXED);                                                              \
        rcu_read_unlock();                                                                                            \
        if (!host)                                                                                                    \
            ok = !(c->stop & STOP_EXCEPTION) && slow(c, addr, (uint8_t *)&v, bits / 8, TLB_READ);                     \
        *out = ok ? c->le ? v : (uint##bits##_t)swap(v) : *out;                                                       \
        return ok;                                                                                                    \
    }                                                                                                                 \
                                                                                                                      \
    bool cpu_store##bits##_slow(struct cpu *c, ea_t addr, uint##bits##_t value)                                       \
    {                                                                                                                 \
        struct piece p;                                                                                               \
        uint##bits##_t v = c->le ? value : (uint##bits##_t)swap(value), *host;                                        \
                                                                                                                      \
        rcu_read_lock();                                                                                              \
        host = whole(c, addr, bits / 8, TLB_WRITE, &p);                                                               \
        if (host) {                                                                                                   \
            journal(c, (uint8_t *)host, bits / 8);                                                                    \
            __atomic_store_n(host, v, __ATOMIC_RELAXED);                                                              \
            stored(c, &p);                                                                                            \
        }                                                                                                             \
        rcu_read_unlock();                                                                                            \
        return host || (!(c->stop & STOP_EXCEPTION) && slow(c, addr, (uint8_t *)&v, bits / 8, TLB_WRITE));            \
    }

SLOW(8, CPU_SWAP_NONE)
SLOW(16, __builtin_bswap16)
SLOW(32, __builtin_bswap32)
SLOW(64, __builtin_bswap64)

bool cpu_load_bytes(struct cpu *c, ea_t addr, void *out, unsigned len)
{
    const struct tlb_entry *e = tlb_entry(c->tlb, c->dmode, addr);

    if (e->read_tag != tlb_tag(addr, len))
        return slow(c, addr, out, len, TLB_READ);
    memcpy(out, (const void *)(e->addend + addr.v), len);
    return true;
}

bool cpu_store_bytes(struct cpu *c, ea_t addr, const void *data, unsigned len)
{
    const struct tlb_entry *e = tlb_entry(c->tlb, c->dmode, addr);
    uint8_t copy[256];

    if (e->write_tag != tlb_tag(addr, len)) {
        memcpy(copy, data, len);
        return slow(c, addr, copy, len, TLB_WRITE);
    }
    memcpy((void *)(e->addend + addr.v), data, len);
    return true;
}

static bool probe(struct cpu *c, ea_t addr, unsigned len, enum tlb_access access)
{
    struct piece p[2];
    unsigned n;
    bool ok;

    rcu_read_lock();
    ok = resolve_all(c, addr, len, access, p, &n);
    rcu_read_unlock();
    return ok;
}

bool cpu_probe_load(struct cpu *c, ea_t addr, unsigned len)
{
    return tlb_entry(c->tlb, c->dmode, addr)->read_tag == tlb_tag(addr, len) || probe(c, addr, len, TLB_READ);
}

bool cpu_probe_store(struct cpu *c, ea_t addr, unsigned len)
{
    return tlb_entry(c->tlb, c->dmode, addr)->write_tag == tlb_tag(addr, len) || probe(c, addr, len, TLB_WRITE);
}

void *cpu_atomic_ptr(struct cpu *c, ea_t addr, unsigned size, bool store, ra_t *ra_out)
{
    const struct tlb_entry *e = tlb_entry(c->tlb, c->dmode, addr);
    struct piece p;
    bool ok;

    if (addr.v & (size - 1)) {
        cpu_alignment(c, addr);
        return NULL;
    }
    if ((store ? e->write_tag : e->read_tag) == tlb_tag(addr, size)) {
        if (ra_out)
            *ra_out = tlb_real(c->tlb, c->dmode, addr);
        return (void *)(e->addend + addr.v);
    }
    rcu_read_lock();
    ok = resolve(c, addr, size, store ? TLB_WRITE : TLB_READ, &p);
    rcu_read_unlock();
    if (!ok)
        return NULL;
    if (!p.host) {
        mmu_data_fault(c, addr, DSISR_ATOMIC_CI, store ? TLB_WRITE : TLB_READ);
        return NULL;
    }
    if (ra_out)
        *ra_out = p.ra;
    if (store) {
        journal(c, p.host, size);
        /* Before the store, in the same read section: as good as after it (mem/dirty_log.h). All code of the page goes,
         * so that what is decoded in between is not kept (code_map.h, C2). */
        code_map_stored(c->group->code, (const uint8_t *)((uintptr_t)p.host & ~(uintptr_t)(TLB_PAGE - 1)), TLB_PAGE);
        stored(c, &p);
    }
    return p.host;
}

void cpu_alignment(struct cpu *c, ea_t addr)
{
    c->spr[SPR_DAR] = addr.v;
    cpu_raise(c, VEC_ALIGNMENT, 0);
}

uint8_t *cpu_fetch_ptr(struct cpu *c, ea_t addr)
{
    const struct tlb_fetch *e = tlb_fetch(c->tlb, c->imode, addr);
    struct piece p;
    bool ok;

    if (e->tag == (addr.v & ~(TLB_PAGE - 1)))
        return (uint8_t *)(e->addend + addr.v);
    rcu_read_lock();
    ok = resolve(c, addr, 4, TLB_EXEC, &p) && (p.host || bus_error(c, addr, TLB_EXEC));
    rcu_read_unlock();
    return ok ? p.host : NULL;
}
