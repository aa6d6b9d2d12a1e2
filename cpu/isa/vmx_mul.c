/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/vmx_mul.c - VMX integer multiply, multiply-add, multiply-sum, sum across, and multiply by 10.
 *
 * The book's even element of a pair is the left one: host index 2i + 1 (vsr.h). */
#include "cpu/isa/chapters.h"
#include "cpu/isa/vsr.h"

typedef unsigned __int128 u128;

/* -- products of even or odd elements, twice as wide -- */

VMX_LANES(vmuleub, h, a.b[2 * i + 1] * b.b[2 * i + 1])
VMX_LANES(vmuleuh, w, (uint32_t)a.h[2 * i + 1] * b.h[2 * i + 1])
VMX_LANES(vmuleuw, d, (uint64_t)a.w[2 * i + 1] * b.w[2 * i + 1])
VMX_LANES(vmulesb, sh, a.sb[2 * i + 1] * b.sb[2 * i + 1])
VMX_LANES(vmulesh, sw, a.sh[2 * i + 1] * b.sh[2 * i + 1])
VMX_LANES(vmulesw, sd, (int64_t)a.sw[2 * i + 1] * b.sw[2 * i + 1])
VMX_LANES(vmuloub, h, a.b[2 * i] * b.b[2 * i])
VMX_LANES(vmulouh, w, (uint32_t)a.h[2 * i] * b.h[2 * i])
VMX_LANES(vmulouw, d, (uint64_t)a.w[2 * i] * b.w[2 * i])
VMX_LANES(vmulosb, sh, a.sb[2 * i] * b.sb[2 * i])
VMX_LANES(vmulosh, sw, a.sh[2 * i] * b.sh[2 * i])
VMX_LANES(vmulosw, sd, (int64_t)a.sw[2 * i] * b.sw[2 * i])
VMX_LANES(vmuluwm, w, a.w[i] * b.w[i])

/* -- three operands; EXPR sees old registers a, b, v (VRC) -- */

#define THREE(name, lane, expr)                                                                                       \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        union vsr a = VR(c, o->ra), b = VR(c, o->rb), v = VR(c, o->rc), r;                                            \
                                                                                                                      \
        for (unsigned i = 0; i < LANES(r, lane); i++)                                                                 \
            r.lane[i] = (__typeof__(r.lane[0]))(expr);                                                                \
        VR(c, o->rt) = r;                                                                                             \
    }

#define THREE_SATURATING(name, lane, lo, hi, expr)                                                                    \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        union vsr a = VR(c, o->ra), b = VR(c, o->rb), v = VR(c, o->rc), r;                                            \
        bool sat = false;                                                                                             \
                                                                                                                      \
        for (unsigned i = 0; i < LANES(r, lane); i++)                                                                 \
            r.lane[i] = (__typeof__(r.lane[0]))vsr_clamp(expr, lo, hi, &sat);                                         \
        VR(c, o->rt) = r;                                                                                             \
        vsr_saturated(c, sat);                                                                                        \
    }

/* Sum of the products of the N elements that make up element i of the result. */
#define SUM2(ta, tb, wide)                                                                                            \
    ((wide)a.ta[2 * i] * (wide)b.tb[2 * i] + (wide)a.ta[2 * i + 1] * (wide)b.tb[2 * i + 1])
#define SUM4(ta, tb)                                                                                                  \
    (a.ta[4 * i] * b.tb[4 * i] + a.ta[4 * i + 1] * b.tb[4 * i + 1] + a.ta[4 * i + 2] * b.tb[4 * i + 2] +              \
     a.ta[4 * i + 3] * b.tb[4 * i + 3])

THREE_SATURATING(vmhaddshs, sh, INT16_MIN, INT16_MAX, ((a.sh[i] * b.sh[i]) >> 15) + v.sh[i])
THREE_SATURATING(vmhraddshs, sh, INT16_MIN, INT16_MAX, ((a.sh[i] * b.sh[i] + 0x4000) >> 15) + v.sh[i])
THREE(vmladduhm, h, (uint32_t)a.h[i] * b.h[i] + v.h[i])
THREE(vmsumubm, w, (uint32_t)SUM4(b, b) + v.w[i])
THREE(vmsummbm, w, (uint32_t)SUM4(sb, b) + v.w[i])
THREE(vmsumuhm, w, SUM2(h, h, uint64_t) + v.w[i])
THREE(vmsumshm, w, (uint64_t)SUM2(sh, sh, int64_t) + v.w[i])
THREE_SATURATING(vmsumuhs, w, 0, UINT32_MAX, SUM2(h, h, int64_t) + v.w[i])
THREE_SATURATING(vmsumshs, sw, INT32_MIN, INT32_MAX, SUM2(sh, sh, int64_t) + v.sw[i])

