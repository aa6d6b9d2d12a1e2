/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/bcd_convert.c - packed decimal from and to national (UTF-16 digits), zoned (one digit a byte) and binary.
 *
 * Validity, undefined results and CR6 as in bcd.c. */
#include "cpu/isa/bcd.h"
#include "cpu/isa/chapters.h"

/* -- national: halfwords 0..6 are '0'..'9', halfword 7 is '+' or '-' -- */

static void run_bcdcfn(struct cpu *c, const struct op *o)
{
    union vsr b = VR(c, o->rb);
    uint16_t sign = b.h[0];
    struct bcd r = { .negative = sign == '-', .valid = sign == '-' || sign == '+' };

    for (unsigned i = 0; i < 7; i++) {
        uint16_t digit = VSR_H(b, i);

        r.valid &= digit >= '0' && digit <= '9';
        r.magnitude = r.magnitude << 4 | (digit & 15);
    }
    bcd_record(c, r, false);
    bcd_write(c, o, r, o->n);
}

static void run_bcdctn(struct cpu *c, const struct op *o)
{
    struct bcd b = bcd_read(VR(c, o->rb));
    union vsr r;

    r.h[0] = b.negative ? '-' : '+';
    for (unsigned i = 1; i < 8; i++)
        r.h[i] = (uint16_t)('0' + (unsigned)(b.magnitude >> 4 * (i - 1) & 15));
    bcd_record(c, b, b.magnitude >> 28 != 0);
    VR(c, o->rt).q = b.valid ? r.q : 0;
}

/* -- zoned: the left nibble of each byte is a zone, 3 (ps 0, ASCII) or 15 (ps 1, EBCDIC); the
 * last one is the sign -- */

static void run_bcdcfz(struct cpu *c, const struct op *o)
{
    union vsr b = VR(c, o->rb);
    unsigned zone = o->n ? 15 : 3, sign = b.b[0] >> 4;
    struct bcd r = { .valid = !o->n || sign >= 0xA };

    for (unsigned i = 0; i < 16; i++) {
        uint8_t byte = VSR_B(b, i);

        r.valid &= (byte & 15) <= 9 && (i == 15 || byte >> 4 == (uint8_t)zone);
        r.magnitude = r.magnitude << 4 | (byte & 15);
    }
    r.negative = o->n ? sign == 0xB || sign == 0xD : sign & 4;
    bcd_record(c, r, false);
    bcd_write(c, o, r, false);
}

static void run_bcdctz(struct cpu *c, const struct op *o)
{
    struct bcd b = bcd_read(VR(c, o->rb));
    unsigned zone = o->n ? 0xF0 : 0x30, sign = o->n ? (b.negative ? 0xD0 : 0xC0) : b.negative ? 0x70 : 0x30;
    union vsr r;

    for (unsigned i = 0; i < 16; i++)
        r.b[i] = (uint8_t)((i ? zone : sign) | (unsigned)(b.magnitude >> 4 * i & 15));
    bcd_record(c, b, b.magnitude >> 64 != 0);
    VR(c, o->rt).q = b.valid ? r.q : 0;
}

/* -- binary: a signed quadword -- */

static void run_bcdcfsq(struct cpu *c, const struct op *o)
{
    u128 v = VR(c, o->rb).q;
    struct bcd r = { .negative = v >> 127, .valid = true };

    if (r.negative)
        v = -v;
    for (unsigned i = 0; i < BCD_DIGITS; i++, v /= 10)
        r.magnitude |= v % 10 << 4 * i;
    bcd_record(c, (struct bcd){ VR(c, o->rb).q, r.negative, true }, v != 0);
    r.valid = !v;
    bcd_write(c, o, r, o->n);
}

static void run_bcdctsq(struct cpu *c, const struct op *o)
{
    struct bcd b = bcd_read(VR(c, o->rb));
    u128 v = 0;

    for (unsigned i = 0; i < BCD_DIGITS; i++)
        v = v * 10 + (b.magnitude >> 4 * (BCD_DIGITS - 1 - i) & 15);
    bcd_record(c, b, false);
    VR(c, o->rt).q = !b.valid ? 0 : b.negative ? -v : v;
}

#define V3 (ISA_VEC | ISA_V3)

static const struct isa_row rows[] = {
    { "bcdctsq.", "000100 ttttt 00000 bbbbb 1 x 110000001", run_bcdctsq, "t,b", V3 },
    { "bcdcfsq.", "000100 ttttt 00010 bbbbb 1 n 110000001", run_bcdcfsq, "t,b,n", V3 },
    { "bcdctz.", "000100 ttttt 00100 bbbbb 1 n 110000001", run_bcdctz, "t,b,n", V3 },
    { "bcdctn.", "000100 ttttt 00101 bbbbb 1 x 110000001", run_bcdctn, "t,b", V3 },
    { "bcdcfz.", "000100 ttttt 00110 bbbbb 1 n 110000001", run_bcdcfz, "t,b,n", V3 },
    { "bcdcfn.", "000100 ttttt 00111 bbbbb 1 n 110000001", run_bcdcfn, "t,b,n", V3 },
};

ISA_CHAPTER(isa_bcd_convert, "Power ISA I, 6.17 Decimal Integer Format Conversion", rows);
