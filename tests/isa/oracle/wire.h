/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/oracle/wire.h - one processor state as it travels between the tests and the oracle.
 *
 * The same record goes both ways: before the instructions, and after them.  Numbers are 64-bit little-endian, memory is
 * bytes.  Addresses are the same on both sides, so that results that hold addresses compare equal.
 *
 *   WIRE_CODE   one page, filled with `trap`; the instructions stand at its middle
 *   WIRE_DATA   two pages with nothing before and after them; two windows of them travel: 256 bytes around the border
 *               between the pages and the last 256 bytes.  The rest is zero and must stay zero. */
#ifndef TESTS_ISA_WIRE_H
#define TESTS_ISA_WIRE_H

#include <stdint.h>

#define WIRE_PAGE 4096ull
#define WIRE_CODE 0x400000000ull
#define WIRE_START (WIRE_CODE + 2048)
#define WIRE_DATA 0x500000000ull
#define WIRE_DATA_BYTES (2 * WIRE_PAGE)
#define WIRE_WINDOW 256
#define WIRE_WINDOW0 (WIRE_PAGE - WIRE_WINDOW / 2)          /* offsets in the data pages */
#define WIRE_WINDOW1 (2 * WIRE_PAGE - WIRE_WINDOW)
#define WIRE_WORDS 4
#define WIRE_TRAP 0x7fe00008u

enum wire_flag { WIRE_BIG_ENDIAN = 1 };

struct wire_state {
    uint64_t gpr[32];
    uint64_t vsr[64][2];        /* [0] is the book's doubleword 0 */
    uint64_t cr, xer, lr, ctr, tar;
    uint64_t fpscr, vscr, vrsave;
    uint64_t flags;             /* enum wire_flag, in */
    uint64_t n_words;           /* in */
    uint64_t word[WIRE_WORDS];  /* in */
    uint64_t nip;               /* out: where the signal found the processor */
    uint64_t sig, sig_code;     /* out: numbers as Linux has them */
    uint8_t mem[2][WIRE_WINDOW];
};

#define WIRE_NUMBERS ((sizeof(struct wire_state) - 2 * WIRE_WINDOW) / 8)

#endif
