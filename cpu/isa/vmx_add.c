/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/vmx_add.c - VMX integer add, subtract, average, maximum, minimum, absolute difference, negate, extend.
 *
 * Saturating forms set VSCR[SAT], which stays set until mtvscr clears it. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/vsr.h"

typedef unsigned __int128 u128;

/* -- modulo -- */

VMX_LANES(vaddubm, b, a.b[i] + b.b[i])
VMX_LANES(vadduhm, h, a.h[i] + b.h[i])
VMX_LANES(vadduwm, w, a.w[i] + b.w[i])
VMX_LANES(vaddudm, d, a.d[i] + b.d[i])
VMX_LANES(vsububm, b, a.b[i] - b.b[i])
VMX_LANES(vsubuhm, h, a.h[i] - b.h[i])
VMX_LANES(vsubuwm, w, a.w[i] - b.w[i])
VMX_LANES(vsubudm, d, a.d[i] - b.d[i])
VMX_LANES(vaddcuw, w, ((uint64_t)a.w[i] + b.w[i]) >> 32)
VMX_LANES(vsubcuw, w, a.w[i] >= b.w[i])

/* -- saturating: computed in int64_t, clamped to LO..HI -- */

#define SATURATING(name, lane, sign, lo, hi)                                                                          \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        union vsr a = VR(c, o->ra), b = VR(c, o->rb), r;                                                              \
        bool sat = false;                                                                                             \
                                                                                                                      \
        for (unsigned i = 0; i < LANES(r, lane); i++)                                                                 \
            r.lane[i] = (__typeof__(r.lane[0]))vsr_clamp((int64_t)a.lane[i] sign b.lane[i], lo, hi, &sat);            \
        VR(c, o->rt) = r;                                                                                             \
        vsr_saturated(c, sat);                                                                                        \
    }

SATURATING(vaddubs, b, +, 0, UINT8_MAX)
SATURATING(vadduhs, h, +, 0, UINT16_MAX)
SATURATING(vadduws, w, +, 0, UINT32_MAX)
SATURATING(vaddsbs, sb, +, INT8_MIN, INT8_MAX)
SATURATING(vaddshs, sh, +, INT16_MIN, INT16_MAX)
SATURATING(vaddsws, sw, +, INT32_MIN, INT32_MAX)
SATURATING(vsububs, b, -, 0, UINT8_MAX)
SATURATING(vsubuhs, h, -, 0, UINT16_MAX)
SATURATING(vsubuws, w, -, 0, UINT32_MAX)
SATURATING(vsubsbs, sb, -, INT8_MIN, INT8_MAX)
SATURATING(vsubshs, sh, -, INT16_MIN, INT16_MAX)
SATURATING(vsubsws, sw, -, INT32_MIN, INT32_MAX)

/* -- 128 bits: A + B + carry in; subtraction adds the complement -- */

static void add_quad(struct cpu *c, const struct op *o, u128 b, unsigned carry_in, bool want_carry)
{
    u128 a = VR(c, o->ra).q, partial = a + b, sum = partial + carry_in;
    bool carry_out = partial < a || sum < partial;

    VR(c, o->rt).q = want_carry ? carry_out : sum;
}

static unsigned carry_in_c(const struct cpu *c, const struct op *o)
{
    return VR(c, o->rc).b[0] & 1;
}

static void run_vadduqm(struct cpu *c, const struct op *o)
{
    add_quad(c, o, VR(c, o->rb).q, 0, false);
}

static void run_vaddcuq(struct cpu *c, const struct op *o)
{
    add_quad(c, o, VR(c, o->rb).q, 0, true);
}

static void run_vaddeuqm(struct cpu *c, const struct op *o)
{
    add_quad(c, o, VR(c, o->rb).q, carry_in_c(c, o), false);
}

static void run_vaddecuq(struct cpu *c, const struct op *o)
{
    add_quad(c, o, VR(c, o->rb).q, carry_in_c(c, o), true);
}

static void run_vsubuqm(struct cpu *c, const struct op *o)
{
    add_quad(c, o, ~VR(c, o->rb).q, 1, false);
}

static void run_vsubcuq(struct cpu *c, const struct op *o)
{
    add_quad(c, o, ~VR(c, o->rb).q, 1, true);
}

