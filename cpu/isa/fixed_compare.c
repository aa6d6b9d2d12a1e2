/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fixed_compare.c - comparisons, traps, select, and moves between CR or XER and registers.
 *
 * Spec: Power ISA 3.0B Book I, 3.3.10 (Compare), 3.3.11 (Trap), 3.3.12 (isel), 3.3.17 (Move To/From).
 * Thread: the processor's own.
 * cmp, cmpl, cmpi and cmpli have one row for words (L = 0) and one for doublewords. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/fixed_int.h"

static inline void compare_signed(struct cpu *c, unsigned field, int64_t a, int64_t b)
{
    c->cr[field] = fixed_order(a < b, a > b) | c->so;
}

static inline void compare_unsigned(struct cpu *c, unsigned field, uint64_t a, uint64_t b)
{
    c->cr[field] = fixed_order(a < b, a > b) | c->so;
}

static void run_cmpw(struct cpu *c, const struct op *o)
{
    compare_signed(c, o->n, (int32_t)c->gpr[o->ra], (int32_t)c->gpr[o->rb]);
}

static void run_cmpd(struct cpu *c, const struct op *o)
{
    compare_signed(c, o->n, (int64_t)c->gpr[o->ra], (int64_t)c->gpr[o->rb]);
}

static void run_cmplw(struct cpu *c, const struct op *o)
{
    compare_unsigned(c, o->n, (uint32_t)c->gpr[o->ra], (uint32_t)c->gpr[o->rb]);
}

static void run_cmpld(struct cpu *c, const struct op *o)
{
    compare_unsigned(c, o->n, c->gpr[o->ra], c->gpr[o->rb]);
}

static void run_cmpwi(struct cpu *c, const struct op *o)
{
    compare_signed(c, o->n, (int32_t)c->gpr[o->ra], o->imm);
}

static void run_cmpdi(struct cpu *c, const struct op *o)
{
    compare_signed(c, o->n, (int64_t)c->gpr[o->ra], o->imm);
}

static void run_cmplwi(struct cpu *c, const struct op *o)
{
    compare_unsigned(c, o->n, (uint32_t)c->gpr[o->ra], (uint32_t)o->imm);
}

static void run_cmpldi(struct cpu *c, const struct op *o)
{
    compare_unsigned(c, o->n, c->gpr[o->ra], (uint32_t)o->imm);
}

/* Is the byte inside the range low..high held in the low two bytes of `range`? */
static bool in_range(uint64_t range, unsigned byte)
{
    return (range & 0xFF) <= byte && byte <= (range >> 8 & 0xFF);
}

static void run_cmprb(struct cpu *c, const struct op *o)
{
    unsigned byte = c->gpr[o->ra] & 0xFF;
    uint64_t ranges = c->gpr[o->rb];

    c->cr[o->n] = in_range(ranges, byte) || (o->p && in_range(ranges >> 16, byte)) ? CR_GT : 0;
}

static void run_cmpeqb(struct cpu *c, const struct op *o)
{
    uint64_t byte = c->gpr[o->ra] & 0xFF, bytes = c->gpr[o->rb];
    bool found = false;

    for (unsigned i = 0; i < 64; i += 8)
        found |= (bytes >> i & 0xFF) == byte;
    c->cr[o->n] = found ? CR_GT : 0;
}

static void run_setb(struct cpu *c, const struct op *o)
{
    unsigned field = c->cr[o->n];

    c->gpr[o->rt] = field & CR_LT ? UINT64_MAX : field & CR_GT ? 1 : 0;
}

static void run_isel(struct cpu *c, const struct op *o)
{
    c->gpr[o->rt] = fixed_cr_bit(c, o->n) ? ra_or_zero(c, o) : c->gpr[o->rb];
}

/* TO bits: signed less 16, signed greater 8, equal 4, unsigned less 2, unsigned greater 1. */
static inline void trap_if(struct cpu *c, const struct op *o, int64_t a, int64_t b)
{
    unsigned is = (unsigned)((a < b) << 4 | (a > b) << 3 | (a == b) << 2 | ((uint64_t)a < (uint64_t)b) << 1 |
                             ((uint64_t)a > (uint64_t)b));

    if (__builtin_expect(is & o->n, 0))
        cpu_program(c, PROGRAM_TRAP);
}

static void run_tw(struct cpu *c, const struct op *o)
{
    trap_if(c, o, (int32_t)c->gpr[o->ra], (int32_t)c->gpr[o->rb]);
}

