/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/tlb.c - filling and flushing the soft TLB.  The fast paths are in cpu/tlb.h and cpu/access.h.
 *
 * The second level's tables are reserved for terabyte guests and touched only as far as the guest uses them. A flush of
 * half the address space gives that half another generation and clears the first-level entries that were filled since
 * the last one. When a segment went, pages of another generation may be good again later (tlb_context.c): what is told
 * of page table entries and of host memory is told to them as well. */
#include "cpu/tlb.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { CHAINS = 1 << 14, CHUNK_SHIFT = 24, TABLES = 3 };

static const uint8_t table_shift[TABLES] = { 16, 24, 12 };
static const uint8_t table_bits[TABLES] = { TLB_64K_BITS, TLB_16M_BITS, TLB_4K_BITS };

_Static_assert(TLB_BITS <= 16 && TLB_MID_BITS <= 16 && TLB_HUGE_BITS <= 16, "indices in lists of 16 bits");

/* Indices filled since the last flush: a flush costs what was filled. */
struct fill_list {
    uint16_t index[TLB_ENTRIES];
    uint8_t listed[TLB_ENTRIES];
    uint32_t n;
};

/* The same for the side tables, whose entries are few: beyond the list's end everything is cleared. */
struct side_list {
    uint16_t index[512];
    uint32_t n;
};

struct tlb_store {
    uint64_t gen[TLB_HALVES];
    uint64_t last_gen;
    struct tlb_contexts *contexts;
    uint8_t context[TLB_HALVES];        /* its number: pages of several contexts have places of their own */
    uint8_t hint[TLB_HALVES];               /* table that hit last */
    uint32_t base[TABLES];              /* number of the table's first page */
    struct tlb_page *pages;             /* all tables, one after the other */
    size_t bytes;
    uint32_t by_ptex[CHAINS];
    uint32_t by_host[CHAINS];           /* by chunks of 16 MiB of host memory: no page reaches into two */
    struct fill_list fills[TLB_MODES][TLB_HALVES];
    struct side_list side[TLB_MODES][2];        /* mid, huge */
    /* some granule got a store tag, or some page may hand one out, since tlb_protect_all() */
    bool write_filled;
    uint32_t round;                     /* calls of tlb_protect_all() that did something */
};

static unsigned half_of(uint64_t a)
{
    return (unsigned)(a >> 63);
}

static uint64_t granule_of(uint64_t a)
{
    return a & ~(TLB_PAGE - 1);
}

static uint64_t page_tag(uint64_t a, unsigned shift, unsigned mode)
{
    return (a >> shift << shift) | mode << 1 | 1;
}

/* ---- first level ---- */

static void clear_entry(struct tlb_entry *e)
{
    e->read_tag = e->write_tag = TLB_NEVER;
}

static struct tlb_entry *side_table(struct tlb_set *set, bool huge)
{
    return huge ? set->huge : set->mid;
}

static unsigned side_index(uint64_t a, bool huge)
{
    return huge ? a >> TLB_HUGE_SHIFT & ((1u << TLB_HUGE_BITS) - 1) : a >> TLB_MID_SHIFT & ((1u << TLB_MID_BITS) - 1);
}

static void clear_side(struct tlb *t, unsigned mode, uint64_t page, unsigned shift, bool stores_only)
{
    struct tlb_entry *e;

    if (shift < TLB_MID_SHIFT)
        return;
    e = &side_table(&t->set[mode], shift == TLB_HUGE_SHIFT)[side_index(page, shift == TLB_HUGE_SHIFT)];
    if (e->write_tag == page)
        e->write_tag = TLB_NEVER;
    if (e->read_tag == page && !stores_only)
        e->read_tag = TLB_NEVER;
}

/* A page all of whose granules may do the same goes into its side table. */
static void fill_side(struct tlb *t, unsigned mode, const struct tlb_page *p)
{
    bool huge = p->shift == TLB_HUGE_SHIFT;
    uint64_t page = p->tag & ~(TLB_PAGE - 1);
    struct side_list *l = &t->store->side[mode][huge];
    unsigned index = side_index(page, huge);
    struct tlb_entry *e = &side_table(&t->set[mode], huge)[index];

    if (p->shift < TLB_MID_SHIFT || !p->fast)
        return;
    if (e->read_tag == TLB_NEVER && e->write_tag == TLB_NEVER) {
        if (l->n < sizeof(l->index) / sizeof(l->index[0]))
            l->index[l->n] = (uint16_t)index;
        l->n++;
    }
    e->read_tag = p->fast & TLB_READ ? page : TLB_NEVER;
    e->write_tag = p->fast & TLB_WRITE ? page : TLB_NEVER;
    e->addend = p->addend;
    e->ra_delta = p->ra - page;
}

