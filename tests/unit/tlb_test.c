/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb_test.c - the soft TLB against a naive model, through tlb.h only.
 *
 * The model is the list of pages that were inserted and not flushed since, in the kernel's half by whichever process,
 * in the other one by the present one. The TLB may forget any of them; what it still answers must be in the list, with
 * the right place and no more rights, in both levels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/tlb.h"

enum { ADDRESSES = 600, ROUNDS = 60000, VIRTUAL_MODES = 3, PROCESSES = 5 };

/* One guest page of the model. */
struct known {
    ea_t start;
    uint64_t ra, ptex;
    uintptr_t host;
    uint8_t mode, shift, allowed, fast, process;
    bool valid;
    uint64_t may_store[64];             /* granules that were given a store tag; pages of 16 MiB: 4096 of them */
};

struct model {
    struct tlb *tlb;
    struct known pages[ADDRESSES];
    uint64_t random;
    uint8_t process;
    bool second_segment;
};

static uint64_t next(struct model *m)
{
    m->random ^= m->random << 13;
    m->random ^= m->random >> 7;
    m->random ^= m->random << 17;
    return m->random;
}

static uint64_t below(struct model *m, uint64_t n)
{
    return next(m) % n;
}

static uint64_t bytes_of(const struct known *k)
{
    return 1ull << k->shift;
}

static int setup(void **state)
{
    struct model *m = calloc(1, sizeof(*m));

    m->tlb = tlb_new();
    m->random = 88172645463325252ull;
    *state = m;
    return m->tlb ? 0 : -1;
}

static int teardown(void **state)
{
    struct model *m = *state;

    tlb_free(m->tlb);
    free(m);
    return 0;
}

/* Addresses as kernels use them: user low, linear map, vmalloc; neighbours and far ones. A region has one page size, so
 * pages never overlap. */
static void choose_addresses(struct model *m)
{
    static const uint64_t regions[] = { 0, 0x10000000ull, 0x7fff00000000ull, 0xc000000000000000ull,
                                        0xc00000ff00000000ull, 0xd000000000000000ull, 0xfffffffff0000000ull };
    static const uint8_t shifts[] = { 12, 16, 24 };

    for (unsigned i = 0; i < ADDRESSES; i++) {
        struct known *k = &m->pages[i];
        unsigned region = i % (sizeof(regions) / sizeof(regions[0]));
        uint64_t off;

        k->shift = shifts[region % 3];
        off = region == 6 ? below(m, 1 << 8) << 16 >> k->shift << k->shift : (uint64_t)(i / 7) << k->shift;
        if (below(m, 2) && region != 6)
            off += below(m, 64) << 32;
        k->start = ea((regions[region] + off) >> k->shift << k->shift);
        k->mode = (uint8_t)below(m, VIRTUAL_MODES);
    }
}

/* Is it there, and in the address space of now? */
static bool is_known(const struct model *m, const struct known *k)
{
    return k->valid && (k->start.v >> 63 || k->process == m->process);
}

/* Two places of the list may be one page: the later insertion replaced the earlier. */
static void forget_twins(struct model *m, const struct known *k)
{
    for (unsigned i = 0; i < ADDRESSES; i++) {
        struct known *other = &m->pages[i];

        if (other != k && other->mode == k->mode && other->start.v == k->start.v && is_known(m, other))
            other->valid = false;
    }
}

static struct known *covering(struct model *m, unsigned mode, ea_t addr)
{
    for (unsigned i = 0; i < ADDRESSES; i++) {
        struct known *k = &m->pages[i];

        if (is_known(m, k) && k->mode == mode && addr.v - k->start.v < bytes_of(k))
            return k;
    }
    return NULL;
}

static unsigned granule_number(const struct known *k, ea_t addr)
{
    return (unsigned)((addr.v - k->start.v) >> TLB_PAGE_SHIFT);
}

static bool may_store(const struct known *k, ea_t addr)
{
    unsigned n = granule_number(k, addr);

    return k->may_store[n / 64] >> n % 64 & 1;
}

