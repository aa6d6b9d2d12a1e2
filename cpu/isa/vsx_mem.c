/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/vsx_mem.c - loads and stores of the VSX registers.
 *
 * The vector forms are one 16-byte access whose elements keep the order of their addresses: element i of the register
 * is the one at EA + i * size, each in the current byte order.  In little-endian mode that is the 16-byte number with
 * its elements reversed.  Scalar loads clear doubleword 1, which the book leaves undefined (ISA 3.1 clears it too). */
#include "cpu/isa/chapters.h"
#include "cpu/fp/single.h"
#include "cpu/isa/vsr_mem.h"

static void set_scalar(union vsr *v, uint64_t d0)
{
    VSR_D(*v, 0) = d0;
    VSR_D(*v, 1) = 0;
}

/* -- whole registers -- */

#define VECTOR_LOAD_STORE(load, store, address, order)                                                                \
    static void run_##load(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        vsr_load(c, address(c, o), &c->vsr[o->rt], order);                                                            \
    }                                                                                                                 \
    static void run_##store(struct cpu *c, const struct op *o)                                                        \
    {                                                                                                                 \
        vsr_store(c, address(c, o), &c->vsr[o->rt], order);                                                           \
    }

VECTOR_LOAD_STORE(lxvd2x, stxvd2x, op_ea_x, vec_reverse_d)
VECTOR_LOAD_STORE(lxvw4x, stxvw4x, op_ea_x, vec_reverse_w)
VECTOR_LOAD_STORE(lxvh8x, stxvh8x, op_ea_x, vec_reverse_h)
VECTOR_LOAD_STORE(lxvb16x, stxvb16x, op_ea_x, vec_reverse_b)
VECTOR_LOAD_STORE(lxvx, stxvx, op_ea_x, vec_same)
VECTOR_LOAD_STORE(lxv, stxv, op_ea_d, vec_same)

static void run_lxvdsx(struct cpu *c, const struct op *o)
{
    uint64_t v;

    if (cpu_load64(c, op_ea_x(c, o), &v))
        c->vsr[o->rt] = (union vsr){ .d = { v, v } };
}

static void run_lxvwsx(struct cpu *c, const struct op *o)
{
    uint32_t v;

    if (cpu_load32(c, op_ea_x(c, o), &v))
        c->vsr[o->rt] = (union vsr){ .w = { v, v, v, v } };
}

/* -- with length: bits 0:7 of RB count the bytes, 16 at most; no access at all when 0 -- */

static unsigned length(const struct cpu *c, const struct op *o)
{
    uint64_t n = c->gpr[o->rb] >> 56;

    return n < 16 ? (unsigned)n : 16;
}

static ea_t ea_a(const struct cpu *c, const struct op *o)
{
    return ea(ra_or_zero(c, o) & c->ea_mask);
}

/* Byte n of storage is book byte n when `left`, else the n-th from the right. */
static void load_length(struct cpu *c, const struct op *o, bool left)
{
    unsigned n = length(c, o);
    union vsr v = { .q = 0 };
    uint8_t bytes[16];

    if (n && !cpu_load_bytes(c, ea_a(c, o), bytes, n))
        return;
    for (unsigned i = 0; i < n; i++)
        v.b[left ? 15 - i : i] = bytes[i];
    c->vsr[o->rt] = v;
}

static void store_length(struct cpu *c, const struct op *o, bool left)
{
    unsigned n = length(c, o);
    union vsr v = c->vsr[o->rt];
    uint8_t bytes[16];

    for (unsigned i = 0; i < n; i++)
        bytes[i] = v.b[left ? 15 - i : i];
    if (n)
        cpu_store_bytes(c, ea_a(c, o), bytes, n);
}

static void run_lxvl(struct cpu *c, const struct op *o)
{
    load_length(c, o, !c->le);
}

static void run_lxvll(struct cpu *c, const struct op *o)
{
    load_length(c, o, true);
}

static void run_stxvl(struct cpu *c, const struct op *o)
{
    store_length(c, o, !c->le);
}

static void run_stxvll(struct cpu *c, const struct op *o)
{
    store_length(c, o, true);
}

/* -- scalars -- */