static void clear_granule(struct tlb *t, unsigned mode, uint64_t a)
{
    struct tlb_entry *e = &t->set[mode].entry[tlb_index(ea(a))];
    struct tlb_fetch *f = &t->fetch[mode][a >> TLB_PAGE_SHIFT & (TLB_FETCHES - 1)];

    if (e->read_tag == a || e->write_tag == a)
        clear_entry(e);
    if (f->tag == a)
        f->tag = TLB_NEVER;
}

static bool tag_in_half(uint64_t tag, unsigned half)
{
    return !(tag & TLB_NEVER) && half_of(tag) == half;
}

/* Clears the first-level data entries of one half that were filled since the last time. */
static void flush_fills(struct tlb *t, unsigned mode, unsigned half)
{
    struct fill_list *l = &t->store->fills[mode][half];

    for (uint32_t i = 0; i < l->n; i++) {
        struct tlb_entry *e = &t->set[mode].entry[l->index[i]];

        l->listed[l->index[i]] = 0;
        if (tag_in_half(e->read_tag, half) || tag_in_half(e->write_tag, half))
            clear_entry(e);
    }
    l->n = 0;
}

/* Side tables are not told apart by halves: what goes comes back in one miss. */
static void flush_side(struct tlb *t, unsigned mode, bool huge)
{
    struct side_list *l = &t->store->side[mode][huge];
    struct tlb_entry *table = side_table(&t->set[mode], huge);
    uint32_t all = 1u << (huge ? TLB_HUGE_BITS : TLB_MID_BITS);
    bool listed = l->n <= sizeof(l->index) / sizeof(l->index[0]);

    for (uint32_t i = 0; i < (listed ? l->n : all); i++)
        clear_entry(&table[listed ? l->index[i] : i]);
    l->n = 0;
}

static void flush_fetches(struct tlb *t, unsigned mode, unsigned half)
{
    for (unsigned i = 0; i < TLB_FETCHES; i++)
        if (tag_in_half(t->fetch[mode][i].tag, half))
            t->fetch[mode][i].tag = TLB_NEVER;
    t->fetch_changed = true;
}

static void clear_page_granules(struct tlb *t, const struct tlb_page *p)
{
    unsigned mode = p->tag >> 1 & 3;
    uint64_t start = p->tag & ~(TLB_PAGE - 1);

    t->fetch_changed |= p->fetched;     /* though another page may have taken its place in the first level */
    clear_side(t, mode, start, p->shift, false);
    if (p->shift > 16) {
        flush_fills(t, mode, half_of(start));       /* cheaper than asking for each of 4096 granules */
        flush_fetches(t, mode, half_of(start));
        return;
    }
    for (uint64_t a = start; a - start < 1ull << p->shift; a += TLB_PAGE)
        clear_granule(t, mode, a);
}

static void note_fill(struct tlb_store *s, unsigned mode, uint64_t a)
{
    struct fill_list *l = &s->fills[mode][half_of(a)];
    unsigned index = tlb_index(ea(a));

    if (!l->listed[index]) {
        l->listed[index] = 1;
        l->index[l->n++] = (uint16_t)index;
    }
}

/* A granule is refilled: when is the next one due? */
static void set_due(struct tlb_set *set, uint64_t granule)
{
    bool sequence = false;

    for (unsigned i = 0; i < sizeof(set->recent) / sizeof(set->recent[0]); i++)
        sequence |= granule - set->recent[i] + TLB_PAGE <= 2 * TLB_PAGE;
    set->recent[set->turn++ % (sizeof(set->recent) / sizeof(set->recent[0]))] = granule;
    if (sequence)
        set->side_interval = TLB_SIDE_HITS_MIN;
    else if (set->side_interval < TLB_SIDE_HITS_MAX)
        set->side_interval *= 2;
    set->side_hits = set->side_interval;
}