static void set_may_store(struct known *k, ea_t addr, bool on)
{
    unsigned n = granule_number(k, addr);

    k->may_store[n / 64] &= ~(1ull << n % 64);
    k->may_store[n / 64] |= (uint64_t)on << n % 64;
}

static ea_t somewhere_in(struct model *m, const struct known *k)
{
    return ea(k->start.v + below(m, bytes_of(k)));
}

static void check_second(struct model *m, unsigned mode, ea_t addr)
{
    struct tlb_page *p = tlb_find(m->tlb, mode, addr);
    const struct known *k = covering(m, mode, addr);

    if (!p)
        return;
    assert_non_null(k);
    assert_int_equal(p->shift, k->shift);
    assert_int_equal(p->ra, k->ra);
    assert_int_equal(p->ptex, k->ptex);
    assert_int_equal(p->addend + addr.v, k->host + (addr.v - k->start.v));
    assert_int_equal(p->allowed, k->allowed);
    assert_int_equal(p->fast & ~k->fast, 0);
}

/* Invariant 1: what a granule allows, a page that is still there allows.
 * Invariant 2: no store tag that was not given. */
static void check_first(struct model *m, unsigned mode, ea_t addr)
{
    const struct tlb_entry *e = tlb_entry(m->tlb, mode, addr);
    const struct tlb_fetch *f = tlb_fetch(m->tlb, mode, addr);
    const struct known *k = covering(m, mode, addr);
    uint64_t tag = tlb_tag(addr, 1), real = k ? k->ra + (addr.v - k->start.v) : 0;
    uintptr_t host = k ? k->host + (addr.v - k->start.v) : 0;
    bool reads = e->read_tag == tag, writes = e->write_tag == tag, fetches = f->tag == tag;

    if (!reads && !writes && !fetches)
        return;
    assert_non_null(k);
    assert_non_null(tlb_find(m->tlb, mode, addr));
    if (reads || writes) {
        assert_int_equal(e->addend + addr.v, host);
        assert_int_equal(tlb_real(m->tlb, mode, addr).v, real);
    }
    if (fetches)
        assert_int_equal(f->addend + addr.v, host);
    assert_true(!reads || (k->allowed & TLB_READ));
    assert_true(!writes || ((k->allowed & TLB_WRITE) && may_store(k, addr)));
    assert_true(!fetches || (k->allowed & TLB_EXEC));
}

/* A side table's entry lets in all of a page: all of it must be allowed without further work. */
static void check_side(struct model *m, const struct tlb_entry *e, unsigned shift, unsigned mode, ea_t addr)
{
    uint64_t page = addr.v >> shift << shift;
    const struct known *k = covering(m, mode, addr);
    struct tlb_page *p = tlb_find(m->tlb, mode, addr);

    if (e->read_tag != page && e->write_tag != page)
        return;
    assert_non_null(k);
    assert_non_null(p);
    assert_int_equal(k->shift, shift);
    assert_int_equal(e->addend + addr.v, k->host + (addr.v - k->start.v));
    assert_int_equal(e->ra_delta + addr.v, k->ra + (addr.v - k->start.v));
    assert_true(e->read_tag != page || (k->fast & TLB_READ));
    assert_true(e->write_tag != page || (k->fast & TLB_WRITE));
}

static void check_at(struct model *m, ea_t addr)
{
    for (unsigned mode = 0; mode < TLB_MODES; mode++) {
        const struct tlb_set *set = &m->tlb->set[mode];

        check_side(m, &set->mid[addr.v >> TLB_MID_SHIFT & ((1u << TLB_MID_BITS) - 1)], TLB_MID_SHIFT, mode, addr);
        check_side(m, &set->huge[addr.v >> TLB_HUGE_SHIFT & ((1u << TLB_HUGE_BITS) - 1)], TLB_HUGE_SHIFT, mode, addr);
        check_second(m, mode, addr);
        check_first(m, mode, addr);
    }
}

