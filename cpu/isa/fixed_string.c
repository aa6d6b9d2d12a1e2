/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fixed_string.c - load and store multiple, move assist (string) instructions.
 *
 * Spec: Power ISA 3.0B Book I, 3.3.6 (Load/Store Multiple), 3.3.7 (Move Assist).
 * Thread: the processor's own.
 * In little-endian mode all of them raise the alignment interrupt.  Each access is all or nothing.  Invalid forms (RA
 * or RB among the registers loaded) load them as any other. */
#include "base/endian.h"
#include "cpu/access.h"
#include "cpu/isa/chapters.h"
#include "cpu/isa/fixed_mem.h"

static bool refused(struct cpu *c, ea_t at)
{
    if (c->le)
        cpu_alignment(c, at);
    return c->le;
}

/* Bytes of memory into the low halves of registers from rt on, wrapping; the last one is filled with 0. */
static void load_string(struct cpu *c, unsigned rt, ea_t at, unsigned len)
{
    uint8_t bytes[128] = { 0 };

    if (refused(c, at) || !len || !cpu_load_bytes(c, at, bytes, len))
        return;
    for (unsigned i = 0; i < len; i += 4)
        c->gpr[(rt + i / 4) & 31] = be32_get(bytes + i);
}

static void store_string(struct cpu *c, unsigned rt, ea_t at, unsigned len)
{
    uint8_t bytes[128];

    if (refused(c, at) || !len)
        return;
    for (unsigned i = 0; i < len; i += 4)
        be32_put(bytes + i, (uint32_t)c->gpr[(rt + i / 4) & 31]);
    cpu_store_bytes(c, at, bytes, len);
}

static void run_lmw(struct cpu *c, const struct op *o)
{
    load_string(c, o->rt, op_ea_d(c, o), 4u * (32 - o->rt));
}

static void run_stmw(struct cpu *c, const struct op *o)
{
    store_string(c, o->rt, op_ea_d(c, o), 4u * (32 - o->rt));
}

/* NB = 0 means 32 bytes. */
static void run_lswi(struct cpu *c, const struct op *o)
{
    load_string(c, o->rt, fixed_ea_a(c, o), o->n ? o->n : 32);
}

static void run_stswi(struct cpu *c, const struct op *o)
{
    store_string(c, o->rt, fixed_ea_a(c, o), o->n ? o->n : 32);
}

static void run_lswx(struct cpu *c, const struct op *o)
{
    load_string(c, o->rt, op_ea_x(c, o), c->xer_count & 127);
}

static void run_stswx(struct cpu *c, const struct op *o)
{
    store_string(c, o->rt, op_ea_x(c, o), c->xer_count & 127);
}

static const struct isa_row rows[] = {
    { "lmw", "101110 ttttt aaaaa dddddddddddddddd", run_lmw, "t,d(a)" },
    { "stmw", "101111 ttttt aaaaa dddddddddddddddd", run_stmw, "t,d(a)" },
    { "lswi", "011111 ttttt aaaaa nnnnn 1001010101 x", run_lswi, "t,a0,n" },
    { "lswx", "011111 ttttt aaaaa bbbbb 1000010101 x", run_lswx, "t,a0,b" },
    { "stswi", "011111 ttttt aaaaa nnnnn 1011010101 x", run_stswi, "t,a0,n" },
    { "stswx", "011111 ttttt aaaaa bbbbb 1010010101 x", run_stswx, "t,a0,b" },
};

ISA_CHAPTER(isa_fixed_string, "Power ISA I, 3.3.6-3.3.7 load and store multiple, move assist", rows);