void tlb_refill(struct tlb *t, unsigned mode, ea_t addr, struct tlb_page *p, unsigned accesses)
{
    uint64_t a = granule_of(addr.v);
    struct tlb_entry *e = &t->set[mode].entry[tlb_index(addr)];
    struct tlb_fetch *f;

    if (accesses & TLB_EXEC) {
        f = &t->fetch[mode][a >> TLB_PAGE_SHIFT & (TLB_FETCHES - 1)];
        f->tag = a;
        f->addend = p->addend;
        p->fetched = true;
        return;
    }
    e->read_tag = accesses & TLB_READ ? a : TLB_NEVER;
    e->write_tag = accesses & TLB_WRITE ? a : TLB_NEVER;
    e->addend = p->addend;
    e->ra_delta = p->ra - (p->tag & ~(TLB_PAGE - 1));
    t->store->write_filled |= accesses & TLB_WRITE;
    note_fill(t->store, mode, a);
    fill_side(t, mode, p);
    set_due(&t->set[mode], a);
}

/* ---- chains ---- */

static uint32_t *ptex_head(struct tlb_store *s, uint64_t ptex)
{
    return &s->by_ptex[(ptex ^ ptex >> 14) & (CHAINS - 1)];
}

static uintptr_t host_of(const struct tlb_page *p)
{
    return p->addend + (p->tag & ~(TLB_PAGE - 1));
}

static uint32_t *host_head(struct tlb_store *s, uintptr_t host)
{
    uintptr_t chunk = host >> CHUNK_SHIFT;

    return &s->by_host[(chunk ^ chunk >> 14) & (CHAINS - 1)];
}

static void link_page(struct tlb_store *s, struct tlb_page *p)
{
    uint32_t number = (uint32_t)(p - s->pages) + 1, *head = host_head(s, host_of(p));

    p->host_prev = 0;
    p->host_next = *head;
    if (*head)
        s->pages[*head - 1].host_prev = number;
    *head = number;
    if (p->ptex == TLB_NO_PTEX)
        return;
    head = ptex_head(s, p->ptex);
    p->ptex_prev = 0;
    p->ptex_next = *head;
    if (*head)
        s->pages[*head - 1].ptex_prev = number;
    *head = number;
}

static void unlink_page(struct tlb_store *s, struct tlb_page *p)
{
    if (p->host_prev)
        s->pages[p->host_prev - 1].host_next = p->host_next;
    else
        *host_head(s, host_of(p)) = p->host_next;
    if (p->host_next)
        s->pages[p->host_next - 1].host_prev = p->host_prev;
    if (p->ptex == TLB_NO_PTEX)
        return;
    if (p->ptex_prev)
        s->pages[p->ptex_prev - 1].ptex_next = p->ptex_next;
    else
        *ptex_head(s, p->ptex) = p->ptex_next;
    if (p->ptex_next)
        s->pages[p->ptex_next - 1].ptex_prev = p->ptex_prev;
}

static bool valid(const struct tlb_store *s, const struct tlb_page *p)
{
    return (p->tag & 1) && p->gen == s->gen[half_of(p->tag)];
}

static void drop_page(struct tlb *t, struct tlb_page *p)
{
    if (valid(t->store, p))
        clear_page_granules(t, p);
    unlink_page(t->store, p);
    p->tag = 0;
}

/* ---- second level ---- */

/* Pages that follow each other get places that do;
 * regions of the address space (linear map, memory map, stacks...) start anywhere. */
static struct tlb_page *place(struct tlb_store *s, unsigned table, unsigned mode, uint64_t a)
{
    uint64_t page = a >> table_shift[table], context = s->context[half_of(a)];
    uint64_t region = (a >> 46 << 2 | mode | context << 20) * 0x9e3779b1u >> 12;
    uint32_t index = (uint32_t)(page ^ page >> table_bits[table] ^ region) & ((1u << table_bits[table]) - 1);

    return &s->pages[s->base[table] + index];
}

struct tlb_page *tlb_find(struct tlb *t, unsigned mode, ea_t addr)
{
    struct tlb_store *s = t->store;
    unsigned half = half_of(addr.v), table = s->hint[half];

