/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_vsr_memory.c - loads and stores of FPRs, VRs and VSRs, and moves between them and GPRs.
 *
 * As lower_memory.c, with the value in xmm0. Value and address survive the slow paths; a load writes its register after
 * the access is known to be good, so the state of the fault is the state before. */
#include "cpu/jit/x86_64/sse.h"

#include "cpu/tlb.h"

/* How the elements of a 16-byte access lie in the register in little-endian mode: shuffle of words,
 * or a constant; both 0: as they are. */
struct order {
    uint8_t words;          /* pshufd control */
    uint8_t constant;       /* pshufb control, by enum constant */
};

struct vsr_form {
    uint8_t width;
    bool update, single, sign;
    bool aligned;           /* lvx: low address bits are ignored */
    uint8_t bank;           /* 32: the register field names a VR */
    enum address address;
    struct order order;
    bool splat;             /* lxvdsx, lxvwsx */
};

static bool can_shuffle(void)
{
    return __builtin_cpu_supports("ssse3");
}

static void reverse_bytes(struct lower *x)
{
    asm_sse_rip(&x->a, SSE_PSHUFB, 0, constant(x, K_REVERSE));
}

static void reorder(struct lower *x, const struct order *order)
{
    if (x->big_endian)
        return;
    if (order->constant)
        asm_sse_rip(&x->a, SSE_PSHUFB, 0, constant(x, order->constant));
    else if (order->words)
        asm_sse_imm(&x->a, SSE_PSHUFD, 0, 0, order->words);
}

/* xmm0 = value there, in the order of the register. */
static void load_host(struct lower *x, const struct vsr_form *f, const struct place *p)
{
    static const unsigned plain[] = { [1] = 0x0fb6, [2] = 0x0fb7, [4] = 0x8b, [8] = 0x8b };
    struct assembler *a = &x->a;

    if (f->width == 16) {
        asm_at(a, W32, SSE_MOVUPS_LOAD, 0, p);
        if (x->big_endian)
            reverse_bytes(x);
    } else if (f->width >= 4 && !x->big_endian && !f->sign) {
        asm_at(a, W32, f->width == 8 ? SSE_MOVSD_LOAD : SSE_MOVSS_LOAD, 0, p);
    } else {
        asm_at(a, f->width == 8 ? W64 : W32, plain[f->width], RDX, p);
        if (x->big_endian)
            emit_swap(a, RDX, f->width);
        if (f->sign)
            asm_rr(a, W64, 0x63, RDX, RDX);
        asm_rr(a, W64, SSE_MOVD_TO, 0, RDX);
    }
}

/* xmm0: single to double. A NaN goes through C: a signalling one must stay so. */
static void widen(struct lower *x)
{
    struct assembler *a = &x->a;
    struct stub *s;

    asm_sse_rr(a, 0x0f2e, 0, 0);                            /* ucomiss */
    s = new_stub(x, STUB_SINGLE, asm_jcc(a, CC_P));
    s->thunk = x->j->thunks->widen;
    asm_sse_rr(a, SSE_CVTSS2SD, 0, 0);
    s->back = a->p;
}

/* xmm0: double to single, as it is when that is exact. */
static void narrow(struct lower *x)
{
    struct assembler *a = &x->a;
    struct stub *s;

    asm_sse_rr(a, SSE_MOVAPS, 1, 0);
    asm_sse_rr(a, SSE_CVTSD2SS, 1, 0);
    asm_sse_rr(a, SSE_CVTSS2SD, 2, 1);
    asm_rr(a, W64, SSE_MOVD_FROM, 0, RCX);
    asm_rr(a, W64, SSE_MOVD_FROM, 2, RDX);
    asm_rr(a, W64, 0x3b, RCX, RDX);
    s = new_stub(x, STUB_SINGLE, asm_jcc(a, CC_NE));
    s->thunk = x->j->thunks->narrow;
    asm_sse_rr(a, SSE_MOVAPS, 0, 1);
    s->back = a->p;
}

static void splat(struct lower *x, const struct vsr_form *f)
{
    asm_sse_imm(&x->a, SSE_PSHUFD, 0, 0, f->width == 8 ? 0x44 : 0);
}

