/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/vsx_move.c - VSX without arithmetic: moves to and from GPRs, logical, permute,
 * splat, insert, byte reversal. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/vsr.h"

/* -- GPR moves -- */

static void set_scalar(union vsr *v, uint64_t d0)
{
    VSR_D(*v, 0) = d0;
    VSR_D(*v, 1) = 0;
}

static void run_mfvsrd(struct cpu *c, const struct op *o)
{
    c->gpr[o->ra] = VSR_D(c->vsr[o->rt], 0);
}

static void run_mfvsrld(struct cpu *c, const struct op *o)
{
    c->gpr[o->ra] = VSR_D(c->vsr[o->rt], 1);
}

static void run_mfvsrwz(struct cpu *c, const struct op *o)
{
    c->gpr[o->ra] = VSR_W(c->vsr[o->rt], 1);
}

static void run_mtvsrd(struct cpu *c, const struct op *o)
{
    set_scalar(&c->vsr[o->rt], c->gpr[o->ra]);
}

static void run_mtvsrwa(struct cpu *c, const struct op *o)
{
    set_scalar(&c->vsr[o->rt], (uint64_t)(int32_t)c->gpr[o->ra]);
}

static void run_mtvsrwz(struct cpu *c, const struct op *o)
{
    set_scalar(&c->vsr[o->rt], (uint32_t)c->gpr[o->ra]);
}

static void run_mtvsrdd(struct cpu *c, const struct op *o)
{
    c->vsr[o->rt] = (union vsr){ .d = { c->gpr[o->rb], ra_or_zero(c, o) } };
}

static void run_mtvsrws(struct cpu *c, const struct op *o)
{
    uint32_t v = (uint32_t)c->gpr[o->ra];

    c->vsr[o->rt] = (union vsr){ .w = { v, v, v, v } };
}

/* -- logical -- */

#define LOGICAL(name, expr)                                                                                           \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        unsigned __int128 a = c->vsr[o->ra].q, b = c->vsr[o->rb].q;                                                   \
                                                                                                                      \
        c->vsr[o->rt].q = (expr);                                                                                     \
    }

LOGICAL(xxland, a & b)
LOGICAL(xxlandc, a & ~b)
LOGICAL(xxlnand, ~(a & b))
LOGICAL(xxlor, a | b)
LOGICAL(xxlorc, a | ~b)
LOGICAL(xxlnor, ~(a | b))
LOGICAL(xxlxor, a ^ b)
LOGICAL(xxleqv, ~(a ^ b))

static void run_xxsel(struct cpu *c, const struct op *o)
{
    unsigned __int128 a = c->vsr[o->ra].q, b = c->vsr[o->rb].q, mask = c->vsr[o->rc].q;

    c->vsr[o->rt].q = (a & ~mask) | (b & mask);
}

/* -- permute -- */

static void run_xxpermdi(struct cpu *c, const struct op *o)
{
    uint64_t d0 = VSR_D(c->vsr[o->ra], o->n >> 1), d1 = VSR_D(c->vsr[o->rb], o->n & 1);

    c->vsr[o->rt] = (union vsr){ .d = { d1, d0 } };
}

static void run_xxsldwi(struct cpu *c, const struct op *o)
{
    unsigned __int128 a = c->vsr[o->ra].q, b = c->vsr[o->rb].q;
    unsigned bits = 32u * o->n;

    c->vsr[o->rt].q = bits ? a << bits | b >> (128 - bits) : a;
}

static void run_xxmrghw(struct cpu *c, const struct op *o)
{
    union vsr a = c->vsr[o->ra], b = c->vsr[o->rb];

    c->vsr[o->rt] = (union vsr){ .w = { b.w[2], a.w[2], b.w[3], a.w[3] } };
}

static void run_xxmrglw(struct cpu *c, const struct op *o)
{
    union vsr a = c->vsr[o->ra], b = c->vsr[o->rb];

    c->vsr[o->rt] = (union vsr){ .w = { b.w[0], a.w[0], b.w[1], a.w[1] } };
}