static void run_vsubeuqm(struct cpu *c, const struct op *o)
{
    add_quad(c, o, ~VR(c, o->rb).q, carry_in_c(c, o), false);
}

static void run_vsubecuq(struct cpu *c, const struct op *o)
{
    add_quad(c, o, ~VR(c, o->rb).q, carry_in_c(c, o), true);
}

/* -- average, rounded up -- */

VMX_LANES(vavgub, b, (a.b[i] + b.b[i] + 1) >> 1)
VMX_LANES(vavguh, h, (a.h[i] + b.h[i] + 1) >> 1)
VMX_LANES(vavguw, w, ((uint64_t)a.w[i] + b.w[i] + 1) >> 1)
VMX_LANES(vavgsb, sb, (a.sb[i] + b.sb[i] + 1) >> 1)
VMX_LANES(vavgsh, sh, (a.sh[i] + b.sh[i] + 1) >> 1)
VMX_LANES(vavgsw, sw, ((int64_t)a.sw[i] + b.sw[i] + 1) >> 1)

/* -- maximum, minimum, absolute difference -- */

VMX_LANES(vmaxub, b, a.b[i] > b.b[i] ? a.b[i] : b.b[i])
VMX_LANES(vmaxuh, h, a.h[i] > b.h[i] ? a.h[i] : b.h[i])
VMX_LANES(vmaxuw, w, a.w[i] > b.w[i] ? a.w[i] : b.w[i])
VMX_LANES(vmaxud, d, a.d[i] > b.d[i] ? a.d[i] : b.d[i])
VMX_LANES(vmaxsb, sb, a.sb[i] > b.sb[i] ? a.sb[i] : b.sb[i])
VMX_LANES(vmaxsh, sh, a.sh[i] > b.sh[i] ? a.sh[i] : b.sh[i])
VMX_LANES(vmaxsw, sw, a.sw[i] > b.sw[i] ? a.sw[i] : b.sw[i])
VMX_LANES(vmaxsd, sd, a.sd[i] > b.sd[i] ? a.sd[i] : b.sd[i])
VMX_LANES(vminub, b, a.b[i] < b.b[i] ? a.b[i] : b.b[i])
VMX_LANES(vminuh, h, a.h[i] < b.h[i] ? a.h[i] : b.h[i])
VMX_LANES(vminuw, w, a.w[i] < b.w[i] ? a.w[i] : b.w[i])
VMX_LANES(vminud, d, a.d[i] < b.d[i] ? a.d[i] : b.d[i])
VMX_LANES(vminsb, sb, a.sb[i] < b.sb[i] ? a.sb[i] : b.sb[i])
VMX_LANES(vminsh, sh, a.sh[i] < b.sh[i] ? a.sh[i] : b.sh[i])
VMX_LANES(vminsw, sw, a.sw[i] < b.sw[i] ? a.sw[i] : b.sw[i])
VMX_LANES(vminsd, sd, a.sd[i] < b.sd[i] ? a.sd[i] : b.sd[i])
VMX_LANES(vabsdub, b, a.b[i] > b.b[i] ? a.b[i] - b.b[i] : b.b[i] - a.b[i])
VMX_LANES(vabsduh, h, a.h[i] > b.h[i] ? a.h[i] - b.h[i] : b.h[i] - a.h[i])
VMX_LANES(vabsduw, w, a.w[i] > b.w[i] ? a.w[i] - b.w[i] : b.w[i] - a.w[i])

/* -- negate, sign-extend the low part of each element -- */

VMX_LANES(vnegw, w, 0 - b.w[i])
VMX_LANES(vnegd, d, 0 - b.d[i])
VMX_LANES(vextsb2w, sw, (int8_t)b.w[i])
VMX_LANES(vextsh2w, sw, (int16_t)b.w[i])
VMX_LANES(vextsb2d, sd, (int8_t)b.d[i])
VMX_LANES(vextsh2d, sd, (int16_t)b.d[i])
VMX_LANES(vextsw2d, sd, (int32_t)b.d[i])

#define V3 (ISA_VEC | ISA_V3)

