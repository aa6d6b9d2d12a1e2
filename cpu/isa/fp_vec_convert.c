/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_vec_convert.c - VSX vector conversions and rounding to integral values.
 * Spec: Power ISA I, 7.6.3 (xvcv*, xvr*pi*).
 *
 * Between 64 and 32-bit elements, doubleword i goes with word 2i;
 * the word beside it, undefined in the book, gets a copy. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/fp_vector.h"

/* Element i of n, `bits` wide, at the left of its slot of 128 / n bits. */
static uint64_t slot_get(const union vsr *v, unsigned n, unsigned bits, unsigned i)
{
    if (bits == 64)
        return VSR_D(*v, i);
    return VSR_W(*v, n == 2 ? 2 * i : i);
}

static void slot_set(union vsr *v, unsigned n, unsigned bits, unsigned i, uint64_t x)
{
    if (n == 2)
        VSR_D(*v, i) = bits == 64 ? x : x << 32 | (uint32_t)x;
    else
        VSR_W(*v, i) = (uint32_t)x;
}

static unsigned width(const struct fp_format *f)
{
    return 1u + f->exp_bits + f->frac_bits;
}

static void to_int(struct cpu *c, const struct op *o, const struct fp_format *f, unsigned bits, bool is_signed)
{
    const union vsr *b = &c->vsr[o->rb];
    unsigned n = width(f) == 64 || bits == 64 ? 2 : 4;
    struct fp_env e = fpscr_env(c);
    union vsr out;

    for (unsigned i = 0; i < n; i++) {
        struct fp_num x = fp_unpack(f, slot_get(b, n, width(f), i));

        slot_set(&out, n, bits, i, fp_to_int(&e, &x, bits, is_signed, FPR_ZERO));
    }
    fp_vec_result(c, o, e.flags, &out);
}

static void from_int(struct cpu *c, const struct op *o, const struct fp_format *f, unsigned bits, bool is_signed)
{
    const union vsr *b = &c->vsr[o->rb];
    unsigned n = width(f) == 64 || bits == 64 ? 2 : 4;
    struct fp_env e = fpscr_env(c);
    union vsr out;

    for (unsigned i = 0; i < n; i++) {
        uint64_t v = slot_get(b, n, bits, i);
        bool negative = is_signed && v >> (bits - 1);
        struct fp_num r;

        if (negative)
            v = bits == 64 ? 0 - v : (uint32_t)(0 - v);
        r = fp_round(&e, f, fp_from_int(negative, v));
        slot_set(&out, n, width(f), i, (uint64_t)fp_pack(f, &r));
    }
    fp_vec_result(c, o, e.flags, &out);
}

#define TO_INT(from, f)                                                                                               \
    static void run_xvcv##from##sxds(struct cpu *c, const struct op *o)                                               \
    {                                                                                                                 \
        to_int(c, o, f, 64, true);                                                                                    \
    }                                                                                                                 \
    static void run_xvcv##from##uxds(struct cpu *c, const struct op *o)                                               \
    {                                                                                                                 \
        to_int(c, o, f, 64, false);                                                                                   \
    }                                                                                                                 \
    static void run_xvcv##from##sxws(struct cpu *c, const struct op *o)                                               \
    {                                                                                                                 \
        to_int(c, o, f, 32, true);                                                                                    \
    }                                                                                                                 \
    static void run_xvcv##from##uxws(struct cpu *c, const struct op *o)                                               \
    {                                                                                                                 \
        to_int(c, o, f, 32, false);                                                                                   \
    }
TO_INT(dp, &fp_double)
TO_INT(sp, &fp_single)

#define FROM_INT(to, f)                                                                                               \
    static void run_xvcvsxd##to(struct cpu *c, const struct op *o)                                                    \
    {                                                                                                                 \
        from_int(c, o, f, 64, true);                                                                                  \
    }                                                                                                                 \
    static void run_xvcvuxd##to(struct cpu *c, const struct op *o)                                                    \
    {                                                                                                                 \
        from_int(c, o, f, 64, false);                                                                                 \
    }                                                                                                                 \
    static void run_xvcvsxw##to(struct cpu *c, const struct op *o)                                                    \
    {                                                                                                                 \
        from_int(c, o, f, 32, true);                                                                                  \
    }                                                                                                                 \
    static void run_xvcvuxw##to(struct cpu *c, const struct op *o)                                                    \
    {                                                                                                                 \
        from_int(c, o, f, 32, false);                                                                                 \
    }