/* The second source is the old target. */
static void run_xxperm(struct cpu *c, const struct op *o)
{
    c->vsr[o->rt] = vsr_permute(c->vsr[o->ra], c->vsr[o->rt], c->vsr[o->rb], 0);
}

static void run_xxpermr(struct cpu *c, const struct op *o)
{
    c->vsr[o->rt] = vsr_permute(c->vsr[o->ra], c->vsr[o->rt], c->vsr[o->rb], 31);
}

static void run_xxspltw(struct cpu *c, const struct op *o)
{
    uint32_t v = VSR_W(c->vsr[o->rb], o->n);

    c->vsr[o->rt] = (union vsr){ .w = { v, v, v, v } };
}

static void run_xxspltib(struct cpu *c, const struct op *o)
{
    uint64_t v = o->n * 0x0101010101010101ull;

    c->vsr[o->rt] = (union vsr){ .d = { v, v } };
}

/* The word at byte UIM of B; beyond byte 12 the book leaves the result undefined, here the bytes wrap to byte 0. */
static void run_xxextractuw(struct cpu *c, const struct op *o)
{
    union vsr b = c->vsr[o->rb];
    uint32_t v = 0;

    for (unsigned i = 0; i < 4; i++)
        v = v << 8 | VSR_B(b, (o->n + i) & 15);
    set_scalar(&c->vsr[o->rt], v);
}

static void run_xxinsertw(struct cpu *c, const struct op *o)
{
    uint32_t v = VSR_W(c->vsr[o->rb], 1);

    for (unsigned i = 0; i < 4; i++)
        VSR_B(c->vsr[o->rt], (o->n + i) & 15) = (uint8_t)(v >> (24 - 8 * i));
}

/* -- byte reversal inside each element -- */

#define REVERSE(name, lane, bswap)                                                                                    \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        union vsr v = c->vsr[o->rb];                                                                                  \
                                                                                                                      \
        for (unsigned i = 0; i < LANES(v, lane); i++)                                                                 \
            v.lane[i] = bswap(v.lane[i]);                                                                             \
        c->vsr[o->rt] = v;                                                                                            \
    }

REVERSE(xxbrh, h, __builtin_bswap16)
REVERSE(xxbrw, w, __builtin_bswap32)
REVERSE(xxbrd, d, __builtin_bswap64)

static void run_xxbrq(struct cpu *c, const struct op *o)
{
    union vsr v = c->vsr[o->rb];

    c->vsr[o->rt] = (union vsr){ .d = { __builtin_bswap64(v.d[1]), __builtin_bswap64(v.d[0]) } };
}

