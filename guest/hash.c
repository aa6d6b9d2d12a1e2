/* SPDX-License-Identifier: Apache-2.0 */
/* guest/hash.c - entries of the hash table and segments.  Spec: Power ISA 2.07B Book III-S, 5.7; LoPAR, H_ENTER. */
#include "guest/guest.h"

uint64_t page_hash(const struct page *p)
{
    return p->vsid ^ p->offset >> p->base_shift;
}

uint64_t page_v(const struct page *p)
{
    uint64_t va = p->vsid << 5 | p->offset >> 23;       /* virtual address without its low 23 bits */

    if (p->base_shift == 24)
        va &= ~1ull;
    return va << 7 | (p->base_shift > 12 ? HPTE_L : 0) | HPTE_V;
}

uint64_t page_ptex(const struct page *p, unsigned hpt_shift)
{
    return (page_hash(p) & ((1ull << (hpt_shift - 7)) - 1)) << 3;
}

int64_t page_enter(const struct page *p, uint64_t flags, uint64_t v_bits, uint64_t r)
{
    return HCALL(H_ENTER, flags, page_ptex(p, machine.hpt_shift), page_v(p) | v_bits, r);
}

static void slb_enter(uint64_t esid, uint64_t vsid, uint64_t flags, unsigned index)
{
    uint64_t rs = vsid << 12 | flags, rb = esid << 28 | 1ull << 27 | index;

    __asm__ volatile("slbmte %0,%1\n\tisync" : : "r"(rs), "r"(rb) : "memory");
}

static const struct page image_page = { VSID_IMAGE, 0, 24 };

static uint64_t mapped[16], n_mapped;       /* slots of the window */

void segments_on(void)
{
    __asm__ volatile("slbia\n\tisync" : : : "memory");
    slb_enter(0, VSID_IMAGE, 0x500, 1);             /* 16 MiB pages; users have key 1 */
    slb_enter(1, VSID_WINDOW, 0x400, 2);            /* 4 KiB pages */
}

void translation_on(void)
{
    CHECK(page_enter(&image_page, 0, HPTE_BOLTED, HPTE_M | HPTE_RC | HPTE_PP_RW), H_SUCCESS);
    mapped[n_mapped++] = hret[0];
    segments_on();
}

void translation_off(void)
{
    while (n_mapped)
        HCALL(H_REMOVE, 0, mapped[--n_mapped], 0);
    __asm__ volatile("slbia\n\tisync" : : : "memory");
    slb_enter(0, 0, 0, 1);
    __asm__ volatile("slbia\n\tisync" : : : "memory");
}

static struct page window_page(uint64_t offset)
{
    return (struct page){ VSID_WINDOW, offset & ~0xfffull, 12 };
}

void window_map(uint64_t offset, uint64_t ra, uint64_t r_bits)
{
    struct page p = window_page(offset);

    window_unmap(offset);
    CHECK(page_enter(&p, 0, 0, (ra & ~0xfffull) | HPTE_M | HPTE_RC | r_bits), H_SUCCESS);
    if (n_mapped < ARRAY_SIZE(mapped))
        mapped[n_mapped++] = hret[0];
}

int64_t window_unmap(uint64_t offset)
{
    struct page p = window_page(offset);
    uint64_t group = page_ptex(&p, machine.hpt_shift);

    for (unsigned i = 0; i < n_mapped; i++) {
        if ((mapped[i] & ~7ull) != group || HCALL(H_READ, 0, mapped[i]) ||
            (hret[0] & ~0x7full) != (page_v(&p) & ~0x7full))
            continue;
        group = mapped[i];
        mapped[i] = mapped[--n_mapped];
        return HCALL(H_REMOVE, H_AVPN, group, page_v(&p) & ~0x7full);
    }
    return H_NOT_FOUND;
}
