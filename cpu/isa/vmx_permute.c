/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/vmx_permute.c - VMX without arithmetic: logical, select, permute, merge, splat,
 * insert, extract, VSCR moves. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/vsr.h"

/* -- logical -- */

VMX_LANES(vand, d, a.d[i] & b.d[i])
VMX_LANES(vandc, d, a.d[i] & ~b.d[i])
VMX_LANES(vnand, d, ~(a.d[i] & b.d[i]))
VMX_LANES(vor, d, a.d[i] | b.d[i])
VMX_LANES(vorc, d, a.d[i] | ~b.d[i])
VMX_LANES(vnor, d, ~(a.d[i] | b.d[i]))
VMX_LANES(vxor, d, a.d[i] ^ b.d[i])
VMX_LANES(veqv, d, ~(a.d[i] ^ b.d[i]))

static void run_vsel(struct cpu *c, const struct op *o)
{
    unsigned __int128 a = VR(c, o->ra).q, b = VR(c, o->rb).q, mask = VR(c, o->rc).q;

    VR(c, o->rt).q = (a & ~mask) | (b & mask);
}

/* -- permute -- */

static void run_vperm(struct cpu *c, const struct op *o)
{
    VR(c, o->rt) = vsr_permute(VR(c, o->ra), VR(c, o->rb), VR(c, o->rc), 0);
}

static void run_vpermr(struct cpu *c, const struct op *o)
{
    VR(c, o->rt) = vsr_permute(VR(c, o->ra), VR(c, o->rb), VR(c, o->rc), 31);
}

static void run_vsldoi(struct cpu *c, const struct op *o)
{
    unsigned __int128 a = VR(c, o->ra).q, b = VR(c, o->rb).q;
    unsigned bits = 8u * o->sh;

    VR(c, o->rt).q = bits ? a << bits | b >> (128 - bits) : a;
}

static void run_vpermxor(struct cpu *c, const struct op *o)
{
    union vsr a = VR(c, o->ra), b = VR(c, o->rb), control = VR(c, o->rc), r;

    for (unsigned i = 0; i < 16; i++)
        r.b[i] = VSR_B(a, control.b[i] >> 4) ^ VSR_B(b, control.b[i] & 15);
    VR(c, o->rt) = r;
}

/* -- merge: elements of A and B by turns; high = the first half of them, low = the second -- */

#define MERGE(name, lane, first)                                                                                      \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        union vsr a = VR(c, o->ra), b = VR(c, o->rb), r;                                                              \
                                                                                                                      \
        for (unsigned i = 0; i < LANES(r, lane) / 2; i++) {                                                           \
            r.lane[2 * i] = b.lane[(first) + i];                                                                      \
            r.lane[2 * i + 1] = a.lane[(first) + i];                                                                  \
        }                                                                                                             \
        VR(c, o->rt) = r;                                                                                             \
    }

MERGE(vmrghb, b, 8)
MERGE(vmrghh, h, 4)
MERGE(vmrghw, w, 2)
MERGE(vmrglb, b, 0)
MERGE(vmrglh, h, 0)
MERGE(vmrglw, w, 0)

static void run_vmrgew(struct cpu *c, const struct op *o)
{
    union vsr a = VR(c, o->ra), b = VR(c, o->rb);

    VR(c, o->rt) = (union vsr){ .w = { b.w[1], a.w[1], b.w[3], a.w[3] } };
}

static void run_vmrgow(struct cpu *c, const struct op *o)
{
    union vsr a = VR(c, o->ra), b = VR(c, o->rb);

    VR(c, o->rt) = (union vsr){ .w = { b.w[0], a.w[0], b.w[2], a.w[2] } };
}

/* -- splat: element UIM, or a 5-bit signed number -- */

VMX_LANES(vspltb, b, VSR_B(b, o->n & 15))
VMX_LANES(vsplth, h, VSR_H(b, o->n & 7))
VMX_LANES(vspltw, w, VSR_W(b, o->n & 3))
VMX_LANES(vspltisb, b, o->imm)
VMX_LANES(vspltish, h, o->imm)
VMX_LANES(vspltisw, w, o->imm)

/* -- extract and insert at byte UIM; where the element would pass the right end its bytes wrap to byte 0 -- */

static uint64_t bytes_at(union vsr v, unsigned first, unsigned len)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < len; i++)
        r = r << 8 | VSR_B(v, (first + i) & 15);
    return r;
}

