/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/row_bits.c - the lettered fields of an instruction word, by walking the row's bit text. */
#include "cpu/row_bits.h"

/* Steps through the text's bits from the most significant one: false at its end. */
static bool next_bit(const char **text, int *bit, char *letter)
{
    while (**text == ' ')
        (*text)++;
    if (!**text || *bit == 0)
        return false;
    *letter = *(*text)++;
    (*bit)--;
    return true;
}

unsigned row_bits_count(const char *bits)
{
    unsigned n = 0;

    for (; *bits; bits++)
        n += *bits != ' ';
    return n;
}

void row_bits_fixed(const char *bits, uint32_t *mask, uint32_t *value)
{
    int bit = 32;
    char l;

    *mask = *value = 0;
    while (next_bit(&bits, &bit, &l)) {
        if (l != '0' && l != '1')
            continue;
        *mask |= 1u << bit;
        *value |= (uint32_t)(l == '1') << bit;
    }
}

unsigned row_bits_width(const char *bits, char letter)
{
    unsigned n = 0;

    for (; *bits; bits++)
        n += *bits == letter;
    return n;
}

unsigned row_bits_low(const char *bits, char letter)
{
    int bit = 32;
    unsigned low = 0;
    char l;

    while (next_bit(&bits, &bit, &l))
        if (l == letter)
            low = (unsigned)bit;
    return low;
}

uint32_t row_bits_get(const char *bits, char letter, uint32_t word)
{
    int bit = 32;
    uint32_t v = 0;
    char l;

    while (next_bit(&bits, &bit, &l))
        if (l == letter)
            v = v << 1 | (word >> bit & 1);
    return v;
}

uint32_t row_bits_put(const char *bits, char letter, uint32_t word, uint32_t value)
{
    int left = (int)row_bits_width(bits, letter), bit = 32;
    char l;

    while (next_bit(&bits, &bit, &l)) {
        if (l != letter)
            continue;
        left--;
        word = (word & ~(1u << bit)) | (value >> left & 1) << bit;
    }
    return word;
}
