/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hcall_hpt.c - hypercalls on single entries of the hash table, and on its contents as a whole.
 *
 * Spec: LoPAR, "Page Frame Table" hypercalls; docs/hpt.md.  What is removed or changed has left every soft TLB before a
 * call returns.  Hot: no allocation, no system call, no work beyond one group. */
#include "papr/hcalls.h"
#include "papr/hpt.h"

#define H_EXACT (1ull << 39)
#define H_READ_4 (1ull << 37)
#define H_AVPN (1ull << 31)
#define H_ANDCOND (1ull << 30)
#define H_ZERO_PAGE (1ull << 15)
#define H_COPY_PAGE (1ull << 14)
#define H_N 4ull
#define H_PP 3ull

#define PAGE_BYTES 4096u

/* RAM must be mapped as memory, on POWER8 with strong access ordering (WIMG 1110) if the guest likes: our host orders
 * accesses that strongly anyway. Anything else cache-inhibited; an address RAM could have but has not is no I/O either.
 */
static bool enter_page_ok(struct vcpu *v, uint64_t r, unsigned page_shift, bool *is_ram)
{
    uint64_t start = hpte_page_ra(r, page_shift);
    uint64_t wimg = r & HPTE_R_WIMG;

    *is_ram = papr_is_ram(v->papr, start, 1ull << page_shift);
    if (*is_ram)
        return wimg == HPTE_R_M || (wimg == HPTE_R_SAO && v->cpu.level < ISA_LEVEL_3_00);
    return start >= papr_config(v->papr)->max_memory_bytes && (wimg & (HPTE_R_W | HPTE_R_I)) == HPTE_R_I;
}

static bool zero_ram(struct papr *p, uint64_t start, uint64_t len)
{
    static const uint8_t zeros[PAGE_BYTES];

    for (uint64_t done = 0; done < len; done += PAGE_BYTES) {
        if (!papr_write(p, start + done, zeros, PAGE_BYTES))
            return false;
    }
    return true;
}

/* flags, ptex, v, r -> ptex */
int64_t h_enter(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    struct hpt *h = papr_hpt(v->papr);
    uint64_t flags = arg[0], ptex = arg[1];
    struct hpte e = { .v = (arg[2] & ~HPTE_V_RESERVED) | HPTE_V_V, .r = arg[3] };
    unsigned page_shift = hpte_page_shift(e.v, e.r);
    bool is_ram;

    ret[0] = ptex;
    if (!page_shift || !enter_page_ok(v, e.r, page_shift, &is_ram) || !hpt_has(h, ptex))
        return H_PARAMETER;
    if ((flags & H_ZERO_PAGE) && is_ram) {
        if (page_shift > 16)
            return H_TOO_BIG;
        zero_ram(v->papr, hpte_page_ra(e.r, page_shift), 1ull << page_shift);
    }
    return hpt_insert(h, ptex, flags & H_EXACT, e, &ret[0]) ? H_SUCCESS : H_PTEG_FULL;
}

static struct hpte_match match_of(uint64_t flags, uint64_t value)
{
    return (struct hpte_match){ .avpn = flags & H_AVPN, .andcond = flags & H_ANDCOND, .value = value };
}

/* flags, ptex, avpn -> v, r */
int64_t h_remove(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    struct hpt *h = papr_hpt(v->papr);
    uint64_t ptex = arg[1];
    struct hpte old;

    if (!hpt_has(h, ptex))
        return H_PARAMETER;
    if (!hpt_detach(h, ptex, match_of(arg[0], arg[2]), &old))
        return H_NOT_FOUND;
    papr_flush_hpte(v->papr, v, old.v, old.r, ptex);
    ret[0] = old.v;
    ret[1] = hpt_release(h, ptex, old);
    return H_SUCCESS;
}

/* flags, ptex -> v, r, of one entry or of the four around it */
int64_t h_read(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    struct hpt *h = papr_hpt(v->papr);
    bool four = arg[0] & H_READ_4;
    uint64_t ptex = four ? arg[1] & ~3ull : arg[1];

    if (!hpt_has(h, ptex))
        return H_PARAMETER;
    for (unsigned i = 0; i < (four ? 4 : 1); i++) {
        struct hpte e = hpt_read(h, ptex + i);

        ret[2 * i] = e.v;
        ret[2 * i + 1] = e.r;
    }
    return H_SUCCESS;
}

/* Changes r of a matching entry everywhere; *old is what it was. */
static int64_t change(struct vcpu *v, uint64_t ptex, struct hpte_match match, uint64_t clear, uint64_t set,
                      struct hpte *old)
{
    struct hpt *h = papr_hpt(v->papr);

    if (!hpt_has(h, ptex))
        return H_PARAMETER;
    if (!hpt_change(h, ptex, match, clear, set, old))
        return H_NOT_FOUND;
    papr_flush_hpte(v->papr, v, old->v, old->r, ptex);
    return H_SUCCESS;
}

static int64_t clear_bit(struct vcpu *v, uint64_t ptex, uint64_t bit, uint64_t *ret)
{
    struct hpte old = { 0 };
    int64_t status = change(v, ptex, (struct hpte_match){ 0 }, bit, 0, &old);

    ret[0] = old.r;
    return status;
}

/* flags, ptex -> r */
int64_t h_clear_mod(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    return clear_bit(v, arg[1], HPTE_R_C, ret);
}

int64_t h_clear_ref(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    return clear_bit(v, arg[1], HPTE_R_R, ret);
}

