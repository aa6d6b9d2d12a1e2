/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_vmx.c - VMX floating point: four singles, round to nearest, no exceptions, no FPSCR.
 * Spec: Power ISA I, 6.6, 6.10.
 *
 * VSCR[NJ] = 1 reads denormals as zeros of their sign and turns tiny results (before rounding) into zeros. The
 * estimates vrefp and vrsqrtefp are correctly rounded;
 * vexptefp and vlogefp are good to about 2^-23, exact on integers and powers of two. */
#include "cpu/fp/fast.h"
#include "cpu/isa/chapters.h"

#define EXPONENT 0x7F800000u
#define SIGN 0x80000000u

static bool non_java(const struct cpu *c)
{
    return c->vscr & VSCR_NJ;
}

static struct fp_env env(const struct cpu *c)
{
    return (struct fp_env){ .rm = FPR_NEAREST, .flush = non_java(c) };
}

static uint32_t element(const struct cpu *c, unsigned vr, unsigned i)
{
    uint32_t x = VSR_W(c->vsr[32 + vr], i);

    return non_java(c) && !(x & EXPONENT) ? x & SIGN : x;
}

static struct fp_num operand(const struct cpu *c, unsigned vr, unsigned i)
{
    return fp_unpack(&fp_single, element(c, vr, i));
}

static uint32_t rounded(struct fp_env *e, struct fp_num r)
{
    r = fp_convert(e, &fp_single, r);
    return (uint32_t)fp_pack(&fp_single, &r);
}

/* -- arithmetic -- */

typedef struct fp_num unary_fn(struct fp_env *e, struct fp_num a);
typedef struct fp_num binary_fn(struct fp_env *e, struct fp_num a, struct fp_num b);

static void binary(struct cpu *c, const struct op *o, binary_fn *fn)
{
    struct fp_env e = env(c);
    union vsr out;

    for (unsigned i = 0; i < 4; i++)
        VSR_W(out, i) = rounded(&e, fn(&e, operand(c, o->ra, i), operand(c, o->rb, i)));
    c->vsr[32 + o->rt] = out;
}

typedef bool fast_binary_fn(const struct fp_fast *a, const struct fp_fast *b, struct fp_fast *r);
typedef bool fast_ternary_fn(const struct fp_fast *a, const struct fp_fast *c, const struct fp_fast *b,
                             struct fp_fast *r);
typedef struct fp_num ternary_fn(struct fp_env *e, struct fp_num a, struct fp_num c, struct fp_num b);

static uint32_t binary_exact(const struct cpu *c, const struct op *o, unsigned i, binary_fn *fn)
{
    struct fp_env e = env(c);

    return rounded(&e, fn(&e, operand(c, o->ra, i), operand(c, o->rb, i)));
}

static uint32_t ternary_exact(const struct cpu *c, const struct op *o, unsigned i, ternary_fn *fn, bool negate)
{
    struct fp_env e = env(c);
    struct fp_num r = fn(&e, operand(c, o->ra, i), operand(c, o->rc, i), operand(c, o->rb, i));

    return rounded(&e, r) ^ (negate && !fp_is_nan(&r) ? SIGN : 0);
}

/* Short cuts first: normal operands and results, which NJ does not touch. */
FP_INLINE void binary_fast(struct cpu *c, const struct op *o, binary_fn *fn, fast_binary_fn *fast)
{
    const union vsr *a = &c->vsr[32 + o->ra], *b = &c->vsr[32 + o->rb];
    union vsr out;

    for (unsigned i = 0; i < 4; i++) {
        struct fp_fast x, y, r;
        uint32_t flags = 0;
        bool done = fp_fast_unpack(&fp_single, VSR_W(*a, i), &x) && fp_fast_unpack(&fp_single, VSR_W(*b, i), &y) &&
                    fast(&x, &y, &r) && fp_fast_round(&fp_single, FPR_NEAREST, &r, &flags);

        VSR_W(out, i) = FP_LIKELY(done) ? (uint32_t)fp_fast_pack(&fp_single, &r) : binary_exact(c, o, i, fn);
    }
    c->vsr[32 + o->rt] = out;
}

