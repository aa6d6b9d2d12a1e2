/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fixed_rotate.c - rotates under mask, and shifts.
 *
 * Spec: Power ISA 3.0B Book I, 3.3.14 (Fixed-Point Rotate and Shift Instructions).
 * Thread: the processor's own.
 * Word rotates work on the word doubled (ROTL32 of the book): a mask that wraps reaches the high half. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/fixed_int.h"

static inline uint64_t rotl64(uint64_t v, unsigned n)
{
    return v << (n & 63) | v >> (-n & 63);
}

static inline uint64_t rotl32(uint64_t v, unsigned n)
{
    uint32_t w = (uint32_t)v;

    w = w << (n & 31) | w >> (-n & 31);
    return (uint64_t)w << 32 | w;
}

/* Ones from bit begin through bit end, 0 the most significant; wraps when begin > end. */
static inline uint64_t mask(unsigned begin, unsigned end)
{
    uint64_t from = UINT64_MAX >> begin, to = UINT64_MAX << (63 - end);

    return begin <= end ? from & to : from | to;
}

static inline uint64_t mask32(const struct op *o)
{
    return mask(o->mb + 32u, o->me + 32u);
}

static void run_rlwinm(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, rotl32(c->gpr[o->rt], o->sh) & mask32(o));
}

static void run_rlwnm(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, rotl32(c->gpr[o->rt], (unsigned)c->gpr[o->rb]) & mask32(o));
}

static void run_rlwimi(struct cpu *c, const struct op *o)
{
    uint64_t m = mask32(o);

    fixed_put_ra(c, o, (rotl32(c->gpr[o->rt], o->sh) & m) | (c->gpr[o->ra] & ~m));
}

static void run_rldicl(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, rotl64(c->gpr[o->rt], o->sh) & UINT64_MAX >> o->mb);
}

static void run_rldicr(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, rotl64(c->gpr[o->rt], o->sh) & UINT64_MAX << (63 - o->mb));
}

static void run_rldic(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, rotl64(c->gpr[o->rt], o->sh) & mask(o->mb, 63u - o->sh));
}

static void run_rldimi(struct cpu *c, const struct op *o)
{
    uint64_t m = mask(o->mb, 63u - o->sh);

    fixed_put_ra(c, o, (rotl64(c->gpr[o->rt], o->sh) & m) | (c->gpr[o->ra] & ~m));
}

static void run_rldcl(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, rotl64(c->gpr[o->rt], (unsigned)c->gpr[o->rb]) & UINT64_MAX >> o->mb);
}

static void run_rldcr(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, rotl64(c->gpr[o->rt], (unsigned)c->gpr[o->rb]) & UINT64_MAX << (63 - o->mb));
}

/* Shift amounts are 6 bits for words and 7 for doublewords; the top one shifts everything out. */
static void run_slw(struct cpu *c, const struct op *o)
{
    unsigned n = c->gpr[o->rb] & 63;

    fixed_put_ra(c, o, n < 32 ? (uint32_t)c->gpr[o->rt] << n : 0);
}

static void run_srw(struct cpu *c, const struct op *o)
{
    unsigned n = c->gpr[o->rb] & 63;

    fixed_put_ra(c, o, n < 32 ? (uint32_t)c->gpr[o->rt] >> n : 0);
}

static void run_sld(struct cpu *c, const struct op *o)
{
    unsigned n = c->gpr[o->rb] & 127;

    fixed_put_ra(c, o, n < 64 ? c->gpr[o->rt] << n : 0);
}

static void run_srd(struct cpu *c, const struct op *o)
{
    unsigned n = c->gpr[o->rb] & 127;

    fixed_put_ra(c, o, n < 64 ? c->gpr[o->rt] >> n : 0);
}

/* Arithmetic shift of v by n (0..63): CA = negative, and a 1 was shifted out. */
static inline void shift_right_algebraic(struct cpu *c, const struct op *o, int64_t v, unsigned n)
{
    c->ca = v < 0 && (uint64_t)v & ((1ull << n) - 1);
    c->ca32 = c->ca;
    fixed_put_ra(c, o, (uint64_t)(v >> n));
}

static void run_srawi(struct cpu *c, const struct op *o)
{
    shift_right_algebraic(c, o, (int32_t)c->gpr[o->rt], o->sh);
}

static void run_sraw(struct cpu *c, const struct op *o)
{
    shift_right_algebraic(c, o, (int32_t)c->gpr[o->rt], c->gpr[o->rb] & 63);
}

static void run_sradi(struct cpu *c, const struct op *o)
{
    shift_right_algebraic(c, o, (int64_t)c->gpr[o->rt], o->sh);
}

static void run_srad(struct cpu *c, const struct op *o)
{
    unsigned n = c->gpr[o->rb] & 127;
    int64_t v = (int64_t)c->gpr[o->rt];

    if (n < 64) {
        shift_right_algebraic(c, o, v, n);
        return;
    }
    c->ca = c->ca32 = v < 0;
    fixed_put_ra(c, o, v < 0 ? UINT64_MAX : 0);
}

static void run_extswsli(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, (uint64_t)(int64_t)(int32_t)c->gpr[o->rt] << o->sh);
}

static const struct isa_row rows[] = {
    { "rlwimi", "010100 ttttt aaaaa sssss mmmmm eeeee r", run_rlwimi, "a,t,s,m,e" },
    { "rlwinm", "010101 ttttt aaaaa sssss mmmmm eeeee r", run_rlwinm, "a,t,s,m,e" },
    { "rlwnm", "010111 ttttt aaaaa bbbbb mmmmm eeeee r", run_rlwnm, "a,t,b,m,e" },
    { "rldicl", "011110 ttttt aaaaa sssss mmmmm M 000 S r", run_rldicl, "a,t,s,m" },
    { "rldicr", "011110 ttttt aaaaa sssss mmmmm M 001 S r", run_rldicr, "a,t,s,m" },
    { "rldic", "011110 ttttt aaaaa sssss mmmmm M 010 S r", run_rldic, "a,t,s,m" },
    { "rldimi", "011110 ttttt aaaaa sssss mmmmm M 011 S r", run_rldimi, "a,t,s,m" },
    { "rldcl", "011110 ttttt aaaaa bbbbb mmmmm M 1000 r", run_rldcl, "a,t,b,m" },
    { "rldcr", "011110 ttttt aaaaa bbbbb mmmmm M 1001 r", run_rldcr, "a,t,b,m" },
    { "slw", "011111 ttttt aaaaa bbbbb 0000011000 r", run_slw, "a,t,b" },
    { "srw", "011111 ttttt aaaaa bbbbb 1000011000 r", run_srw, "a,t,b" },
    { "sraw", "011111 ttttt aaaaa bbbbb 1100011000 r", run_sraw, "a,t,b" },
    { "srawi", "011111 ttttt aaaaa sssss 1100111000 r", run_srawi, "a,t,s" },
    { "sld", "011111 ttttt aaaaa bbbbb 0000011011 r", run_sld, "a,t,b" },
    { "srd", "011111 ttttt aaaaa bbbbb 1000011011 r", run_srd, "a,t,b" },
    { "srad", "011111 ttttt aaaaa bbbbb 1100011010 r", run_srad, "a,t,b" },
    { "sradi", "011111 ttttt aaaaa sssss 110011101 S r", run_sradi, "a,t,s" },
    { "extswsli", "011111 ttttt aaaaa sssss 110111101 S r", run_extswsli, "a,t,s", ISA_V3 },
};

ISA_CHAPTER(isa_fixed_rotate, "Power ISA I, 3.3.14 fixed-point rotate and shift", rows);
