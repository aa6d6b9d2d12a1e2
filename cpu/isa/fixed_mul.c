/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fixed_mul.c - multiplication, division and remainder of fixed-point numbers.
 *
 * Spec: Power ISA 3.0B Book I, 3.3.9.  Where the book leaves a result undefined (quotients that do not fit, high halves
 * of word results) the value is fixed here so that runs repeat: see docs/isa-notes.md. Thread: the processor's own. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/fixed_int.h"

/* RT <- v; OV and OV32 <- over by OE, CR0 by Rc. */
static inline void put_result(struct cpu *c, const struct op *o, uint64_t v, bool over)
{
    c->gpr[o->rt] = v;
    if (fixed_wants_flags(o)) {
        if (o->oe)
            cpu_set_ov(c, over, over);
        if (o->rc_bit)
            cpu_record_cr0(c, v);
    }
}

static void run_mulli(struct cpu *c, const struct op *o)
{
    c->gpr[o->rt] = c->gpr[o->ra] * (uint64_t)(int64_t)o->imm;
}

static void run_mullw(struct cpu *c, const struct op *o)
{
    int64_t v = (int64_t)(int32_t)c->gpr[o->ra] * (int32_t)c->gpr[o->rb];

    put_result(c, o, (uint64_t)v, v != (int32_t)v);
}

static void run_mulld(struct cpu *c, const struct op *o)
{
    uint64_t a = c->gpr[o->ra], b = c->gpr[o->rb];
    int64_t ignored;

    put_result(c, o, a * b, o->oe && __builtin_mul_overflow((int64_t)a, (int64_t)b, &ignored));
}

static void run_mulhw(struct cpu *c, const struct op *o)
{
    int64_t v = (int64_t)(int32_t)c->gpr[o->ra] * (int32_t)c->gpr[o->rb];

    fixed_put_rt(c, o, (uint32_t)(v >> 32));
}

static void run_mulhwu(struct cpu *c, const struct op *o)
{
    uint64_t v = (uint64_t)(uint32_t)c->gpr[o->ra] * (uint32_t)c->gpr[o->rb];

    fixed_put_rt(c, o, v >> 32);
}

static void run_mulhd(struct cpu *c, const struct op *o)
{
    __int128 v = (__int128)(int64_t)c->gpr[o->ra] * (int64_t)c->gpr[o->rb];

    fixed_put_rt(c, o, (uint64_t)(v >> 64));
}

static void run_mulhdu(struct cpu *c, const struct op *o)
{
    unsigned __int128 v = (unsigned __int128)c->gpr[o->ra] * c->gpr[o->rb];

    fixed_put_rt(c, o, (uint64_t)(v >> 64));
}

/* Signed: the product and the sign-extended RC; the sum of the two always fits 128 bits. */
static void run_maddhd(struct cpu *c, const struct op *o)
{
    __int128 v = (__int128)(int64_t)c->gpr[o->ra] * (int64_t)c->gpr[o->rb] + (int64_t)c->gpr[o->rc];

    c->gpr[o->rt] = (uint64_t)(v >> 64);
}

static void run_maddhdu(struct cpu *c, const struct op *o)
{
    unsigned __int128 v = (unsigned __int128)c->gpr[o->ra] * c->gpr[o->rb] + c->gpr[o->rc];

    c->gpr[o->rt] = (uint64_t)(v >> 64);
}

static void run_maddld(struct cpu *c, const struct op *o)
{
    c->gpr[o->rt] = c->gpr[o->ra] * c->gpr[o->rb] + c->gpr[o->rc];
}

/* Signed quotients: a / 0 and MIN / -1 have no answer; the dividend is given. */
static void run_divw(struct cpu *c, const struct op *o)
{
    int32_t a = (int32_t)c->gpr[o->ra], b = (int32_t)c->gpr[o->rb];
    bool over = b == 0 || (a == INT32_MIN && b == -1);

    put_result(c, o, (uint32_t)(over ? a : a / b), over);
}

static void run_divwu(struct cpu *c, const struct op *o)
{
    uint32_t a = (uint32_t)c->gpr[o->ra], b = (uint32_t)c->gpr[o->rb];

    put_result(c, o, b ? a / b : a, b == 0);
}

static void run_divd(struct cpu *c, const struct op *o)
{
    int64_t a = (int64_t)c->gpr[o->ra], b = (int64_t)c->gpr[o->rb];
    bool over = b == 0 || (a == INT64_MIN && b == -1);

    put_result(c, o, (uint64_t)(over ? a : a / b), over);
}

static void run_divdu(struct cpu *c, const struct op *o)
{
    uint64_t a = c->gpr[o->ra], b = c->gpr[o->rb];

    put_result(c, o, b ? a / b : a, b == 0);
}

/* Extended: the dividend is RA followed by as many zero bits. */
static void run_divwe(struct cpu *c, const struct op *o)
{
    int64_t a = (int64_t)((uint64_t)(uint32_t)c->gpr[o->ra] << 32), b = (int32_t)c->gpr[o->rb], v = 0;
    bool over = b == 0 || (a == INT64_MIN && b == -1);

    if (!over) {
        v = a / b;
        over = v != (int32_t)v;
    }
    put_result(c, o, over ? 0 : (uint64_t)v, over);
}