static const struct isa_row rows[] = {
    { "mfvsrd", "011111 ttttt aaaaa xxxxx 0000110011 T", run_mfvsrd, "a,t", ISA_FPVEC_T },
    { "mfvsrwz", "011111 ttttt aaaaa xxxxx 0001110011 T", run_mfvsrwz, "a,t", ISA_FPVEC_T },
    { "mfvsrld", "011111 ttttt aaaaa xxxxx 0100110011 T", run_mfvsrld, "a,t", ISA_VSX_T | ISA_V3 },
    { "mtvsrd", "011111 ttttt aaaaa xxxxx 0010110011 T", run_mtvsrd, "t,a", ISA_FPVEC_T },
    { "mtvsrwa", "011111 ttttt aaaaa xxxxx 0011010011 T", run_mtvsrwa, "t,a", ISA_FPVEC_T },
    { "mtvsrwz", "011111 ttttt aaaaa xxxxx 0011110011 T", run_mtvsrwz, "t,a", ISA_FPVEC_T },
    { "mtvsrws", "011111 ttttt aaaaa xxxxx 0110010011 T", run_mtvsrws, "t,a", ISA_VSX_T | ISA_V3 },
    { "mtvsrdd", "011111 ttttt aaaaa bbbbb 0110110011 T", run_mtvsrdd, "t,a0,b", ISA_VSX_T | ISA_V3 },

    { "xxland", "111100 ttttt aaaaa bbbbb 10000010 A B T", run_xxland, "t,a,b", ISA_VSX },
    { "xxlandc", "111100 ttttt aaaaa bbbbb 10001010 A B T", run_xxlandc, "t,a,b", ISA_VSX },
    { "xxlor", "111100 ttttt aaaaa bbbbb 10010010 A B T", run_xxlor, "t,a,b", ISA_VSX },
    { "xxlxor", "111100 ttttt aaaaa bbbbb 10011010 A B T", run_xxlxor, "t,a,b", ISA_VSX },
    { "xxlnor", "111100 ttttt aaaaa bbbbb 10100010 A B T", run_xxlnor, "t,a,b", ISA_VSX },
    { "xxlorc", "111100 ttttt aaaaa bbbbb 10101010 A B T", run_xxlorc, "t,a,b", ISA_VSX },
    { "xxlnand", "111100 ttttt aaaaa bbbbb 10110010 A B T", run_xxlnand, "t,a,b", ISA_VSX },
    { "xxleqv", "111100 ttttt aaaaa bbbbb 10111010 A B T", run_xxleqv, "t,a,b", ISA_VSX },
    { "xxsel", "111100 ttttt aaaaa bbbbb ccccc 11 C A B T", run_xxsel, "t,a,b,c", ISA_VSX },

    { "xxsldwi", "111100 ttttt aaaaa bbbbb 0 nn 00010 A B T", run_xxsldwi, "t,a,b,n", ISA_VSX },
    { "xxpermdi", "111100 ttttt aaaaa bbbbb 0 nn 01010 A B T", run_xxpermdi, "t,a,b,n", ISA_VSX },
    { "xxmrghw", "111100 ttttt aaaaa bbbbb 00010010 A B T", run_xxmrghw, "t,a,b", ISA_VSX },
    { "xxmrglw", "111100 ttttt aaaaa bbbbb 00110010 A B T", run_xxmrglw, "t,a,b", ISA_VSX },
    { "xxperm", "111100 ttttt aaaaa bbbbb 00011010 A B T", run_xxperm, "t,a,b", ISA_VSX | ISA_V3 },
    { "xxpermr", "111100 ttttt aaaaa bbbbb 00111010 A B T", run_xxpermr, "t,a,b", ISA_VSX | ISA_V3 },

    { "xxspltw", "111100 ttttt xxx nn bbbbb 010100100 B T", run_xxspltw, "t,b,n", ISA_VSX },
    { "xxspltib", "111100 ttttt 00 nnnnnnnn 0101101000 T", run_xxspltib, "t,n", ISA_VSX_T | ISA_V3 },
    { "xxextractuw", "111100 ttttt x nnnn bbbbb 010100101 B T", run_xxextractuw, "t,b,n", ISA_VSX | ISA_V3 },
    { "xxinsertw", "111100 ttttt x nnnn bbbbb 010110101 B T", run_xxinsertw, "t,b,n", ISA_VSX | ISA_V3 },
    { "xxbrh", "111100 ttttt 00111 bbbbb 111011011 B T", run_xxbrh, "t,b", ISA_VSX | ISA_V3 },
    { "xxbrw", "111100 ttttt 01111 bbbbb 111011011 B T", run_xxbrw, "t,b", ISA_VSX | ISA_V3 },
    { "xxbrd", "111100 ttttt 10111 bbbbb 111011011 B T", run_xxbrd, "t,b", ISA_VSX | ISA_V3 },
    { "xxbrq", "111100 ttttt 11111 bbbbb 111011011 B T", run_xxbrq, "t,b", ISA_VSX | ISA_V3 },
};

ISA_CHAPTER(isa_vsx_move, "Power ISA I, 7.6 VSX Logical, Permute and Move", rows);