static const struct isa_row rows[] = {
    { "vaddubm", "000100 ttttt aaaaa bbbbb 00000000000", run_vaddubm, "t,a,b", ISA_VEC },
    { "vadduhm", "000100 ttttt aaaaa bbbbb 00001000000", run_vadduhm, "t,a,b", ISA_VEC },
    { "vadduwm", "000100 ttttt aaaaa bbbbb 00010000000", run_vadduwm, "t,a,b", ISA_VEC },
    { "vaddudm", "000100 ttttt aaaaa bbbbb 00011000000", run_vaddudm, "t,a,b", ISA_VEC },
    { "vadduqm", "000100 ttttt aaaaa bbbbb 00100000000", run_vadduqm, "t,a,b", ISA_VEC },
    { "vaddcuq", "000100 ttttt aaaaa bbbbb 00101000000", run_vaddcuq, "t,a,b", ISA_VEC },
    { "vaddcuw", "000100 ttttt aaaaa bbbbb 00110000000", run_vaddcuw, "t,a,b", ISA_VEC },
    { "vaddubs", "000100 ttttt aaaaa bbbbb 01000000000", run_vaddubs, "t,a,b", ISA_VEC },
    { "vadduhs", "000100 ttttt aaaaa bbbbb 01001000000", run_vadduhs, "t,a,b", ISA_VEC },
    { "vadduws", "000100 ttttt aaaaa bbbbb 01010000000", run_vadduws, "t,a,b", ISA_VEC },
    { "vaddsbs", "000100 ttttt aaaaa bbbbb 01100000000", run_vaddsbs, "t,a,b", ISA_VEC },
    { "vaddshs", "000100 ttttt aaaaa bbbbb 01101000000", run_vaddshs, "t,a,b", ISA_VEC },
    { "vaddsws", "000100 ttttt aaaaa bbbbb 01110000000", run_vaddsws, "t,a,b", ISA_VEC },
    { "vsububm", "000100 ttttt aaaaa bbbbb 10000000000", run_vsububm, "t,a,b", ISA_VEC },
    { "vsubuhm", "000100 ttttt aaaaa bbbbb 10001000000", run_vsubuhm, "t,a,b", ISA_VEC },
    { "vsubuwm", "000100 ttttt aaaaa bbbbb 10010000000", run_vsubuwm, "t,a,b", ISA_VEC },
    { "vsubudm", "000100 ttttt aaaaa bbbbb 10011000000", run_vsubudm, "t,a,b", ISA_VEC },
    { "vsubuqm", "000100 ttttt aaaaa bbbbb 10100000000", run_vsubuqm, "t,a,b", ISA_VEC },
    { "vsubcuq", "000100 ttttt aaaaa bbbbb 10101000000", run_vsubcuq, "t,a,b", ISA_VEC },
    { "vsubcuw", "000100 ttttt aaaaa bbbbb 10110000000", run_vsubcuw, "t,a,b", ISA_VEC },
    { "vsububs", "000100 ttttt aaaaa bbbbb 11000000000", run_vsububs, "t,a,b", ISA_VEC },
    { "vsubuhs", "000100 ttttt aaaaa bbbbb 11001000000", run_vsubuhs, "t,a,b", ISA_VEC },
    { "vsubuws", "000100 ttttt aaaaa bbbbb 11010000000", run_vsubuws, "t,a,b", ISA_VEC },
    { "vsubsbs", "000100 ttttt aaaaa bbbbb 11100000000", run_vsubsbs, "t,a,b", ISA_VEC },
    { "vsubshs", "000100 ttttt aaaaa bbbbb 11101000000", run_vsubshs, "t,a,b", ISA_VEC },
    { "vsubsws", "000100 ttttt aaaaa bbbbb 11110000000", run_vsubsws, "t,a,b", ISA_VEC },

    { "vaddeuqm", "000100 ttttt aaaaa bbbbb ccccc 111100", run_vaddeuqm, "t,a,b,c", ISA_VEC },
    { "vaddecuq", "000100 ttttt aaaaa bbbbb ccccc 111101", run_vaddecuq, "t,a,b,c", ISA_VEC },
    { "vsubeuqm", "000100 ttttt aaaaa bbbbb ccccc 111110", run_vsubeuqm, "t,a,b,c", ISA_VEC },
    { "vsubecuq", "000100 ttttt aaaaa bbbbb ccccc 111111", run_vsubecuq, "t,a,b,c", ISA_VEC },

    { "vavgub", "000100 ttttt aaaaa bbbbb 10000000010", run_vavgub, "t,a,b", ISA_VEC },
    { "vavguh", "000100 ttttt aaaaa bbbbb 10001000010", run_vavguh, "t,a,b", ISA_VEC },
    { "vavguw", "000100 ttttt aaaaa bbbbb 10010000010", run_vavguw, "t,a,b", ISA_VEC },
    { "vavgsb", "000100 ttttt aaaaa bbbbb 10100000010", run_vavgsb, "t,a,b", ISA_VEC },
    { "vavgsh", "000100 ttttt aaaaa bbbbb 10101000010", run_vavgsh, "t,a,b", ISA_VEC },
    { "vavgsw", "000100 ttttt aaaaa bbbbb 10110000010", run_vavgsw, "t,a,b", ISA_VEC },

    { "vmaxub", "000100 ttttt aaaaa bbbbb 00000000010", run_vmaxub, "t,a,b", ISA_VEC },
    { "vmaxuh", "000100 ttttt aaaaa bbbbb 00001000010", run_vmaxuh, "t,a,b", ISA_VEC },
    { "vmaxuw", "000100 ttttt aaaaa bbbbb 00010000010", run_vmaxuw, "t,a,b", ISA_VEC },
    { "vmaxud", "000100 ttttt aaaaa bbbbb 00011000010", run_vmaxud, "t,a,b", ISA_VEC },
    { "vmaxsb", "000100 ttttt aaaaa bbbbb 00100000010", run_vmaxsb, "t,a,b", ISA_VEC },
    { "vmaxsh", "000100 ttttt aaaaa bbbbb 00101000010", run_vmaxsh, "t,a,b", ISA_VEC },
    { "vmaxsw", "000100 ttttt aaaaa bbbbb 00110000010", run_vmaxsw, "t,a,b", ISA_VEC },
    { "vmaxsd", "000100 ttttt aaaaa bbbbb 00111000010", run_vmaxsd, "t,a,b", ISA_VEC },
    { "vminub", "000100 ttttt aaaaa bbbbb 01000000010", run_vminub, "t,a,b", ISA_VEC },
    { "vminuh", "000100 ttttt aaaaa bbbbb 01001000010", run_vminuh, "t,a,b", ISA_VEC },
    { "vminuw", "000100 ttttt aaaaa bbbbb 01010000010", run_vminuw, "t,a,b", ISA_VEC },
    { "vminud", "000100 ttttt aaaaa bbbbb 01011000010", run_vminud, "t,a,b", ISA_VEC },
    { "vminsb", "000100 ttttt aaaaa bbbbb 01100000010", run_vminsb, "t,a,b", ISA_VEC },
    { "vminsh", "000100 ttttt aaaaa bbbbb 01101000010", run_vminsh, "t,a,b", ISA_VEC },
    { "vminsw", "000100 ttttt aaaaa bbbbb 01110000010", run_vminsw, "t,a,b", ISA_VEC },
    { "vminsd", "000100 ttttt aaaaa bbbbb 01111000010", run_vminsd, "t,a,b", ISA_VEC },

    { "vabsdub", "000100 ttttt aaaaa bbbbb 10000000011", run_vabsdub, "t,a,b", V3 },
    { "vabsduh", "000100 ttttt aaaaa bbbbb 10001000011", run_vabsduh, "t,a,b", V3 },
    { "vabsduw", "000100 ttttt aaaaa bbbbb 10010000011", run_vabsduw, "t,a,b", V3 },
    { "vnegw", "000100 ttttt 00110 bbbbb 11000000010", run_vnegw, "t,b", V3 },
    { "vnegd", "000100 ttttt 00111 bbbbb 11000000010", run_vnegd, "t,b", V3 },
    { "vextsb2w", "000100 ttttt 10000 bbbbb 11000000010", run_vextsb2w, "t,b", V3 },
    { "vextsh2w", "000100 ttttt 10001 bbbbb 11000000010", run_vextsh2w, "t,b", V3 },
    { "vextsb2d", "000100 ttttt 11000 bbbbb 11000000010", run_vextsb2d, "t,b", V3 },
    { "vextsh2d", "000100 ttttt 11001 bbbbb 11000000010", run_vextsh2d, "t,b", V3 },
    { "vextsw2d", "000100 ttttt 11010 bbbbb 11000000010", run_vextsw2d, "t,b", V3 },
};

ISA_CHAPTER(isa_vmx_add, "Power ISA I, 6.9 Vector Integer: add, subtract, average, maximum, minimum, extend", rows);
