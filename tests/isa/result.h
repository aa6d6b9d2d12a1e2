/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/result.h - brings results of different processors into one form, compares, hashes and prints them. */
#ifndef TESTS_ISA_RESULT_H
#define TESTS_ISA_RESULT_H

#include <stdio.h>

#include "cpu/op.h"
#include "oracle/wire.h"

/* How a case ended; kept in wire_state.sig. */
enum outcome {
    OUTCOME_DONE,               /* nip says where it went on */
    OUTCOME_STORAGE,            /* data storage, data segment */
    OUTCOME_ALIGNMENT,
    OUTCOME_ILLEGAL,
    OUTCOME_PRIVILEGED,
    OUTCOME_TRAP,
    OUTCOME_FP,                 /* enabled floating point exception */
    OUTCOME_UNAVAILABLE,
    OUTCOME_OTHER,
};

/* A result as the oracle sends it: signal numbers become an outcome. */
void result_from_oracle(struct wire_state *out);

/* Removes what is not compared (tests/isa/exceptions.h) from a result of either side. */
void result_mask(const struct isa_row *row, const struct wire_state *in, struct wire_state *out);

uint32_t result_hash(const struct wire_state *out);
bool result_equal(const struct wire_state *a, const struct wire_state *b);

/* Prints what the operands hold and every difference, with what the register held before. */
void result_print_difference(FILE *f, const struct isa_row *row, const struct wire_state *in,
                             const struct wire_state *ours, const struct wire_state *theirs);

#endif