static void check_all(struct model *m)
{
    for (unsigned i = 0; i < ADDRESSES; i++) {
        check_at(m, m->pages[i].start);
        check_at(m, ea(m->pages[i].start.v + bytes_of(&m->pages[i]) - 1));
        check_at(m, somewhere_in(m, &m->pages[i]));
    }
}

/* A page inserted is found at once. */
static void do_insert(struct model *m)
{
    struct known *k = &m->pages[below(m, ADDRESSES)];
    uint64_t frame = below(m, 1 << 10) << 24 | below(m, 4) << 32;
    struct tlb_page *p;

    if (k->valid && !is_known(m, k))
        return;                         /* another process has it */
    memset(k->may_store, 0, sizeof(k->may_store));
    k->ra = frame >> k->shift << k->shift;
    if (k->shift < 24)
        k->ra += below(m, 1u << (24 - k->shift)) << k->shift;
    k->host = 0x7f0000000000ull + (k->ra & ~(3ull << 32));     /* up to four real addresses for each byte */
    k->ptex = below(m, 16) ? below(m, 200) : TLB_NO_PTEX;
    k->allowed = (uint8_t)(below(m, 8));
    k->fast = (uint8_t)(k->allowed & (TLB_READ | (below(m, 2) ? TLB_WRITE : 0)));
    forget_twins(m, k);
    k->valid = true;
    k->process = m->process;
    p = tlb_insert(m->tlb, k->mode, somewhere_in(m, k), k->shift, ra(k->ra), (uint8_t *)k->host, k->ptex, k->allowed,
                   k->fast);
    assert_non_null(p);
    assert_ptr_equal(tlb_find(m->tlb, k->mode, k->start), p);
    check_second(m, k->mode, somewhere_in(m, k));
}

/* As cpu/access.c does it: a granule gets what its page has, and a store tag of its own when a store was seen. */
static void do_refill(struct model *m)
{
    struct known *k = &m->pages[below(m, ADDRESSES)];
    ea_t addr = somewhere_in(m, k);
    struct tlb_page *p = tlb_find(m->tlb, k->mode, addr);
    unsigned accesses;

    if (!p || !(k = covering(m, k->mode, addr)))
        return;
    if ((k->allowed & TLB_EXEC) && below(m, 3) == 0) {
        tlb_refill(m->tlb, k->mode, addr, p, TLB_EXEC);
        assert_int_equal(tlb_fetch(m->tlb, k->mode, addr)->tag, tlb_tag(addr, 1));
    } else {
        accesses = p->fast;
        if ((k->allowed & TLB_WRITE) && below(m, 2))
            accesses |= TLB_WRITE;
        tlb_refill(m->tlb, k->mode, addr, p, accesses);
        set_may_store(k, addr, accesses & TLB_WRITE);
        assert_int_equal(tlb_entry(m->tlb, k->mode, addr)->write_tag,
                         accesses & TLB_WRITE ? tlb_tag(addr, 1) : TLB_NEVER);
        assert_int_equal(tlb_entry(m->tlb, k->mode, addr)->read_tag,
                         accesses & TLB_READ ? tlb_tag(addr, 1) : TLB_NEVER);
    }
    check_first(m, k->mode, addr);
}

/* Only pages of that entry go: the others that were there stay. */
static void do_flush_ptex(struct model *m)
{
    uint64_t ptex = below(m, 200);
    bool had[ADDRESSES];

    for (unsigned i = 0; i < ADDRESSES; i++)
        had[i] = is_known(m, &m->pages[i]) && tlb_find(m->tlb, m->pages[i].mode, m->pages[i].start);
    tlb_flush_ptex(m->tlb, ptex);
    for (unsigned i = 0; i < ADDRESSES; i++) {
        struct known *k = &m->pages[i];

        if (k->valid && k->ptex == ptex)
            k->valid = false;
        else if (had[i])
            assert_non_null(tlb_find(m->tlb, k->mode, k->start));
    }
}

