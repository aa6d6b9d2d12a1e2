/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hpte.c - what the two words of a hash page table entry say: page sizes, and the group they hash to.
 * Spec: Power ISA 2.07B Book III-S, 5.7.7; the page-size encodings are those of ibm,segment-page-sizes. */
#include "papr/hpt_int.h"

/* Low RPN bits (from bit 12 up) that name each pair of base and actual page size. */
static const struct {
    uint16_t penc;
    uint8_t base_shift, page_shift;
} encodings[] = {
    { 0x001, 16, 16 }, { 0x007, 12, 16 }, { 0x008, 16, 24 }, { 0x038, 12, 24 }, { 0x000, 24, 24 }, { 0x003, 34, 34 },
};

static bool decode(uint64_t v, uint64_t r, unsigned *base_shift, unsigned *page_shift)
{
    *base_shift = *page_shift = 12;
    if (!(v & HPTE_V_L))
        return true;
    for (unsigned i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
        uint64_t mask = (1ull << encodings[i].page_shift) - 1;

        if ((r & HPTE_R_RPN & mask) >> 12 == encodings[i].penc) {
            *base_shift = encodings[i].base_shift;
            *page_shift = encodings[i].page_shift;
            return true;
        }
    }
    return false;
}

unsigned hpte_page_shift(uint64_t v, uint64_t r)
{
    unsigned base_shift, page_shift;

    return decode(v, r, &base_shift, &page_shift) ? page_shift : 0;
}

/* The abbreviated virtual page number stops at bit 23 of the address.  The bits of the hash that it lacks, at most
 * eleven, are read off the group the entry is in: every table has at least 2^11 groups. */
bool hpte_rehash(struct hpte e, uint64_t group, unsigned old_shift, unsigned new_shift, uint64_t *new_group)
{
    uint64_t old_mask = (1ull << (old_shift - 7)) - 1;
    uint64_t new_mask = (1ull << (new_shift - 7)) - 1;
    uint64_t flip = e.v & HPTE_V_H ? ~0ull : 0;
    uint64_t avpn = (e.v & HPTE_V_AVPN) >> 7;
    bool tera = (e.v & HPTE_V_B) == HPTE_V_B_1T;
    unsigned segment_bits = (tera ? 40 : 28) - 23;
    uint64_t vsid = avpn >> segment_bits;
    uint64_t offset = (avpn & ((1ull << segment_bits) - 1)) << 23;
    uint64_t vsid_hash = tera ? vsid ^ vsid << 25 : vsid;
    unsigned base_shift, page_shift;
    uint64_t hash;

    if (!decode(e.v, e.r, &base_shift, &page_shift))
        return false;
    hash = vsid_hash ^ offset >> base_shift;
    if (base_shift < 23) {
        uint64_t lacking = (1ull << (23 - base_shift)) - 1;

        hash = (hash & ~lacking) | ((group ^ flip) & lacking);
    }
    if (((hash ^ flip) & old_mask) != group)
        return false;
    *new_group = (hash ^ flip) & new_mask;
    return true;
}
