/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/table_test.c - walks the instruction table of both levels: every row is well
 * formed, reachable and alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/asm.h"
#include "cpu/disasm.h"
#include "cpu/operand.h"
#include "gen.h"
#include "rng.h"

enum { WORDS_PER_ROW = 40 };

static int setup(void **state)
{
    enum isa_level level = *state ? *(enum isa_level *)*state : ISA_LEVEL_3_00;

    *state = isa_new(level);
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    isa_free(*state);
    return 0;
}

static void every_row_spells_32_bits_of_known_letters(void **state)
{
    for (size_t i = 0; i < isa_row_count(*state); i++) {
        const struct isa_row *row = isa_row_at(*state, i);

        if (row_bits_count(row->bits) != 32)
            fail_msg("%s: %u bits", row->name, row_bits_count(row->bits));
        if (row->bits[strspn(row->bits, "01xtabcTABCiudsSmMenpqorlk ")])
            fail_msg("%s: unknown letter in \"%s\"", row->name, row->bits);
        assert_non_null(row->run);
        assert_true(strlen(row->name) < 24);
        for (const char *a = row->args ? row->args : ""; *a; a++)
            if (operand_is_letter(*a) && !row_bits_width(row->bits, *a))
                fail_msg("%s: operand %c is not in \"%s\"", row->name, *a, row->bits);
    }
}

/* Each letter is an operand, or a flag that shows in the mnemonic: text says all that a row decodes. */
static void every_field_of_a_row_shows_in_its_text(void **state)
{
    unsigned bad = 0;

    for (size_t i = 0; i < isa_row_count(*state); i++) {
        const struct isa_row *row = isa_row_at(*state, i);

        for (const char *l = "tabciudsmenpq"; *l; l++) {
            if (!row_bits_width(row->bits, *l) || strchr(row->args ? row->args : "", *l))
                continue;
            print_error("%s: field %c of \"%s\" is no operand\n", row->name, *l, row->bits);
            bad++;
        }
    }
    assert_int_equal(bad, 0);
}

static void no_two_rows_match_one_word(void **state)
{
    size_t n = isa_row_count(*state);
    unsigned bad = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++) {
            uint32_t mi, vi, mk, vk;

            isa_row_pattern(*state, i, &mi, &vi);
            isa_row_pattern(*state, k, &mk, &vk);
            if ((vi ^ vk) & mi & mk)
                continue;
            print_error("%s and %s both match %08x\n", isa_row_at(*state, i)->name, isa_row_at(*state, k)->name,
                        vi | vk);
            bad++;
        }
    assert_int_equal(bad, 0);
}

static void assert_fields_agree(const struct isa_row *row, uint32_t word, const struct op *o)
{
    const struct {
        char letter;
        int64_t value;
    } fields[] = { { 't', o->rt }, { 'a', o->ra }, { 'b', o->rb }, { 'c', o->rc }, { 'i', o->imm }, { 'u', o->imm },
                   { 'd', o->imm }, { 's', o->sh }, { 'm', o->mb }, { 'e', o->me }, { 'p', o->p }, { 'q', o->q },
                   { 'o', o->oe }, { 'r', o->rc_bit }, { 'l', o->lk }, { 'k', o->aa } };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (row_bits_width(row->bits, fields[i].letter) && operand_get(row, fields[i].letter, word) != fields[i].value)
            fail_msg("%s: field %c of %08x decoded as %lld", row->name, fields[i].letter, word,
                     (long long)fields[i].value);
}

static void every_row_is_reached_by_its_words(void **state)
{
    struct rng r = { 1 };

    for (size_t i = 0; i < isa_row_count(*state); i++)
        for (unsigned k = 0; k < WORDS_PER_ROW; k++) {
            const struct isa_row *row = isa_row_at(*state, i);
            uint32_t word = gen_word(row, &r);
            struct op o;

            if (isa_decode(*state, word, &o) != row)
                fail_msg("%s: %08x decodes as something else", row->name, word);
            assert_int_equal(o.row, i);
            assert_ptr_equal(o.run, row->run);
            assert_fields_agree(row, word, &o);
        }
}

static void what_the_disassembler_prints_the_assembler_reads(void **state)
{
    struct rng r = { 2 };
    struct error err = { 0 };

    for (size_t i = 0; i < isa_row_count(*state); i++)
        for (unsigned k = 0; k < WORDS_PER_ROW; k++) {
            const struct isa_row *row = isa_row_at(*state, i);
            uint64_t address = rng_next(&r) & ~3ull;
            uint32_t word = gen_word(row, &r), again = 0;
            char text[DISASM_MAX];

            disasm(*state, word, address, text);
            if (asm_word(*state, text, address, &again, &err))
                fail_msg("%08x \"%s\": %s", word, text, err.msg);
            if (again != word)
                fail_msg("%08x \"%s\" became %08x", word, text, again);
        }
}

static void texts_read_as_in_the_book(void **state)
{
    static const struct {
        uint32_t word;
        const char *text;
    } known[] = {
        { 0x3860ffff, "addi 3,0,-1" },     { 0x80a40008, "lwz 5,8(4)" },       { 0x7c642a15, "add. 3,4,5" },
        { 0x7c642e14, "addo 3,4,5" },      { 0xe8640010, "ld 3,16(4)" },       { 0x48000101, "bl 0x1100" },
        { 0x7ca80214, "add 5,8,0" }, { 0x70a30001, "andi. 3,5,1" }, { 0x7c0802a6, "mfspr 0,8" },
        { 0x7c6903a6, "mtspr 9,3" },       { 0x00000000, ".long 0x00000000" },
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        char text[DISASM_MAX];
        uint32_t word;

        disasm(*state, known[i].word, 0x1000, text);
        assert_string_equal(text, known[i].text);
        assert_int_equal(asm_word(*state, known[i].text, 0x1000, &word, NULL), 0);
        assert_int_equal(word, known[i].word);
    }
}

static void the_assembler_refuses_nonsense(void **state)
{
    static const char *const bad[] = { "", "frobnicate 1", "addi 3,0", "addi 3,0,40000", "addi 32,0,1", "addi 3,0,1,2",
                                       "ld 3,2(4)", "lwz 3,8", "addi. 3,0,1", "addi x,0,1" };
    struct error err;
    uint32_t word;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (!asm_word(*state, bad[i], 0, &word, &err))
            fail_msg("\"%s\" became %08x", bad[i], word);
}

int main(void)
{
    static enum isa_level old = ISA_LEVEL_2_07;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_row_spells_32_bits_of_known_letters, setup, teardown),
        cmocka_unit_test_setup_teardown(every_field_of_a_row_shows_in_its_text, setup, teardown),
        cmocka_unit_test_setup_teardown(no_two_rows_match_one_word, setup, teardown),
        cmocka_unit_test_setup_teardown(every_row_is_reached_by_its_words, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_disassembler_prints_the_assembler_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(texts_read_as_in_the_book, setup, teardown),
        cmocka_unit_test_setup_teardown(the_assembler_refuses_nonsense, setup, teardown),
        cmocka_unit_test_prestate_setup_teardown(every_row_spells_32_bits_of_known_letters, setup, teardown, &old),
        cmocka_unit_test_prestate_setup_teardown(no_two_rows_match_one_word, setup, teardown, &old),
        cmocka_unit_test_prestate_setup_teardown(every_row_is_reached_by_its_words, setup, teardown, &old),
        cmocka_unit_test_prestate_setup_teardown(what_the_disassembler_prints_the_assembler_reads, setup, teardown,
                                                 &old),
    };

    return cmocka_run_group_tests_name("isa_table", tests, NULL, NULL);
}
