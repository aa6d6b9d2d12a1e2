/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/live.c - compares our processor with the oracle, instruction by instruction, or
 * records the oracle's results.
 *
 *   isa_live [options] ORACLE-COMMAND...       e.g.  isa_live qemu-ppc64le -cpu power9 build/oracle
 *     --row NAME       only rows of that name (may be repeated; a trailing * matches any rest)
 *     --cases N        cases per row (default 300)
 *     --from K         first case number (default 0); with --cases 1 it runs one case of a vector test's complaint
 *     --show N         differences printed per row (default 1)
 *     --level 2|3      POWER8 or POWER9 rows (default 3)
 *     --record DIR     write vectors instead of comparing */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <fnmatch.h>

#include "cpu/disasm.h"
#include "engine.h"
#include "exceptions.h"
#include "gen.h"
#include "oracle_pipe.h"
#include "result.h"
#include "vectors.h"

enum { MAX_PATTERNS = 256, BATCH = 64 };

struct options {
    const char *patterns[MAX_PATTERNS];
    unsigned n_patterns, cases, from, show;
    enum isa_level level;
    const char *record;
};

struct live {
    struct options opt;
    struct engine *engine;
    struct oracle *oracle;
    struct vectors *vectors;
    unsigned rows, cases, bad_rows, bad_cases, excepted;
    unsigned endings[OUTCOME_OTHER + 1];
};

static bool wanted(const struct options *opt, const struct isa_row *row)
{
    for (unsigned i = 0; i < opt->n_patterns; i++)
        if (!fnmatch(opt->patterns[i], row->name, 0))
            return true;
    return !opt->n_patterns;
}

static void show(struct live *l, const struct isa_row *row, unsigned number, const struct wire_state *in,
                 const struct wire_state *ours, const struct wire_state *theirs)
{
    char text[DISASM_MAX];

    printf("%s case %u%s:", row->name, number, in->flags & WIRE_BIG_ENDIAN ? " (big-endian)" : "");
    for (unsigned i = 0; i < in->n_words; i++) {
        disasm(engine_isa(l->engine), (uint32_t)in->word[i], WIRE_START + 4 * i, text);
        printf("  %08" PRIx64 " %s", in->word[i], text);
    }
    printf("\n");
    result_print_difference(stdout, row, in, ours, theirs);
}

/* One batch of a row's cases: how many differ. */
static unsigned run_batch(struct live *l, const struct isa_row *row, unsigned first, unsigned n, unsigned *shown,
                          struct error *err)
{
    static struct wire_state in[BATCH], theirs[BATCH], ours;
    unsigned bad = 0;

    for (unsigned i = 0; i < n; i++)
        gen_case(row, first + i, &in[i]);
    if (oracle_run(l->oracle, in, theirs, n, err))
        return 0;
    for (unsigned i = 0; i < n; i++) {
        bool outside;

        result_from_oracle(&theirs[i]);
        result_mask(row, &in[i], &theirs[i]);
        if (l->vectors)
            vectors_add(l->vectors, row, first + i, result_hash(&theirs[i]));
        engine_run(l->engine, &in[i], &ours);
        outside = engine_stored_outside(l->engine);
        result_mask(row, &in[i], &ours);
        l->endings[theirs[i].sig]++;
        if (result_equal(&ours, &theirs[i]) && !outside)
            continue;
        bad++;
        if (outside)
            printf("%s case %u: stored outside the windows\n", row->name, first + i);
        if ((*shown)++ < l->opt.show)
            show(l, row, first + i, &in[i], &ours, &theirs[i]);
    }
    return bad;
}