static void run_td(struct cpu *c, const struct op *o)
{
    trap_if(c, o, (int64_t)c->gpr[o->ra], (int64_t)c->gpr[o->rb]);
}

static void run_twi(struct cpu *c, const struct op *o)
{
    trap_if(c, o, (int32_t)c->gpr[o->ra], o->imm);
}

static void run_tdi(struct cpu *c, const struct op *o)
{
    trap_if(c, o, (int64_t)c->gpr[o->ra], o->imm);
}

static void run_mtcrf(struct cpu *c, const struct op *o)
{
    uint32_t v = (uint32_t)c->gpr[o->rt];

    for (unsigned i = 0; i < 8; i++)
        if (o->n << i & 0x80)
            c->cr[i] = v >> (28 - 4 * i) & 15;
}

static void run_mfcr(struct cpu *c, const struct op *o)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < 8; i++)
        v = v << 4 | c->cr[i];
    c->gpr[o->rt] = v;
}

/* The selected fields in their places, 0 elsewhere; the book defines it for one field. */
static void run_mfocrf(struct cpu *c, const struct op *o)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < 8; i++)
        if (o->n << i & 0x80)
            v |= (uint32_t)c->cr[i] << (28 - 4 * i);
    c->gpr[o->rt] = v;
}

static void run_mcrxrx(struct cpu *c, const struct op *o)
{
    c->cr[o->n] = (uint8_t)(c->ov << 3 | c->ov32 << 2 | c->ca << 1 | c->ca32);
}

static const struct isa_row rows[] = {
    { "cmpw", "011111 nnn x 0 aaaaa bbbbb 0000000000 x", run_cmpw, "n,a,b" },
    { "cmpd", "011111 nnn x 1 aaaaa bbbbb 0000000000 x", run_cmpd, "n,a,b" },
    { "cmplw", "011111 nnn x 0 aaaaa bbbbb 0000100000 x", run_cmplw, "n,a,b" },
    { "cmpld", "011111 nnn x 1 aaaaa bbbbb 0000100000 x", run_cmpld, "n,a,b" },
    { "cmpwi", "001011 nnn x 0 aaaaa iiiiiiiiiiiiiiii", run_cmpwi, "n,a,i" },
    { "cmpdi", "001011 nnn x 1 aaaaa iiiiiiiiiiiiiiii", run_cmpdi, "n,a,i" },
    { "cmplwi", "001010 nnn x 0 aaaaa uuuuuuuuuuuuuuuu", run_cmplwi, "n,a,u" },
    { "cmpldi", "001010 nnn x 1 aaaaa uuuuuuuuuuuuuuuu", run_cmpldi, "n,a,u" },
    { "cmprb", "011111 nnn x p aaaaa bbbbb 0011000000 x", run_cmprb, "n,p,a,b", ISA_V3 },
    { "cmpeqb", "011111 nnn xx aaaaa bbbbb 0011100000 x", run_cmpeqb, "n,a,b", ISA_V3 },
    { "setb", "011111 ttttt nnn xx xxxxx 0010000000 x", run_setb, "t,n", ISA_V3 },
    { "isel", "011111 ttttt aaaaa bbbbb nnnnn 01111 x", run_isel, "t,a0,b,n" },
    { "tw", "011111 nnnnn aaaaa bbbbb 0000000100 x", run_tw, "n,a,b" },
    { "td", "011111 nnnnn aaaaa bbbbb 0001000100 x", run_td, "n,a,b" },
    { "twi", "000011 nnnnn aaaaa iiiiiiiiiiiiiiii", run_twi, "n,a,i" },
    { "tdi", "000010 nnnnn aaaaa iiiiiiiiiiiiiiii", run_tdi, "n,a,i" },
    { "mtcrf", "011111 ttttt 0 nnnnnnnn x 0010010000 x", run_mtcrf, "n,t" },
    { "mtocrf", "011111 ttttt 1 nnnnnnnn x 0010010000 x", run_mtcrf, "n,t" },
    { "mfcr", "011111 ttttt 0 xxxxxxxxx 0000010011 x", run_mfcr, "t" },
    { "mfocrf", "011111 ttttt 1 nnnnnnnn x 0000010011 x", run_mfocrf, "t,n" },
    { "mcrxrx", "011111 nnn xx xxxxx xxxxx 1001000000 x", run_mcrxrx, "n", ISA_V3 },
};

ISA_CHAPTER(isa_fixed_compare, "Power ISA I, 3.3.10-12, 3.3.17 fixed-point compare, trap, select, move", rows);
