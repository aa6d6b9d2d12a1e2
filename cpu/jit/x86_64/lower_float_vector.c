/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_float_vector.c - VSX vector floating point on the host's unit.
 *
 * When it is exact: as lower_float.c, over all elements. Vectors set no FR, FI and FPRF, so nothing is owed. */
#include "cpu/jit/x86_64/lower_float.h"

/* Over all elements of xmm2. */
static void check_vector(struct lower *x, struct stub *s, bool dp, enum check kind)
{
    struct assembler *a = &x->a;

    asm_sse_rr(a, SSE_MOVAPS, 4, 2);
    asm_sse_rip(a, SSE_PAND, 4, constant(x, dp ? K_ABS_D : K_ABS_S));
    asm_sse_rr(a, SSE_MOVAPS, 5, 4);
    asm_sse_rip(a, 0x66000ffeu, 4, constant(x, dp ? K_D_TOO_BIG : K_S_TOO_BIG));        /* paddd */
    if (kind == CHECK_NORMAL) {
        asm_sse_rip(a, 0x66000ffeu, 5, constant(x, dp ? K_D_TOO_SMALL : K_S_TOO_SMALL));
        asm_sse_rr(a, SSE_POR, 4, 5);
    }
    asm_rr(a, W32, dp ? 0x66000f50u : 0x0f50, RAX, 4);      /* movmskpd, movmskps */
    asm_rr(a, W32, 0x85, RAX, RAX);
    s->also[0] = asm_jcc(a, CC_NE);
}

static bool vector_binary(struct lower *x, const struct op *o, unsigned opc, bool dp, enum check kind)
{
    struct stub *s = begin(x);

    load_vsr(x, 2, o->ra);
    load_vsr(x, 1, o->rb);
    asm_sse_rr(&x->a, opc | (dp ? 0x66000000u : 0), 2, 1);
    check_vector(x, s, dp, kind);
    store_vsr(x, 2, o->rt);
    slow(x, s);
    return true;
}

static bool vector_sqrt(struct lower *x, const struct op *o, bool dp)
{
    struct stub *s = begin(x);

    load_vsr(x, 1, o->rb);
    asm_sse_rr(&x->a, 0x0f51u | (dp ? 0x66000000u : 0), 2, 1);
    check_vector(x, s, dp, CHECK_NORMAL);
    store_vsr(x, 2, o->rt);
    slow(x, s);
    return true;
}