static struct slb_entry segment(uint64_t number, uint64_t vsid)
{
    return (struct slb_entry){ number << 40 | SLB_ESID_V, vsid << 24 };
}

/* As the SLB's instructions and cpu/access.c do it. Every process has its own first segment, now and then a second. */
static void switch_to(struct model *m, uint8_t process, bool second)
{
    struct slb_entry slb[SLB_ENTRIES] = { segment(0, 100 + process), segment(1ull << 23, 1) };

    m->process = process;
    m->second_segment = second;
    if (second)
        slb[2] = segment(1, 200 + process);
    tlb_segment_gone(m->tlb, ea(0));
    tlb_enter_context(m->tlb, 0, slb);
}

static void do_switch(struct model *m)
{
    struct slb_entry s = segment(1, 200 + m->process);

    if (below(m, 2)) {
        switch_to(m, (uint8_t)below(m, PROCESSES), below(m, 2));
    } else if (!m->second_segment) {
        tlb_segment_added(m->tlb, &s);
        m->second_segment = true;
    }
}

static void do_flush_all(struct model *m)
{
    tlb_flush_all(m->tlb);
    for (unsigned i = 0; i < ADDRESSES; i++)
        m->pages[i].valid = false;
}

/* A range that starts and ends inside pages: granules in it lose their store tags; with all their pages go. */
static void do_protect(struct model *m)
{
    const struct known *at = &m->pages[below(m, ADDRESSES)];
    uint64_t start = (at->host + below(m, bytes_of(at))) & ~(TLB_PAGE - 1), len = (1 + below(m, 40)) * TLB_PAGE;
    bool all = below(m, 2);

    tlb_protect(m->tlb, start, len, all);
    for (unsigned i = 0; i < ADDRESSES; i++) {
        struct known *k = &m->pages[i];

        if (!k->valid || k->host >= start + len || k->host + bytes_of(k) <= start)
            continue;
        if (all)
            k->valid = false;
        k->fast &= (uint8_t)~TLB_WRITE;
        for (uint64_t off = 0; off < bytes_of(k); off += TLB_PAGE)
            if (k->host + off >= start && k->host + off < start + len)
                set_may_store(k, ea(k->start.v + off), false);
    }
}

/* The round is over: no store tag anywhere, and no page that hands one out. */
static void do_protect_all(struct model *m)
{
    tlb_protect_all(m->tlb);
    for (unsigned i = 0; i < ADDRESSES; i++) {
        m->pages[i].fast &= (uint8_t)~TLB_WRITE;
        memset(m->pages[i].may_store, 0, sizeof(m->pages[i].may_store));
    }
}

static void any_order_of_operations_keeps_the_promises(void **state)
{
    struct model *m = *state;

    choose_addresses(m);
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned what = (unsigned)below(m, 400);

        if (what < 120)
            do_insert(m);
        else if (what < 380)
            do_refill(m);
        else if (what < 388)
            do_flush_ptex(m);
        else if (what < 390)
            do_switch(m);
        else if (what < 398)
            do_protect(m);
        else if (what < 399)
            do_protect_all(m);
        else
            do_flush_all(m);
        check_at(m, m->pages[below(m, ADDRESSES)].start);
        if (round % 256 == 0)
            check_all(m);
    }
    check_all(m);
}

/* A page that came to be allowed stores, but got no store tag yet, hands none out in the
 * next round of dirty tracking. */
static void a_new_round_takes_the_store_path_of_pages_never_stored_to(void **state)
{
    struct model *m = *state;
    struct tlb_page *p;

    tlb_protect_all(m->tlb);
    tlb_insert(m->tlb, 1, ea(0x10000), 16, ra(0x50000), (uint8_t *)0x7f0000050000ull, 3, TLB_READ | TLB_WRITE,
               TLB_READ | TLB_WRITE);
    tlb_protect_all(m->tlb);
    p = tlb_find(m->tlb, 1, ea(0x10000));
    assert_true(!p || !(p->fast & TLB_WRITE));
}