static bool load(struct lower *x, const struct op *o, struct vsr_form f)
{
    struct place p = { .width = f.width, .update = f.update, .aligned = f.aligned, .form = f.address };
    struct stub *s;

    if ((f.update && !o->ra) || ((x->big_endian || f.order.constant) && !can_shuffle()))
        return false;
    place_begin(x, o, &p);
    s = place_check(x, &p, STUB_LOAD_XMM);
    s->sign = f.sign;
    load_host(x, &f, &p);
    s->back = x->a.p;
    if (f.single)
        widen(x);
    if (f.width == 16) {
        reorder(x, &f.order);
        store_vsr(x, 0, o->rt + f.bank);
    } else if (f.splat) {
        splat(x, &f);
        store_vsr(x, 0, o->rt + f.bank);
    } else {
        store_scalar(x, 0, o->rt + f.bank);
    }
    place_end(x, o, &p);
    return true;
}

static void store_host(struct lower *x, const struct vsr_form *f, const struct place *p)
{
    static const unsigned plain[] = { [1] = 0x88, [2] = 0x89, [4] = 0x89, [8] = 0x89 };
    struct assembler *a = &x->a;

    if (f->width == 16) {
        if (x->big_endian)
            reverse_bytes(x);
        asm_at(a, W32, SSE_MOVUPS_STORE, 0, p);
        return;
    }
    asm_rr(a, W64, SSE_MOVD_FROM, 0, RDX);
    if (x->big_endian && f->width > 1)
        emit_swap(a, RDX, f->width);
    asm_at(a, (enum width)f->width, plain[f->width], RDX, p);
}

static bool store(struct lower *x, const struct op *o, struct vsr_form f)
{
    struct place p = { .width = f.width, .store = true, .update = f.update, .aligned = f.aligned, .form = f.address };
    struct stub *s;

    if ((f.update && !o->ra) || ((x->big_endian || f.order.constant) && !can_shuffle()))
        return false;
    if (f.width == 16) {
        load_vsr(x, 0, o->rt + f.bank);
        reorder(x, &f.order);
    } else {
        load_scalar(x, 0, o->rt + f.bank);
        if (f.single)
            narrow(x);
    }
    place_begin(x, o, &p);
    s = place_check(x, &p, STUB_STORE_XMM);
    store_host(x, &f, &p);
    s->back = x->a.p;
    place_end(x, o, &p);
    return true;
}