static void load_double(struct cpu *c, union vsr *v, ea_t where)
{
    uint64_t d;

    if (cpu_load64(c, where, &d))
        set_scalar(v, d);
}

static void load_single(struct cpu *c, union vsr *v, ea_t where)
{
    uint32_t s;

    if (cpu_load32(c, where, &s))
        set_scalar(v, fp_single_to_double(s));
}

static void run_lxsdx(struct cpu *c, const struct op *o)
{
    load_double(c, &c->vsr[o->rt], op_ea_x(c, o));
}

static void run_lxsd(struct cpu *c, const struct op *o)
{
    load_double(c, &VR(c, o->rt), op_ea_d(c, o));
}

static void run_lxsspx(struct cpu *c, const struct op *o)
{
    load_single(c, &c->vsr[o->rt], op_ea_x(c, o));
}

static void run_lxssp(struct cpu *c, const struct op *o)
{
    load_single(c, &VR(c, o->rt), op_ea_d(c, o));
}

static void run_lxsiwax(struct cpu *c, const struct op *o)
{
    uint32_t v;

    if (cpu_load32(c, op_ea_x(c, o), &v))
        set_scalar(&c->vsr[o->rt], (uint64_t)(int32_t)v);
}

static void run_lxsiwzx(struct cpu *c, const struct op *o)
{
    uint32_t v;

    if (cpu_load32(c, op_ea_x(c, o), &v))
        set_scalar(&c->vsr[o->rt], v);
}

static void run_lxsibzx(struct cpu *c, const struct op *o)
{
    uint8_t v;

    if (cpu_load8(c, op_ea_x(c, o), &v))
        set_scalar(&c->vsr[o->rt], v);
}

static void run_lxsihzx(struct cpu *c, const struct op *o)
{
    uint16_t v;

    if (cpu_load16(c, op_ea_x(c, o), &v))
        set_scalar(&c->vsr[o->rt], v);
}

static void run_stxsdx(struct cpu *c, const struct op *o)
{
    cpu_store64(c, op_ea_x(c, o), VSR_D(c->vsr[o->rt], 0));
}

static void run_stxsd(struct cpu *c, const struct op *o)
{
    cpu_store64(c, op_ea_d(c, o), VSR_D(VR(c, o->rt), 0));
}

static void run_stxsspx(struct cpu *c, const struct op *o)
{
    cpu_store32(c, op_ea_x(c, o), fp_double_to_single(VSR_D(c->vsr[o->rt], 0)));
}

static void run_stxssp(struct cpu *c, const struct op *o)
{
    cpu_store32(c, op_ea_d(c, o), fp_double_to_single(VSR_D(VR(c, o->rt), 0)));
}

static void run_stxsiwx(struct cpu *c, const struct op *o)
{
    cpu_store32(c, op_ea_x(c, o), VSR_W(c->vsr[o->rt], 1));
}

static void run_stxsihx(struct cpu *c, const struct op *o)
{
    cpu_store16(c, op_ea_x(c, o), VSR_H(c->vsr[o->rt], 3));
}

static void run_stxsibx(struct cpu *c, const struct op *o)
{
    cpu_store8(c, op_ea_x(c, o), VSR_B(c->vsr[o->rt], 7));
}

#define V3_T (ISA_VSX_T | ISA_V3)
#define V3_VSX (ISA_VSX | ISA_V3)
#define V3_VEC (ISA_VEC | ISA_V3)

