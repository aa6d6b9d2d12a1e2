/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/hash_mmu.c - hashed translation: SLB, page table walk, protection, storage keys, reference and change bits.
 *
 * Spec: Power ISA III (2.07) "Storage control"; HPTEs in the 2.07 layout on every level (PAPR, H_ENTER).
 * Concurrency: other processors' hypercalls change the table under us. An entry is read as v, r, v again; its valid bit
 * is written last and cleared first by them. R and C are set by atomic OR, which cannot bring an invalid entry back. */
#include "cpu/hash_mmu.h"

#include "cpu/run.h"
#include "cpu/trace.h"

#define HPTE_V_VALID 1ull
#define HPTE_V_SECONDARY 2ull
#define HPTE_V_LARGE 4ull
#define HPTE_V_COMPARE 0xffffffffffffff83ull
#define HPTE_V_AVPN 0x3fffffffffffff80ull
#define HPTE_R_RPN 0x0ffffffffffff000ull
#define HPTE_R_R 0x100ull
#define HPTE_R_C 0x80ull
#define HPTE_R_INHIBITED 0x20ull
#define HPTE_R_GUARDED 0x08ull
#define HPTE_R_NO_EXEC 0x4ull

struct page_size {
    uint8_t base_shift, shift;
    bool large;
    uint32_t penc;
};

/* Legal pages by base page size (LoPAR, H_ENTER: LP encodings). */
static const struct page_size page_sizes[] = {
    { 12, 12, false, 0 }, { 12, 16, true, 7 },  { 12, 24, true, 0x38 }, { 16, 16, true, 1 },
    { 16, 24, true, 8 },  { 24, 24, true, 0 },  { 34, 34, true, 3 },
};

static unsigned base_shift_of(uint64_t vsid_word)
{
    switch (vsid_word & (SLB_VSID_L | SLB_VSID_LP)) {
    case 0x000: return 12;
    case 0x110: return 16;
    case 0x100: return 24;
    case 0x120: return 34;
    default: return 0;
    }
}

/* Actual page shift of an entry in a segment of that base size; 0: not legal there. */
static unsigned actual_shift(unsigned base_shift, uint64_t v, uint64_t r)
{
    for (size_t i = 0; i < sizeof(page_sizes) / sizeof(page_sizes[0]); i++) {
        const struct page_size *s = &page_sizes[i];
        uint64_t low = ((1ull << s->shift) - 1) & HPTE_R_RPN;

        if (s->base_shift != base_shift || s->large != !!(v & HPTE_V_LARGE))
            continue;
        if (!s->large || (r & low) == (uint64_t)s->penc << 12)
            return s->shift;
    }
    return 0;
}

static unsigned segment_shift(const struct slb_entry *s)
{
    return (s->vsid & SLB_VSID_B) == SLB_VSID_B_1T ? 40 : 28;
}

const struct slb_entry *slb_find(const struct cpu *c, uint64_t addr)
{
    for (unsigned i = 0; i < SLB_ENTRIES; i++) {
        const struct slb_entry *s = &c->slb[i];

        if ((s->esid & SLB_ESID_V) && (s->esid ^ addr) >> segment_shift(s) == 0)
            return s;
    }
    return NULL;
}

struct found {
    uint64_t ptex, v, r;
    unsigned shift;
};

/* Looks for the entry in one PTEG. */
static bool search_pteg(const struct cpu_hpt *hpt, uint64_t pteg, uint64_t wanted, unsigned base_shift, struct found *f)
{
    for (unsigned i = 0; i < 8; i++) {
        uint64_t ptex = pteg * 8 + i;
        uint64_t v = atomic_load_explicit(&hpt->e[2 * ptex], memory_order_acquire);
        uint64_t r;

        if ((v ^ wanted) & HPTE_V_COMPARE)
            continue;
        r = atomic_load_explicit(&hpt->e[2 * ptex + 1], memory_order_acquire);
        f->shift = actual_shift(base_shift, v, r);
        if (!f->shift || atomic_load_explicit(&hpt->e[2 * ptex], memory_order_acquire) != v)
            continue;
        f->ptex = ptex;
        f->v = v;
        f->r = r;
        return true;
    }
    return false;
}