static int run_row(struct live *l, const struct isa_row *row, struct error *err)
{
    unsigned bad = 0, shown = 0;

    err->code = 0;
    for (unsigned k = 0; k < l->opt.cases && !err->code; k += BATCH)
        bad += run_batch(l, row, l->opt.from + k, l->opt.cases - k < BATCH ? l->opt.cases - k : BATCH, &shown, err);
    l->rows++;
    l->cases += l->opt.cases;
    l->bad_cases += bad;
    l->bad_rows += bad != 0;
    if (bad)
        printf("%s: %u of %u cases differ\n", row->name, bad, l->opt.cases);
    if (err->code)
        printf("%s: %s\n", row->name, err->msg);
    return err->code;
}

static int run_all(struct live *l, const char *const argv[])
{
    const struct isa *isa = engine_isa(l->engine);
    struct error err;
    int rc = 0;

    for (size_t i = 0; i < isa_row_count(isa); i++) {
        const struct isa_row *row = isa_row_at(isa, i);

        if (!wanted(&l->opt, row))
            continue;
        if (exception_for(row)) {
            l->excepted++;
            continue;
        }
        if (!l->oracle) {
            l->oracle = oracle_open(argv, &err);
            if (!l->oracle) {
                fprintf(stderr, "isa_live: %s\n", err.msg);
                return 2;
            }
        }
        if (run_row(l, row, &err)) {
            oracle_close(l->oracle);
            l->oracle = NULL;
            rc = 1;
        }
    }
    return rc || l->bad_rows ? 1 : 0;
}

static int parse(struct options *opt, int argc, char **argv)
{
    static const struct option longs[] = { { "row", 1, NULL, 'r' }, { "cases", 1, NULL, 'n' },
                                           { "from", 1, NULL, 'f' }, { "show", 1, NULL, 's' },
                                           { "level", 1, NULL, 'l' }, { "record", 1, NULL, 'w' },
                                           { NULL, 0, NULL, 0 } };
    int ch;

    while ((ch = getopt_long(argc, argv, "+", longs, NULL)) != -1) {
        switch (ch) {
        case 'r':
            if (opt->n_patterns < MAX_PATTERNS)
                opt->patterns[opt->n_patterns++] = optarg;
            break;
        case 'n':
            opt->cases = (unsigned)strtoul(optarg, NULL, 0);
            break;
        case 'f':
            opt->from = (unsigned)strtoul(optarg, NULL, 0);
            break;
        case 's':
            opt->show = (unsigned)strtoul(optarg, NULL, 0);
            break;
        case 'l':
            opt->level = optarg[0] == '2' ? ISA_LEVEL_2_07 : ISA_LEVEL_3_00;
            break;
        case 'w':
            opt->record = optarg;
            break;
        default:
            return -EINVAL;
        }
    }
    return optind < argc ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
    struct live l = { .opt = { .cases = 300, .show = 1, .level = ISA_LEVEL_3_00 } };
    struct error err = { 0 };
    int rc;

    if (parse(&l.opt, argc, argv)) {
        fprintf(stderr, "usage: isa_live [--row NAME] [--cases N] [--from K] [--show N] [--level 2|3] [--record DIR] "
                        "ORACLE-COMMAND...\n");
        return 2;
    }
    l.engine = engine_new(l.opt.level, &err);
    if (!l.engine) {
        fprintf(stderr, "isa_live: %s\n", err.msg);
        return 2;
    }
    if (l.opt.record)
        l.vectors = vectors_new();
    rc = run_all(&l, (const char *const *)argv + optind);
    if (l.vectors && vectors_write(l.vectors, l.opt.record, &err)) {
        fprintf(stderr, "isa_live: %s\n", err.msg);
        rc = 2;
    }
    printf("%u rows, %u cases (%u done, %u storage, %u alignment, %u illegal, %u privileged, %u trap, %u fp); "
           "%u rows are exceptions\n", l.rows, l.cases, l.endings[0], l.endings[1], l.endings[2], l.endings[3],
           l.endings[4], l.endings[5], l.endings[6], l.excepted);
    printf("%u passed, %u failed\n", l.rows - l.bad_rows, l.bad_rows);
    vectors_free(l.vectors);
    oracle_close(l.oracle);
    engine_free(l.engine);
    return rc;
}