FP_INLINE void ternary(struct cpu *c, const struct op *o, ternary_fn *fn, fast_ternary_fn *fast, bool negate)
{
    const union vsr *a = &c->vsr[32 + o->ra], *m = &c->vsr[32 + o->rc], *b = &c->vsr[32 + o->rb];
    union vsr out;

    for (unsigned i = 0; i < 4; i++) {
        struct fp_fast x, y, z, r;
        uint32_t flags = 0;
        bool done = fp_fast_unpack(&fp_single, VSR_W(*a, i), &x) && fp_fast_unpack(&fp_single, VSR_W(*m, i), &y) &&
                    fp_fast_unpack(&fp_single, VSR_W(*b, i), &z) && fast(&x, &y, &z, &r) &&
                    fp_fast_round(&fp_single, FPR_NEAREST, &r, &flags);

        if (done)
            r.sign ^= negate;
        VSR_W(out, i) = FP_LIKELY(done) ? (uint32_t)fp_fast_pack(&fp_single, &r) : ternary_exact(c, o, i, fn, negate);
    }
    c->vsr[32 + o->rt] = out;
}

static void unary(struct cpu *c, const struct op *o, unary_fn *fn)
{
    struct fp_env e = env(c);
    union vsr out;

    for (unsigned i = 0; i < 4; i++)
        VSR_W(out, i) = rounded(&e, fn(&e, operand(c, o->rb, i)));
    c->vsr[32 + o->rt] = out;
}

static void run_vaddfp(struct cpu *c, const struct op *o)
{
    binary_fast(c, o, fp_add, fp_fast_add);
}

static void run_vsubfp(struct cpu *c, const struct op *o)
{
    binary_fast(c, o, fp_sub, fp_fast_sub);
}

/* VRT <- VRA * VRC + VRB */
static void run_vmaddfp(struct cpu *c, const struct op *o)
{
    ternary(c, o, fp_fma, fp_fast_fma, false);
}

/* VRT <- -(VRA * VRC - VRB) */
static void run_vnmsubfp(struct cpu *c, const struct op *o)
{
    ternary(c, o, fp_fms, fp_fast_fms, true);
}

static void run_vrefp(struct cpu *c, const struct op *o)
{
    unary(c, o, fp_recip);
}

static void run_vrsqrtefp(struct cpu *c, const struct op *o)
{
    unary(c, o, fp_rsqrt);
}

/* A NaN wins (VRA's first); zeros are ordered by sign. */
static struct fp_num greater(struct fp_env *e, struct fp_num a, struct fp_num b)
{
    (void)e;
    if (fp_is_nan(&a) || fp_is_nan(&b))
        return fp_is_nan(&a) ? a : b;
    if (a.kind == FPK_ZERO && b.kind == FPK_ZERO)
        return a.sign ? b : a;
    return fp_compare(&a, &b) == CR_LT ? b : a;
}

static struct fp_num lesser(struct fp_env *e, struct fp_num a, struct fp_num b)
{
    (void)e;
    if (fp_is_nan(&a) || fp_is_nan(&b))
        return fp_is_nan(&a) ? a : b;
    if (a.kind == FPK_ZERO && b.kind == FPK_ZERO)
        return a.sign ? a : b;
    return fp_compare(&a, &b) == CR_GT ? b : a;
}

static void run_vmaxfp(struct cpu *c, const struct op *o)
{
    binary(c, o, greater);
}

static void run_vminfp(struct cpu *c, const struct op *o)
{
    binary(c, o, lesser);
}

/* -- 2^x and log2(x) in fixed point with 60 fraction bits -- */

#define ONE (1ull << 60)
#define LN2 0xB17217F7D1CF79Bull        /* ln 2 * 2^60, rounded */

/* 2^f for f in [0, 1): Taylor's series of e^(f ln 2), 14 terms. */
static uint64_t exp2_fraction(uint64_t f)
{
    uint64_t y = (uint64_t)((unsigned __int128)f * LN2 >> 60), r = ONE;

    for (unsigned k = 14; k; k--)
        r = ONE + (uint64_t)((unsigned __int128)y * r >> 60) / k;
    return r;
}

/* log2(m) for m in [1, 2): squaring makes one bit at a time. */
static uint64_t log2_fraction(uint64_t m)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < 40; i++) {
        m = (uint64_t)((unsigned __int128)m * m >> 60);
        r <<= 1;
        if (m >= 2 * ONE) {
            m >>= 1;
            r |= 1;
        }
    }
    return r << 20;
}

static struct fp_num fixed(bool sign, uint64_t v, int exp)
{
    struct fp_num r = fp_from_int(sign, v);

    r.exp += exp - 60;
    return r;
}

static struct fp_num exp2_estimate(struct fp_env *e, struct fp_num x)
{
    struct fp_env down = { .rm = FPR_DOWN };
    struct fp_num whole = { .kind = FPK_ZERO }, part;
    int n;

