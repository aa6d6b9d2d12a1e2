/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/disasm.c - prints an instruction word from its row: name, suffixes, then the
 * operands in the order of row->args. */
#include "cpu/disasm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cpu/operand.h"

struct text {
    char *at;
    size_t left;
};

static void put(struct text *t, const char *s)
{
    size_t n = strlen(s);

    if (n >= t->left)
        n = t->left - 1;
    memcpy(t->at, s, n);
    t->at += n;
    t->left -= n;
    *t->at = 0;
}

static void put_mnemonic(struct text *t, const struct isa_row *row, uint32_t word)
{
    put(t, row->name);
    for (unsigned i = 0; i < sizeof(operand_suffixes) / sizeof(operand_suffixes[0]); i++)
        if (row_bits_get(row->bits, operand_suffixes[i].letter, word))
            put(t, operand_suffixes[i].text);
}

static void put_operand(struct text *t, const struct isa_row *row, char letter, uint32_t word, uint64_t address)
{
    char number[24];
    int64_t v = operand_get(row, letter, word);

    if (operand_is_target(row, letter))
        snprintf(number, sizeof(number), "0x%" PRIx64, (uint64_t)v + operand_target_base(word, address));
    else
        snprintf(number, sizeof(number), "%" PRId64, v);
    put(t, number);
}

void disasm(const struct isa *isa, uint32_t word, uint64_t address, char out[DISASM_MAX])
{
    struct text t = { out, DISASM_MAX };
    struct op o;
    const struct isa_row *row = isa_decode(isa, word, &o);

    if (!row) {
        snprintf(out, DISASM_MAX, ".long 0x%08" PRIx32, word);
        return;
    }
    put_mnemonic(&t, row, word);
    if (row->args && *row->args)
        put(&t, " ");
    for (const char *a = row->args ? row->args : ""; *a; a++) {
        if (operand_is_letter(*a))
            put_operand(&t, row, *a, word, address);
        else if (!operand_is_marker(row->args, a))
            put(&t, (char[]){ *a, 0 });
    }
}