#define VECTOR(name, opc, kind)                                                                                       \
    EMIT(name##dp, vector_binary, opc, true, kind)                                                                    \
    EMIT(name##sp, vector_binary, opc, false, kind)
VECTOR(xvadd, 0x0f58, CHECK_FINITE)
VECTOR(xvsub, 0x0f5c, CHECK_FINITE)
VECTOR(xvmul, 0x0f59, CHECK_NORMAL)
VECTOR(xvdiv, 0x0f5e, CHECK_NORMAL)

EMIT(xvsqrtdp, vector_sqrt, true)
EMIT(xvsqrtsp, vector_sqrt, false)

/* a_form: t = a * b + t; else t = a * t + b. */
static bool vector_multiply_add(struct lower *x, const struct op *o, enum fma kind, bool dp, bool a_form)
{
    struct stub *s;

    if (!__builtin_cpu_supports("fma"))
        return false;
    s = begin(x);
    load_vsr(x, 2, o->ra);
    load_vsr(x, 1, a_form ? o->rb : o->rt);
    load_vsr(x, 3, a_form ? o->rt : o->rb);
    asm_vex(&x->a, 2, 1, dp, 0xa8 + kind, 2, 1, 3);
    check_vector(x, s, dp, CHECK_NORMAL);
    store_vsr(x, 2, o->rt);
    slow(x, s);
    return true;
}

#define VECTOR_FMA(name, kind)                                                                                        \
    EMIT(xv##name##adp, vector_multiply_add, kind, true, true)                                                        \
    EMIT(xv##name##mdp, vector_multiply_add, kind, true, false)                                                       \
    EMIT(xv##name##asp, vector_multiply_add, kind, false, true)                                                       \
    EMIT(xv##name##msp, vector_multiply_add, kind, false, false)
VECTOR_FMA(madd, FMA_ADD)
VECTOR_FMA(msub, FMA_SUB)
VECTOR_FMA(nmadd, FMA_NEGATED_ADD)
VECTOR_FMA(nmsub, FMA_NEGATED_SUB)

/* xmm3 = elements of a and b that are unordered: to the stub if any. a in xmm0, b in xmm1. */
static void check_ordered(struct lower *x, struct stub *s, bool dp)
{
    struct assembler *a = &x->a;

    asm_sse_rr(a, SSE_MOVAPS, 3, 0);
    asm_sse_imm(a, dp ? 0x66000fc2u : 0x0fc2u, 3, 1, 3);    /* cmpunord */
    asm_rr(a, W32, dp ? 0x66000f50u : 0x0f50, RAX, 3);
    asm_rr(a, W32, 0x85, RAX, RAX);
    s->also[0] = asm_jcc(a, CC_NE);
}

/* CR6 of a mask with `all` bits set when every element is true, in eax. */
void emit_cr6(struct lower *x, int32_t all)
{
    struct assembler *a = &x->a;

    asm_zero(a, RCX);
    asm_zero(a, RDX);
    asm_ri(a, W32, G_CMP, RAX, all);
    asm_setcc(a, CC_E, RCX);
    asm_rr(a, W32, 0x85, RAX, RAX);
    asm_setcc(a, CC_E, RDX);
    asm_rr(a, W32, 0x03, RDX, RDX);
    asm_rmx(a, W32, 0x8d, RDX, RDX, RCX, 3, 0);             /* 8 all + 2 none */
    asm_rm(a, W8, 0x88, RDX, RBP, OFF_CR_FIELD(6));
    cr_written(x, 6);
}

/* Predicates of cmpps: 0 equal, 1 less, 2 less or equal; b against a. */
static bool vector_compare(struct lower *x, const struct op *o, bool dp, unsigned predicate)
{
    struct assembler *a = &x->a;
    struct stub *s = begin_if_no_fex(x);

    load_vsr(x, 0, o->ra);
    load_vsr(x, 1, o->rb);
    check_ordered(x, s, dp);
    asm_sse_imm(a, dp ? 0x66000fc2u : 0x0fc2u, 1, 0, predicate);
    store_vsr(x, 1, o->rt);
    if (o->rc_bit) {
        asm_rr(a, W32, dp ? 0x66000f50u : 0x0f50, RAX, 1);
        emit_cr6(x, dp ? 3 : 15);
    }
    slow(x, s);
    return true;
}

static bool vector_pick(struct lower *x, const struct op *o, bool dp, bool max)
{
    struct assembler *a = &x->a;
    unsigned opc = (max ? 0x0f5fu : 0x0f5du) | (dp ? 0x66000000u : 0);
    struct stub *s = begin_if_no_fex(x);

    load_vsr(x, 0, o->ra);
    load_vsr(x, 1, o->rb);
    check_ordered(x, s, dp);
    asm_sse_rr(a, SSE_MOVAPS, 2, 0);
    asm_sse_rr(a, opc, 2, 1);
    asm_sse_rr(a, opc, 1, 0);
    asm_sse_rr(a, max ? SSE_ANDPS : SSE_ORPS, 2, 1);
    store_vsr(x, 2, o->rt);
    slow(x, s);
    return true;
}

static bool vector_sign(struct lower *x, const struct op *o, unsigned opc, enum constant k)
{
    load_vsr(x, 0, o->rb);
    asm_sse_rip(&x->a, opc, 0, constant(x, k));
    store_vsr(x, 0, o->rt);
    return true;
}

EMIT(xvcmpeqdp, vector_compare, true, 0)
EMIT(xvcmpgtdp, vector_compare, true, 1)
EMIT(xvcmpgedp, vector_compare, true, 2)
EMIT(xvcmpeqsp, vector_compare, false, 0)
EMIT(xvcmpgtsp, vector_compare, false, 1)
EMIT(xvcmpgesp, vector_compare, false, 2)
EMIT(xvmaxdp, vector_pick, true, true)
EMIT(xvmindp, vector_pick, true, false)
EMIT(xvmaxsp, vector_pick, false, true)
EMIT(xvminsp, vector_pick, false, false)
EMIT(xvnegdp, vector_sign, SSE_XORPS, K_SIGN_D)
EMIT(xvabsdp, vector_sign, SSE_ANDPS, K_ABS_D)
EMIT(xvnabsdp, vector_sign, SSE_ORPS, K_SIGN_D)
EMIT(xvnegsp, vector_sign, SSE_XORPS, K_SIGN_S)
EMIT(xvabssp, vector_sign, SSE_ANDPS, K_ABS_S)
EMIT(xvnabssp, vector_sign, SSE_ORPS, K_SIGN_S)

#define FMA_ROWS(name) ROW(xv##name##adp), ROW(xv##name##mdp), ROW(xv##name##asp), ROW(xv##name##msp)
const struct emit_row emit_float_vector[] = {
    ROW(xvadddp), ROW(xvsubdp), ROW(xvmuldp), ROW(xvdivdp), ROW(xvsqrtdp),
    ROW(xvaddsp), ROW(xvsubsp), ROW(xvmulsp), ROW(xvdivsp), ROW(xvsqrtsp),
    ROW(xvcmpeqdp), ROW(xvcmpgtdp), ROW(xvcmpgedp), ROW(xvcmpeqsp), ROW(xvcmpgtsp), ROW(xvcmpgesp),
    ROW(xvmaxdp), ROW(xvmindp), ROW(xvmaxsp), ROW(xvminsp),
    ROW(xvnegdp), ROW(xvabsdp), ROW(xvnabsdp), ROW(xvnegsp), ROW(xvabssp), ROW(xvnabssp),
    FMA_ROWS(madd), FMA_ROWS(msub), FMA_ROWS(nmadd), FMA_ROWS(nmsub),
    { NULL, NULL },
};
