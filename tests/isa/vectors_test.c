/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/vectors_test.c - every instruction against recorded results of an independent implementation.
 *
 * ISA_VECTORS names the directory of the recordings (the build sets it). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/disasm.h"
#include "cpu/jit/jit.h"
#include "engine.h"
#include "exceptions.h"
#include "gen.h"
#include "result.h"
#include "vectors.h"

struct fixture {
    struct engine *engine;
    struct vectors *vectors;
};

static int setup_kind(void **state, enum cpu_engine kind)
{
    static struct fixture f;
    struct error err = { 0 };

    f.engine = engine_new_kind(ISA_LEVEL_3_00, kind, &err);
    f.vectors = f.engine ? vectors_read(getenv("ISA_VECTORS") ? getenv("ISA_VECTORS") : ISA_VECTORS, &err) : NULL;
    if (!f.vectors)
        print_error("%s\n", err.msg);
    *state = &f;
    return f.vectors ? 0 : -1;
}

static int setup(void **state)
{
    return setup_kind(state, CPU_ENGINE_INTERP);
}

static int setup_jit(void **state)
{
    return setup_kind(state, CPU_ENGINE_JIT);
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    vectors_free(f->vectors);
    engine_free(f->engine);
    return 0;
}

static void complain(const struct fixture *f, const struct isa_row *row, const struct wire_state *in, unsigned number)
{
    char text[DISASM_MAX];

    disasm(engine_isa(f->engine), (uint32_t)in->word[in->n_words - 1], WIRE_START + 4 * (in->n_words - 1), text);
    print_error("%s case %u, \"%s\", ends differently; to see how: tests/isa/live.sh SOURCE BUILD --row '%s' --from %u "
                "--cases 1\n", row->name, number, text, row->name, number);
}

static unsigned check_row(struct fixture *f, const struct isa_row *row)
{
    const uint32_t *hashes;
    unsigned n = vectors_of(f->vectors, row, &hashes), bad = 0;

    for (unsigned i = 0; i < n; i++) {
        static struct wire_state in, out;
        bool outside;

        gen_case(row, i, &in);
        engine_run(f->engine, &in, &out);
        outside = engine_stored_outside(f->engine);
        result_mask(row, &in, &out);
        if (result_hash(&out) == hashes[i] && !outside)
            continue;
        if (!bad++)
            complain(f, row, &in, i);
    }
    return bad;
}

static void every_instruction_ends_as_recorded(void **state)
{
    struct fixture *f = *state;
    const struct isa *isa = engine_isa(f->engine);
    unsigned rows = 0, bad = 0;

    for (size_t i = 0; i < isa_row_count(isa); i++) {
        const struct isa_row *row = isa_row_at(isa, i);
        const uint32_t *hashes;

        if (exception_for(row) || !vectors_of(f->vectors, row, &hashes))
            continue;
        rows++;
        bad += check_row(f, row) != 0;
    }
    print_message("%u rows compared, %u differ\n", rows, bad);
    assert_true(rows > 300);
    assert_int_equal(bad, 0);
}

static void every_instruction_ends_as_recorded_when_translated(void **state)
{
    struct fixture *f = *state;
    struct jit_counts n;

    every_instruction_ends_as_recorded(state);
    n = jit_counts(engine_cpu(f->engine)->jit);
    print_message("%llu cases were translated\n", (unsigned long long)n.translated);
    assert_true(n.translated > 100000);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest interpreted[] = {
        cmocka_unit_test_setup_teardown(every_instruction_ends_as_recorded, setup, teardown),
    };
    const struct CMUnitTest translated[] = {
        cmocka_unit_test_setup_teardown(every_instruction_ends_as_recorded_when_translated, setup_jit, teardown),
    };

    if (argc > 1 && !strcmp(argv[1], "translated"))
        return cmocka_run_group_tests_name("isa_vectors_translated", translated, NULL, NULL);
    return cmocka_run_group_tests_name("isa_vectors", interpreted, NULL, NULL);
}
