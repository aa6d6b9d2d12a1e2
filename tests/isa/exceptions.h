/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/exceptions.h - what is not compared with the oracle, and why.
 *
 * Whole rows that a user program under an emulator cannot run the same way everywhere, and parts of results that the
 * book leaves undefined or the oracle is known to get wrong.  Each has its reason beside it and, for rows, the test
 * that covers them instead. */
#ifndef TESTS_ISA_EXCEPTIONS_H
#define TESTS_ISA_EXCEPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "cpu/op.h"
#include "oracle/wire.h"

/* Parts of a result. T: what the row's field t names. */
enum exception_mask {
    MASK_FPSCR_FR = 1 << 0,
    MASK_FPSCR_FI = 1 << 1,
    MASK_FPSCR_FPRF = 1 << 2,
    MASK_FPSCR_C = 1 << 3,
    MASK_FPSCR_FX = 1 << 4,             /* and its copy in CR1 */
    MASK_FPSCR_XX = 1 << 5,
    MASK_FPSCR_VXVC = 1 << 6,
    MASK_FPSCR_SNAN_WITH_IMZ = 1 << 7,  /* VXSNAN when VXIMZ is set too */
    MASK_C_OF_SINGLE_DENORMAL = 1 << 8, /* FPRF's C when the result is a denormal single */
    MASK_ESTIMATE_DP = 1 << 9,          /* numbers in T that are not 0: only the sign is compared */
    MASK_ESTIMATE_SP = 1 << 10,
    MASK_CR0 = 1 << 11,                 /* LT GT EQ of CR0 */
    MASK_OV = 1 << 12,                  /* SO, OV, OV32 of the XER, the SO of CR0 */
    MASK_GPR = 1 << 13,                 /* GPR T */
    MASK_GPR_HIGH = 1 << 14,            /* its high half */
    MASK_VSR = 1 << 15,                 /* VSR T */
    MASK_VSR_D1 = 1 << 16,              /* its doubleword 1 */
    MASK_VSR_W0 = 1 << 17,              /* its word 0 */
    MASK_VSR_IF_FP = 1 << 18,           /* VSR T and FPRF when an enabled exception interrupted */
    MASK_VSR_IF_INVALID = 1 << 19,      /* VSR T when CR6 says invalid decimal operand */
    MASK_CR6 = 1 << 20,
    MASK_CR6_SIGN = 1 << 21,            /* LT GT EQ of CR6 */
    MASK_FPR_PAIR = 1 << 22,            /* FPR T and the other one of its pair */
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
