/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_float.c - scalar floating-point arithmetic on the host's unit. Vectors: lower_float_vector.c.
 *
 * Computed here only when that is exact: rounding to nearest (the host's only mode), XX standing already, VE, UE, ZE,
 * XE and FEX off (fp_fast), and a result that tells nothing else can have happened: no NaN, no infinity, well inside
 * the normal range where tininess is possible. Everything else goes to the C function in a stub. FR, FI and FPRF of
 * scalars are owed (cpu/jit/fp_lazy.h); vectors set none. Single results are rounded twice, to double and to single;
 * that differs from rounding once only when the double lies exactly halfway between two singles,
 * which goes to the stub too. */
#include "cpu/jit/fp_lazy.h"
#include "cpu/jit/x86_64/lower_float.h"

#define OFF_LAZY_OP OFF(fp_lazy.op)
#define OFF_LAZY(i) (OFF(fp_lazy.operand) + 8 * (int32_t)(i))

static bool sets_status(emit_fn *emit);
static bool only_moves(emit_fn *emit);

/* Which operands an instruction has, in xmm0 and on. */
enum { HAS_A = 1, HAS_B = 2, HAS_C = 4, HAS_T = 8 };

/* Will the next instruction that could show what this one owes overwrite it? Between them are only moves, which neither
 * leave nor look. The C function of the next one overwrites it as well: VE and ZE are off, so it is not suppressed. */
static bool overwritten(const struct lower *x)
{
    const struct item *end = x->r->items + x->r->n_items;

    for (const struct item *it = x->item + 1; it < end && it->kind == ITEM_OP; it++) {
        emit_fn *emit = it->op.row == UINT16_MAX || it->op.denied ? NULL : x->j->thunks->emit[it->op.row];

        if (emit && sets_status(emit))
            return true;
        if (!emit || it->op.rc_bit || !only_moves(emit))
            return false;
    }
    return false;
}

static void owe(struct lower *x, const struct op *o, unsigned has, const int *xmm)
{
    struct assembler *a = &x->a;

    if (overwritten(x))
        return;
    if (has & HAS_A)
        asm_sse_rm(a, SSE_MOVSD_STORE, xmm[0], RBP, OFF_LAZY(0));
    if (has & HAS_B)
        asm_sse_rm(a, SSE_MOVSD_STORE, xmm[1], RBP, OFF_LAZY(1));
    if (has & (HAS_C | HAS_T))
        asm_sse_rm(a, SSE_MOVSD_STORE, xmm[2], RBP, OFF_LAZY(2));
    asm_rm(a, W64, 0xc7, 0, RBP, OFF_LAZY_OP);              /* nothing else is owed any more */
    asm_u32(a, emit_op_number(x, o) | FP_LAZY_FULL | has * FP_LAZY_RA);
}
_Static_assert(FP_LAZY_RB == HAS_B * FP_LAZY_RA && FP_LAZY_RT == HAS_T * FP_LAZY_RA, "one bit each, in this order");

/* eax = biased exponent of xmm2. */
static void exponent(struct lower *x)
{
    asm_rr(&x->a, W64, SSE_MOVD_FROM, 2, RAX);
    asm_shift(&x->a, W64, S_SHR, RAX, 52);
    asm_ri(&x->a, W32, G_AND, RAX, 0x7ff);
}

static void check_single(struct lower *x, struct stub *s)
{
    struct assembler *a = &x->a;

    asm_rr(a, W64, SSE_MOVD_FROM, 2, RAX);
    asm_rr(a, W32, 0x8b, RCX, RAX);
    asm_ri(a, W32, G_AND, RCX, 0x1fffffff);
    asm_ri(a, W32, G_CMP, RCX, 0x10000000);
    s->also[0] = asm_jcc(a, CC_E);
    asm_shift(a, W64, S_SHR, RAX, 52);
    asm_ri(a, W32, G_AND, RAX, 0x7ff);
    asm_ri(a, W32, G_SUB, RAX, 1023 - 126 + 1);
    asm_ri(a, W32, G_CMP, RAX, 126 + 126);
    s->also[1] = asm_jcc(a, CC_AE);
    asm_sse_rr(a, SSE_CVTSD2SS, 2, 2);
    asm_sse_rr(a, SSE_CVTSS2SD, 2, 2);
}

/* Result in xmm2. */
static void check(struct lower *x, struct stub *s, enum check kind)
{
    if (kind == CHECK_SINGLE) {
        check_single(x, s);
    } else if (kind == CHECK_NORMAL) {
        exponent(x);
        asm_ri(&x->a, W32, G_SUB, RAX, 2);
        asm_ri(&x->a, W32, G_CMP, RAX, 0x7fd);
        s->also[0] = asm_jcc(&x->a, CC_AE);
    } else if (kind == CHECK_FINITE) {
        exponent(x);
        asm_ri(&x->a, W32, G_CMP, RAX, 0x7ff);
        s->also[0] = asm_jcc(&x->a, CC_E);
    }
}

static void finish(struct lower *x, const struct op *o, struct stub *s)
{
    store_scalar(x, 2, o->rt);
    slow(x, s);
}

/* ---- scalar arithmetic ---- */

/* rt = ra op (rc or rb) */
static bool binary(struct lower *x, const struct op *o, unsigned opc, enum check kind, unsigned second)
{
    static const int places[] = { 0, 1, 1 };
    struct stub *s;

    if (o->rc_bit)
        return false;
    s = begin(x);
    load_scalar(x, 0, o->ra);
    load_scalar(x, 1, second == HAS_C ? o->rc : o->rb);
    asm_sse_rr(&x->a, SSE_MOVAPS, 2, 0);
    asm_sse_rr(&x->a, opc, 2, 1);
    check(x, s, kind);
    owe(x, o, HAS_A | second, places);
    finish(x, o, s);
    return true;
}

EMIT(fadd, binary, 0xf2000f58u, CHECK_FINITE, HAS_B)
EMIT(fsub, binary, 0xf2000f5cu, CHECK_FINITE, HAS_B)
EMIT(fmul, binary, 0xf2000f59u, CHECK_NORMAL, HAS_C)
EMIT(fdiv, binary, 0xf2000f5eu, CHECK_NORMAL, HAS_B)
EMIT(fadds, binary, 0xf2000f58u, CHECK_SINGLE, HAS_B)
EMIT(fsubs, binary, 0xf2000f5cu, CHECK_SINGLE, HAS_B)
EMIT(fmuls, binary, 0xf2000f59u, CHECK_SINGLE, HAS_C)
EMIT(fdivs, binary, 0xf2000f5eu, CHECK_SINGLE, HAS_B)
EMIT(xsmuldp, binary, 0xf2000f59u, CHECK_NORMAL, HAS_B)
EMIT(xsmulsp, binary, 0xf2000f59u, CHECK_SINGLE, HAS_B)

static const int only_b[] = { 0, 0, 0 };

/* fsqrt, frsp: operand in xmm0, result in xmm2 */
static bool unary(struct lower *x, const struct op *o, unsigned opc, enum check kind)
{
    struct stub *s;

    if (o->rc_bit)
        return false;
    s = begin(x);
    load_scalar(x, 0, o->rb);
    asm_sse_rr(&x->a, opc, 2, 0);
    check(x, s, kind);
    owe(x, o, HAS_B, only_b);
    finish(x, o, s);
    return true;
}

EMIT(fsqrt, unary, 0xf2000f51u, CHECK_NORMAL)
EMIT(fsqrts, unary, 0xf2000f51u, CHECK_SINGLE)

/* The operand itself takes the place of a first rounding: exactly halfway it goes to the stub without need. */
EMIT(frsp, unary, SSE_MOVAPS, CHECK_SINGLE)

/* ---- multiply-add: a * m + b ---- */

static bool multiply_add(struct lower *x, const struct op *o, enum fma kind, enum check result, unsigned m, unsigned b)
{
    static const int fpr[] = { 0, 3, 1 }, a_form[] = { 0, 1, 3 }, m_form[] = { 0, 3, 1 };
    unsigned third = m == HAS_C ? HAS_C : HAS_T;
    struct stub *s;

    if (o->rc_bit || !__builtin_cpu_supports("fma"))
        return false;
    s = begin(x);
    load_scalar(x, 0, o->ra);
    load_scalar(x, 1, m == HAS_C ? o->rc : m == HAS_B ? o->rb : o->rt);
    load_scalar(x, 3, b == HAS_B ? o->rb : o->rt);
    asm_sse_rr(&x->a, SSE_MOVAPS, 2, 0);
    asm_vex(&x->a, 2, 1, true, 0xa9 + kind, 2, 1, 3);
    check(x, s, result);
    owe(x, o, HAS_A | HAS_B | third, m == HAS_C ? fpr : m == HAS_B ? a_form : m_form);
    finish(x, o, s);
    return true;
}

#define FMA(name, kind)                                                                                               \
    EMIT(f##name, multiply_add, kind, CHECK_NORMAL, HAS_C, HAS_B)                                                     \
    EMIT(f##name##s, multiply_add, kind, CHECK_SINGLE, HAS_C, HAS_B)                                                  \
    EMIT(xs##name##adp, multiply_add, kind, CHECK_NORMAL, HAS_B, HAS_T)                                               \
    EMIT(xs##name##mdp, multiply_add, kind, CHECK_NORMAL, HAS_T, HAS_B)                                               \
    EMIT(xs##name##asp, multiply_add, kind, CHECK_SINGLE, HAS_B, HAS_T)                                               \
    EMIT(xs##name##msp, multiply_add, kind, CHECK_SINGLE, HAS_T, HAS_B)
FMA(madd, FMA_ADD)
FMA(msub, FMA_SUB)
FMA(nmadd, FMA_NEGATED_ADD)
FMA(nmsub, FMA_NEGATED_SUB)

/* ---- conversions ---- */

/* From a signed doubleword; unsigned ones below 2^63 are the same. */
static bool from_int(struct lower *x, const struct op *o, bool is_signed, bool single)
{
    struct assembler *a = &x->a;
    struct stub *s;

    if (o->rc_bit)
        return false;
    s = begin(x);
    asm_load(a, RAX, RBP, OFF_VSR(o->rb) + 8);
    if (!is_signed) {
        asm_rr(a, W64, 0x85, RAX, RAX);
        s->also[0] = asm_jcc(a, CC_S);
    }
    asm_sse_rr(a, SSE_XORPS, 2, 2);
    asm_rr(a, W64, single ? 0xf3000f2au : 0xf2000f2au, 2, RAX);         /* cvtsi2ss, cvtsi2sd */
    if (single)
        asm_sse_rr(a, SSE_CVTSS2SD, 2, 2);
    asm_rr(a, W64, SSE_MOVD_TO, 0, RAX);
    owe(x, o, HAS_B, only_b);
    finish(x, o, s);
    return true;
}

EMIT(fcfid, from_int, true, false)
EMIT(fcfidu, from_int, false, false)
EMIT(fcfids, from_int, true, true)
EMIT(fcfidus, from_int, false, true)

/* Towards zero. FPRF stays, FR is 0, FI tells whether the way back leads elsewhere. */
static bool to_int(struct lower *x, const struct op *o, enum width w, bool twice)
{
    struct assembler *a = &x->a;
    struct stub *s;

    if (o->rc_bit)
        return false;
    s = begin(x);
    load_scalar(x, 0, o->rb);
    asm_rr(a, w, 0xf2000f2cu, RAX, 0);                      /* cvttsd2si */
    asm_ri(a, w, G_CMP, RAX, 1);
    s->also[0] = asm_jcc(a, CC_O);                          /* the least integer stands for all that do not fit */
    asm_sse_rr(a, SSE_XORPS, 1, 1);
    asm_rr(a, w, 0xf2000f2au, 1, RAX);
    asm_zero(a, RCX);
    asm_sse_rr(a, SSE_UCOMISD, 1, 0);
    asm_setcc(a, CC_NE, RCX);
    asm_ri(a, W32, G_ADD, RCX, 1);
    asm_rm(a, W8, 0x88, RCX, RBP, OFF(fp_lazy.moved));
    if (w == W32 && twice) {
        asm_rr(a, W32, 0x8b, RCX, RAX);
        asm_shift(a, W64, S_SHL, RAX, 32);
        asm_rr(a, W64, 0x0b, RAX, RCX);
    } else if (w == W32) {
        asm_rr(a, W64, 0x63, RAX, RAX);
    }
    asm_rr(a, W64, SSE_MOVD_TO, 2, RAX);
    finish(x, o, s);
    return true;
}

EMIT(fctidz, to_int, W64, false)
EMIT(fctiwz, to_int, W32, false)
EMIT(xscvdpsxws, to_int, W32, true)

/* To integral values: FPRF of the result, FR = FI = 0. */
static bool integral(struct lower *x, const struct op *o, unsigned mode)
{
    struct stub *s;

    if (o->rc_bit || !__builtin_cpu_supports("sse4.1"))
        return false;
    s = begin(x);
    load_scalar(x, 0, o->rb);
    asm_sse_imm(&x->a, 0x660f3a0bu, 2, 0, mode);            /* roundsd */
    check(x, s, CHECK_FINITE);
    owe(x, o, HAS_B, only_b);
    finish(x, o, s);
    return true;
}

EMIT(frim, integral, 9)
EMIT(frip, integral, 10)
EMIT(friz, integral, 11)

/* ---- compare, minimum, maximum ---- */

/* CR field and FPCC. */
static bool emit_fcmp(struct lower *x, const struct op *o)
{
    struct assembler *a = &x->a;
    struct stub *s = begin_if_no_fex(x);

    load_scalar(x, 0, o->ra);
    load_scalar(x, 1, o->rb);
    asm_zero(a, RAX);
    asm_zero(a, RCX);
    asm_sse_rr(a, SSE_UCOMISD, 0, 1);
    s->also[0] = asm_jcc(a, CC_P);
    asm_setcc(a, CC_B, RAX);
    asm_setcc(a, CC_A, RCX);
    asm_rmx(a, W32, 0x8d, RAX, RAX, RAX, 1, 0);             /* 3 lt */
    asm_rmx(a, W32, 0x8d, RAX, RAX, RCX, 0, 1);             /* + gt + 1 */
    asm_rr(a, W32, 0x03, RAX, RAX);
    asm_rm(a, W8, 0x88, RAX, RBP, OFF_CR_FIELD(o->n));
    cr_written(x, o->n);
    asm_rm(a, W8, 0x88, RAX, RBP, OFF(fp_lazy.fpcc));
    slow(x, s);
    return true;
}

/* The host's answer for two zeros is the second operand: taking both orders together makes +0 the larger. */
static bool pick(struct lower *x, const struct op *o, bool max)
{
    struct assembler *a = &x->a;
    unsigned opc = max ? 0xf2000f5fu : 0xf2000f5du;
    struct stub *s = begin_if_no_fex(x);

    load_scalar(x, 0, o->ra);
    load_scalar(x, 1, o->rb);
    asm_sse_rr(a, SSE_UCOMISD, 0, 1);
    s->also[0] = asm_jcc(a, CC_P);
    asm_sse_rr(a, SSE_MOVAPS, 2, 0);
    asm_sse_rr(a, opc, 2, 1);
    asm_sse_rr(a, opc, 1, 0);
    asm_sse_rr(a, max ? SSE_ANDPS : SSE_ORPS, 2, 1);
    finish(x, o, s);
    return true;
}

EMIT(xsmaxdp, pick, true)
EMIT(xsmindp, pick, false)

/* ---- moves: the FPSCR is not touched ---- */

static bool sign_op(struct lower *x, const struct op *o, unsigned opc, enum constant k)
{
    if (o->rc_bit)
        return false;
    load_scalar(x, 0, o->rb);
    if (opc)
        asm_sse_rip(&x->a, opc, 0, constant(x, k));
    store_scalar(x, 0, o->rt);
    return true;
}

/* With RN to stay as it is, this only reads what is never owed. */
static bool emit_mffscrni(struct lower *x, const struct op *o)
{
    struct stub *s;

    if (o->n)
        return false;
    s = begin(x);
    asm_load(&x->a, RAX, RBP, OFF(fpscr));
    asm_const(&x->a, RCX, FPSCR_DRN | FPSCR_ENABLES | FPSCR_NI | FPSCR_RN);
    asm_rr(&x->a, W64, 0x23, RAX, RCX);
    asm_rr(&x->a, W64, SSE_MOVD_TO, 0, RAX);
    store_scalar(x, 0, o->rt);
    s->back = x->a.p;
    return true;
}

EMIT(fmr, sign_op, 0, K_SIGN_D)
EMIT(fneg, sign_op, SSE_XORPS, K_SIGN_D)
EMIT(fabs, sign_op, SSE_ANDPS, K_ABS_D)
EMIT(fnabs, sign_op, SSE_ORPS, K_SIGN_D)

static bool emit_fcpsgn(struct lower *x, const struct op *o)
{
    if (o->rc_bit)
        return false;
    load_scalar(x, 0, o->ra);
    load_scalar(x, 1, o->rb);
    asm_sse_rip(&x->a, SSE_ANDPS, 0, constant(x, K_SIGN_D));
    asm_sse_rip(&x->a, SSE_ANDPS, 1, constant(x, K_ABS_D));
    asm_sse_rr(&x->a, SSE_ORPS, 0, 1);
    store_scalar(x, 0, o->rt);
    return true;
}

static bool emit_fsel(struct lower *x, const struct op *o)
{
    struct assembler *a = &x->a;

    if (o->rc_bit)
        return false;
    load_scalar(x, 0, o->ra);
    load_scalar(x, 1, o->rb);
    load_scalar(x, 2, o->rc);
    asm_sse_rr(a, SSE_XORPS, 3, 3);
    asm_sse_imm(a, 0xf2000fc2u, 3, 0, 2);                   /* cmplesd: 0 <= a */
    asm_sse_rr(a, SSE_ANDPS, 2, 3);
    asm_sse_rr(a, SSE_ANDNPS, 3, 1);
    asm_sse_rr(a, SSE_ORPS, 2, 3);
    store_scalar(x, 2, o->rt);
    return true;
}

static bool is_one_of(emit_fn *emit, emit_fn *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == emit)
            return true;
    return false;
}

/* FR, FI and FPRF, whole: what ends in owe(). */
static bool sets_status(emit_fn *emit)
{
    static emit_fn *const list[] = {
        emit_fadd, emit_fsub, emit_fmul, emit_fdiv, emit_fadds, emit_fsubs, emit_fmuls, emit_fdivs, emit_xsmuldp,
        emit_xsmulsp, emit_fsqrt, emit_fsqrts, emit_frsp, emit_fcfid, emit_fcfidu, emit_fcfids, emit_fcfidus,
        emit_frim, emit_frip, emit_friz, emit_fmadd, emit_fmadds, emit_xsmaddadp, emit_xsmaddmdp, emit_xsmaddasp,
        emit_xsmaddmsp, emit_fmsub, emit_fmsubs, emit_xsmsubadp, emit_xsmsubmdp, emit_xsmsubasp, emit_xsmsubmsp,
        emit_fnmadd, emit_fnmadds, emit_xsnmaddadp, emit_xsnmaddmdp, emit_xsnmaddasp, emit_xsnmaddmsp, emit_fnmsub,
        emit_fnmsubs, emit_xsnmsubadp, emit_xsnmsubmdp, emit_xsnmsubasp, emit_xsnmsubmsp,
    };

    return is_one_of(emit, list, sizeof(list) / sizeof(list[0]));
}

static bool only_moves(emit_fn *emit)
{
    static emit_fn *const list[] = {
        emit_fmr, emit_fneg, emit_fabs, emit_fnabs, emit_fcpsgn, emit_fsel,
    };

    return is_one_of(emit, list, sizeof(list) / sizeof(list[0]));
}

#define FMA_ROWS(name)                                                                                                \
    ROW(f##name), ROW(f##name##s), ROW(xs##name##adp), ROW(xs##name##mdp), ROW(xs##name##asp), ROW(xs##name##msp)
const struct emit_row emit_float[] = {
    ROW(fadd), ROW(fsub), ROW(fmul), ROW(fdiv), ROW(fadds), ROW(fsubs),
    ROW(fmuls), ROW(fdivs), ROW(fsqrt), ROW(fsqrts), ROW(frsp), ROW(mffscrni),
    { "xsadddp", emit_fadd }, { "xssubdp", emit_fsub }, ROW(xsmuldp), { "xsdivdp", emit_fdiv },
    { "xssqrtdp", emit_fsqrt },
    { "xsaddsp", emit_fadds }, { "xssubsp", emit_fsubs }, ROW(xsmulsp), { "xsdivsp", emit_fdivs },
    { "xssqrtsp", emit_fsqrts }, { "xsrsp", emit_frsp },
    FMA_ROWS(madd), FMA_ROWS(msub), FMA_ROWS(nmadd), FMA_ROWS(nmsub),
    ROW(fcfid), ROW(fcfidu), ROW(fcfids), ROW(fcfidus), ROW(fctidz), ROW(fctiwz), ROW(frim), ROW(frip), ROW(friz),
    { "xscvsxddp", emit_fcfid }, { "xscvuxddp", emit_fcfidu }, { "xscvsxdsp", emit_fcfids },
    { "xscvuxdsp", emit_fcfidus },
    { "xscvdpsxds", emit_fctidz }, ROW(xscvdpsxws), { "xsrdpim", emit_frim }, { "xsrdpip", emit_frip },
    { "xsrdpiz", emit_friz }, { "fcmpu", emit_fcmp }, { "fcmpo", emit_fcmp }, { "xscmpudp", emit_fcmp },
    { "xscmpodp", emit_fcmp }, ROW(xsmaxdp), ROW(xsmindp),
    ROW(fmr), ROW(fneg), ROW(fabs), ROW(fnabs), ROW(fcpsgn), ROW(fsel),
    { "xsnegdp", emit_fneg }, { "xsabsdp", emit_fabs }, { "xsnabsdp", emit_fnabs }, { "xscpsgndp", emit_fcpsgn },
    { NULL, NULL },
};
