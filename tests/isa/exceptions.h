/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/exceptions.h - what is not compared with the oracle, and why.
 *
 * Whole rows that a user program under an emulator cannot run the same way everywhere, and parts of results that the book
 * leaves undefined or the oracle is known to get wrong.  Each has its reason beside it and, for rows, the test that covers
 * them instead. */
#ifndef TESTS_ISA_EXCEPTIONS_H
#define TESTS_ISA_EXCEPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "cpu/op.h"
#include "oracle/wire.h"

/* Parts of a result. */
enum exception_mask {
    MASK_FPSCR_FR = 1 << 0,
    MASK_FPSCR_FI = 1 << 1,
    MASK_FPSCR_FPRF = 1 << 2,
    MASK_FPSCR_FX = 1 << 7,     /* and its copy in CR1 */
    MASK_FPSCR_XX = 1 << 8,
    MASK_SINGLE_DENORMAL = 1 << 11, /* FPRF's C when the result is a denormal single */
    MASK_T_W0 = 1 << 12,        /* word 0 of the VSR that field t names */
    MASK_ESTIMATE_DP = 1 << 9,  /* finite results that are not 0 of T: only the sign is compared */
    MASK_ESTIMATE_SP = 1 << 10,
    MASK_CR0 = 1 << 3,          /* LT GT EQ of CR0 */
    MASK_T = 1 << 4,            /* the GPR that field t names */
    MASK_OV = 1 << 6,           /* SO, OV, OV32 of the XER and the SO of CR0 */
    MASK_T_D1 = 1 << 5,         /* doubleword 1 of the VSR that field t names */
};

struct row_exception {
    const char *names;          /* blank-separated */
    const char *reason;
    const char *tested_by;      /* a test in tests/ */
};

/* NULL: the row is compared. */
const struct row_exception *exception_for(const struct isa_row *row);

/* Parts of this case's result that are not compared: enum exception_mask. */
unsigned exception_masks(const struct isa_row *row, const struct wire_state *in);

/* Walks the list of masks for the documentation and the tests: false past its end. */
bool exception_mask_text(size_t i, const char **names, const char **reason);

#endif