static void extract(struct cpu *c, const struct op *o, unsigned len)
{
    VR(c, o->rt) = (union vsr){ .d = { 0, bytes_at(VR(c, o->rb), o->n, len) } };
}

static void insert(struct cpu *c, const struct op *o, unsigned len)
{
    uint64_t v = bytes_at(VR(c, o->rb), 8 - len, len);

    for (unsigned i = 0; i < len; i++)
        VSR_B(VR(c, o->rt), (o->n + i) & 15) = (uint8_t)(v >> 8 * (len - 1 - i));
}

static void run_vextractub(struct cpu *c, const struct op *o)
{
    extract(c, o, 1);
}

static void run_vextractuh(struct cpu *c, const struct op *o)
{
    extract(c, o, 2);
}

static void run_vextractuw(struct cpu *c, const struct op *o)
{
    extract(c, o, 4);
}

static void run_vextractd(struct cpu *c, const struct op *o)
{
    extract(c, o, 8);
}

static void run_vinsertb(struct cpu *c, const struct op *o)
{
    insert(c, o, 1);
}

static void run_vinserth(struct cpu *c, const struct op *o)
{
    insert(c, o, 2);
}

static void run_vinsertw(struct cpu *c, const struct op *o)
{
    insert(c, o, 4);
}

static void run_vinsertd(struct cpu *c, const struct op *o)
{
    insert(c, o, 8);
}

/* -- extract to a GPR: byte index in RA, counted from the left or from the right -- */

static void extract_left(struct cpu *c, const struct op *o, unsigned len)
{
    c->gpr[o->rt] = bytes_at(VR(c, o->rb), c->gpr[o->ra] & 15, len);
}

static void extract_right(struct cpu *c, const struct op *o, unsigned len)
{
    c->gpr[o->rt] = bytes_at(VR(c, o->rb), 16 - len - (unsigned)(c->gpr[o->ra] & 15), len);
}

static void run_vextublx(struct cpu *c, const struct op *o)
{
    extract_left(c, o, 1);
}

static void run_vextuhlx(struct cpu *c, const struct op *o)
{
    extract_left(c, o, 2);
}

static void run_vextuwlx(struct cpu *c, const struct op *o)
{
    extract_left(c, o, 4);
}

static void run_vextubrx(struct cpu *c, const struct op *o)
{
    extract_right(c, o, 1);
}

static void run_vextuhrx(struct cpu *c, const struct op *o)
{
    extract_right(c, o, 2);
}

static void run_vextuwrx(struct cpu *c, const struct op *o)
{
    extract_right(c, o, 4);
}

/* -- VSCR -- */

static void run_mfvscr(struct cpu *c, const struct op *o)
{
    VR(c, o->rt).q = c->vscr;
}

static void run_mtvscr(struct cpu *c, const struct op *o)
{
    c->vscr = VR(c, o->rb).w[0] & (VSCR_NJ | VSCR_SAT);
}

#define V3 (ISA_VEC | ISA_V3)

