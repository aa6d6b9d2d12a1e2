/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/dfp/dpd.h - densely packed decimal: three digits in ten bits (a declet).
 *
 * Spec: Power ISA I, appendix B.  Used by decimal floating point and by cdtbcd and cbcdtd.  Threads: pure functions. */
#ifndef CPU_DFP_DPD_H
#define CPU_DFP_DPD_H

/* A digit's three low bits, or a large digit's (8, 9) one. */
static inline unsigned dpd_large(unsigned bit)
{
    return 8 | (bit & 1);
}

/* 10 bits pqr stu v wxy to three BCD digits.  v = 0: three small digits; else wx says which are large. */
static inline unsigned dpd_to_bcd(unsigned d)
{
    unsigned pqr = d >> 7 & 7, stu = d >> 4 & 7, wxy = d & 7, pq = pqr & 6, st = stu & 6, r = d >> 7, u = d >> 4, y = d;

    if (!(d & 8))
        return pqr << 8 | stu << 4 | wxy;
    switch (wxy >> 1) {
    case 0:
        return pqr << 8 | stu << 4 | dpd_large(y);
    case 1:
        return pqr << 8 | dpd_large(u) << 4 | st | (y & 1);
    case 2:
        return dpd_large(r) << 8 | stu << 4 | pq | (y & 1);
    default:
        break;
    }
    switch (stu >> 1) {
    case 0:
        return dpd_large(r) << 8 | dpd_large(u) << 4 | pq | (y & 1);
    case 1:
        return dpd_large(r) << 8 | (pq | (u & 1)) << 4 | dpd_large(y);
    case 2:
        return pqr << 8 | dpd_large(u) << 4 | dpd_large(y);
    default:
        return dpd_large(r) << 8 | dpd_large(u) << 4 | dpd_large(y);
    }
}

/* Three BCD digits abcd efgh ijkm to 10 bits.  The large digits (a, e, i set) choose the form. */
static inline unsigned dpd_from_bcd(unsigned bcd)
{
    unsigned bcd3 = bcd >> 8 & 7, fgh = bcd >> 4 & 7, jkm = bcd & 7;
    unsigned d = bcd >> 8 & 1, h = bcd >> 4 & 1, m = bcd & 1, jk = jkm & 6, fg = fgh & 6;

    switch ((bcd >> 9 & 4) | (bcd >> 6 & 2) | (bcd >> 3 & 1)) {
    case 0:
        return bcd3 << 7 | fgh << 4 | jkm;
    case 1:
        return bcd3 << 7 | fgh << 4 | 8 | m;
    case 2:
        return bcd3 << 7 | (jk | h) << 4 | 0xA | m;
    case 3:
        return bcd3 << 7 | (4 | h) << 4 | 0xE | m;
    case 4:
        return (jk | d) << 7 | fgh << 4 | 0xC | m;
    case 5:
        return (fg | d) << 7 | (2 | h) << 4 | 0xE | m;
    case 6:
        return (jk | d) << 7 | h << 4 | 0xE | m;
    default:
        return d << 7 | (6 | h) << 4 | 0xE | m;
    }
}

#endif
