/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_mem.c - floating-point loads and stores. Spec: Power ISA I, 4.6.2-4.6.4.
 * Singles change representation on the way; nothing here touches the FPSCR. */
#include "cpu/access.h"
#include "cpu/fp/fp.h"
#include "cpu/isa/chapters.h"

static ea_t ea_of(const struct cpu *c, const struct op *o, bool indexed)
{
    return indexed ? op_ea_x(c, o) : op_ea_d(c, o);
}

/* Update forms with RA = 0 and pairs with an odd register are invalid. */
static bool valid(struct cpu *c, bool ok)
{
    if (!ok)
        cpu_program(c, PROGRAM_ILLEGAL);
    return ok;
}

static void load_single(struct cpu *c, const struct op *o, bool indexed, bool update)
{
    ea_t ea = ea_of(c, o, indexed);
    uint32_t v;

    if (!valid(c, !update || o->ra) || !cpu_load32(c, ea, &v))
        return;
    cpu_set_fpr(c, o->rt, fp_single_to_double(v));
    if (update)
        c->gpr[o->ra] = ea.v;
}

static void load_double(struct cpu *c, const struct op *o, bool indexed, bool update)
{
    ea_t ea = ea_of(c, o, indexed);
    uint64_t v;

    if (!valid(c, !update || o->ra) || !cpu_load64(c, ea, &v))
        return;
    cpu_set_fpr(c, o->rt, v);
    if (update)
        c->gpr[o->ra] = ea.v;
}

static void store_single(struct cpu *c, const struct op *o, bool indexed, bool update)
{
    ea_t ea = ea_of(c, o, indexed);

    if (!valid(c, !update || o->ra) || !cpu_store32(c, ea, fp_double_to_single(cpu_fpr(c, o->rt))))
        return;
    if (update)
        c->gpr[o->ra] = ea.v;
}

static void store_double(struct cpu *c, const struct op *o, bool indexed, bool update)
{
    ea_t ea = ea_of(c, o, indexed);

    if (!valid(c, !update || o->ra) || !cpu_store64(c, ea, cpu_fpr(c, o->rt)))
        return;
    if (update)
        c->gpr[o->ra] = ea.v;
}

#define FORMS(name, access)                                                                                           \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        access(c, o, false, false);                                                                                   \
    }                                                                                                                 \
    static void run_##name##u(struct cpu *c, const struct op *o)                                                      \
    {                                                                                                                 \
        access(c, o, false, true);                                                                                    \
    }                                                                                                                 \
    static void run_##name##x(struct cpu *c, const struct op *o)                                                      \
    {                                                                                                                 \
        access(c, o, true, false);                                                                                    \
    }                                                                                                                 \
    static void run_##name##ux(struct cpu *c, const struct op *o)                                                     \
    {                                                                                                                 \
        access(c, o, true, true);                                                                                     \
    }
FORMS(lfs, load_single)
FORMS(lfd, load_double)
FORMS(stfs, store_single)
FORMS(stfd, store_double)

static void run_lfiwax(struct cpu *c, const struct op *o)
{
    uint32_t v;

    if (cpu_load32(c, op_ea_x(c, o), &v))
        cpu_set_fpr(c, o->rt, (uint64_t)(int64_t)(int32_t)v);
}

static void run_lfiwzx(struct cpu *c, const struct op *o)
{
    uint32_t v;

    if (cpu_load32(c, op_ea_x(c, o), &v))
        cpu_set_fpr(c, o->rt, v);
}

static void run_stfiwx(struct cpu *c, const struct op *o)
{
    cpu_store32(c, op_ea_x(c, o), (uint32_t)cpu_fpr(c, o->rt));
}

/* Pairs: the even register holds the doubleword at the lower address in both byte orders. */
static void load_pair(struct cpu *c, const struct op *o, ea_t at)
{
    ea_t second = ea((at.v + 8) & c->ea_mask);
    uint64_t even, odd;

    if (!valid(c, !(o->rt & 1)) || !cpu_probe_load(c, second, 8) || !cpu_load64(c, at, &even) ||
        !cpu_load64(c, second, &odd))
        return;
    cpu_set_fpr(c, o->rt, even);
    cpu_set_fpr(c, o->rt | 1u, odd);
}