static bool search(const struct cpu *c, const struct slb_entry *s, uint64_t addr, struct found *f)
{
    unsigned seg = segment_shift(s), base = base_shift_of(s->vsid);
    uint64_t offset = addr & ((1ull << seg) - 1);
    uint64_t vsid = (s->vsid & SLB_VSID_VSID) >> (seg == 40 ? 24 : 12);
    uint64_t hash, mask, wanted;

    if (!base || !c->hpt)
        return false;
    mask = (1ull << (c->hpt->shift - 7)) - 1;
    hash = seg == 40 ? vsid ^ vsid << 25 ^ offset >> base : vsid ^ offset >> base;
    wanted = (s->vsid & SLB_VSID_B) |
        (((s->vsid & SLB_VSID_VSID) | (offset & ~((1ull << base) - 1)) >> 16) & HPTE_V_AVPN) |
             HPTE_V_VALID;
    return search_pteg(c->hpt, hash & mask, wanted, base, f) ||
           search_pteg(c->hpt, ~hash & mask, wanted | HPTE_V_SECONDARY, base, f);
}

/* What key and page protection allow, before storage keys: TLB_READ | TLB_WRITE. */
static unsigned protection(bool key, uint64_t r)
{
    static const uint8_t with_key0[8] = { 3, 3, 3, 1, 0, 0, 1, 0 };
    static const uint8_t with_key1[8] = { 0, 1, 3, 1, 0, 0, 0, 0 };
    unsigned pp = (unsigned)(r >> 63 << 2 | (r & 3));

    return key ? with_key1[pp] : with_key0[pp];
}

static unsigned storage_key(uint64_t r)
{
    return (unsigned)((r >> 60 & 3) << 3 | (r >> 9 & 7));
}

/* What the storage key takes away: AMR's pair is {store, load}, IAMR's low bit is fetch. */
static unsigned key_denies(const struct cpu *c, uint64_t r)
{
    unsigned shift = 62 - 2 * storage_key(r);
    uint64_t amr = c->spr[SPR_AMR] >> shift;

    return (amr & 1 ? TLB_READ : 0u) | (amr & 2 ? TLB_WRITE : 0u) | (c->spr[SPR_IAMR] >> shift & 1 ? TLB_EXEC : 0u);
}

void mmu_data_fault(struct cpu *c, ea_t addr, uint64_t dsisr, enum tlb_access access)
{
    c->spr[SPR_DAR] = addr.v;
    c->spr[SPR_DSISR] = dsisr | (access == TLB_WRITE ? DSISR_STORE : 0);
    cpu_raise(c, VEC_DSI, 0);
}

static bool segment_fault(struct cpu *c, ea_t addr, enum tlb_access access)
{
    if (access == TLB_EXEC) {
        cpu_raise(c, VEC_ISEG, 0);
    } else {
        c->spr[SPR_DAR] = addr.v;
        cpu_raise(c, VEC_DSEG, 0);
    }
    return false;
}

static bool page_fault(struct cpu *c, ea_t addr, uint64_t cause, enum tlb_access access)
{
    if (access == TLB_EXEC)
        cpu_raise(c, VEC_ISI, cause);
    else
        mmu_data_fault(c, addr, cause, access);
    return false;
}

/* Everything the entry allows in this state. */
static unsigned entry_allows(const struct cpu *c, const struct slb_entry *s, const struct found *f)
{
    bool key = s->vsid & (c->msr & MSR_PR ? SLB_VSID_KP : SLB_VSID_KS);
    unsigned allowed = protection(key, f->r);

    if ((allowed & TLB_READ) && !(f->r & (HPTE_R_NO_EXEC | HPTE_R_GUARDED)) && !(s->vsid & SLB_VSID_N))
        allowed |= TLB_EXEC;
    return allowed;
}

static uint64_t fault_cause(unsigned allowed, const struct found *f, enum tlb_access access)
{
    if (access == TLB_EXEC && (allowed & TLB_READ) && (f->r & (HPTE_R_NO_EXEC | HPTE_R_GUARDED)))
        return 0x10000000;
    return DSISR_PROTECTION;
}

/* Sets R, and C for stores; false when the entry went away meanwhile. */
static bool set_reference(const struct cpu_hpt *hpt, struct found *f, enum tlb_access access)
{
    uint64_t bits = HPTE_R_R | (access == TLB_WRITE ? HPTE_R_C : 0);

    if ((f->r & bits) != bits) {
        atomic_fetch_or(&hpt->e[2 * f->ptex + 1], bits);
        f->r |= bits;
        return atomic_load(&hpt->e[2 * f->ptex]) == f->v;
    }
    return true;
}

