/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/spr_test.c - who may read and write each of the 1024 special purpose registers, and the SLB instructions.
 *
 * The table here is written from the book and from what a guest without hypervisor
 * state may see, not from cpu/spr.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/asm.h"
#include "cpu/run.h"
#include "engine.h"

#define REAL (MSR_SF | MSR_ME | MSR_LE)
#define USER (REAL | MSR_IR | MSR_DR | MSR_PR | MSR_EE)
#define NEXT_RA (ENGINE_RA + 4)

/* What an access ends in. */
enum answer { DONE, NOTHING, PRIVILEGED, ILLEGAL, GATED };

struct access {
    unsigned number;
    char user[3], privileged[3];    /* "rw", "r-", "--" ... as the table of a manual shows them; "g" letters: gated */
    unsigned gate;                  /* FSCR bit and interrupt cause; 0: none */
};

static const struct access table[] = {
    { 1, "rw", "rw", 0 },     { 3, "rw", "rw", 2 },     { 8, "rw", "rw", 0 },     { 9, "rw", "rw", 0 },
    { 13, "rw", "rw", 0 },    { 17, "--", "rw", 0 },    { 18, "--", "rw", 0 },    { 19, "--", "rw", 0 },
    { 22, "--", "rw", 0 },    { 26, "--", "rw", 0 },    { 27, "--", "rw", 0 },    { 28, "--", "rw", 0 },
    { 29, "--", "rw", 0 },    { 48, "--", "rw", 0 },    { 61, "--", "rw", 0 },    { 136, "r-", "r-", 0 },
    { 144, "--", "rw", 0 },   { 152, "--", "-w", 0 },   { 153, "--", "rw", 0 },   { 157, "--", "rw", 0 },
    { 159, "--", "rw", 0 },   { 176, "--", "r-", 0 },   { 256, "rw", "rw", 0 },   { 259, "r-", "r-", 0 },
    { 268, "r-", "r-", 0 },   { 269, "r-", "r-", 0 },   { 272, "--", "rw", 0 },   { 273, "--", "rw", 0 },
    { 274, "--", "rw", 0 },   { 275, "--", "rw", 0 },   { 768, "r-", "r-", 0 },   { 769, "r-", "rw", 0 },
    { 770, "r-", "rw", 0 },   { 771, "r-", "rw", 0 },   { 772, "r-", "rw", 0 },   { 773, "r-", "rw", 0 },
    { 774, "r-", "rw", 0 },   { 775, "r-", "rw", 0 },   { 776, "r-", "rw", 0 },   { 779, "r-", "rw", 0 },
    { 780, "r-", "r-", 0 },   { 781, "r-", "r-", 0 },   { 782, "r-", "r-", 0 },     /* with MMCR0[PMCC] = 0 */
    { 287, "--", "r-", 0 },   { 308, "--", "r-", 0 },   { 309, "--", "r-", 0 },   { 446, "--", "r-", 0 },
    { 784, "--", "rw", 0 },   { 785, "--", "rw", 0 },   { 786, "--", "rw", 0 },   { 787, "--", "rw", 0 },
    { 788, "--", "rw", 0 },   { 789, "--", "rw", 0 },   { 790, "--", "rw", 0 },   { 791, "--", "rw", 0 },
    { 792, "--", "rw", 0 },   { 795, "--", "rw", 0 },   { 796, "--", "rw", 0 },   { 797, "--", "rw", 0 },
    { 798, "--", "rw", 0 },   { 800, "rw", "rw", 7 },   { 801, "rw", "rw", 7 },   { 802, "rw", "rw", 7 },
    { 803, "rw", "rw", 7 },   { 804, "rw", "rw", 7 },   { 805, "rw", "rw", 7 },   { 806, "rw", "rw", 7 },
    { 815, "rw", "rw", 8 },   { 823, "--", "rw", 0 },   { 848, "--", "r-", 0 },   { 849, "--", "r-", 0 },
    { 895, "--", "rw", 0 },   { 896, "rw", "rw", 0 },   { 898, "rw", "rw", 0 },   { 1023, "--", "r-", 0 },
};

/* Hypervisor registers; the transactional ones. */
static const unsigned hypervisor[] = { 180, 181, 186, 187, 188, 189, 190, 284, 285, 286, 304, 305, 306, 307, 310, 313,
                                       314, 315, 318, 319, 336, 337, 338, 339, 349, 464, 816, 855, 1008, 1009, 1012,
                                       1014 };