    for (unsigned i = 0; i < TABLES; i++) {
        struct tlb_page *p = place(s, table, mode, addr.v);

        if (p->tag == page_tag(addr.v, table_shift[table], mode) && p->gen == s->gen[half]) {
            s->hint[half] = (uint8_t)table;
            if (p->round != s->round) {
                p->fast &= (uint8_t)~TLB_WRITE;
                p->round = s->round;
            }
            return p;
        }
        table = table == TABLES - 1 ? 0 : table + 1;
    }
    return NULL;
}

struct tlb_page *tlb_insert(struct tlb *t, unsigned mode, ea_t addr, unsigned shift, ra_t real, uint8_t *host,
                            uint64_t ptex, unsigned allowed, unsigned fast)
{
    struct tlb_store *s = t->store;
    unsigned table = shift == 16 ? 0 : shift == 24 ? 1 : 2;
    uint64_t start = addr.v >> shift << shift;
    struct tlb_page *p = place(s, table, mode, addr.v);

    s->write_filled |= fast & TLB_WRITE;
    if (p->tag == page_tag(addr.v, shift, mode) && valid(s, p) && p->ra == real.v && host_of(p) == (uintptr_t)host &&
        p->ptex == ptex) {
        p->allowed = (uint8_t)allowed;      /* the same page may do more now (C was set); its granules stay */
        p->fast = (uint8_t)fast;
        p->round = s->round;
        return p;
    }
    if (p->tag)
        drop_page(t, p);
    *p = (struct tlb_page){ .tag = page_tag(addr.v, shift, mode), .gen = s->gen[half_of(addr.v)],
                            .addend = (uintptr_t)host - start, .ra = real.v, .ptex = ptex, .allowed = (uint8_t)allowed,
                            .fast = (uint8_t)fast, .shift = (uint8_t)shift, .round = s->round };
    link_page(s, p);
    return p;
}

void tlb_page_may_store(struct tlb *t, struct tlb_page *p)
{
    p->fast |= TLB_WRITE;
    t->store->write_filled = true;
}

/* ---- flushes ---- */

/* The generation is shared with real mode, whose few pages go as well. */
static void leave_half(struct tlb *t, unsigned half)
{
    t->store->gen[half] = ++t->store->last_gen;
    t->left[half] = true;
    for (unsigned mode = 0; mode < TLB_MODES; mode++) {
        flush_fills(t, mode, half);
        flush_fetches(t, mode, half);
        flush_side(t, mode, false);
        flush_side(t, mode, true);
    }
}

void tlb_flush_all(struct tlb *t)
{
    tlb_contexts_forget(t->store->contexts);
    for (unsigned half = 0; half < TLB_HALVES; half++)
        leave_half(t, half);
}

/* Segments come and go with processes: their half is left whole, which costs less than looking for them. */
void tlb_segment_gone(struct tlb *t, ea_t addr)
{
    leave_half(t, half_of(addr.v));
}

void tlb_segment_added(struct tlb *t, const struct slb_entry *s)
{
    struct tlb_store *st = t->store;
    unsigned half = half_of(s->esid);

    if (!t->left[half] && !tlb_context_add(st->contexts, half, st->context[half], s))
        leave_half(t, half);
}

void tlb_enter_context(struct tlb *t, unsigned half, const struct slb_entry *slb)
{
    struct tlb_store *s = t->store;

    t->left[half] = false;
    s->context[half] = (uint8_t)tlb_context_enter(s->contexts, half, slb, &s->gen[half]);
}

void tlb_flush_ptex(struct tlb *t, uint64_t ptex)
{
    struct tlb_store *s = t->store;
    uint32_t next;

    for (uint32_t link = *ptex_head(s, ptex); link; link = next) {
        struct tlb_page *p = &s->pages[link - 1];

        next = p->ptex_next;
        if (p->ptex == ptex)
            drop_page(t, p);
    }
}

static void protect_granules(struct tlb *t, struct tlb_page *p, uintptr_t start, uintptr_t end)
{
    unsigned mode = p->tag >> 1 & 3;
    uintptr_t host = host_of(p);
    uint64_t first = p->tag & ~(TLB_PAGE - 1), from = start > host ? start - host : 0;
    uint64_t to = end - host < 1ull << p->shift ? end - host : 1ull << p->shift;

    clear_side(t, mode, first, p->shift, true);
    for (uint64_t off = granule_of(from); off < to; off += TLB_PAGE) {
        struct tlb_entry *e = &t->set[mode].entry[tlb_index(ea(first + off))];

        if (e->write_tag == first + off)
            e->write_tag = TLB_NEVER;
    }
}