static const struct isa_row rows[] = {
    { "vand", "000100 ttttt aaaaa bbbbb 10000000100", run_vand, "t,a,b", ISA_VEC },
    { "vandc", "000100 ttttt aaaaa bbbbb 10001000100", run_vandc, "t,a,b", ISA_VEC },
    { "vor", "000100 ttttt aaaaa bbbbb 10010000100", run_vor, "t,a,b", ISA_VEC },
    { "vxor", "000100 ttttt aaaaa bbbbb 10011000100", run_vxor, "t,a,b", ISA_VEC },
    { "vnor", "000100 ttttt aaaaa bbbbb 10100000100", run_vnor, "t,a,b", ISA_VEC },
    { "vorc", "000100 ttttt aaaaa bbbbb 10101000100", run_vorc, "t,a,b", ISA_VEC },
    { "vnand", "000100 ttttt aaaaa bbbbb 10110000100", run_vnand, "t,a,b", ISA_VEC },
    { "veqv", "000100 ttttt aaaaa bbbbb 11010000100", run_veqv, "t,a,b", ISA_VEC },

    { "vsel", "000100 ttttt aaaaa bbbbb ccccc 101010", run_vsel, "t,a,b,c", ISA_VEC },
    { "vperm", "000100 ttttt aaaaa bbbbb ccccc 101011", run_vperm, "t,a,b,c", ISA_VEC },
    { "vsldoi", "000100 ttttt aaaaa bbbbb x ssss 101100", run_vsldoi, "t,a,b,s", ISA_VEC },
    { "vpermxor", "000100 ttttt aaaaa bbbbb ccccc 101101", run_vpermxor, "t,a,b,c", ISA_VEC },
    { "vpermr", "000100 ttttt aaaaa bbbbb ccccc 111011", run_vpermr, "t,a,b,c", V3 },

    { "vmrghb", "000100 ttttt aaaaa bbbbb 00000001100", run_vmrghb, "t,a,b", ISA_VEC },
    { "vmrghh", "000100 ttttt aaaaa bbbbb 00001001100", run_vmrghh, "t,a,b", ISA_VEC },
    { "vmrghw", "000100 ttttt aaaaa bbbbb 00010001100", run_vmrghw, "t,a,b", ISA_VEC },
    { "vmrglb", "000100 ttttt aaaaa bbbbb 00100001100", run_vmrglb, "t,a,b", ISA_VEC },
    { "vmrglh", "000100 ttttt aaaaa bbbbb 00101001100", run_vmrglh, "t,a,b", ISA_VEC },
    { "vmrglw", "000100 ttttt aaaaa bbbbb 00110001100", run_vmrglw, "t,a,b", ISA_VEC },
    { "vmrgow", "000100 ttttt aaaaa bbbbb 11010001100", run_vmrgow, "t,a,b", ISA_VEC },
    { "vmrgew", "000100 ttttt aaaaa bbbbb 11110001100", run_vmrgew, "t,a,b", ISA_VEC },

    { "vspltb", "000100 ttttt x nnnn bbbbb 01000001100", run_vspltb, "t,b,n", ISA_VEC },
    { "vsplth", "000100 ttttt xx nnn bbbbb 01001001100", run_vsplth, "t,b,n", ISA_VEC },
    { "vspltw", "000100 ttttt xxx nn bbbbb 01010001100", run_vspltw, "t,b,n", ISA_VEC },
    { "vspltisb", "000100 ttttt iiiii xxxxx 01100001100", run_vspltisb, "t,i", ISA_VEC },
    { "vspltish", "000100 ttttt iiiii xxxxx 01101001100", run_vspltish, "t,i", ISA_VEC },
    { "vspltisw", "000100 ttttt iiiii xxxxx 01110001100", run_vspltisw, "t,i", ISA_VEC },

    { "vextractub", "000100 ttttt x nnnn bbbbb 01000001101", run_vextractub, "t,b,n", V3 },
    { "vextractuh", "000100 ttttt x nnnn bbbbb 01001001101", run_vextractuh, "t,b,n", V3 },
    { "vextractuw", "000100 ttttt x nnnn bbbbb 01010001101", run_vextractuw, "t,b,n", V3 },
    { "vextractd", "000100 ttttt x nnnn bbbbb 01011001101", run_vextractd, "t,b,n", V3 },
    { "vinsertb", "000100 ttttt x nnnn bbbbb 01100001101", run_vinsertb, "t,b,n", V3 },
    { "vinserth", "000100 ttttt x nnnn bbbbb 01101001101", run_vinserth, "t,b,n", V3 },
    { "vinsertw", "000100 ttttt x nnnn bbbbb 01110001101", run_vinsertw, "t,b,n", V3 },
    { "vinsertd", "000100 ttttt x nnnn bbbbb 01111001101", run_vinsertd, "t,b,n", V3 },
    { "vextublx", "000100 ttttt aaaaa bbbbb 11000001101", run_vextublx, "t,a,b", V3 },
    { "vextuhlx", "000100 ttttt aaaaa bbbbb 11001001101", run_vextuhlx, "t,a,b", V3 },
    { "vextuwlx", "000100 ttttt aaaaa bbbbb 11010001101", run_vextuwlx, "t,a,b", V3 },
    { "vextubrx", "000100 ttttt aaaaa bbbbb 11100001101", run_vextubrx, "t,a,b", V3 },
    { "vextuhrx", "000100 ttttt aaaaa bbbbb 11101001101", run_vextuhrx, "t,a,b", V3 },
    { "vextuwrx", "000100 ttttt aaaaa bbbbb 11110001101", run_vextuwrx, "t,a,b", V3 },

    { "mfvscr", "000100 ttttt xxxxx xxxxx 11000000100", run_mfvscr, "t", ISA_VEC },
    { "mtvscr", "000100 xxxxx xxxxx bbbbb 11001000100", run_mtvscr, "b", ISA_VEC },
};

ISA_CHAPTER(isa_vmx_permute, "Power ISA I, 6.8 Vector Permute and 6.10 Vector Logical", rows);