/* flags, ptex, avpn. R and C stay: no guest expects PROTECT to age a page. */
int64_t h_protect(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    uint64_t flags = arg[0];
    uint64_t clear = HPTE_R_PP0 | HPTE_R_KEY_HI | HPTE_R_KEY_LO | HPTE_R_N | HPTE_R_PP;
    uint64_t set =
        (flags << 55 & HPTE_R_PP0) | (flags << 48 & HPTE_R_KEY_HI) | (flags & HPTE_R_KEY_LO) | (flags & (H_N | H_PP));
    struct hpte old;

    (void)ret;
    return change(v, arg[1], match_of(flags & H_AVPN, arg[2]), clear, set, &old);
}

/* ---- H_BULK_REMOVE: up to four pairs { control word, avpn } ---- */
#define BULK_TYPE (3ull << 62)
#define BULK_REQUEST (1ull << 62)
#define BULK_RESPONSE (2ull << 62)
#define BULK_END (3ull << 62)
#define BULK_NOT_FOUND (1ull << 60)
#define BULK_PARM (2ull << 60)
#define BULK_ANDCOND (1ull << 56)
#define BULK_AVPN (2ull << 56)
#define BULK_PTEX 0x00ffffffffffffffull
#define BULK_RC_SHIFT 51 /* R and C of a second doubleword to bits 4 and 5 */
enum { BULK_PAIRS = 4 };

struct bulk {
    struct hpte old[BULK_PAIRS];
    uint64_t ptex[BULK_PAIRS];
    bool detached[BULK_PAIRS];
};

/* One request: detached and its flush posted, or answered in *word. False: stop with H_PARAMETER. */
static bool bulk_detach(struct vcpu *v, struct bulk *b, unsigned i, uint64_t *word, uint64_t avpn)
{
    struct hpt *h = papr_hpt(v->papr);
    uint64_t how = *word & (BULK_ANDCOND | BULK_AVPN);
    struct hpte_match match = { .avpn = how == BULK_AVPN, .andcond = how == BULK_ANDCOND, .value = avpn };
    uint64_t ptex = *word & BULK_PTEX;

    *word = BULK_RESPONSE | (*word & ~(BULK_TYPE | BULK_NOT_FOUND | BULK_PARM | 3ull << 58));
    if (how == (BULK_ANDCOND | BULK_AVPN)) {
        *word |= BULK_PARM;
        return false;
    }
    if (!hpt_has(h, ptex)) {
        *word |= BULK_PARM;
        return true;
    }
    if (!hpt_detach(h, ptex, match, &b->old[i])) {
        *word |= BULK_NOT_FOUND;
        return true;
    }
    b->ptex[i] = ptex;
    b->detached[i] = true;
    papr_flush_hpte_post(v->papr, v, b->old[i].v, b->old[i].r, ptex);
    return true;
}

static void bulk_release(struct vcpu *v, const struct bulk *b, uint64_t *words)
{
    bool waited = false;

    for (unsigned i = 0; i < BULK_PAIRS; i++) {
        uint64_t r;

        if (!b->detached[i])
            continue;
        if (!waited)
            papr_flush_wait(v->papr, v);
        waited = true;
        r = hpt_release(papr_hpt(v->papr), b->ptex[i], b->old[i]);
        words[2 * i] |= (r & (HPTE_R_R | HPTE_R_C)) << BULK_RC_SHIFT;
    }
}

int64_t h_bulk_remove(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    struct bulk b = { .detached = { false } };
    int64_t status = H_SUCCESS;

    for (unsigned i = 0; i < 2 * BULK_PAIRS; i++)
        ret[i] = arg[i];
    for (unsigned i = 0; i < BULK_PAIRS && (arg[2 * i] & BULK_TYPE) != BULK_END; i++) {
        if ((arg[2 * i] & BULK_TYPE) != BULK_REQUEST || !bulk_detach(v, &b, i, &ret[2 * i], arg[2 * i + 1])) {
            status = H_PARAMETER;
            break;
        }
    }
    bulk_release(v, &b, ret);
    return status;
}

struct clear_all {
    bool done;
};

static void clear_on(struct vcpu *v, void *arg)
{
    struct clear_all *c = arg;

    if (!c->done)
        hpt_clear(papr_hpt(v->papr));
    c->done = true;
    cpu_tlb_flush_all(&v->cpu);
}

int64_t h_clear_hpt(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    struct clear_all c = { false };

    (void)arg;
    (void)ret;
    papr_for_all_stopped(v->papr, v, clear_on, &c);
    return H_SUCCESS;
}

/* flags, destination, source: one 4 KiB page, zeroed or copied. The icache flags need nothing: writes drop predecoded
 * code. */
int64_t h_page_init(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    uint64_t flags = arg[0], to = arg[1], from = arg[2];
    uint8_t page[PAGE_BYTES];

    (void)ret;
    if (to % PAGE_BYTES || !papr_is_ram(v->papr, to, PAGE_BYTES))
        return H_PARAMETER;
    if (flags & H_COPY_PAGE) {
        if (from % PAGE_BYTES || !papr_read(v->papr, from, page, PAGE_BYTES) ||
            !papr_write(v->papr, to, page, PAGE_BYTES))
            return H_PARAMETER;
    } else if (flags & H_ZERO_PAGE) {
        zero_ram(v->papr, to, PAGE_BYTES);
    }
    return H_SUCCESS;
}