#define D ADDRESS_D
#define X ADDRESS_X
#define FORM(name, how, ...) EMIT(name, how, (struct vsr_form){ __VA_ARGS__ })
#define FPR_FORMS(load_name, store_name, width, single)                                                               \
    FORM(load_name, load, width, false, single, .address = D)                                                         \
    FORM(load_name##u, load, width, true, single, .address = D)                                                       \
    FORM(load_name##x, load, width, false, single, .address = X)                                                      \
    FORM(load_name##ux, load, width, true, single, .address = X)                                                      \
    FORM(store_name, store, width, false, single, .address = D)                                                       \
    FORM(store_name##u, store, width, true, single, .address = D)                                                     \
    FORM(store_name##x, store, width, false, single, .address = X)                                                    \
    FORM(store_name##ux, store, width, true, single, .address = X)

FPR_FORMS(lfd, stfd, 8, false)
FPR_FORMS(lfs, stfs, 4, true)
FORM(lfiwax, load, 4, .sign = true, .address = X)
FORM(lfiwzx, load, 4, .address = X)
FORM(stfiwx, store, 4, .address = X)
FORM(lxsd, load, 8, .bank = 32, .address = D)
FORM(lxssp, load, 4, .single = true, .bank = 32, .address = D)
FORM(stxsd, store, 8, .bank = 32, .address = D)
FORM(stxssp, store, 4, .single = true, .bank = 32, .address = D)
FORM(lxsibzx, load, 1, .address = X)
FORM(lxsihzx, load, 2, .address = X)
FORM(stxsibx, store, 1, .address = X)
FORM(stxsihx, store, 2, .address = X)
FORM(lvx, load, 16, .aligned = true, .bank = 32, .address = X)
FORM(stvx, store, 16, .aligned = true, .bank = 32, .address = X)
FORM(lxv, load, 16, .address = D)
FORM(stxv, store, 16, .address = D)
FORM(lxvx, load, 16, .address = X)
FORM(stxvx, store, 16, .address = X)
FORM(lxvd2x, load, 16, .address = X, .order = { .words = 0x4e })
FORM(stxvd2x, store, 16, .address = X, .order = { .words = 0x4e })
FORM(lxvw4x, load, 16, .address = X, .order = { .words = 0x1b })
FORM(stxvw4x, store, 16, .address = X, .order = { .words = 0x1b })
FORM(lxvh8x, load, 16, .address = X, .order = { .constant = K_REV_H8 })
FORM(stxvh8x, store, 16, .address = X, .order = { .constant = K_REV_H8 })
FORM(lxvb16x, load, 16, .address = X, .order = { .constant = K_REVERSE })
FORM(stxvb16x, store, 16, .address = X, .order = { .constant = K_REVERSE })
FORM(lxvdsx, load, 8, .address = X, .splat = true)
FORM(lxvwsx, load, 4, .address = X, .splat = true)

/* ---- moves to and from GPRs ---- */

static bool emit_mfvsrd(struct lower *x, const struct op *o)
{
    asm_load(&x->a, def(x, o->ra), RBP, OFF_VSR(o->rt) + 8);
    return true;
}

static bool emit_mfvsrld(struct lower *x, const struct op *o)
{
    asm_load(&x->a, def(x, o->ra), RBP, OFF_VSR(o->rt));
    return true;
}

static bool emit_mfvsrwz(struct lower *x, const struct op *o)
{
    asm_rm(&x->a, W32, 0x8b, def(x, o->ra), RBP, OFF_VSR(o->rt) + 8);
    return true;
}

static bool emit_mtvsrd(struct lower *x, const struct op *o)
{
    asm_rr(&x->a, W64, SSE_MOVD_TO, 0, use(x, o->ra));
    store_scalar(x, 0, o->rt);
    return true;
}

static bool emit_mtvsrwz(struct lower *x, const struct op *o)
{
    asm_rr(&x->a, W32, SSE_MOVD_TO, 0, use(x, o->ra));
    store_scalar(x, 0, o->rt);
    return true;
}

static bool emit_mtvsrwa(struct lower *x, const struct op *o)
{
    asm_rr(&x->a, W64, 0x63, RAX, use(x, o->ra));           /* movsxd */
    asm_rr(&x->a, W64, SSE_MOVD_TO, 0, RAX);
    store_scalar(x, 0, o->rt);
    return true;
}

static bool emit_mtvsrws(struct lower *x, const struct op *o)
{
    asm_rr(&x->a, W32, SSE_MOVD_TO, 0, use(x, o->ra));
    asm_sse_imm(&x->a, SSE_PSHUFD, 0, 0, 0);
    store_vsr(x, 0, o->rt);
    return true;
}

static bool emit_mtvsrdd(struct lower *x, const struct op *o)
{
    asm_rr(&x->a, W64, SSE_MOVD_TO, 0, use(x, o->rb));
    if (o->ra) {
        asm_rr(&x->a, W64, SSE_MOVD_TO, 1, use(x, o->ra));
        asm_sse_rr(&x->a, 0x66000f6c, 0, 1);                /* punpcklqdq */
    }
    store_vsr(x, 0, o->rt);
    return true;
}

const struct emit_row emit_vsr_memory[] = {
    ROW(lfd), ROW(lfdu), ROW(lfdx), ROW(lfdux), ROW(stfd), ROW(stfdu), ROW(stfdx), ROW(stfdux),
    ROW(lfs), ROW(lfsu), ROW(lfsx), ROW(lfsux), ROW(stfs), ROW(stfsu), ROW(stfsx), ROW(stfsux),
    ROW(lfiwax), ROW(lfiwzx), ROW(stfiwx),
    { "lxsdx", emit_lfdx }, { "stxsdx", emit_stfdx }, { "lxsspx", emit_lfsx }, { "stxsspx", emit_stfsx },
    { "lxsiwax", emit_lfiwax }, { "lxsiwzx", emit_lfiwzx }, { "stxsiwx", emit_stfiwx },
    ROW(lxsd), ROW(lxssp), ROW(stxsd), ROW(stxssp), ROW(lxsibzx), ROW(lxsihzx), ROW(stxsibx), ROW(stxsihx),
    ROW(lvx), { "lvxl", emit_lvx }, ROW(stvx), { "stvxl", emit_stvx },
    ROW(lxv), ROW(stxv), ROW(lxvx), ROW(stxvx), ROW(lxvd2x), ROW(stxvd2x), ROW(lxvw4x), ROW(stxvw4x),
    ROW(lxvh8x), ROW(stxvh8x), ROW(lxvb16x), ROW(stxvb16x), ROW(lxvdsx), ROW(lxvwsx),
    ROW(mfvsrd), ROW(mfvsrld), ROW(mfvsrwz), ROW(mtvsrd), ROW(mtvsrwz), ROW(mtvsrwa), ROW(mtvsrws), ROW(mtvsrdd),
    { NULL, NULL },
};