FROM_INT(dp, &fp_double)
FROM_INT(sp, &fp_single)

/* -- between formats -- */

static void reformat(struct cpu *c, const struct op *o, const struct fp_format *from, const struct fp_format *to,
                     unsigned n)
{
    const union vsr *b = &c->vsr[o->rb];
    struct fp_env e = fpscr_env(c);
    union vsr out;

    for (unsigned i = 0; i < n; i++) {
        uint64_t in = slot_get(b, n, width(from) == 64 ? 64 : 32, i);
        struct fp_num r = fp_convert(&e, to, fp_unpack(from, width(from) == 16 ? in & 0xFFFF : in));

        slot_set(&out, n, width(to), i, (uint64_t)fp_pack(to, &r));
    }
    fp_vec_result(c, o, e.flags, &out);
}

static void run_xvcvdpsp(struct cpu *c, const struct op *o)
{
    reformat(c, o, &fp_double, &fp_single, 2);
}

static void run_xvcvspdp(struct cpu *c, const struct op *o)
{
    reformat(c, o, &fp_single, &fp_double, 2);
}

/* A half stands in the right part of its word. */
static void run_xvcvhpsp(struct cpu *c, const struct op *o)
{
    reformat(c, o, &fp_half, &fp_single, 4);
}

static void run_xvcvsphp(struct cpu *c, const struct op *o)
{
    reformat(c, o, &fp_single, &fp_half, 4);
}

/* -- to integral values; only the "current mode" forms report inexact results -- */

enum { CURRENT_MODE = -1 };

static void integral(struct cpu *c, const struct op *o, const struct fp_format *f, int rm)
{
    const union vsr *b = &c->vsr[o->rb];
    struct fp_env e = fpscr_env(c);
    union vsr out;

    for (unsigned i = 0; i < fp_vec_count(f); i++) {
        struct fp_num r = fp_to_integral(&e, fp_vec_operand(f, b, i),
                                         (enum fp_rounding)(rm == CURRENT_MODE ? e.rm : rm));

        fp_vec_set(f, &out, i, (uint64_t)fp_pack(f, &r));
    }
    fp_vec_result(c, o, rm == CURRENT_MODE ? e.flags : e.flags & ~FPSCR_XX, &out);
}

#define INTEGRAL(suffix, rm)                                                                                          \
    static void run_xvrdpi##suffix(struct cpu *c, const struct op *o)                                                 \
    {                                                                                                                 \
        integral(c, o, &fp_double, rm);                                                                               \
    }                                                                                                                 \
    static void run_xvrspi##suffix(struct cpu *c, const struct op *o)                                                 \
    {                                                                                                                 \
        integral(c, o, &fp_single, rm);                                                                               \
    }
INTEGRAL(, FPR_AWAY)
INTEGRAL(c, CURRENT_MODE)
INTEGRAL(m, FPR_DOWN)
INTEGRAL(p, FPR_UP)
INTEGRAL(z, FPR_ZERO)