static void store_pair(struct cpu *c, const struct op *o, ea_t at)
{
    ea_t second = ea((at.v + 8) & c->ea_mask);

    if (!valid(c, !(o->rt & 1)) || !cpu_probe_store(c, at, 8) || !cpu_probe_store(c, second, 8))
        return;
    if (cpu_store64(c, at, cpu_fpr(c, o->rt)))
        cpu_store64(c, second, cpu_fpr(c, o->rt | 1u));
}

static void run_lfdp(struct cpu *c, const struct op *o)
{
    load_pair(c, o, op_ea_d(c, o));
}

static void run_lfdpx(struct cpu *c, const struct op *o)
{
    load_pair(c, o, op_ea_x(c, o));
}

static void run_stfdp(struct cpu *c, const struct op *o)
{
    store_pair(c, o, op_ea_d(c, o));
}

static void run_stfdpx(struct cpu *c, const struct op *o)
{
    store_pair(c, o, op_ea_x(c, o));
}

static const struct isa_row rows[] = {
    { "lfs", "110000 ttttt aaaaa dddddddddddddddd", run_lfs, "t,d(a0)", ISA_FP },
    { "lfsu", "110001 ttttt aaaaa dddddddddddddddd", run_lfsu, "t,d(a)", ISA_FP },
    { "lfd", "110010 ttttt aaaaa dddddddddddddddd", run_lfd, "t,d(a0)", ISA_FP },
    { "lfdu", "110011 ttttt aaaaa dddddddddddddddd", run_lfdu, "t,d(a)", ISA_FP },
    { "stfs", "110100 ttttt aaaaa dddddddddddddddd", run_stfs, "t,d(a0)", ISA_FP },
    { "stfsu", "110101 ttttt aaaaa dddddddddddddddd", run_stfsu, "t,d(a)", ISA_FP },
    { "stfd", "110110 ttttt aaaaa dddddddddddddddd", run_stfd, "t,d(a0)", ISA_FP },
    { "stfdu", "110111 ttttt aaaaa dddddddddddddddd", run_stfdu, "t,d(a)", ISA_FP },
    { "lfsx", "011111 ttttt aaaaa bbbbb 1000010111 x", run_lfsx, "t,a0,b", ISA_FP },
    { "lfsux", "011111 ttttt aaaaa bbbbb 1000110111 x", run_lfsux, "t,a,b", ISA_FP },
    { "lfdx", "011111 ttttt aaaaa bbbbb 1001010111 x", run_lfdx, "t,a0,b", ISA_FP },
    { "lfdux", "011111 ttttt aaaaa bbbbb 1001110111 x", run_lfdux, "t,a,b", ISA_FP },
    { "stfsx", "011111 ttttt aaaaa bbbbb 1010010111 x", run_stfsx, "t,a0,b", ISA_FP },
    { "stfsux", "011111 ttttt aaaaa bbbbb 1010110111 x", run_stfsux, "t,a,b", ISA_FP },
    { "stfdx", "011111 ttttt aaaaa bbbbb 1011010111 x", run_stfdx, "t,a0,b", ISA_FP },
    { "stfdux", "011111 ttttt aaaaa bbbbb 1011110111 x", run_stfdux, "t,a,b", ISA_FP },
    { "lfiwax", "011111 ttttt aaaaa bbbbb 1101010111 x", run_lfiwax, "t,a0,b", ISA_FP },
    { "lfiwzx", "011111 ttttt aaaaa bbbbb 1101110111 x", run_lfiwzx, "t,a0,b", ISA_FP },
    { "stfiwx", "011111 ttttt aaaaa bbbbb 1111010111 x", run_stfiwx, "t,a0,b", ISA_FP },
    { "lfdp", "111001 ttttt aaaaa dddddddddddddd 00", run_lfdp, "t,d(a0)", ISA_FP },
    { "stfdp", "111101 ttttt aaaaa dddddddddddddd 00", run_stfdp, "t,d(a0)", ISA_FP },
    { "lfdpx", "011111 ttttt aaaaa bbbbb 1100010111 x", run_lfdpx, "t,a0,b", ISA_FP },
    { "stfdpx", "011111 ttttt aaaaa bbbbb 1110010111 x", run_stfdpx, "t,a0,b", ISA_FP },
};

ISA_CHAPTER(isa_fp_mem, "Power ISA I, 4.6 floating-point loads and stores", rows);
