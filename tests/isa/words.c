/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/words.c - prints words of every row with our disassembly, for names.py: "word text", hexadecimal word
 * first. Argument: power8 or power9. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cpu/disasm.h"
#include "cpu/row_bits.h"
#include "gen.h"
#include "rng.h"

enum { WORDS_PER_ROW = 16 };

int main(int argc, char **argv)
{
    struct isa *isa = isa_new(argc > 1 && !strcmp(argv[1], "power8") ? ISA_LEVEL_2_07 : ISA_LEVEL_3_00);
    struct rng r = { 9 };

    if (!isa)
        return 1;
    for (size_t i = 0; i < isa_row_count(isa); i++)
        for (unsigned k = 0; k < WORDS_PER_ROW; k++) {
            const struct isa_row *row = isa_row_at(isa, i);
            uint32_t word = gen_word(row, &r);
            char text[DISASM_MAX];

            disasm(isa, word, 0, text);
            printf("%08" PRIx32 " %s\n", word, text);
        }
    isa_free(isa);
    return 0;
}
