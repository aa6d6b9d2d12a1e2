/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/bcd.h - packed decimal numbers as the decimal integer instructions see them.
 *
 * A signed packed number is 31 digits and a sign code: 0xA..0xF, of which 0xB and 0xD mean negative.  A magnitude here
 * holds one digit per nibble with the units lowest, so that magnitudes compare as integers;
 * the 32nd nibble is 0 for signed numbers. */
#ifndef CPU_ISA_BCD_H
#define CPU_ISA_BCD_H

#include "cpu/isa/vsr.h"

typedef unsigned __int128 u128;

#define BCD_REPEAT(nibble) ((u128)(0x1111111111111111ull * (nibble)) << 64 | 0x1111111111111111ull * (nibble))
#define BCD_DIGITS 31
#define BCD_MASK (~(u128)0 >> 4)            /* the nibbles of 31 digits */
#define BCD_MAX (BCD_REPEAT(9) & BCD_MASK)  /* 31 nines */

struct bcd {
    u128 magnitude;
    bool negative;
    bool valid;
};

/* True when every nibble is 0..9: no nibble has bit 3 together with bit 2 or 1. */
static inline bool bcd_all_digits(u128 v)
{
    return !((v >> 3) & (v >> 2 | v >> 1) & BCD_REPEAT(1));
}

static inline struct bcd bcd_read(union vsr v)
{
    unsigned sign = v.b[0] & 15;
    struct bcd r = { .magnitude = v.q >> 4, .negative = sign == 0xB || sign == 0xD };

    r.valid = sign >= 0xA && bcd_all_digits(r.magnitude);
    return r;
}

static inline struct bcd bcd_read_unsigned(union vsr v)
{
    return (struct bcd){ .magnitude = v.q, .valid = bcd_all_digits(v.q) };
}

/* Writes VRT with the preferred sign codes: 0xD for negative, else 0xC or, with ps, 0xF. */
static inline void bcd_write(struct cpu *c, const struct op *o, struct bcd r, bool ps)
{
    VR(c, o->rt).q = r.valid ? r.magnitude << 4 | (r.negative ? 0xD : ps ? 0xF : 0xC) : 0;
}

/* CR6: v compared with 0, and whether digits were lost; an invalid v is just SO. */
static inline void bcd_record(struct cpu *c, struct bcd v, bool lost)
{
    if (!v.valid)
        c->cr[6] = CR_SO;
    else
        c->cr[6] = (uint8_t)((!v.magnitude ? CR_EQ : v.negative ? CR_LT : CR_GT) | (lost ? CR_SO : 0));
}

#endif