static const unsigned transactional[] = { 128, 129, 130, 131 };

static bool among(const unsigned *list, size_t n, unsigned number)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == number)
            return true;
    return false;
}
#define AMONG(list, number) among(list, sizeof(list) / sizeof((list)[0]), number)

static const struct access *find(unsigned number)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].number == number)
            return &table[i];
    return NULL;
}

static enum answer refused(unsigned number, bool user)
{
    return user && !(number & 0x10) ? ILLEGAL : PRIVILEGED;
}

static enum answer expected(unsigned number, bool user, bool write)
{
    const struct access *a = find(number);

    if (a && (user ? a->user : a->privileged)[write] == '-')
        return refused(number, user);
    if (a)
        return a->gate ? GATED : DONE;
    if (AMONG(transactional, number))
        return GATED;
    if (number >= 808 && number <= 811)                 /* reserved no-ops */
        return NOTHING;
    if (AMONG(hypervisor, number))
        return refused(number, user);
    if (user)
        return number & 0x10 ? PRIVILEGED : ILLEGAL;
    if (number == 0 || (!write && number >= 4 && number <= 6))
        return ILLEGAL;
    return NOTHING;
}

static int setup(void **state)
{
    *state = engine_new(ISA_LEVEL_3_00, NULL);
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    engine_free(*state);
    return 0;
}

static uint64_t step(struct engine *e, uint64_t msr, const char *text)
{
    struct error err;
    uint32_t word = 0;

    if (asm_word(engine_isa(e), text, 0, &word, &err))
        fail_msg("%s", err.msg);
    return engine_step(e, msr, word);
}

/* Does one access and tells what came of it. */
static enum answer try_access(struct engine *e, unsigned number, bool user, bool write)
{
    struct cpu *c = engine_cpu(e);
    char text[32];
    uint64_t at, before = 0x5a5a000000000000ull;

    snprintf(text, sizeof(text), write ? "mtspr %u,3" : "mfspr 3,%u", number);
    c->spr[SPR_FSCR] = 0;
    c->gpr[3] = before;
    at = step(e, user ? USER : REAL, text);
    if (at == VEC_FACILITY)
        return GATED;
    if (at == VEC_PROGRAM)
        return c->spr[SPR_SRR1] & PROGRAM_PRIVILEGED ? PRIVILEGED : ILLEGAL;
    return !write && c->gpr[3] == before ? NOTHING : DONE;
}

static void check_all(struct engine *e, bool user, bool write)
{
    static const char *const names[] = { "done", "nothing", "privileged", "illegal", "facility unavailable" };
    unsigned bad = 0;

    for (unsigned n = 0; n < 1024; n++) {
        enum answer want = expected(n, user, write), got;

        got = try_access(e, n, user, write);
        if (write && want == NOTHING)
            want = DONE;                                /* cannot be told apart */
        if (got == want)
            continue;
        print_error("%s of SPR %u in %s state: %s, expected %s\n", write ? "write" : "read", n,
                    user ? "problem" : "privileged", names[got], names[want]);
        bad++;
    }
    assert_int_equal(bad, 0);
}

static void problem_state_reads_what_it_may(void **state)
{
    check_all(*state, true, false);
}

static void problem_state_writes_what_it_may(void **state)
{
    check_all(*state, true, true);
}

static void privileged_state_reads_what_it_may(void **state)
{
    check_all(*state, false, false);
}

static void privileged_state_writes_what_it_may(void **state)
{
    check_all(*state, false, true);
}

static void gates_open_by_fscr_and_tell_their_cause(void **state)
{
    struct cpu *c = engine_cpu(*state);

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char text[32];

        if (!table[i].gate)
            continue;
        snprintf(text, sizeof(text), "mfspr 3,%u", table[i].number);
        c->spr[SPR_FSCR] = 0;
        assert_int_equal(step(*state, USER, text), VEC_FACILITY);
        assert_int_equal(c->spr[SPR_FSCR], (uint64_t)table[i].gate << 56);
        c->spr[SPR_FSCR] = 1ull << table[i].gate;
        assert_int_equal(step(*state, USER, text), ENGINE_EA + 4);
    }
}

