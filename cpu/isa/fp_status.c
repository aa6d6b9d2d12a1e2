/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_status.c - reading and writing the FPSCR. Spec: Power ISA I, 4.6.10 (3.0: the mffs family).
 * VX and FEX follow from the rest (cpu/fp/fpscr.c); any of these may switch an enabled exception on. */
#include "cpu/fp/fpscr.h"
#include "cpu/isa/chapters.h"

#define DRN_SHIFT 32
#define CONTROL (FPSCR_DRN | FPSCR_ENABLES | FPSCR_NI | FPSCR_RN)

/* FRT <- (FPSCR & shown); FPSCR bits of mask <- value. */
static void read_and_set(struct cpu *c, const struct op *o, uint64_t shown, uint64_t mask, uint64_t value)
{
    uint64_t old = c->fpscr;

    cpu_set_fpr(c, o->rt, old & shown);
    if (mask)
        fpscr_write(c, (old & ~mask) | (value & mask));
    fpscr_interrupt(c);
}

static void run_mffs(struct cpu *c, const struct op *o)
{
    cpu_set_fpr(c, o->rt, c->fpscr);
    if (o->rc_bit)
        fpscr_record_cr1(c);
}

static void run_mffsce(struct cpu *c, const struct op *o)
{
    read_and_set(c, o, FPSCR_ALL, FPSCR_ENABLES, 0);
}

static void run_mffscdrn(struct cpu *c, const struct op *o)
{
    read_and_set(c, o, CONTROL, FPSCR_DRN, cpu_fpr(c, o->rb));
}

static void run_mffscdrni(struct cpu *c, const struct op *o)
{
    read_and_set(c, o, CONTROL, FPSCR_DRN, (uint64_t)o->n << DRN_SHIFT);
}

static void run_mffscrn(struct cpu *c, const struct op *o)
{
    read_and_set(c, o, CONTROL, FPSCR_RN, cpu_fpr(c, o->rb));
}

static void run_mffscrni(struct cpu *c, const struct op *o)
{
    read_and_set(c, o, CONTROL, FPSCR_RN, o->n);
}

static void run_mffsl(struct cpu *c, const struct op *o)
{
    read_and_set(c, o, CONTROL | FPSCR_STATUS, 0, 0);
}

/* CR field n <- FPSCR field p; the exception bits copied are cleared. */
static void run_mcrfs(struct cpu *c, const struct op *o)
{
    unsigned shift = 4 * (7u - o->p);

    c->cr[o->n] = (uint8_t)(c->fpscr >> shift & 15);
    fpscr_write(c, c->fpscr & ~((FPSCR_FX | FPSCR_EXCEPTIONS) & 15ull << shift));
}

static void finish(struct cpu *c, const struct op *o)
{
    if (o->rc_bit)
        fpscr_record_cr1(c);
    fpscr_interrupt(c);
}

/* n: field, p: value, q: W, which takes a field of the high word. */
static void run_mtfsfi(struct cpu *c, const struct op *o)
{
    unsigned shift = 4 * (7u - o->n) + (o->q ? 32 : 0);

    fpscr_write(c, (c->fpscr & ~(15ull << shift)) | (uint64_t)o->p << shift);
    finish(c, o);
}

/* n: FLM, p: L (all 64 bits), q: W. */
static void run_mtfsf(struct cpu *c, const struct op *o)
{
    uint64_t mask = 0;

    for (unsigned i = 0; i < 8; i++)
        mask |= o->n >> (7 - i) & 1 ? 15ull << 4 * (7 - i) : 0;
    mask = o->p ? ~0ull : o->q ? mask << 32 : mask;
    fpscr_write(c, (c->fpscr & ~mask) | (cpu_fpr(c, o->rb) & mask));
    finish(c, o);
}

static void run_mtfsb0(struct cpu *c, const struct op *o)
{
    fpscr_write(c, c->fpscr & ~(uint64_t)(0x80000000u >> o->n));
    finish(c, o);
}

static void run_mtfsb1(struct cpu *c, const struct op *o)
{
    uint32_t bit = 0x80000000u >> o->n;

    if (bit & FPSCR_EXCEPTIONS)
        fpscr_raise(c, bit);
    else
        fpscr_write(c, c->fpscr | bit);
    finish(c, o);
}

static const struct isa_row rows[] = {
    { "mffs", "111111 ttttt 00000 xxxxx 1001000111 r", run_mffs, "t", ISA_FP | ISA_V3 },
    /* before ISA 3.0 these bits are reserved: programs use mffsl there for mffs */
    { "mffs", "111111 ttttt xxxxx xxxxx 1001000111 r", run_mffs, "t", ISA_FP | ISA_V2_ONLY },
    { "mffsce", "111111 ttttt 00001 xxxxx 1001000111 x", run_mffsce, "t", ISA_FP | ISA_V3 },
    { "mffscdrn", "111111 ttttt 10100 bbbbb 1001000111 x", run_mffscdrn, "t,b", ISA_FP | ISA_V3 },
    { "mffscdrni", "111111 ttttt 10101 xxnnn 1001000111 x", run_mffscdrni, "t,n", ISA_FP | ISA_V3 },
    { "mffscrn", "111111 ttttt 10110 bbbbb 1001000111 x", run_mffscrn, "t,b", ISA_FP | ISA_V3 },
    { "mffscrni", "111111 ttttt 10111 xxxnn 1001000111 x", run_mffscrni, "t,n", ISA_FP | ISA_V3 },
    { "mffsl", "111111 ttttt 11000 xxxxx 1001000111 x", run_mffsl, "t", ISA_FP | ISA_V3 },
    { "mcrfs", "111111 nnnxx pppxx xxxxx 0001000000 x", run_mcrfs, "n,p", ISA_FP },
    { "mtfsfi", "111111 nnnxx xxxxq ppppx 0010000110 r", run_mtfsfi, "n,p,q", ISA_FP },
    { "mtfsf", "111111 pnnnnnnnnq bbbbb 1011000111 r", run_mtfsf, "n,b,p,q", ISA_FP },
    { "mtfsb0", "111111 nnnnn xxxxx xxxxx 0001000110 r", run_mtfsb0, "n", ISA_FP },
    { "mtfsb1", "111111 nnnnn xxxxx xxxxx 0000100110 r", run_mtfsb1, "n", ISA_FP },
};

ISA_CHAPTER(isa_fp_status, "Power ISA I, 4.6.10 FPSCR instructions", rows);