static void run_vmsumudm(struct cpu *c, const struct op *o)
{
    union vsr a = VR(c, o->ra), b = VR(c, o->rb);

    VR(c, o->rt).q = (u128)a.d[0] * b.d[0] + (u128)a.d[1] * b.d[1] + VR(c, o->rc).q;
}

/* -- sums across, saturating -- */

#define SUM_ACROSS(name, lane, lo, hi, expr)                                                                          \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        union vsr a = VR(c, o->ra), b = VR(c, o->rb), r;                                                              \
        bool sat = false;                                                                                             \
                                                                                                                      \
        for (unsigned i = 0; i < LANES(r, lane); i++)                                                                 \
            r.lane[i] = (__typeof__(r.lane[0]))vsr_clamp(expr, lo, hi, &sat);                                         \
        VR(c, o->rt) = r;                                                                                             \
        vsr_saturated(c, sat);                                                                                        \
    }

SUM_ACROSS(vsum4ubs, w, 0, UINT32_MAX,
           (int64_t)b.w[i] + a.b[4 * i] + a.b[4 * i + 1] + a.b[4 * i + 2] + a.b[4 * i + 3])
SUM_ACROSS(vsum4sbs, sw, INT32_MIN, INT32_MAX,
           (int64_t)b.sw[i] + a.sb[4 * i] + a.sb[4 * i + 1] + a.sb[4 * i + 2] + a.sb[4 * i + 3])
SUM_ACROSS(vsum4shs, sw, INT32_MIN, INT32_MAX, (int64_t)b.sw[i] + a.sh[2 * i] + a.sh[2 * i + 1])

/* The sum lands in the odd word of each doubleword, the even one becomes 0. */
static void run_vsum2sws(struct cpu *c, const struct op *o)
{
    union vsr a = VR(c, o->ra), b = VR(c, o->rb), r;
    bool sat = false;

    for (unsigned i = 0; i < 2; i++)
        r.d[i] = (uint32_t)vsr_clamp((int64_t)b.sw[2 * i] + a.sw[2 * i] + a.sw[2 * i + 1], INT32_MIN, INT32_MAX, &sat);
    VR(c, o->rt) = r;
    vsr_saturated(c, sat);
}

static void run_vsumsws(struct cpu *c, const struct op *o)
{
    union vsr a = VR(c, o->ra);
    int64_t sum = VR(c, o->rb).sw[0];
    bool sat = false;

    for (unsigned i = 0; i < 4; i++)
        sum += a.sw[i];
    VR(c, o->rt).q = (uint32_t)vsr_clamp(sum, INT32_MIN, INT32_MAX, &sat);
    vsr_saturated(c, sat);
}

/* -- A * 10 + digit: low 128 bits, or what does not fit -- */

static void multiply_by_10(struct cpu *c, const struct op *o, unsigned digit, bool want_carry)
{
    union vsr a = VR(c, o->ra);
    u128 low = (u128)a.d[0] * 10 + digit;
    u128 high = (u128)a.d[1] * 10 + (uint64_t)(low >> 64);

    VR(c, o->rt).q = want_carry ? high >> 64 : high << 64 | (uint64_t)low;
}

static void run_vmul10uq(struct cpu *c, const struct op *o)
{
    multiply_by_10(c, o, 0, false);
}

static void run_vmul10cuq(struct cpu *c, const struct op *o)
{
    multiply_by_10(c, o, 0, true);
}

static void run_vmul10euq(struct cpu *c, const struct op *o)
{
    multiply_by_10(c, o, VR(c, o->rb).b[0] & 15, false);
}

static void run_vmul10ecuq(struct cpu *c, const struct op *o)
{
    multiply_by_10(c, o, VR(c, o->rb).b[0] & 15, true);
}

#define V3 (ISA_VEC | ISA_V3)

