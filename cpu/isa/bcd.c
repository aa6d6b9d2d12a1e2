/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/bcd.c - packed decimal in VMX registers: add, subtract, signs, shifts, truncation.
 *
 * Where an operand is no number the book leaves the result undefined (here 0) and CR6 is just SO; else CR6 compares
 * with 0, and SO tells of lost digits. */
#include "cpu/isa/bcd.h"
#include "cpu/isa/chapters.h"

/* Digit by digit: add six everywhere, then take it back where no carry left the digit. A 32nd digit holds the carry. */
static u128 magnitude_add(u128 a, u128 b)
{
    u128 sixes = a + BCD_REPEAT(6), sum = sixes + b;
    u128 carries = sum ^ sixes ^ b, quiet = ~carries & BCD_REPEAT(1);

    return sum - (quiet >> 2 | quiet >> 3) - ((u128)6 << 124);
}

/* a - b for a >= b, by the ten's complement. */
static u128 magnitude_sub(u128 a, u128 b)
{
    return magnitude_add(magnitude_add(a, BCD_MAX - b) & BCD_MASK, 1) & BCD_MASK;
}

static void add(struct cpu *c, const struct op *o, struct bcd b)
{
    struct bcd a = bcd_read(VR(c, o->ra)), r = { .valid = a.valid && b.valid };
    bool overflow = false;

    if (a.negative == b.negative) {
        r.magnitude = magnitude_add(a.magnitude, b.magnitude);
        r.negative = a.negative;
        overflow = r.magnitude >> 124;
    } else if (a.magnitude >= b.magnitude) {
        r.magnitude = magnitude_sub(a.magnitude, b.magnitude);
        r.negative = a.negative;
    } else {
        r.magnitude = magnitude_sub(b.magnitude, a.magnitude);
        r.negative = b.negative;
    }
    bcd_record(c, r, overflow);
    r.magnitude &= BCD_MASK;
    r.negative &= overflow || r.magnitude;
    bcd_write(c, o, r, o->n);
}

static void run_bcdadd(struct cpu *c, const struct op *o)
{
    add(c, o, bcd_read(VR(c, o->rb)));
}

static void run_bcdsub(struct cpu *c, const struct op *o)
{
    struct bcd b = bcd_read(VR(c, o->rb));

    b.negative = !b.negative;
    add(c, o, b);
}

/* -- signs -- */

static void run_bcdcpsgn(struct cpu *c, const struct op *o)
{
    struct bcd a = bcd_read(VR(c, o->ra)), b = bcd_read(VR(c, o->rb));
    unsigned sign = VR(c, o->rb).b[0] & 15;

    a.valid &= b.valid;
    a.negative = b.negative;
    bcd_record(c, a, false);
    VR(c, o->rt).q = a.valid ? a.magnitude << 4 | sign : 0;
}

static void run_bcdsetsgn(struct cpu *c, const struct op *o)
{
    struct bcd b = bcd_read(VR(c, o->rb));

    bcd_record(c, b, false);
    bcd_write(c, o, b, o->n);
}

/* -- shifts: byte 7 of A counts digits, to the left when positive -- */

static int shift_count(const struct cpu *c, const struct op *o, int max)
{
    int n = VSR_SB(VR(c, o->ra), 7);

    return n > max ? max : n < -max ? -max : n;
}

/* Shifts by whole digits; a shift of 32 is allowed. */
static u128 digits_left(u128 v, unsigned n)
{
    return n < 32 ? v << 4 * n : 0;
}

static u128 digits_right(u128 v, unsigned n)
{
    return n < 32 ? v >> 4 * n : 0;
}

