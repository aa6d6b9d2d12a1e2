/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/rtas_fuzz.c - sequences of RTAS calls with arguments of all kinds. */
#include "tests/fuzz/guest_fuzz.h"

#include "papr/rtas.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct papr *p;
    struct fuzz_input in = { data, size };

    if (!p)
        p = fuzz_machine();
    fuzz_begin(p, data, size);
    for (unsigned calls = 0; in.left && calls < 64; calls++) {
        uint8_t which = fuzz_byte(&in);
        uint32_t row = which % (rtas_table_size + 1);
        bool known = row < rtas_table_size;

        fuzz_block(p, &in, RTAS_TOKEN_BASE + row, known ? rtas_table[row].nargs : 1, known ? rtas_table[row].nrets : 1);
        fuzz_hcall(papr_vcpu(p, 0), H_RTAS, which >= 250 ? fuzz_cell(&in) : FUZZ_BLOCK);
    }
    return 0;
}
