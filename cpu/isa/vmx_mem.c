/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/vmx_mem.c - loads and stores of the VMX registers, and the permute controls for unaligned data.
 *
 * lvx and stvx move 16 aligned bytes as one number in the current byte order; the element forms move one aligned
 * element to or from the place it has in the aligned quadword.
 * The bytes an element load leaves undefined keep their old value here. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/vsr_mem.h"

static ea_t ea_aligned(const struct cpu *c, const struct op *o, unsigned size)
{
    return ea(op_ea_x(c, o).v & ~(uint64_t)(size - 1));
}

/* Host index of the element of size bytes that an address selects. */
static unsigned element(const struct cpu *c, ea_t where, unsigned size)
{
    unsigned n = (unsigned)(where.v & 15) / size;

    return c->le ? n : 16 / size - 1 - n;
}

static void run_lvx(struct cpu *c, const struct op *o)
{
    vsr_load(c, ea_aligned(c, o, 16), &VR(c, o->rt), vec_same);
}

static void run_stvx(struct cpu *c, const struct op *o)
{
    vsr_store(c, ea_aligned(c, o, 16), &VR(c, o->rt), vec_same);
}

static void run_lvebx(struct cpu *c, const struct op *o)
{
    ea_t where = ea_aligned(c, o, 1);
    uint8_t v;

    if (cpu_load8(c, where, &v))
        VR(c, o->rt).b[element(c, where, 1)] = v;
}

static void run_lvehx(struct cpu *c, const struct op *o)
{
    ea_t where = ea_aligned(c, o, 2);
    uint16_t v;

    if (cpu_load16(c, where, &v))
        VR(c, o->rt).h[element(c, where, 2)] = v;
}

static void run_lvewx(struct cpu *c, const struct op *o)
{
    ea_t where = ea_aligned(c, o, 4);
    uint32_t v;

    if (cpu_load32(c, where, &v))
        VR(c, o->rt).w[element(c, where, 4)] = v;
}

static void run_stvebx(struct cpu *c, const struct op *o)
{
    ea_t where = ea_aligned(c, o, 1);

    cpu_store8(c, where, VR(c, o->rt).b[element(c, where, 1)]);
}

static void run_stvehx(struct cpu *c, const struct op *o)
{
    ea_t where = ea_aligned(c, o, 2);

    cpu_store16(c, where, VR(c, o->rt).h[element(c, where, 2)]);
}

static void run_stvewx(struct cpu *c, const struct op *o)
{
    ea_t where = ea_aligned(c, o, 4);

    cpu_store32(c, where, VR(c, o->rt).w[element(c, where, 4)]);
}

/* Sixteen consecutive numbers, the first of them in byte 0. */
static void count_from(struct cpu *c, const struct op *o, unsigned first)
{
    for (unsigned i = 0; i < 16; i++)
        VSR_B(VR(c, o->rt), i) = (uint8_t)(first + i);
}

static void run_lvsl(struct cpu *c, const struct op *o)
{
    count_from(c, o, op_ea_x(c, o).v & 15);
}

static void run_lvsr(struct cpu *c, const struct op *o)
{
    count_from(c, o, 16 - (unsigned)(op_ea_x(c, o).v & 15));
}

static const struct isa_row rows[] = {
    { "lvsl", "011111 ttttt aaaaa bbbbb 0000000110 x", run_lvsl, "t,a0,b", ISA_VEC },
    { "lvsr", "011111 ttttt aaaaa bbbbb 0000100110 x", run_lvsr, "t,a0,b", ISA_VEC },
    { "lvebx", "011111 ttttt aaaaa bbbbb 0000000111 x", run_lvebx, "t,a0,b", ISA_VEC },
    { "lvehx", "011111 ttttt aaaaa bbbbb 0000100111 x", run_lvehx, "t,a0,b", ISA_VEC },
    { "lvewx", "011111 ttttt aaaaa bbbbb 0001000111 x", run_lvewx, "t,a0,b", ISA_VEC },
    { "lvx", "011111 ttttt aaaaa bbbbb 0001100111 x", run_lvx, "t,a0,b", ISA_VEC },
    { "lvxl", "011111 ttttt aaaaa bbbbb 0101100111 x", run_lvx, "t,a0,b", ISA_VEC },
    { "stvebx", "011111 ttttt aaaaa bbbbb 0010000111 x", run_stvebx, "t,a0,b", ISA_VEC },
    { "stvehx", "011111 ttttt aaaaa bbbbb 0010100111 x", run_stvehx, "t,a0,b", ISA_VEC },
    { "stvewx", "011111 ttttt aaaaa bbbbb 0011000111 x", run_stvewx, "t,a0,b", ISA_VEC },
    { "stvx", "011111 ttttt aaaaa bbbbb 0011100111 x", run_stvx, "t,a0,b", ISA_VEC },
    { "stvxl", "011111 ttttt aaaaa bbbbb 0111100111 x", run_stvx, "t,a0,b", ISA_VEC },
};

ISA_CHAPTER(isa_vmx_mem, "Power ISA I, 6.7 Vector Storage Access", rows);