static void shift(struct cpu *c, const struct op *o, bool round)
{
    struct bcd b = bcd_read(VR(c, o->rb)), r = b;
    int n = shift_count(c, o, BCD_DIGITS);
    bool lost = false;

    if (n > 0) {
        lost = digits_right(b.magnitude, BCD_DIGITS - (unsigned)n) != 0;
        r.magnitude = digits_left(b.magnitude, (unsigned)n) & BCD_MASK;
    } else if (n < 0) {
        r.magnitude = digits_right(b.magnitude, (unsigned)-n);
        if (round && (unsigned)(b.magnitude >> 4 * (-n - 1) & 15) >= 5)
            r.magnitude = magnitude_add(r.magnitude, 1);
    }
    bcd_record(c, b, lost);
    bcd_write(c, o, r, o->n);
}

static void run_bcds(struct cpu *c, const struct op *o)
{
    shift(c, o, false);
}

static void run_bcdsr(struct cpu *c, const struct op *o)
{
    shift(c, o, true);
}

static void run_bcdus(struct cpu *c, const struct op *o)
{
    struct bcd b = bcd_read_unsigned(VR(c, o->rb));
    int n = shift_count(c, o, 32);
    bool lost = n > 0 && digits_right(b.magnitude, 32 - (unsigned)n);
    u128 r = n > 0 ? digits_left(b.magnitude, (unsigned)n) : digits_right(b.magnitude, (unsigned)-n);

    bcd_record(c, b, lost);
    VR(c, o->rt).q = b.valid ? r : 0;
}

/* -- truncation to as many digits as halfword 3 of A says -- */

static unsigned truncate_length(const struct cpu *c, const struct op *o, unsigned max)
{
    unsigned n = VSR_H(VR(c, o->ra), 3);

    return n < max ? n : max;
}

static void run_bcdtrunc(struct cpu *c, const struct op *o)
{
    struct bcd b = bcd_read(VR(c, o->rb)), r = b;
    unsigned length = truncate_length(c, o, BCD_DIGITS);

    r.magnitude &= digits_left(1, length) - 1;
    bcd_record(c, b, r.magnitude != b.magnitude);
    bcd_write(c, o, r, o->n);
}

static void run_bcdutrunc(struct cpu *c, const struct op *o)
{
    struct bcd b = bcd_read_unsigned(VR(c, o->rb));
    u128 r = b.magnitude & (digits_left(1, truncate_length(c, o, 32)) - 1);

    bcd_record(c, b, r != b.magnitude);
    VR(c, o->rt).q = b.valid ? r : 0;
}

#define V3 (ISA_VEC | ISA_V3)

static const struct isa_row rows[] = {
    { "bcdadd.", "000100 ttttt aaaaa bbbbb 1 n 000000001", run_bcdadd, "t,a,b,n", ISA_VEC },
    { "bcdsub.", "000100 ttttt aaaaa bbbbb 1 n 001000001", run_bcdsub, "t,a,b,n", ISA_VEC },
    { "bcdcpsgn.", "000100 ttttt aaaaa bbbbb 01101000001", run_bcdcpsgn, "t,a,b", V3 },
    { "bcdsetsgn.", "000100 ttttt 11111 bbbbb 1 n 110000001", run_bcdsetsgn, "t,b,n", V3 },
    { "bcds.", "000100 ttttt aaaaa bbbbb 1 n 011000001", run_bcds, "t,a,b,n", V3 },
    { "bcdsr.", "000100 ttttt aaaaa bbbbb 1 n 111000001", run_bcdsr, "t,a,b,n", V3 },
    { "bcdus.", "000100 ttttt aaaaa bbbbb 1 x 010000001", run_bcdus, "t,a,b", V3 },
    { "bcdtrunc.", "000100 ttttt aaaaa bbbbb 1 n 100000001", run_bcdtrunc, "t,a,b,n", V3 },
    { "bcdutrunc.", "000100 ttttt aaaaa bbbbb 1 x 101000001", run_bcdutrunc, "t,a,b", V3 },
};

ISA_CHAPTER(isa_bcd, "Power ISA I, 6.17 Decimal Integer Arithmetic", rows);