static const struct isa_row rows[] = {
    { "vmuloub", "000100 ttttt aaaaa bbbbb 00000001000", run_vmuloub, "t,a,b", ISA_VEC },
    { "vmulouh", "000100 ttttt aaaaa bbbbb 00001001000", run_vmulouh, "t,a,b", ISA_VEC },
    { "vmulouw", "000100 ttttt aaaaa bbbbb 00010001000", run_vmulouw, "t,a,b", ISA_VEC },
    { "vmuluwm", "000100 ttttt aaaaa bbbbb 00010001001", run_vmuluwm, "t,a,b", ISA_VEC },
    { "vmulosb", "000100 ttttt aaaaa bbbbb 00100001000", run_vmulosb, "t,a,b", ISA_VEC },
    { "vmulosh", "000100 ttttt aaaaa bbbbb 00101001000", run_vmulosh, "t,a,b", ISA_VEC },
    { "vmulosw", "000100 ttttt aaaaa bbbbb 00110001000", run_vmulosw, "t,a,b", ISA_VEC },
    { "vmuleub", "000100 ttttt aaaaa bbbbb 01000001000", run_vmuleub, "t,a,b", ISA_VEC },
    { "vmuleuh", "000100 ttttt aaaaa bbbbb 01001001000", run_vmuleuh, "t,a,b", ISA_VEC },
    { "vmuleuw", "000100 ttttt aaaaa bbbbb 01010001000", run_vmuleuw, "t,a,b", ISA_VEC },
    { "vmulesb", "000100 ttttt aaaaa bbbbb 01100001000", run_vmulesb, "t,a,b", ISA_VEC },
    { "vmulesh", "000100 ttttt aaaaa bbbbb 01101001000", run_vmulesh, "t,a,b", ISA_VEC },
    { "vmulesw", "000100 ttttt aaaaa bbbbb 01110001000", run_vmulesw, "t,a,b", ISA_VEC },

    { "vmhaddshs", "000100 ttttt aaaaa bbbbb ccccc 100000", run_vmhaddshs, "t,a,b,c", ISA_VEC },
    { "vmhraddshs", "000100 ttttt aaaaa bbbbb ccccc 100001", run_vmhraddshs, "t,a,b,c", ISA_VEC },
    { "vmladduhm", "000100 ttttt aaaaa bbbbb ccccc 100010", run_vmladduhm, "t,a,b,c", ISA_VEC },
    { "vmsumudm", "000100 ttttt aaaaa bbbbb ccccc 100011", run_vmsumudm, "t,a,b,c", V3 },
    { "vmsumubm", "000100 ttttt aaaaa bbbbb ccccc 100100", run_vmsumubm, "t,a,b,c", ISA_VEC },
    { "vmsummbm", "000100 ttttt aaaaa bbbbb ccccc 100101", run_vmsummbm, "t,a,b,c", ISA_VEC },
    { "vmsumuhm", "000100 ttttt aaaaa bbbbb ccccc 100110", run_vmsumuhm, "t,a,b,c", ISA_VEC },
    { "vmsumuhs", "000100 ttttt aaaaa bbbbb ccccc 100111", run_vmsumuhs, "t,a,b,c", ISA_VEC },
    { "vmsumshm", "000100 ttttt aaaaa bbbbb ccccc 101000", run_vmsumshm, "t,a,b,c", ISA_VEC },
    { "vmsumshs", "000100 ttttt aaaaa bbbbb ccccc 101001", run_vmsumshs, "t,a,b,c", ISA_VEC },

    { "vsum4ubs", "000100 ttttt aaaaa bbbbb 11000001000", run_vsum4ubs, "t,a,b", ISA_VEC },
    { "vsum4shs", "000100 ttttt aaaaa bbbbb 11001001000", run_vsum4shs, "t,a,b", ISA_VEC },
    { "vsum2sws", "000100 ttttt aaaaa bbbbb 11010001000", run_vsum2sws, "t,a,b", ISA_VEC },
    { "vsum4sbs", "000100 ttttt aaaaa bbbbb 11100001000", run_vsum4sbs, "t,a,b", ISA_VEC },
    { "vsumsws", "000100 ttttt aaaaa bbbbb 11110001000", run_vsumsws, "t,a,b", ISA_VEC },

    { "vmul10cuq", "000100 ttttt aaaaa xxxxx 00000000001", run_vmul10cuq, "t,a", V3 },
    { "vmul10ecuq", "000100 ttttt aaaaa bbbbb 00001000001", run_vmul10ecuq, "t,a,b", V3 },
    { "vmul10uq", "000100 ttttt aaaaa xxxxx 01000000001", run_vmul10uq, "t,a", V3 },
    { "vmul10euq", "000100 ttttt aaaaa bbbbb 01001000001", run_vmul10euq, "t,a,b", V3 },
};

ISA_CHAPTER(isa_vmx_mul, "Power ISA I, 6.9 Vector Integer: multiply and sum", rows);