static struct tlb_page *insert_at(struct model *m, uint64_t start, uint64_t frame)
{
    return tlb_insert(m->tlb, 1, ea(start), 16, ra(frame), (uint8_t *)(0x7f0000000000ull + frame), frame >> 16,
                      TLB_READ, TLB_READ);
}

/* Until their page table entry goes, or what they map. */
static void pages_are_there_again_with_their_segments(void **state)
{
    struct model *m = *state;

    for (uint8_t process = 0; process < PROCESSES; process++) {
        switch_to(m, process, false);
        assert_null(tlb_find(m->tlb, 1, ea(0x10000)));
        insert_at(m, 0x10000, 0x50000ull + (process << 16));
    }
    for (uint8_t process = 0; process < PROCESSES; process++) {
        struct slb_entry second = segment(1, 200 + process);
        struct tlb_page *p;

        switch_to(m, process, process & 1);
        if (!(process & 1))
            tlb_segment_added(m->tlb, &second);
        p = tlb_find(m->tlb, 1, ea(0x10000));
        assert_true(!p || p->ra == 0x50000ull + (process << 16));
        assert_true(p || TLB_64K_BITS < 10);            /* a small table has no place for all of them */
    }
    tlb_flush_ptex(m->tlb, 5);
    tlb_protect(m->tlb, 0x7f0000060000ull, TLB_PAGE, true);
    for (uint8_t process = 0; process < 2; process++) {
        switch_to(m, process, true);
        assert_null(tlb_find(m->tlb, 1, ea(0x10000)));
    }
    switch_to(m, 2, false);
    assert_null(tlb_find(m->tlb, 1, ea(0x10000)));      /* pages of the second segment may be among them */
    switch_to(m, 2, true);
    assert_true(tlb_find(m->tlb, 1, ea(0x10000)) || TLB_64K_BITS < 10);
    tlb_flush_all(m->tlb);
    switch_to(m, 2, true);
    assert_null(tlb_find(m->tlb, 1, ea(0x10000)));
}

static void an_access_over_a_granules_end_never_matches(void **state)
{
    struct model *m = *state;
    struct tlb_page *p;

    p = tlb_insert(m->tlb, 1, ea(0x10000), 16, ra(0x50000), (uint8_t *)0x7f0000050000ull, 3, TLB_READ, TLB_READ);
    tlb_refill(m->tlb, 1, ea(0x10000), p, TLB_READ);
    tlb_refill(m->tlb, 1, ea(0x11000), p, TLB_READ);
    for (unsigned size = 2; size <= 16; size *= 2)
        for (unsigned back = 1; back < size; back++)
            assert_int_not_equal(tlb_entry(m->tlb, 1, ea(0x11000 - back))->read_tag, tlb_tag(ea(0x11000 - back), size));
    assert_int_equal(tlb_entry(m->tlb, 1, ea(0x10ff8))->read_tag, tlb_tag(ea(0x10ff8), 8));
}

static void dropped_fetches_are_told(void **state)
{
    struct model *m = *state;
    struct tlb_page *p;

    p = tlb_insert(m->tlb, 1, ea(0x10000), 16, ra(0x50000), (uint8_t *)0x7f0000050000ull, 3, TLB_EXEC, 0);
    tlb_refill(m->tlb, 1, ea(0x12000), p, TLB_EXEC);
    m->tlb->fetch_changed = false;
    tlb_flush_ptex(m->tlb, 4);
    assert_false(m->tlb->fetch_changed);
    tlb_flush_ptex(m->tlb, 3);
    assert_true(m->tlb->fetch_changed);
    assert_int_equal(tlb_fetch(m->tlb, 1, ea(0x12000))->tag, TLB_NEVER);
}