static void run_divweu(struct cpu *c, const struct op *o)
{
    uint64_t a = c->gpr[o->ra] << 32, b = (uint32_t)c->gpr[o->rb];
    bool over = a >> 32 >= b;

    put_result(c, o, over ? 0 : a / b, over);
}

static void run_divde(struct cpu *c, const struct op *o)
{
    __int128 a = (__int128)((unsigned __int128)c->gpr[o->ra] << 64), v = 0;
    int64_t b = (int64_t)c->gpr[o->rb];
    bool over = b == 0 || (b == -1 && a);

    if (!over) {
        v = a / b;
        over = v != (int64_t)v;
    }
    put_result(c, o, over ? 0 : (uint64_t)v, over);
}

static void run_divdeu(struct cpu *c, const struct op *o)
{
    uint64_t a = c->gpr[o->ra], b = c->gpr[o->rb];
    bool over = a >= b;

    put_result(c, o, over ? 0 : (uint64_t)(((unsigned __int128)a << 64) / b), over);
}

/* Remainders that have no answer are 0. */
static void run_modsw(struct cpu *c, const struct op *o)
{
    int32_t a = (int32_t)c->gpr[o->ra], b = (int32_t)c->gpr[o->rb];

    c->gpr[o->rt] = b == 0 || b == -1 ? 0 : (uint64_t)(int64_t)(a % b);
}

static void run_moduw(struct cpu *c, const struct op *o)
{
    uint32_t a = (uint32_t)c->gpr[o->ra], b = (uint32_t)c->gpr[o->rb];

    c->gpr[o->rt] = b ? a % b : 0;
}

static void run_modsd(struct cpu *c, const struct op *o)
{
    int64_t a = (int64_t)c->gpr[o->ra], b = (int64_t)c->gpr[o->rb];

    c->gpr[o->rt] = b == 0 || b == -1 ? 0 : (uint64_t)(a % b);
}

static void run_modud(struct cpu *c, const struct op *o)
{
    uint64_t a = c->gpr[o->ra], b = c->gpr[o->rb];

    c->gpr[o->rt] = b ? a % b : 0;
}

static const struct isa_row rows[] = {
    { "mulli", "000111 ttttt aaaaa iiiiiiiiiiiiiiii", run_mulli, "t,a,i" },
    { "mullw", "011111 ttttt aaaaa bbbbb o 011101011 r", run_mullw, "t,a,b" },
    { "mulld", "011111 ttttt aaaaa bbbbb o 011101001 r", run_mulld, "t,a,b" },
    { "mulhw", "011111 ttttt aaaaa bbbbb x 001001011 r", run_mulhw, "t,a,b" },
    { "mulhwu", "011111 ttttt aaaaa bbbbb x 000001011 r", run_mulhwu, "t,a,b" },
    { "mulhd", "011111 ttttt aaaaa bbbbb x 001001001 r", run_mulhd, "t,a,b" },
    { "mulhdu", "011111 ttttt aaaaa bbbbb x 000001001 r", run_mulhdu, "t,a,b" },
    { "maddhd", "000100 ttttt aaaaa bbbbb ccccc 110000", run_maddhd, "t,a,b,c", ISA_V3 },
    { "maddhdu", "000100 ttttt aaaaa bbbbb ccccc 110001", run_maddhdu, "t,a,b,c", ISA_V3 },
    { "maddld", "000100 ttttt aaaaa bbbbb ccccc 110011", run_maddld, "t,a,b,c", ISA_V3 },
    { "divw", "011111 ttttt aaaaa bbbbb o 111101011 r", run_divw, "t,a,b" },
    { "divwu", "011111 ttttt aaaaa bbbbb o 111001011 r", run_divwu, "t,a,b" },
    { "divd", "011111 ttttt aaaaa bbbbb o 111101001 r", run_divd, "t,a,b" },
    { "divdu", "011111 ttttt aaaaa bbbbb o 111001001 r", run_divdu, "t,a,b" },
    { "divwe", "011111 ttttt aaaaa bbbbb o 110101011 r", run_divwe, "t,a,b" },
    { "divweu", "011111 ttttt aaaaa bbbbb o 110001011 r", run_divweu, "t,a,b" },
    { "divde", "011111 ttttt aaaaa bbbbb o 110101001 r", run_divde, "t,a,b" },
    { "divdeu", "011111 ttttt aaaaa bbbbb o 110001001 r", run_divdeu, "t,a,b" },
    { "modsw", "011111 ttttt aaaaa bbbbb 1100001011 x", run_modsw, "t,a,b", ISA_V3 },
    { "moduw", "011111 ttttt aaaaa bbbbb 0100001011 x", run_moduw, "t,a,b", ISA_V3 },
    { "modsd", "011111 ttttt aaaaa bbbbb 1100001001 x", run_modsd, "t,a,b", ISA_V3 },
    { "modud", "011111 ttttt aaaaa bbbbb 0100001001 x", run_modud, "t,a,b", ISA_V3 },
};

ISA_CHAPTER(isa_fixed_mul, "Power ISA I, 3.3.9 fixed-point multiplication and division", rows);