static const struct isa_row rows[] = {
    { "lxsiwzx", "011111 ttttt aaaaa bbbbb 0000001100 T", run_lxsiwzx, "t,a0,b", ISA_VSX },
    { "lxsiwax", "011111 ttttt aaaaa bbbbb 0001001100 T", run_lxsiwax, "t,a0,b", ISA_VSX },
    { "lxvx", "011111 ttttt aaaaa bbbbb 0100001100 T", run_lxvx, "t,a0,b", V3_T },
    { "lxvl", "011111 ttttt aaaaa bbbbb 0100001101 T", run_lxvl, "t,a0,b", V3_T },
    { "lxvll", "011111 ttttt aaaaa bbbbb 0100101101 T", run_lxvll, "t,a0,b", V3_T },
    { "lxvdsx", "011111 ttttt aaaaa bbbbb 0101001100 T", run_lxvdsx, "t,a0,b", ISA_VSX },
    { "lxvwsx", "011111 ttttt aaaaa bbbbb 0101101100 T", run_lxvwsx, "t,a0,b", V3_T },
    { "lxsspx", "011111 ttttt aaaaa bbbbb 1000001100 T", run_lxsspx, "t,a0,b", ISA_VSX },
    { "lxsdx", "011111 ttttt aaaaa bbbbb 1001001100 T", run_lxsdx, "t,a0,b", ISA_VSX },
    { "lxvw4x", "011111 ttttt aaaaa bbbbb 1100001100 T", run_lxvw4x, "t,a0,b", ISA_VSX },
    { "lxsibzx", "011111 ttttt aaaaa bbbbb 1100001101 T", run_lxsibzx, "t,a0,b", V3_VSX },
    { "lxvh8x", "011111 ttttt aaaaa bbbbb 1100101100 T", run_lxvh8x, "t,a0,b", V3_VSX },
    { "lxsihzx", "011111 ttttt aaaaa bbbbb 1100101101 T", run_lxsihzx, "t,a0,b", V3_VSX },
    { "lxvd2x", "011111 ttttt aaaaa bbbbb 1101001100 T", run_lxvd2x, "t,a0,b", ISA_VSX },
    { "lxvb16x", "011111 ttttt aaaaa bbbbb 1101101100 T", run_lxvb16x, "t,a0,b", V3_VSX },
    { "stxsiwx", "011111 ttttt aaaaa bbbbb 0010001100 T", run_stxsiwx, "t,a0,b", ISA_VSX },
    { "stxvx", "011111 ttttt aaaaa bbbbb 0110001100 T", run_stxvx, "t,a0,b", V3_T },
    { "stxvl", "011111 ttttt aaaaa bbbbb 0110001101 T", run_stxvl, "t,a0,b", V3_T },
    { "stxvll", "011111 ttttt aaaaa bbbbb 0110101101 T", run_stxvll, "t,a0,b", V3_T },
    { "stxsspx", "011111 ttttt aaaaa bbbbb 1010001100 T", run_stxsspx, "t,a0,b", ISA_VSX },
    { "stxsdx", "011111 ttttt aaaaa bbbbb 1011001100 T", run_stxsdx, "t,a0,b", ISA_VSX },
    { "stxvw4x", "011111 ttttt aaaaa bbbbb 1110001100 T", run_stxvw4x, "t,a0,b", ISA_VSX },
    { "stxsibx", "011111 ttttt aaaaa bbbbb 1110001101 T", run_stxsibx, "t,a0,b", V3_VSX },
    { "stxvh8x", "011111 ttttt aaaaa bbbbb 1110101100 T", run_stxvh8x, "t,a0,b", V3_VSX },
    { "stxsihx", "011111 ttttt aaaaa bbbbb 1110101101 T", run_stxsihx, "t,a0,b", V3_VSX },
    { "stxvd2x", "011111 ttttt aaaaa bbbbb 1111001100 T", run_stxvd2x, "t,a0,b", ISA_VSX },
    { "stxvb16x", "011111 ttttt aaaaa bbbbb 1111101100 T", run_stxvb16x, "t,a0,b", V3_VSX },
    { "lxsd", "111001 ttttt aaaaa dddddddddddddd 10", run_lxsd, "t,d(a)", V3_VEC },
    { "lxssp", "111001 ttttt aaaaa dddddddddddddd 11", run_lxssp, "t,d(a)", V3_VEC },
    { "lxv", "111101 ttttt aaaaa dddddddddddd T 001", run_lxv, "t,d(a)", V3_T },
    { "stxv", "111101 ttttt aaaaa dddddddddddd T 101", run_stxv, "t,d(a)", V3_T },
    { "stxsd", "111101 ttttt aaaaa dddddddddddddd 10", run_stxsd, "t,d(a)", V3_VEC },
    { "stxssp", "111101 ttttt aaaaa dddddddddddddd 11", run_stxssp, "t,d(a)", V3_VEC },
};

ISA_CHAPTER(isa_vsx_mem, "Power ISA I, 7.6 VSX Storage Access", rows);
