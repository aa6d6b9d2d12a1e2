/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/asm.c - finds the row whose name and suffixes spell the mnemonic, then reads the
 * operands in the order of row->args. */
#include "cpu/asm.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/operand.h"

/* What of a mnemonic is left after the row's name must be suffixes of one-bit fields the row
 * has, each once, in order. */
static bool read_suffixes(const struct isa_row *row, const char *s, const char *end, uint32_t *word)
{
    for (unsigned i = 0; i < sizeof(operand_suffixes) / sizeof(operand_suffixes[0]); i++) {
        const struct operand_suffix *x = &operand_suffixes[i];

        if (s < end && *s == x->text[0] && row_bits_width(row->bits, x->letter)) {
            *word = row_bits_put(row->bits, x->letter, *word, 1);
            s++;
        }
    }
    return s == end;
}

/* The row with the longest name wins: "addic." the instruction before "addic" with a dot. */
static const struct isa_row *find_row(const struct isa *isa, const char *s, const char *end, uint32_t *word)
{
    const struct isa_row *best = NULL;
    size_t best_len = 0;

    for (size_t i = 0; i < isa_row_count(isa); i++) {
        const struct isa_row *row = isa_row_at(isa, i);
        size_t len = strlen(row->name);
        uint32_t mask, w;

        if (len > (size_t)(end - s) || len < best_len || strncmp(row->name, s, len))
            continue;
        row_bits_fixed(row->bits, &mask, &w);
        if (!read_suffixes(row, s + len, end, &w))
            continue;
        best = row;
        best_len = len;
        *word = w;
    }
    return best;
}

static int read_operand(const struct isa_row *row, char letter, const char **s, uint64_t address, uint32_t *word,
                        struct error *err)
{
    struct operand_range range = operand_range(row, letter);
    char *end;
    int64_t v;

    errno = 0;
    v = **s == '-' ? strtoll(*s, &end, 0) : (int64_t)strtoull(*s, &end, 0);
    if (end == *s || errno)
        return error_set(err, EINVAL, "%s: a number is missing at \"%s\"", row->name, *s);
    if (operand_is_target(row, letter))
        v = (int64_t)((uint64_t)v - operand_target_base(*word, address));
    if (v < range.min || v > range.max || (v - range.min) % range.step)
        return error_set(err, EINVAL, "%s: operand \"%.*s\" is out of range", row->name, (int)(end - *s), *s);
    *word = operand_put(row, letter, *word, v);
    *s = end;
    return 0;
}

static int read_operands(const struct isa_row *row, const char *s, uint64_t address, uint32_t *word, struct error *err)
{
    for (const char *a = row->args ? row->args : ""; *a; a++) {
        if (operand_is_marker(row->args, a))
            continue;
        while (*s == ' ')
            s++;
        if (operand_is_letter(*a)) {
            int rc = read_operand(row, *a, &s, address, word, err);

            if (rc)
                return rc;
        } else if (*s++ != *a) {
            return error_set(err, EINVAL, "%s: operands are \"%s\"", row->name, row->args);
        }
    }
    while (*s == ' ')
        s++;
    return *s ? error_set(err, EINVAL, "%s: too much at \"%s\"", row->name, s) : 0;
}

int asm_word(const struct isa *isa, const char *text, uint64_t address, uint32_t *word, struct error *err)
{
    const struct isa_row *row;
    const char *end;

    while (*text == ' ')
        text++;
    for (end = text; *end && *end != ' '; end++)
        ;
    if (!strncmp(text, ".long ", 6)) {
        *word = (uint32_t)strtoul(text + 6, NULL, 0);
        return 0;
    }
    row = find_row(isa, text, end, word);
    if (!row)
        return error_set(err, EINVAL, "no instruction \"%.*s\" at this level", (int)(end - text), text);
    return read_operands(row, end, address, word, err);
}
