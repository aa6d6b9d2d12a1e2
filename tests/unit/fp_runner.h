/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/fp_runner.h - one instruction run on many operands, by its C function or as translated code, and what MPFR
 * and the book say of it. */
#ifndef TESTS_UNIT_FP_RUNNER_H
#define TESTS_UNIT_FP_RUNNER_H

#include "tests/unit/cpu_fixture.h"
#include "tests/unit/fp_ref.h"
#include "tests/unit/jit_fixture.h"

enum { FP_RUNNER_PREC = 700 };          /* bits that hold any sum or product of operands */

enum fp_operation { ADD, SUB, MUL, DIV, SQRT, FMA, FMS, NFMA, NFMS, ROUND, TO_INT, FROM_INT, INTEGRAL };

struct fp_runner {
    struct cpu *c;
    void (*load)(struct fp_runner *r, uint32_t word, struct fp_rng *rng);       /* once for each instruction */
    void (*run)(struct fp_runner *r, struct fp_rng *rng);
    struct cpu_fixture *functions;
    struct jit_pair *translator;
    uint32_t word;
};

struct fp_runner fp_runner_functions(struct cpu_fixture *f);
/* Alone in front of "sc 1", with enabled exceptions interrupting or not. */
struct fp_runner fp_runner_translator(struct jit_pair *p);

/* From here on it runs this instruction. */
void fp_runner_take(struct fp_runner *r, const char *text, struct fp_rng *rng);

/* Instructions of one kind: an array of structs that begin with the text, and what looks at one run of one. */
struct fp_table {
    const void *insns;
    size_t count, insn_bytes;
    void (*check)(struct fp_runner *r, const void *insn, struct fp_rng *rng);
};
#define FP_TABLE(array, check) { array, sizeof(array) / sizeof((array)[0]), sizeof((array)[0]), check }
/* Checks each of them n times. */
void fp_runner_all(struct fp_runner r, const struct fp_table *t, uint64_t seed, long n);

/* Of each instruction; PAPRIKA_FP_CASES instead. */
long fp_cases(long normal);

/* A op B, A * C + B before a negation; truncated for rnd = MPFR_RNDZ. Returns whether bits were lost. */
bool fp_truth(mpfr_t v, enum fp_operation op, mpfr_t a, mpfr_t b, mpfr_t c, mpfr_rnd_t rnd);

/* What a scalar result makes of the FPSCR, from the book's bit list. */
uint64_t fp_expected_fpscr(uint64_t old, uint32_t flags, unsigned fprf);

#endif