static const struct isa_row rows[] = {
    { "xvcvdpsp", "111100 ttttt xxxxx bbbbb 110001001 B T", run_xvcvdpsp, "t,b", ISA_VSX },
    { "xvcvspdp", "111100 ttttt xxxxx bbbbb 111001001 B T", run_xvcvspdp, "t,b", ISA_VSX },
    { "xvcvhpsp", "111100 ttttt 11000 bbbbb 111011011 B T", run_xvcvhpsp, "t,b", ISA_VSX | ISA_V3 },
    { "xvcvsphp", "111100 ttttt 11001 bbbbb 111011011 B T", run_xvcvsphp, "t,b", ISA_VSX | ISA_V3 },
    { "xvcvdpsxds", "111100 ttttt xxxxx bbbbb 111011000 B T", run_xvcvdpsxds, "t,b", ISA_VSX },
    { "xvcvdpuxds", "111100 ttttt xxxxx bbbbb 111001000 B T", run_xvcvdpuxds, "t,b", ISA_VSX },
    { "xvcvdpsxws", "111100 ttttt xxxxx bbbbb 011011000 B T", run_xvcvdpsxws, "t,b", ISA_VSX },
    { "xvcvdpuxws", "111100 ttttt xxxxx bbbbb 011001000 B T", run_xvcvdpuxws, "t,b", ISA_VSX },
    { "xvcvsxddp", "111100 ttttt xxxxx bbbbb 111111000 B T", run_xvcvsxddp, "t,b", ISA_VSX },
    { "xvcvuxddp", "111100 ttttt xxxxx bbbbb 111101000 B T", run_xvcvuxddp, "t,b", ISA_VSX },
    { "xvcvsxwdp", "111100 ttttt xxxxx bbbbb 011111000 B T", run_xvcvsxwdp, "t,b", ISA_VSX },
    { "xvcvuxwdp", "111100 ttttt xxxxx bbbbb 011101000 B T", run_xvcvuxwdp, "t,b", ISA_VSX },
    { "xvrdpi", "111100 ttttt xxxxx bbbbb 011001001 B T", run_xvrdpi, "t,b", ISA_VSX },
    { "xvrdpic", "111100 ttttt xxxxx bbbbb 011101011 B T", run_xvrdpic, "t,b", ISA_VSX },
    { "xvrdpim", "111100 ttttt xxxxx bbbbb 011111001 B T", run_xvrdpim, "t,b", ISA_VSX },
    { "xvrdpip", "111100 ttttt xxxxx bbbbb 011101001 B T", run_xvrdpip, "t,b", ISA_VSX },
    { "xvrdpiz", "111100 ttttt xxxxx bbbbb 011011001 B T", run_xvrdpiz, "t,b", ISA_VSX },
    { "xvcvspsxds", "111100 ttttt xxxxx bbbbb 110011000 B T", run_xvcvspsxds, "t,b", ISA_VSX },
    { "xvcvspuxds", "111100 ttttt xxxxx bbbbb 110001000 B T", run_xvcvspuxds, "t,b", ISA_VSX },
    { "xvcvspsxws", "111100 ttttt xxxxx bbbbb 010011000 B T", run_xvcvspsxws, "t,b", ISA_VSX },
    { "xvcvspuxws", "111100 ttttt xxxxx bbbbb 010001000 B T", run_xvcvspuxws, "t,b", ISA_VSX },
    { "xvcvsxdsp", "111100 ttttt xxxxx bbbbb 110111000 B T", run_xvcvsxdsp, "t,b", ISA_VSX },
    { "xvcvuxdsp", "111100 ttttt xxxxx bbbbb 110101000 B T", run_xvcvuxdsp, "t,b", ISA_VSX },
    { "xvcvsxwsp", "111100 ttttt xxxxx bbbbb 010111000 B T", run_xvcvsxwsp, "t,b", ISA_VSX },
    { "xvcvuxwsp", "111100 ttttt xxxxx bbbbb 010101000 B T", run_xvcvuxwsp, "t,b", ISA_VSX },
    { "xvrspi", "111100 ttttt xxxxx bbbbb 010001001 B T", run_xvrspi, "t,b", ISA_VSX },
    { "xvrspic", "111100 ttttt xxxxx bbbbb 010101011 B T", run_xvrspic, "t,b", ISA_VSX },
    { "xvrspim", "111100 ttttt xxxxx bbbbb 010111001 B T", run_xvrspim, "t,b", ISA_VSX },
    { "xvrspip", "111100 ttttt xxxxx bbbbb 010101001 B T", run_xvrspip, "t,b", ISA_VSX },
    { "xvrspiz", "111100 ttttt xxxxx bbbbb 010011001 B T", run_xvrspiz, "t,b", ISA_VSX },
};

ISA_CHAPTER(isa_fp_vec_convert, "Power ISA I, 7.6.3 vector floating-point conversion", rows);