    if (fp_is_nan(&x))
        return x;
    if (x.kind == FPK_INF || (x.kind == FPK_NUMBER && x.exp > 7))
        return x.sign ? (struct fp_num){ .kind = FPK_ZERO } : (struct fp_num){ .kind = FPK_INF };
    whole = fp_to_integral(&down, x, FPR_DOWN);
    n = (int)(int64_t)fp_to_int(&down, &whole, 32, true, FPR_ZERO);
    part = fp_sub(e, x, whole);         /* exact enough: its bits below 2^-60 do not count */
    if (part.kind != FPK_NUMBER || part.exp < -60)
        return fixed(false, ONE, n);
    return fixed(false, exp2_fraction((uint64_t)(part.frac >> (67 - part.exp))), n);
}

static struct fp_num log2_estimate(struct fp_env *e, struct fp_num x)
{
    uint64_t frac;
    int64_t v;

    if (fp_is_nan(&x))
        return x;
    if (x.kind == FPK_ZERO)
        return (struct fp_num){ .kind = FPK_INF, .sign = true };
    if (x.sign)
        return fp_sqrt(e, x);           /* the default NaN */
    if (x.kind == FPK_INF)
        return x;
    frac = log2_fraction((uint64_t)(x.frac >> 67));
    v = (int64_t)x.exp * 0x10000000000 + (int64_t)(frac >> 20);
    return fixed(v < 0, (uint64_t)(v < 0 ? -v : v), 20);
}

static void run_vexptefp(struct cpu *c, const struct op *o)
{
    unary(c, o, exp2_estimate);
}

static void run_vlogefp(struct cpu *c, const struct op *o)
{
    unary(c, o, log2_estimate);
}

/* -- rounding to integral values, conversions -- */

static void integral(struct cpu *c, const struct op *o, enum fp_rounding rm)
{
    struct fp_env e = env(c);
    union vsr out;

    for (unsigned i = 0; i < 4; i++)
        VSR_W(out, i) = rounded(&e, fp_to_integral(&e, operand(c, o->rb, i), rm));
    c->vsr[32 + o->rt] = out;
}

static void run_vrfin(struct cpu *c, const struct op *o)
{
    integral(c, o, FPR_NEAREST);
}

static void run_vrfiz(struct cpu *c, const struct op *o)
{
    integral(c, o, FPR_ZERO);
}

static void run_vrfip(struct cpu *c, const struct op *o)
{
    integral(c, o, FPR_UP);
}

static void run_vrfim(struct cpu *c, const struct op *o)
{
    integral(c, o, FPR_DOWN);
}

/* Integer / 2^UIM (in n). */
static void from_fixed(struct cpu *c, const struct op *o, bool is_signed)
{
    struct fp_env e = env(c);
    union vsr out;

    for (unsigned i = 0; i < 4; i++) {
        uint32_t v = VSR_W(c->vsr[32 + o->rb], i);
        bool negative = is_signed && v >> 31;
        struct fp_num r = fp_from_int(negative, negative ? 0 - v : v);

        r.exp -= o->n;
        VSR_W(out, i) = rounded(&e, r);
    }
    c->vsr[32 + o->rt] = out;
}

static void run_vcfux(struct cpu *c, const struct op *o)
{
    from_fixed(c, o, false);
}

static void run_vcfsx(struct cpu *c, const struct op *o)
{
    from_fixed(c, o, true);
}

/* Element * 2^UIM, truncated, saturating; a NaN gives 0 without saturation. */
static void to_fixed(struct cpu *c, const struct op *o, bool is_signed)
{
    union vsr out;

    for (unsigned i = 0; i < 4; i++) {
        struct fp_num x = operand(c, o->rb, i);
        struct fp_env e = { 0 };

        x.exp += o->n;
        VSR_W(out, i) = fp_is_nan(&x) ? 0 : (uint32_t)fp_to_int(&e, &x, 32, is_signed, FPR_ZERO);
        if (e.flags & FPSCR_VXCVI)
            c->vscr |= VSCR_SAT;
    }
    c->vsr[32 + o->rt] = out;
}

static void run_vctuxs(struct cpu *c, const struct op *o)
{
    to_fixed(c, o, false);
}

static void run_vctsxs(struct cpu *c, const struct op *o)
{
    to_fixed(c, o, true);
}

/* -- compare; Rc: CR6 <- all true, 0, none true, 0 -- */

static void compare(struct cpu *c, const struct op *o, unsigned wanted)
{
    unsigned hits = 0;
    union vsr out;

    for (unsigned i = 0; i < 4; i++) {
        struct fp_num a = operand(c, o->ra, i), b = operand(c, o->rb, i);
        bool hit = fp_compare(&a, &b) & wanted;

        VSR_W(out, i) = hit ? ~0u : 0;
        hits += hit;
    }
    c->vsr[32 + o->rt] = out;
    if (o->rc_bit)
        c->cr[6] = (uint8_t)(hits == 4 ? CR_LT : hits ? 0 : CR_EQ);
}