static ra_t real_address(const struct found *f, uint64_t addr)
{
    uint64_t low = (1ull << f->shift) - 1;

    return ra((f->r & HPTE_R_RPN & ~low) | (addr & low));
}

static bool translate_virtual(struct cpu *c, ea_t addr, enum tlb_access access, struct translation *out)
{
    const struct slb_entry *s = slb_find(c, addr.v);
    struct found f;
    unsigned allowed, denied;

    if (!s)
        return segment_fault(c, addr, access);
    if (access == TLB_EXEC && (s->vsid & SLB_VSID_N))
        return page_fault(c, addr, 0x10000000, access);
    do {
        if (!search(c, s, addr.v, &f))
            return page_fault(c, addr, DSISR_NO_PTE, access);
        allowed = entry_allows(c, s, &f);
        denied = key_denies(c, f.r);
        if (!(allowed & access))
            return page_fault(c, addr, fault_cause(allowed, &f, access), access);
        if (denied & access)
            return page_fault(c, addr, DSISR_KEY, access);
    } while (!set_reference(c->hpt, &f, access));
    out->ra = real_address(&f, addr.v);
    out->ptex = f.ptex;
    out->shift = f.shift;
    out->inhibited = f.r & HPTE_R_INHIBITED;
    out->allowed = allowed & ~denied & ~(f.r & HPTE_R_C ? 0u : (unsigned)TLB_WRITE);
    return true;
}

static bool translate_real(ea_t addr, struct translation *out)
{
    *out = (struct translation){ .ra = ra(addr.v & 0x0fffffffffffffffull),
                                 .ptex = TLB_NO_PTEX,
                                 .shift = 16,
                                 .allowed = TLB_READ | TLB_WRITE | TLB_EXEC };
    return true;
}

bool mmu_translate(struct cpu *c, ea_t addr, enum tlb_access access, struct translation *out)
{
    unsigned mode = access == TLB_EXEC ? c->imode : c->dmode;
    bool found = mode ? translate_virtual(c, addr, access, out) : translate_real(addr, out);

    if (tracing(c, TRACE_MMU))
        trace_mmu(c, addr, access, found ? out : NULL);
    return found;
}

void slb_write(struct cpu *c, uint64_t rb, uint64_t rs)
{
    struct slb_entry *s = &c->slb[rb & (SLB_ENTRIES - 1)];
    struct slb_entry fresh = { .esid = rb & ~0xfffull, .vsid = rs };

    if (s->esid == fresh.esid && s->vsid == fresh.vsid)
        return;
    if (s->esid & SLB_ESID_V)
        tlb_segment_gone(c->tlb, ea(s->esid));
    *s = fresh;
    if (s->esid & SLB_ESID_V)
        tlb_segment_added(c->tlb, s);
}

void slb_invalidate_entry(struct cpu *c, uint64_t rb)
{
    for (unsigned i = 0; i < SLB_ENTRIES; i++) {
        struct slb_entry *s = &c->slb[i];

        if ((s->esid & SLB_ESID_V) && (s->esid ^ rb) >> segment_shift(s) == 0)
            s->esid &= ~SLB_ESID_V;
    }
    tlb_segment_gone(c->tlb, ea(rb));
}

/* slbia: which entries go depends on IH; entry 0 stays for 0, 1, 2 and 6. */
static bool ih_takes(unsigned ih, unsigned index, const struct slb_entry *s)
{
    switch (ih) {
    case 3: return s->vsid & SLB_VSID_C;
    case 4: return true;
    case 7: return false;
    default: return index != 0;
    }
}

void slb_invalidate_all(struct cpu *c, unsigned ih)
{
    bool privileged_too = false;

    for (unsigned i = 0; i < SLB_ENTRIES; i++) {
        struct slb_entry *s = &c->slb[i];

        if (!(s->esid & SLB_ESID_V) || !ih_takes(ih, i, s))
            continue;
        s->esid &= ~SLB_ESID_V;
        privileged_too |= s->esid >> 63;
    }
    tlb_segment_gone(c->tlb, ea(0));
    if (privileged_too || ih != 3)
        tlb_segment_gone(c->tlb, ea(1ull << 63));
}
