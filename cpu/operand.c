/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/operand.c - what a letter of row->args stands for. */
#include "cpu/operand.h"

#include <ctype.h>
#include <string.h>

const struct operand_suffix operand_suffixes[4] = { { 'o', "o" }, { 'r', "." }, { 'l', "l" }, { 'k', "a" } };

bool operand_is_letter(char c)
{
    return islower((unsigned char)c);
}

static bool is_signed(char letter)
{
    return letter == 'd' || letter == 'i';
}

/* mfspr, mtspr, mftb: the two halves of the number stand swapped in the word. */
static bool is_spr(const struct isa_row *row, char letter)
{
    return letter == 'n' && row_bits_width(row->bits, 'n') == 10 &&
           (!strcmp(row->name, "mfspr") || !strcmp(row->name, "mtspr") || !strcmp(row->name, "mftb"));
}

static unsigned scale(const struct isa_row *row, char letter)
{
    return letter == 'd' ? row_bits_low(row->bits, letter) : 0;
}

/* The letter of the bit that adds 32: T for t and so on.
 * D and I would be capitals of signed fields: there are none. */
static char high_letter(char letter)
{
    return strchr("tabcsm", letter) ? (char)toupper((unsigned char)letter) : '\0';
}

struct operand_range operand_range(const struct isa_row *row, char letter)
{
    unsigned width = row_bits_width(row->bits, letter), shift = scale(row, letter);
    char high = high_letter(letter);

    if (is_signed(letter))
        return (struct operand_range){ -((int64_t)1 << (width + shift - 1)),
                                       ((int64_t)1 << (width + shift - 1)) - ((int64_t)1 << shift),
                                       (int64_t)1 << shift };
    if (high && row_bits_width(row->bits, high))
        return (struct operand_range){ 0, 63, 1 };
    return (struct operand_range){ 0, ((int64_t)1 << width) - 1, 1 };
}

int64_t operand_get(const struct isa_row *row, char letter, uint32_t word)
{
    uint32_t v = row_bits_get(row->bits, letter, word);
    unsigned width = row_bits_width(row->bits, letter);
    char high = high_letter(letter);

    if (is_signed(letter) && width)
        return ((int64_t)((uint64_t)v << (64 - width)) >> (64 - width)) * ((int64_t)1 << scale(row, letter));
    if (is_spr(row, letter))
        return (v & 31) << 5 | v >> 5;
    if (high)
        v |= row_bits_get(row->bits, high, word) << 5;
    return v;
}

uint32_t operand_put(const struct isa_row *row, char letter, uint32_t word, int64_t value)
{
    uint32_t v = (uint32_t)(value >> scale(row, letter));
    char high = high_letter(letter);

    if (is_spr(row, letter))
        v = (v & 31) << 5 | v >> 5;
    if (high && row_bits_width(row->bits, high)) {
        word = row_bits_put(row->bits, high, word, v >> 5);
        v &= 31;
    }
    return row_bits_put(row->bits, letter, word, v);
}

/* I and B forms; bit 30 is AA. */
bool operand_is_target(const struct isa_row *row, char letter)
{
    uint32_t mask, value;

    row_bits_fixed(row->bits, &mask, &value);
    return letter == 'd' && (value >> 26 == 16 || value >> 26 == 18);
}

uint64_t operand_target_base(uint32_t word, uint64_t address)
{
    return word & 2 ? 0 : address;
}

bool operand_is_marker(const char *args, const char *at)
{
    return *at == '0' && at > args && at[-1] == 'a';
}