static void run_vcmpeqfp(struct cpu *c, const struct op *o)
{
    compare(c, o, CR_EQ);
}

static void run_vcmpgefp(struct cpu *c, const struct op *o)
{
    compare(c, o, CR_GT | CR_EQ);
}

static void run_vcmpgtfp(struct cpu *c, const struct op *o)
{
    compare(c, o, CR_GT);
}

/* Bit 0: not a <= b; bit 1: not a >= -b. Rc: CR6 <- 0, 0, all in bounds, 0. */
static void run_vcmpbfp(struct cpu *c, const struct op *o)
{
    union vsr out;

    for (unsigned i = 0; i < 4; i++) {
        struct fp_num a = operand(c, o->ra, i), b = operand(c, o->rb, i);
        bool le = fp_compare(&a, &b) & (CR_LT | CR_EQ), ge;

        b.sign = !b.sign;
        ge = fp_compare(&a, &b) & (CR_GT | CR_EQ);
        VSR_W(out, i) = (le ? 0 : 0x80000000u) | (ge ? 0 : 0x40000000u);
    }
    c->vsr[32 + o->rt] = out;
    if (o->rc_bit)
        c->cr[6] = out.q ? 0 : CR_EQ;
}

static const struct isa_row rows[] = {
    { "vmaddfp", "000100 ttttt aaaaa bbbbb ccccc 101110", run_vmaddfp, "t,a,c,b", ISA_VEC },
    { "vnmsubfp", "000100 ttttt aaaaa bbbbb ccccc 101111", run_vnmsubfp, "t,a,c,b", ISA_VEC },
    { "vaddfp", "000100 ttttt aaaaa bbbbb 00000001010", run_vaddfp, "t,a,b", ISA_VEC },
    { "vsubfp", "000100 ttttt aaaaa bbbbb 00001001010", run_vsubfp, "t,a,b", ISA_VEC },
    { "vmaxfp", "000100 ttttt aaaaa bbbbb 10000001010", run_vmaxfp, "t,a,b", ISA_VEC },
    { "vminfp", "000100 ttttt aaaaa bbbbb 10001001010", run_vminfp, "t,a,b", ISA_VEC },
    { "vrefp", "000100 ttttt xxxxx bbbbb 00100001010", run_vrefp, "t,b", ISA_VEC },
    { "vrsqrtefp", "000100 ttttt xxxxx bbbbb 00101001010", run_vrsqrtefp, "t,b", ISA_VEC },
    { "vexptefp", "000100 ttttt xxxxx bbbbb 00110001010", run_vexptefp, "t,b", ISA_VEC },
    { "vlogefp", "000100 ttttt xxxxx bbbbb 00111001010", run_vlogefp, "t,b", ISA_VEC },
    { "vrfin", "000100 ttttt xxxxx bbbbb 01000001010", run_vrfin, "t,b", ISA_VEC },
    { "vrfiz", "000100 ttttt xxxxx bbbbb 01001001010", run_vrfiz, "t,b", ISA_VEC },
    { "vrfip", "000100 ttttt xxxxx bbbbb 01010001010", run_vrfip, "t,b", ISA_VEC },
    { "vrfim", "000100 ttttt xxxxx bbbbb 01011001010", run_vrfim, "t,b", ISA_VEC },
    { "vcfux", "000100 ttttt nnnnn bbbbb 01100001010", run_vcfux, "t,b,n", ISA_VEC },
    { "vcfsx", "000100 ttttt nnnnn bbbbb 01101001010", run_vcfsx, "t,b,n", ISA_VEC },
    { "vctuxs", "000100 ttttt nnnnn bbbbb 01110001010", run_vctuxs, "t,b,n", ISA_VEC },
    { "vctsxs", "000100 ttttt nnnnn bbbbb 01111001010", run_vctsxs, "t,b,n", ISA_VEC },
    { "vcmpeqfp", "000100 ttttt aaaaa bbbbb r0011000110", run_vcmpeqfp, "t,a,b", ISA_VEC },
    { "vcmpgefp", "000100 ttttt aaaaa bbbbb r0111000110", run_vcmpgefp, "t,a,b", ISA_VEC },
    { "vcmpgtfp", "000100 ttttt aaaaa bbbbb r1011000110", run_vcmpgtfp, "t,a,b", ISA_VEC },
    { "vcmpbfp", "000100 ttttt aaaaa bbbbb r1111000110", run_vcmpbfp, "t,a,b", ISA_VEC },
};

ISA_CHAPTER(isa_fp_vmx, "Power ISA I, 6.10 vector floating point", rows);
