/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fixed_load.c - loads of one fixed-point register, and of the quadword pair.
 *
 * Spec: Power ISA 3.0B Book I, 3.3.2 (Fixed-Point Load), 3.3.4 (lq), 3.3.5 (byte reversal).
 * Thread: the processor's own.
 * A TLB miss starts the instruction again in its slow_ twin, so that the usual case needs no stack.
 * Update forms write RT, then RA.  Their invalid forms (RA = 0, RA = RT) use register RA as any other. */
#include "cpu/access.h"
#include "cpu/isa/chapters.h"
#include "cpu/isa/fixed_mem.h"

/* One load in its four forms: displacement and index, plain and updating.  `widen` makes the register's value. */
#define LOAD_AT(name, bits, widen, ea_of, update)                                        \
    static __attribute__((noinline)) void slow_##name(struct cpu *c, const struct op *o) \
    {                                                                                    \
        ea_t at = ea_of(c, o);                                                           \
        uint##bits##_t v;                                                                \
                                                                                         \
        if (!cpu_load##bits##_slow(c, at, &v))                                           \
            return;                                                                      \
        c->gpr[o->rt] = widen(v);                                                        \
        if (update)                                                                      \
            c->gpr[o->ra] = at.v;                                                        \
    }                                                                                    \
    static void run_##name(struct cpu *c, const struct op *o)                            \
    {                                                                                    \
        ea_t at = ea_of(c, o);                                                           \
        uint##bits##_t v;                                                                \
                                                                                         \
        if (!cpu_load##bits##_fast(c, at, &v)) {                                         \
            slow_##name(c, o);                                                           \
            return;                                                                      \
        }                                                                                \
        c->gpr[o->rt] = widen(v);                                                        \
        if (update)                                                                      \
            c->gpr[o->ra] = at.v;                                                        \
    }
#define LOAD_FORMS(name, bits, widen)                \
    LOAD_AT(name, bits, widen, op_ea_d, false)       \
    LOAD_AT(name##u, bits, widen, fixed_ea_du, true) \
    LOAD_AT(name##x, bits, widen, op_ea_x, false)    \
    LOAD_AT(name##ux, bits, widen, fixed_ea_xu, true)

static inline uint64_t zeros(uint64_t v)
{
    return v;
}

static inline uint64_t signs16(uint16_t v)
{
    return (uint64_t)(int64_t)(int16_t)v;
}

static inline uint64_t signs32(uint32_t v)
{
    return (uint64_t)(int64_t)(int32_t)v;
}

LOAD_FORMS(lbz, 8, zeros)
LOAD_FORMS(lhz, 16, zeros)
LOAD_FORMS(lha, 16, signs16)
LOAD_FORMS(lwz, 32, zeros)
LOAD_FORMS(ld, 64, zeros)
LOAD_AT(lwa, 32, signs32, op_ea_d, false)
LOAD_AT(lwax, 32, signs32, op_ea_x, false)
LOAD_AT(lwaux, 32, signs32, fixed_ea_xu, true)
LOAD_AT(lhbrx, 16, __builtin_bswap16, op_ea_x, false)
LOAD_AT(lwbrx, 32, __builtin_bswap32, op_ea_x, false)
LOAD_AT(ldbrx, 64, __builtin_bswap64, op_ea_x, false)

/* Odd RT is an invalid form.  The pair is one 128-bit number: RT its high half, in both byte orders. */
static void run_lq(struct cpu *c, const struct op *o)
{
    ea_t at = op_ea_d(c, o);
    unsigned __int128 v;

    if (o->rt & 1 || o->rt == o->ra) {
        cpu_program(c, PROGRAM_ILLEGAL);
        return;
    }
    if (!fixed_load_quad(c, at, &v))
        return;
    c->gpr[o->rt] = (uint64_t)(v >> 64);
    c->gpr[o->rt + 1] = (uint64_t)v;
}

static const struct isa_row rows[] = {
    { "lbz", "100010 ttttt aaaaa dddddddddddddddd", run_lbz, "t,d(a)" },
    { "lbzu", "100011 ttttt aaaaa dddddddddddddddd", run_lbzu, "t,d(a)" },
    { "lbzx", "011111 ttttt aaaaa bbbbb 0001010111 x", run_lbzx, "t,a0,b" },
    { "lbzux", "011111 ttttt aaaaa bbbbb 0001110111 x", run_lbzux, "t,a,b" },
    { "lhz", "101000 ttttt aaaaa dddddddddddddddd", run_lhz, "t,d(a)" },
    { "lhzu", "101001 ttttt aaaaa dddddddddddddddd", run_lhzu, "t,d(a)" },
    { "lhzx", "011111 ttttt aaaaa bbbbb 0100010111 x", run_lhzx, "t,a0,b" },
    { "lhzux", "011111 ttttt aaaaa bbbbb 0100110111 x", run_lhzux, "t,a,b" },
    { "lha", "101010 ttttt aaaaa dddddddddddddddd", run_lha, "t,d(a)" },
    { "lhau", "101011 ttttt aaaaa dddddddddddddddd", run_lhau, "t,d(a)" },
    { "lhax", "011111 ttttt aaaaa bbbbb 0101010111 x", run_lhax, "t,a0,b" },
    { "lhaux", "011111 ttttt aaaaa bbbbb 0101110111 x", run_lhaux, "t,a,b" },
    { "lwz", "100000 ttttt aaaaa dddddddddddddddd", run_lwz, "t,d(a)" },
    { "lwzu", "100001 ttttt aaaaa dddddddddddddddd", run_lwzu, "t,d(a)" },
    { "lwzx", "011111 ttttt aaaaa bbbbb 0000010111 x", run_lwzx, "t,a0,b" },
    { "lwzux", "011111 ttttt aaaaa bbbbb 0000110111 x", run_lwzux, "t,a,b" },
    { "lwa", "111010 ttttt aaaaa dddddddddddddd 10", run_lwa, "t,d(a)" },
    { "lwax", "011111 ttttt aaaaa bbbbb 0101010101 x", run_lwax, "t,a0,b" },
    { "lwaux", "011111 ttttt aaaaa bbbbb 0101110101 x", run_lwaux, "t,a,b" },
    { "ld", "111010 ttttt aaaaa dddddddddddddd 00", run_ld, "t,d(a)" },
    { "ldu", "111010 ttttt aaaaa dddddddddddddd 01", run_ldu, "t,d(a)" },
    { "ldx", "011111 ttttt aaaaa bbbbb 0000010101 x", run_ldx, "t,a0,b" },
    { "ldux", "011111 ttttt aaaaa bbbbb 0000110101 x", run_ldux, "t,a,b" },
    { "lhbrx", "011111 ttttt aaaaa bbbbb 1100010110 x", run_lhbrx, "t,a0,b" },
    { "lwbrx", "011111 ttttt aaaaa bbbbb 1000010110 x", run_lwbrx, "t,a0,b" },
    { "ldbrx", "011111 ttttt aaaaa bbbbb 1000010100 x", run_ldbrx, "t,a0,b" },
    { "lq", "111000 ttttt aaaaa dddddddddddd xxxx", run_lq, "t,d(a)" },
};

ISA_CHAPTER(isa_fixed_load, "Power ISA I, 3.3.2-3.3.5 fixed-point loads", rows);
