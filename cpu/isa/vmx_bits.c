/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/vmx_bits.c - VMX bit counting, parity, bit permutation and gathering. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/vsr.h"

static unsigned clz64(uint64_t v)
{
    return v ? (unsigned)__builtin_clzll(v) : 64;
}

static unsigned ctz(uint64_t v, unsigned width)
{
    return v ? (unsigned)__builtin_ctzll(v) : width;
}

VMX_LANES(vclzb, b, clz64(b.b[i]) - 56)
VMX_LANES(vclzh, h, clz64(b.h[i]) - 48)
VMX_LANES(vclzw, w, clz64(b.w[i]) - 32)
VMX_LANES(vclzd, d, clz64(b.d[i]))
VMX_LANES(vctzb, b, ctz(b.b[i], 8))
VMX_LANES(vctzh, h, ctz(b.h[i], 16))
VMX_LANES(vctzw, w, ctz(b.w[i], 32))
VMX_LANES(vctzd, d, ctz(b.d[i], 64))
VMX_LANES(vpopcntb, b, __builtin_popcount(b.b[i]))
VMX_LANES(vpopcnth, h, __builtin_popcount(b.h[i]))
VMX_LANES(vpopcntw, w, __builtin_popcount(b.w[i]))
VMX_LANES(vpopcntd, d, __builtin_popcountll(b.d[i]))

/* -- parity of the least significant bits of the bytes -- */

#define BYTE_LSBS 0x0101010101010101ull

VMX_LANES(vprtybw, w, __builtin_parity(b.w[i] & (uint32_t)BYTE_LSBS))
VMX_LANES(vprtybd, d, __builtin_parityll(b.d[i] & BYTE_LSBS))

static void run_vprtybq(struct cpu *c, const struct op *o)
{
    union vsr b = VR(c, o->rb);

    VR(c, o->rt).q = (unsigned)__builtin_parityll((b.d[0] ^ b.d[1]) & BYTE_LSBS);
}

/* -- how many bytes from the left (right) end have a least significant bit of 0; the result is a GPR -- */

static void run_vclzlsbb(struct cpu *c, const struct op *o)
{
    unsigned n = 0;

    while (n < 16 && !(VSR_B(VR(c, o->rb), n) & 1))
        n++;
    c->gpr[o->rt] = n;
}

static void run_vctzlsbb(struct cpu *c, const struct op *o)
{
    unsigned n = 0;

    while (n < 16 && !(VR(c, o->rb).b[n] & 1))
        n++;
    c->gpr[o->rt] = n;
}

/* -- permutation of bits -- */

/* Transposes the 8 x 8 bits of a doubleword: three rounds of swapping blocks across the diagonal. */
static uint64_t transpose(uint64_t v)
{
    uint64_t t;

    t = (v ^ v >> 7) & 0x00aa00aa00aa00aaull;
    v ^= t ^ t << 7;
    t = (v ^ v >> 14) & 0x0000cccc0000ccccull;
    v ^= t ^ t << 14;
    t = (v ^ v >> 28) & 0x00000000f0f0f0f0ull;
    return v ^ t ^ t << 28;
}

VMX_LANES(vgbbd, d, transpose(b.d[i]))

/* Bits of the quadword A picked by the bytes of B, 0 for an index beyond it; they fill bits 48:63. */
static void run_vbpermq(struct cpu *c, const struct op *o)
{
    union vsr a = VR(c, o->ra), b = VR(c, o->rb);
    uint64_t bits = 0;

    for (unsigned i = 0; i < 16; i++) {
        unsigned n = VSR_B(b, i);

        bits = bits << 1 | (n < 128 ? VSR_D(a, n / 64) >> (63 - n % 64) & 1 : 0);
    }
    VR(c, o->rt) = (union vsr){ .d = { 0, bits } };
}

static uint64_t permute_bits(uint64_t a, uint64_t indices)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < 8; i++) {
        unsigned n = indices >> (56 - 8 * i) & 0xff;

        bits = bits << 1 | (n < 64 ? a >> (63 - n) & 1 : 0);
    }
    return bits;
}

VMX_LANES(vbpermd, d, permute_bits(a.d[i], b.d[i]))

#define V3 (ISA_VEC | ISA_V3)

static const struct isa_row rows[] = {
    { "vclzb", "000100 ttttt xxxxx bbbbb 11100000010", run_vclzb, "t,b", ISA_VEC },
    { "vclzh", "000100 ttttt xxxxx bbbbb 11101000010", run_vclzh, "t,b", ISA_VEC },
    { "vclzw", "000100 ttttt xxxxx bbbbb 11110000010", run_vclzw, "t,b", ISA_VEC },
    { "vclzd", "000100 ttttt xxxxx bbbbb 11111000010", run_vclzd, "t,b", ISA_VEC },
    { "vpopcntb", "000100 ttttt xxxxx bbbbb 11100000011", run_vpopcntb, "t,b", ISA_VEC },
    { "vpopcnth", "000100 ttttt xxxxx bbbbb 11101000011", run_vpopcnth, "t,b", ISA_VEC },
    { "vpopcntw", "000100 ttttt xxxxx bbbbb 11110000011", run_vpopcntw, "t,b", ISA_VEC },
    { "vpopcntd", "000100 ttttt xxxxx bbbbb 11111000011", run_vpopcntd, "t,b", ISA_VEC },

    { "vclzlsbb", "000100 ttttt 00000 bbbbb 11000000010", run_vclzlsbb, "t,b", V3 },
    { "vctzlsbb", "000100 ttttt 00001 bbbbb 11000000010", run_vctzlsbb, "t,b", V3 },
    { "vprtybw", "000100 ttttt 01000 bbbbb 11000000010", run_vprtybw, "t,b", V3 },
    { "vprtybd", "000100 ttttt 01001 bbbbb 11000000010", run_vprtybd, "t,b", V3 },
    { "vprtybq", "000100 ttttt 01010 bbbbb 11000000010", run_vprtybq, "t,b", V3 },
    { "vctzb", "000100 ttttt 11100 bbbbb 11000000010", run_vctzb, "t,b", V3 },
    { "vctzh", "000100 ttttt 11101 bbbbb 11000000010", run_vctzh, "t,b", V3 },
    { "vctzw", "000100 ttttt 11110 bbbbb 11000000010", run_vctzw, "t,b", V3 },
    { "vctzd", "000100 ttttt 11111 bbbbb 11000000010", run_vctzd, "t,b", V3 },

    { "vgbbd", "000100 ttttt xxxxx bbbbb 10100001100", run_vgbbd, "t,b", ISA_VEC },
    { "vbpermq", "000100 ttttt aaaaa bbbbb 10101001100", run_vbpermq, "t,a,b", ISA_VEC },
    { "vbpermd", "000100 ttttt aaaaa bbbbb 10111001100", run_vbpermd, "t,a,b", V3 },
};

ISA_CHAPTER(isa_vmx_bits, "Power ISA I, 6.9 to 6.15 Vector Count, Parity, Gather and Bit Permute", rows);
