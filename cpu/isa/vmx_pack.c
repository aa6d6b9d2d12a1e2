/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/vmx_pack.c - VMX pack (elements of A then B, half as wide) and unpack (half of B,
 * twice as wide), pixels too. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/vsr.h"

/* Truncating pack from member `from` to member `to`. */
#define PACK(name, from, to)                                                                                          \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        union vsr a = VR(c, o->ra), b = VR(c, o->rb), r;                                                              \
                                                                                                                      \
        for (unsigned i = 0; i < LANES(a, from); i++) {                                                               \
            r.to[i] = (__typeof__(r.to[0]))b.from[i];                                                                 \
            r.to[LANES(a, from) + i] = (__typeof__(r.to[0]))a.from[i];                                                \
        }                                                                                                             \
        VR(c, o->rt) = r;                                                                                             \
    }

#define PACK_SATURATING(name, from, to, lo, hi)                                                                       \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        union vsr a = VR(c, o->ra), b = VR(c, o->rb), r;                                                              \
        bool sat = false;                                                                                             \
                                                                                                                      \
        for (unsigned i = 0; i < LANES(a, from); i++) {                                                               \
            r.to[i] = (__typeof__(r.to[0]))vsr_clamp(b.from[i], lo, hi, &sat);                                        \
            r.to[LANES(a, from) + i] = (__typeof__(r.to[0]))vsr_clamp(a.from[i], lo, hi, &sat);                       \
        }                                                                                                             \
        VR(c, o->rt) = r;                                                                                             \
        vsr_saturated(c, sat);                                                                                        \
    }

PACK(vpkuhum, h, b)
PACK(vpkuwum, w, h)
PACK(vpkudum, d, w)
PACK_SATURATING(vpkuhus, h, b, 0, UINT8_MAX)
PACK_SATURATING(vpkuwus, w, h, 0, UINT16_MAX)
PACK_SATURATING(vpkshus, sh, b, 0, UINT8_MAX)
PACK_SATURATING(vpkswus, sw, h, 0, UINT16_MAX)
PACK_SATURATING(vpkshss, sh, sb, INT8_MIN, INT8_MAX)
PACK_SATURATING(vpkswss, sw, sh, INT16_MIN, INT16_MAX)
PACK_SATURATING(vpksdus, sd, w, 0, UINT32_MAX)
PACK_SATURATING(vpksdss, sd, sw, INT32_MIN, INT32_MAX)

static uint32_t clamp_u64(uint64_t v, bool *sat)
{
    *sat |= v > UINT32_MAX;
    return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static void run_vpkudus(struct cpu *c, const struct op *o)
{
    union vsr a = VR(c, o->ra), b = VR(c, o->rb), r;
    bool sat = false;

    for (unsigned i = 0; i < 2; i++) {
        r.w[i] = clamp_u64(b.d[i], &sat);
        r.w[2 + i] = clamp_u64(a.d[i], &sat);
    }
    VR(c, o->rt) = r;
    vsr_saturated(c, sat);
}

/* -- unpack: the high half of B is its left half -- */

VMX_LANES(vupkhsb, sh, b.sb[8 + i])
VMX_LANES(vupkhsh, sw, b.sh[4 + i])
VMX_LANES(vupkhsw, sd, b.sw[2 + i])
VMX_LANES(vupklsb, sh, b.sb[i])
VMX_LANES(vupklsh, sw, b.sh[i])
VMX_LANES(vupklsw, sd, b.sw[i])

/* -- pixels: 1/5/5/5 bits packed, 8/8/8/8 unpacked -- */

static uint16_t pixel_pack(uint32_t p)
{
    return (uint16_t)((p >> 24 & 1) << 15 | (p >> 19 & 31) << 10 | (p >> 11 & 31) << 5 | (p >> 3 & 31));
}

static uint32_t pixel_unpack(uint16_t p)
{
    return (p >> 15 ? 0xff000000u : 0) | (uint32_t)(p >> 10 & 31) << 16 | (uint32_t)(p >> 5 & 31) << 8 | (p & 31u);
}

VMX_LANES(vpkpx, h, pixel_pack(i < 4 ? b.w[i] : a.w[i - 4]))
VMX_LANES(vupkhpx, w, pixel_unpack(b.h[4 + i]))
VMX_LANES(vupklpx, w, pixel_unpack(b.h[i]))

static const struct isa_row rows[] = {
    { "vpkuhum", "000100 ttttt aaaaa bbbbb 00000001110", run_vpkuhum, "t,a,b", ISA_VEC },
    { "vpkuwum", "000100 ttttt aaaaa bbbbb 00001001110", run_vpkuwum, "t,a,b", ISA_VEC },
    { "vpkuhus", "000100 ttttt aaaaa bbbbb 00010001110", run_vpkuhus, "t,a,b", ISA_VEC },
    { "vpkuwus", "000100 ttttt aaaaa bbbbb 00011001110", run_vpkuwus, "t,a,b", ISA_VEC },
    { "vpkshus", "000100 ttttt aaaaa bbbbb 00100001110", run_vpkshus, "t,a,b", ISA_VEC },
    { "vpkswus", "000100 ttttt aaaaa bbbbb 00101001110", run_vpkswus, "t,a,b", ISA_VEC },
    { "vpkshss", "000100 ttttt aaaaa bbbbb 00110001110", run_vpkshss, "t,a,b", ISA_VEC },
    { "vpkswss", "000100 ttttt aaaaa bbbbb 00111001110", run_vpkswss, "t,a,b", ISA_VEC },
    { "vpkpx", "000100 ttttt aaaaa bbbbb 01100001110", run_vpkpx, "t,a,b", ISA_VEC },
    { "vpkudum", "000100 ttttt aaaaa bbbbb 10001001110", run_vpkudum, "t,a,b", ISA_VEC },
    { "vpkudus", "000100 ttttt aaaaa bbbbb 10011001110", run_vpkudus, "t,a,b", ISA_VEC },
    { "vpksdus", "000100 ttttt aaaaa bbbbb 10101001110", run_vpksdus, "t,a,b", ISA_VEC },
    { "vpksdss", "000100 ttttt aaaaa bbbbb 10111001110", run_vpksdss, "t,a,b", ISA_VEC },
    { "vupkhsb", "000100 ttttt xxxxx bbbbb 01000001110", run_vupkhsb, "t,b", ISA_VEC },
    { "vupkhsh", "000100 ttttt xxxxx bbbbb 01001001110", run_vupkhsh, "t,b", ISA_VEC },
    { "vupklsb", "000100 ttttt xxxxx bbbbb 01010001110", run_vupklsb, "t,b", ISA_VEC },
    { "vupklsh", "000100 ttttt xxxxx bbbbb 01011001110", run_vupklsh, "t,b", ISA_VEC },
    { "vupkhpx", "000100 ttttt xxxxx bbbbb 01101001110", run_vupkhpx, "t,b", ISA_VEC },
    { "vupklpx", "000100 ttttt xxxxx bbbbb 01111001110", run_vupklpx, "t,b", ISA_VEC },
    { "vupkhsw", "000100 ttttt xxxxx bbbbb 11001001110", run_vupkhsw, "t,b", ISA_VEC },
    { "vupklsw", "000100 ttttt xxxxx bbbbb 11011001110", run_vupklsw, "t,b", ISA_VEC },
};

ISA_CHAPTER(isa_vmx_pack, "Power ISA I, 6.8 Vector Pack and Unpack", rows);