/* One chain's part: pages of the 16 MiB chunk around an address. */
static void protect_chunk(struct tlb *t, uintptr_t chunk, uintptr_t start, uintptr_t end, bool all)
{
    struct tlb_store *s = t->store;
    uint32_t next;

    for (uint32_t link = *host_head(s, chunk); link; link = next) {
        struct tlb_page *p = &s->pages[link - 1];

        next = p->host_next;
        if (host_of(p) >= end || host_of(p) + (1ull << p->shift) <= start)
            continue;
        p->fast &= (uint8_t)~TLB_WRITE;
        if (all)
            drop_page(t, p);
        else if (valid(s, p))
            protect_granules(t, p, start, end);
    }
}

void tlb_protect(struct tlb *t, uintptr_t start, uint64_t len, bool all)
{
    uintptr_t end = start + len;

    if (len >> CHUNK_SHIFT > CHAINS) {
        tlb_flush_all(t);
        return;
    }
    for (uintptr_t chunk = start >> CHUNK_SHIFT << CHUNK_SHIFT; chunk < end; chunk += 1ull << CHUNK_SHIFT)
        protect_chunk(t, chunk, start, end, all);
}

static void protect_fills(struct tlb_set *set, const struct fill_list *l)
{
    for (uint32_t i = 0; i < l->n; i++)
        set->entry[l->index[i]].write_tag = TLB_NEVER;
}

static void protect_side(struct tlb_entry *table, uint32_t entries, const struct side_list *l)
{
    bool listed = l->n <= sizeof(l->index) / sizeof(l->index[0]);

    for (uint32_t i = 0; i < (listed ? l->n : entries); i++)
        table[listed ? l->index[i] : i].write_tag = TLB_NEVER;
}

/* Pages of the second level lose it when they are found next: their round is over. */
void tlb_protect_all(struct tlb *t)
{
    struct tlb_store *s = t->store;

    if (!s->write_filled)
        return;
    s->write_filled = false;
    s->round++;
    for (unsigned mode = 0; mode < TLB_MODES; mode++) {
        for (unsigned half = 0; half < TLB_HALVES; half++)
            protect_fills(&t->set[mode], &s->fills[mode][half]);
        protect_side(t->set[mode].mid, 1u << TLB_MID_BITS, &s->side[mode][0]);
        protect_side(t->set[mode].huge, 1u << TLB_HUGE_BITS, &s->side[mode][1]);
    }
}

/* ---- life ---- */

struct tlb *tlb_new(void)
{
    struct tlb *t = calloc(1, sizeof(*t));
    struct tlb_store *s = calloc(1, sizeof(*s));
    uint32_t n = 0;

    if (!t || !s)
        goto fail;
    for (unsigned i = 0; i < TABLES; i++) {
        s->base[i] = n;
        n += 1u << table_bits[i];
    }
    s->contexts = tlb_contexts_new();
    if (!s->contexts)
        goto fail;
    s->bytes = n * sizeof(struct tlb_page);
    s->pages = mmap(NULL, s->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (s->pages == MAP_FAILED)
        goto fail;
    t->store = s;
    for (unsigned m = 0; m < TLB_MODES; m++) {
        t->set[m].side_interval = TLB_SIDE_HITS_MIN;
        for (unsigned i = 0; i < TLB_ENTRIES; i++)
            clear_entry(&t->set[m].entry[i]);
        for (unsigned i = 0; i < 1u << TLB_MID_BITS; i++)
            clear_entry(&t->set[m].mid[i]);
        for (unsigned i = 0; i < 1u << TLB_HUGE_BITS; i++)
            clear_entry(&t->set[m].huge[i]);
        for (unsigned i = 0; i < TLB_FETCHES; i++)
            t->fetch[m][i].tag = TLB_NEVER;
    }
    return t;
fail:
    if (s)
        free(s->contexts);
    free(s);
    free(t);
    return NULL;
}

void tlb_free(struct tlb *t)
{
    if (!t)
        return;
    munmap(t->store->pages, t->store->bytes);
    free(t->store->contexts);
    free(t->store);
    free(t);
}