/* Nothing is found in page 0 either, nor by an access that wraps around into it: a tag of 0 would be its address. */
static void a_new_tlb_knows_nothing(void **state)
{
    struct model *m = *state;

    for (unsigned mode = 0; mode < TLB_MODES; mode++) {
        const struct tlb_set *set = &m->tlb->set[mode];

        for (unsigned i = 0; i < 2; i++) {
            ea_t addr = ea(i ? -8ull : 0);

            for (unsigned size = 1; size <= 32; size *= 2) {
                assert_int_not_equal(tlb_entry(m->tlb, mode, addr)->read_tag, tlb_tag(addr, size));
                assert_int_not_equal(tlb_entry(m->tlb, mode, addr)->write_tag, tlb_tag(addr, size));
            }
            assert_int_not_equal(set->mid[addr.v >> TLB_MID_SHIFT & ((1u << TLB_MID_BITS) - 1)].read_tag, 0);
            assert_int_not_equal(set->huge[addr.v >> TLB_HUGE_SHIFT & ((1u << TLB_HUGE_BITS) - 1)].write_tag, 0);
        }
        assert_int_not_equal(tlb_fetch(m->tlb, mode, ea(0))->tag, 0);
    }
}

static struct tlb_entry *side_of(struct model *m, ea_t addr, unsigned shift)
{
    struct tlb_set *set = &m->tlb->set[1];

    return shift == TLB_HUGE_SHIFT ? &set->huge[addr.v >> shift & ((1u << TLB_HUGE_BITS) - 1)]
                                   : &set->mid[addr.v >> shift & ((1u << TLB_MID_BITS) - 1)];
}

/* Two neighbours; a range that ends with the first, one that begins with the second, one of both. */
static void a_range_takes_what_it_touches_and_no_more(void **state)
{
    static const struct { int64_t from, to; bool hits[2]; } ranges[] = {
        { -4096, 0, { true, false } }, { 0, 4096, { false, true } }, { -4096, 4096, { true, true } },
    };
    struct model *m = *state;

    for (unsigned shift = 16; shift <= 24; shift += 8)
        for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
            for (unsigned all = 0; all < 2; all++) {
                const uint64_t size = 1ull << shift, base = 0x40000000, host = 0x7f0000000000ull;
                ea_t at[2] = { ea(0xc000000000000000ull), ea(0xc000000000000000ull + size) };
                struct tlb_page *p;
                bool known[2];

                tlb_flush_all(m->tlb);
                for (unsigned k = 0; k < 2; k++) {
                    p = tlb_insert(m->tlb, 1, at[k], shift, ra(base + k * size), (uint8_t *)(host + base + k * size),
                                   k, TLB_READ | TLB_WRITE, TLB_READ | TLB_WRITE);
                    tlb_refill(m->tlb, 1, at[k], p, TLB_READ | TLB_WRITE);
                }
                for (unsigned k = 0; k < 2; k++)
                    known[k] = tlb_find(m->tlb, 1, at[k]);
                tlb_protect(m->tlb, host + base + size + (uint64_t)ranges[i].from,
                            (uint64_t)(ranges[i].to - ranges[i].from), all);
                for (unsigned k = 0; k < 2; k++) {
                    struct tlb_entry *e = side_of(m, at[k], shift);

                    assert_int_equal(e->write_tag == at[k].v, known[k] && !ranges[i].hits[k]);
                    assert_int_equal(e->read_tag == at[k].v, known[k] && !(ranges[i].hits[k] && all));
                }
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_order_of_operations_keeps_the_promises, setup, teardown),
        cmocka_unit_test_setup_teardown(a_new_round_takes_the_store_path_of_pages_never_stored_to, setup, teardown),
        cmocka_unit_test_setup_teardown(pages_are_there_again_with_their_segments, setup, teardown),
        cmocka_unit_test_setup_teardown(an_access_over_a_granules_end_never_matches, setup, teardown),
        cmocka_unit_test_setup_teardown(dropped_fetches_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_new_tlb_knows_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_range_takes_what_it_touches_and_no_more, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
