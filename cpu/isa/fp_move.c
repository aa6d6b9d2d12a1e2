/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_move.c - floating-point moves and select: bits only, no exception, FPSCR untouched.
 * Spec: Power ISA I, 4.6.5, 4.6.9 (fsel). */
#include "cpu/fp/fpscr.h"
#include "cpu/isa/chapters.h"

#define SIGN (1ull << 63)

static void finish(struct cpu *c, const struct op *o, uint64_t value)
{
    cpu_set_fpr(c, o->rt, value);
    if (o->rc_bit)
        fpscr_record_cr1(c);
}

static void run_fmr(struct cpu *c, const struct op *o)
{
    finish(c, o, cpu_fpr(c, o->rb));
}

static void run_fneg(struct cpu *c, const struct op *o)
{
    finish(c, o, cpu_fpr(c, o->rb) ^ SIGN);
}

static void run_fabs(struct cpu *c, const struct op *o)
{
    finish(c, o, cpu_fpr(c, o->rb) & ~SIGN);
}

static void run_fnabs(struct cpu *c, const struct op *o)
{
    finish(c, o, cpu_fpr(c, o->rb) | SIGN);
}

static void run_fcpsgn(struct cpu *c, const struct op *o)
{
    finish(c, o, (cpu_fpr(c, o->ra) & SIGN) | (cpu_fpr(c, o->rb) & ~SIGN));
}

static void run_fmrgew(struct cpu *c, const struct op *o)
{
    cpu_set_fpr(c, o->rt, (cpu_fpr(c, o->ra) >> 32 << 32) | cpu_fpr(c, o->rb) >> 32);
}

static void run_fmrgow(struct cpu *c, const struct op *o)
{
    cpu_set_fpr(c, o->rt, cpu_fpr(c, o->ra) << 32 | (uint32_t)cpu_fpr(c, o->rb));
}

/* FRA >= 0 (minus zero included, NaN not) ? FRC : FRB. */
static void run_fsel(struct cpu *c, const struct op *o)
{
    uint64_t a = cpu_fpr(c, o->ra), magnitude = a & ~SIGN;
    bool ge = !magnitude || (!(a & SIGN) && magnitude <= 0x7FFull << 52);

    finish(c, o, cpu_fpr(c, ge ? o->rc : o->rb));
}

static const struct isa_row rows[] = {
    { "fmr", "111111 ttttt xxxxx bbbbb 0001001000 r", run_fmr, "t,b", ISA_FP },
    { "fneg", "111111 ttttt xxxxx bbbbb 0000101000 r", run_fneg, "t,b", ISA_FP },
    { "fabs", "111111 ttttt xxxxx bbbbb 0100001000 r", run_fabs, "t,b", ISA_FP },
    { "fnabs", "111111 ttttt xxxxx bbbbb 0010001000 r", run_fnabs, "t,b", ISA_FP },
    { "fcpsgn", "111111 ttttt aaaaa bbbbb 0000001000 r", run_fcpsgn, "t,a,b", ISA_FP },
    { "fmrgew", "111111 ttttt aaaaa bbbbb 1111000110 x", run_fmrgew, "t,a,b", ISA_FP },
    { "fmrgow", "111111 ttttt aaaaa bbbbb 1101000110 x", run_fmrgow, "t,a,b", ISA_FP },
    { "fsel", "111111 ttttt aaaaa bbbbb ccccc 10111 r", run_fsel, "t,a,c,b", ISA_FP },
};

ISA_CHAPTER(isa_fp_move, "Power ISA I, 4.6.5 floating-point moves", rows);