static void what_is_written_is_read_back(void **state)
{
    static const struct {
        unsigned number;
        uint64_t mask;
    } plain[] = { { 8, ~0ull }, { 9, ~0ull }, { 17, ~0ull }, { 18, 0xffffffff }, { 19, ~0ull }, { 26, ~0ull },
                  { 27, ~0ull }, { 48, 0xffffffff }, { 256, 0xffffffff }, { 272, ~0ull }, { 273, ~0ull },
                  { 274, ~0ull }, { 275, ~0ull }, { 896, 0x001c000000000000ull } };
    struct cpu *c = engine_cpu(*state);

    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        char text[32];

        c->gpr[3] = 0x0123456789abcdefull;
        snprintf(text, sizeof(text), "mtspr %u,3", plain[i].number);
        step(*state, REAL, text);
        snprintf(text, sizeof(text), "mfspr 4,%u", plain[i].number);
        step(*state, REAL, text);
        assert_int_equal(c->gpr[4], 0x0123456789abcdefull & plain[i].mask);
    }
}

static void registers_with_two_names_agree(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->gpr[3] = 0xabcdef;
    step(*state, REAL, "mtspr 275,3");
    assert_int_equal(step(*state, USER, "mfspr 4,259"), ENGINE_EA + 4);
    assert_int_equal(c->gpr[4], 0xabcdef);
    c->gpr[3] = 3ull << 50;
    step(*state, USER, "mtspr 896,3");
    step(*state, USER, "mfspr 4,898");
    assert_int_equal(c->gpr[4], 3ull << 18);
    c->spr[SPR_FSCR] = 1 << 2;
    c->gpr[3] = 5;
    step(*state, USER, "mtspr 3,3");
    step(*state, REAL, "mfspr 4,17");
    assert_int_equal(c->gpr[4], 5);
}

static void the_decrementer_counts_down_from_what_was_written(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->gpr[3] = 1000;
    step(*state, REAL, "mtspr 22,3");
    c->tb_offset += 300;
    step(*state, REAL, "mfspr 4,22");
    assert_int_equal(c->gpr[4], 700);
    c->tb_offset += 800;
    step(*state, REAL, "mfspr 4,22");
    assert_int_equal(c->gpr[4], 0xffffffff - 99);
}

static void the_pvr_tells_the_processor(void **state)
{
    step(*state, REAL, "mfspr 3,287");
    assert_int_equal(engine_cpu(*state)->gpr[3] >> 16, 0x4e);
}

/* ---- SLB ---- */

#define ESID 0x0000700010000000ull
#define VSID_WORD 0x000000abcdef0400ull     /* Kp */

static void write_entry(struct engine *e, unsigned index, uint64_t esid, uint64_t vsid_word)
{
    struct cpu *c = engine_cpu(e);

    c->gpr[3] = vsid_word;
    c->gpr[4] = esid | SLB_ESID_V | index;
    assert_int_equal(step(e, REAL, "slbmte 3,4"), NEXT_RA);
}

static bool is_valid(struct engine *e, unsigned index)
{
    struct cpu *c = engine_cpu(e);

    c->gpr[4] = index;
    assert_int_equal(step(e, REAL, "slbmfee 3,4"), NEXT_RA);
    return c->gpr[3] & SLB_ESID_V;
}

static void slb_entries_are_written_read_and_found(void **state)
{
    struct cpu *c = engine_cpu(*state);

    write_entry(*state, 5, ESID, VSID_WORD);
    c->gpr[4] = 5;
    step(*state, REAL, "slbmfee 3,4");
    assert_int_equal(c->gpr[3], ESID | SLB_ESID_V);
    step(*state, REAL, "slbmfev 3,4");
    assert_int_equal(c->gpr[3], VSID_WORD);
    c->gpr[4] = ESID | 0x123000;
    c->so = 1;
    step(*state, REAL, "slbfee. 3,4");
    assert_int_equal(c->cr[0], CR_EQ | CR_SO);
    assert_int_equal(c->gpr[3], VSID_WORD);
    c->gpr[4] = ESID + 0x10000000;
    step(*state, REAL, "slbfee. 3,4");
    assert_int_equal(c->cr[0], CR_SO);
    assert_int_equal(c->gpr[3], 0);
    c->gpr[4] = 6;
    step(*state, REAL, "slbmfee 3,4");
    assert_int_equal(c->gpr[3], 0);
}

static void slbie_takes_the_entry_of_its_segment(void **state)
{
    struct cpu *c = engine_cpu(*state);

    write_entry(*state, 5, ESID, VSID_WORD);
    write_entry(*state, 6, ESID + 0x10000000, VSID_WORD);
    c->gpr[4] = ESID;
    step(*state, REAL, "slbie 4");
    assert_false(is_valid(*state, 5));
    assert_true(is_valid(*state, 6));
}

