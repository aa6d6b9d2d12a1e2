/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fixed_store.c - stores of one fixed-point register, and of the quadword pair.
 *
 * Spec: Power ISA 3.0B Book I, 3.3.3 (Fixed-Point Store), 3.3.4 (stq), 3.3.5 (byte reversal).
 * Thread: the processor's own.
 * Update forms write RA after the store succeeded; their invalid form RA = 0 uses register 0 as any other. */
#include "cpu/access.h"
#include "cpu/isa/chapters.h"
#include "cpu/isa/fixed_mem.h"

#define STORE_AT(name, bits, value, ea_of, update)                                    \
    static void run_##name(struct cpu *c, const struct op *o)                         \
    {                                                                                 \
        ea_t at = ea_of(c, o);                                                        \
                                                                                      \
        if (cpu_store##bits(c, at, value((uint##bits##_t)c->gpr[o->rt])) && (update)) \
            c->gpr[o->ra] = at.v;                                                     \
    }
#define STORE_FORMS(name, bits)                  \
    STORE_AT(name, bits, , op_ea_d, false)       \
    STORE_AT(name##u, bits, , fixed_ea_du, true) \
    STORE_AT(name##x, bits, , op_ea_x, false)    \
    STORE_AT(name##ux, bits, , fixed_ea_xu, true)

STORE_FORMS(stb, 8)
STORE_FORMS(sth, 16)
STORE_FORMS(stw, 32)
STORE_FORMS(std, 64)
STORE_AT(sthbrx, 16, __builtin_bswap16, op_ea_x, false)
STORE_AT(stwbrx, 32, __builtin_bswap32, op_ea_x, false)
STORE_AT(stdbrx, 64, __builtin_bswap64, op_ea_x, false)

static void run_stq(struct cpu *c, const struct op *o)
{
    if (o->rt & 1) {
        cpu_program(c, PROGRAM_ILLEGAL);
        return;
    }
    fixed_store_quad(c, op_ea_d(c, o), (unsigned __int128)c->gpr[o->rt] << 64 | c->gpr[o->rt + 1]);
}

static const struct isa_row rows[] = {
    { "stb", "100110 ttttt aaaaa dddddddddddddddd", run_stb, "t,d(a)" },
    { "stbu", "100111 ttttt aaaaa dddddddddddddddd", run_stbu, "t,d(a)" },
    { "stbx", "011111 ttttt aaaaa bbbbb 0011010111 x", run_stbx, "t,a0,b" },
    { "stbux", "011111 ttttt aaaaa bbbbb 0011110111 x", run_stbux, "t,a,b" },
    { "sth", "101100 ttttt aaaaa dddddddddddddddd", run_sth, "t,d(a)" },
    { "sthu", "101101 ttttt aaaaa dddddddddddddddd", run_sthu, "t,d(a)" },
    { "sthx", "011111 ttttt aaaaa bbbbb 0110010111 x", run_sthx, "t,a0,b" },
    { "sthux", "011111 ttttt aaaaa bbbbb 0110110111 x", run_sthux, "t,a,b" },
    { "stw", "100100 ttttt aaaaa dddddddddddddddd", run_stw, "t,d(a)" },
    { "stwu", "100101 ttttt aaaaa dddddddddddddddd", run_stwu, "t,d(a)" },
    { "stwx", "011111 ttttt aaaaa bbbbb 0010010111 x", run_stwx, "t,a0,b" },
    { "stwux", "011111 ttttt aaaaa bbbbb 0010110111 x", run_stwux, "t,a,b" },
    { "std", "111110 ttttt aaaaa dddddddddddddd 00", run_std, "t,d(a)" },
    { "stdu", "111110 ttttt aaaaa dddddddddddddd 01", run_stdu, "t,d(a)" },
    { "stdx", "011111 ttttt aaaaa bbbbb 0010010101 x", run_stdx, "t,a0,b" },
    { "stdux", "011111 ttttt aaaaa bbbbb 0010110101 x", run_stdux, "t,a,b" },
    { "sthbrx", "011111 ttttt aaaaa bbbbb 1110010110 x", run_sthbrx, "t,a0,b" },
    { "stwbrx", "011111 ttttt aaaaa bbbbb 1010010110 x", run_stwbrx, "t,a0,b" },
    { "stdbrx", "011111 ttttt aaaaa bbbbb 1010010100 x", run_stdbrx, "t,a0,b" },
    { "stq", "111110 ttttt aaaaa dddddddddddddd 10", run_stq, "t,d(a)" },
};

ISA_CHAPTER(isa_fixed_store, "Power ISA I, 3.3.3-3.3.5 fixed-point stores", rows);