static void slbia_takes_what_ih_says(void **state)
{
    static const struct {
        unsigned ih;
        bool entry0, with_class, without;       /* what stays */
    } kinds[] = { { 0, true, false, false }, { 1, true, false, false }, { 2, true, false, false },
                  { 3, false, false, true }, { 4, false, false, false }, { 6, true, false, false },
                  { 7, true, true, true } };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        char text[16];

        write_entry(*state, 0, ESID, VSID_WORD | SLB_VSID_C);
        write_entry(*state, 5, ESID + 0x10000000, VSID_WORD | SLB_VSID_C);
        write_entry(*state, 6, ESID + 0x20000000, VSID_WORD);
        snprintf(text, sizeof(text), "slbia %u", kinds[i].ih);
        step(*state, REAL, text);
        assert_int_equal(is_valid(*state, 0), kinds[i].entry0);
        assert_int_equal(is_valid(*state, 5), kinds[i].with_class);
        assert_int_equal(is_valid(*state, 6), kinds[i].without);
        step(*state, REAL, "slbia 4");
    }
}

static void an_slb_entry_makes_its_segment_reachable_and_its_loss_unreachable(void **state)
{
    struct cpu *c = engine_cpu(*state);
    uint64_t kernel = REAL | MSR_IR | MSR_DR;

    c->gpr[7] = WIRE_DATA;
    assert_int_equal(step(*state, kernel, "ld 8,0(7)"), ENGINE_EA + 4);
    c->gpr[4] = WIRE_DATA;
    step(*state, REAL, "slbie 4");
    assert_int_equal(step(*state, kernel, "ld 8,0(7)"), VEC_DSEG);
    write_entry(*state, 9, WIRE_DATA & ~0xfffffffull, (0x1234 + (WIRE_DATA >> 28)) << 12);
    assert_int_equal(step(*state, kernel, "ld 8,0(7)"), ENGINE_EA + 4);
    step(*state, REAL, "slbia 4");
    assert_int_equal(step(*state, REAL | MSR_DR, "ld 8,0(7)"), VEC_DSEG);
}

static void keys_of_the_segment_protect_pages_with_pp_0(void **state)
{
    struct cpu *c = engine_cpu(*state);
    uint64_t vsid_word = (0x1234 + (WIRE_DATA >> 28)) << 12, kernel = REAL | MSR_IR | MSR_DR;
    _Atomic uint64_t *e = c->hpt->e;

    for (size_t i = 0; i < (1ull << c->hpt->shift) / 8; i += 2)
        if (e[i] && (e[i + 1] & 0xffff000) >> 12 == ENGINE_DATA_RA >> 12)
            e[i + 1] &= ~3ull;                          /* PP = 0: key 1 has no access */
    cpu_tlb_flush_all(c);
    c->gpr[4] = WIRE_DATA;
    step(*state, REAL, "slbie 4");
    write_entry(*state, 9, WIRE_DATA & ~0xfffffffull, vsid_word | SLB_VSID_KP);
    c->gpr[7] = WIRE_DATA;
    assert_int_equal(step(*state, kernel, "ld 8,0(7)"), ENGINE_EA + 4);
    assert_int_equal(step(*state, USER, "ld 8,0(7)"), VEC_DSI);
    assert_int_equal(c->spr[SPR_DSISR], 0x08000000);
    assert_int_equal(step(*state, USER, "std 8,0(7)"), VEC_DSI);
    assert_int_equal(c->spr[SPR_DSISR], 0x0a000000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(problem_state_reads_what_it_may),
        TEST(problem_state_writes_what_it_may),
        TEST(privileged_state_reads_what_it_may),
        TEST(privileged_state_writes_what_it_may),
        TEST(gates_open_by_fscr_and_tell_their_cause),
        TEST(what_is_written_is_read_back),
        TEST(registers_with_two_names_agree),
        TEST(the_decrementer_counts_down_from_what_was_written),
        TEST(the_pvr_tells_the_processor),
        TEST(slb_entries_are_written_read_and_found),
        TEST(slbie_takes_the_entry_of_its_segment),
        TEST(slbia_takes_what_ih_says),
        TEST(an_slb_entry_makes_its_segment_reachable_and_its_loss_unreachable),
        TEST(keys_of_the_segment_protect_pages_with_pp_0),
    };

    return cmocka_run_group_tests_name("isa_spr", tests, NULL, NULL);
}
