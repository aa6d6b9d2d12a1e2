/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/asm.h - writes x86-64 machine code into a buffer.
 *
 * One function per addressing form; the opcode is the operation's bytes without prefixes, most significant first
 * (0x0FAF = imul). A buffer that is full swallows what follows and says so at the end: look at `full` once. */
#ifndef CPU_JIT_X86_64_ASM_H
#define CPU_JIT_X86_64_ASM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum reg { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15, NO_REG = -1 };

enum width { W8 = 1, W16 = 2, W32 = 4, W64 = 8 };

/* Condition codes, as in jcc and setcc. */
enum cc { CC_O = 0, CC_NO, CC_B, CC_AE, CC_E, CC_NE, CC_BE, CC_A, CC_S, CC_NS, CC_P, CC_NP, CC_L, CC_GE, CC_LE, CC_G };

struct assembler {
    uint8_t *p, *end;
    uint8_t *start;
    bool full;
};

static inline void asm_byte(struct assembler *a, unsigned b)
{
    if (a->p < a->end)
        *a->p++ = (uint8_t)b;
    else
        a->full = true;
}

static inline void asm_u32(struct assembler *a, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        asm_byte(a, v >> (8 * i) & 0xff);
}

static inline void asm_u64(struct assembler *a, uint64_t v)
{
    asm_u32(a, (uint32_t)v);
    asm_u32(a, (uint32_t)(v >> 32));
}

static inline void asm_opcode(struct assembler *a, unsigned opc)
{
    if (opc >> 16)
        asm_byte(a, opc >> 16 & 0xff);
    if (opc >> 8)
        asm_byte(a, opc >> 8 & 0xff);
    asm_byte(a, opc & 0xff);
}

/* 66h for 16-bit operands, REX as needed (a byte register above bl has no name without it). An opcode with a mandatory
 * prefix has it in bits 24:31. */
static inline void asm_prefix(struct assembler *a, enum width w, unsigned opc, int reg, int index, int base)
{
    unsigned rex = (w == W64 ? 8u : 0u) | (reg & 8 ? 4u : 0u) | (index & 8 ? 2u : 0u) | (base & 8 ? 1u : 0u);

    if (opc >> 24)
        asm_byte(a, opc >> 24);
    if (w == W16)
        asm_byte(a, 0x66);
    if (rex || (w == W8 && (reg & 4)))
        asm_byte(a, 0x40 | rex);
}

/* reg, rm both registers. */
static inline void asm_rr(struct assembler *a, enum width w, unsigned opc, int reg, int rm)
{
    asm_prefix(a, w, opc, w == W8 ? reg | (rm & 4) : reg, 0, rm);
    asm_opcode(a, opc & 0xffffff);
    asm_byte(a, 0xc0u | (unsigned)(reg & 7) << 3 | (unsigned)(rm & 7));
}

/* Two bits of the addressing byte: how long the displacement is. A base of rbp or r13 has no form without one. */
static inline unsigned asm_mod(int base, int32_t disp)
{
    return !disp && (base & 7) != RBP ? 0 : disp == (int8_t)disp ? 0x40 : 0x80;
}

static inline void asm_displacement(struct assembler *a, unsigned mod, int32_t disp)
{
    if (mod == 0x40)
        asm_byte(a, (uint8_t)disp);
    else if (mod)
        asm_u32(a, (uint32_t)disp);
}

static inline void asm_disp(struct assembler *a, int reg, int rm, int32_t disp)
{
    unsigned mod = asm_mod(rm, disp);

    asm_byte(a, mod | (unsigned)(reg & 7) << 3 | (unsigned)(rm & 7));
    if ((rm & 7) == RSP)
        asm_byte(a, 0x24);
    asm_displacement(a, mod, disp);
}

/* reg, [base + disp]. */
static inline void asm_rm(struct assembler *a, enum width w, unsigned opc, int reg, int base, int32_t disp)
{
    asm_prefix(a, w, opc, reg, 0, base);
    asm_opcode(a, opc & 0xffffff);
    asm_disp(a, reg, base, disp);
}

/* reg, [base + index << scale + disp]. */
static inline void asm_rmx(struct assembler *a, enum width w, unsigned opc, int reg, int base, int index,
                           unsigned scale, int32_t disp)
{
    unsigned mod = asm_mod(base, disp);

    asm_prefix(a, w, opc, reg, index, base);
    asm_opcode(a, opc & 0xffffff);
    asm_byte(a, mod | 4u | (unsigned)(reg & 7) << 3);
    asm_byte(a, scale << 6 | (unsigned)(index & 7) << 3 | (unsigned)(base & 7));
    asm_displacement(a, mod, disp);
}

/* Group 1 with an immediate: /0 add 1 or 2 adc 3 sbb 4 and 5 sub 6 xor 7 cmp. */
enum group1 { G_ADD, G_OR, G_ADC, G_SBB, G_AND, G_SUB, G_XOR, G_CMP };

static inline void asm_ri(struct assembler *a, enum width w, enum group1 g, int rm, int32_t imm)
{
    if (imm == (int8_t)imm) {
        asm_rr(a, w, 0x83, (int)g, rm);
        asm_byte(a, (uint8_t)imm);
    } else {
        asm_rr(a, w, 0x81, (int)g, rm);
        asm_u32(a, (uint32_t)imm);
    }
}

static inline void asm_mi(struct assembler *a, enum width w, enum group1 g, int base, int32_t disp, int32_t imm)
{
    if (imm == (int8_t)imm) {
        asm_rm(a, w, w == W8 ? 0x80 : 0x83, (int)g, base, disp);
        asm_byte(a, (uint8_t)imm);
    } else {
        asm_rm(a, w, 0x81, (int)g, base, disp);
        asm_u32(a, (uint32_t)imm);
    }
}

static inline void asm_mov(struct assembler *a, int dst, int src)
{
    if (dst != src)
        asm_rr(a, W64, 0x8b, dst, src);
}

static inline void asm_zero(struct assembler *a, int reg)
{
    asm_rr(a, W32, 0x33, reg, reg);
}

/* Any 64-bit constant, shortest form; changes no flags. */
static inline void asm_const(struct assembler *a, int reg, uint64_t v)
{
    if (v == (uint32_t)v) {
        asm_prefix(a, W32, 0, 0, 0, reg);
        asm_byte(a, 0xb8u | (unsigned)(reg & 7));
        asm_u32(a, (uint32_t)v);
    } else if ((int64_t)v == (int32_t)v) {
        asm_rr(a, W64, 0xc7, 0, reg);
        asm_u32(a, (uint32_t)v);
    } else {
        asm_prefix(a, W64, 0, 0, 0, reg);
        asm_byte(a, 0xb8u | (unsigned)(reg & 7));
        asm_u64(a, v);
    }
}

static inline void asm_load(struct assembler *a, int reg, int base, int32_t disp)
{
    asm_rm(a, W64, 0x8b, reg, base, disp);
}

static inline void asm_store(struct assembler *a, int reg, int base, int32_t disp)
{
    asm_rm(a, W64, 0x89, reg, base, disp);
}

/* Shift and rotate by a constant: /0 rol 1 ror 4 shl 5 shr 7 sar. */
enum group2 { S_ROL = 0, S_ROR = 1, S_SHL = 4, S_SHR = 5, S_SAR = 7 };

static inline void asm_shift(struct assembler *a, enum width w, enum group2 g, int rm, unsigned count)
{
    if (!count)
        return;
    asm_rr(a, w, 0xc1, (int)g, rm);
    asm_byte(a, count);
}

/* By cl. */
static inline void asm_shift_cl(struct assembler *a, enum width w, enum group2 g, int rm)
{
    asm_rr(a, w, 0xd3, (int)g, rm);
}

static inline void asm_setcc(struct assembler *a, enum cc cc, int reg)
{
    asm_rr(a, W8, 0x0f90u | cc, 0, reg);
}

static inline void asm_setcc_mem(struct assembler *a, enum cc cc, int base, int32_t disp)
{
    asm_rm(a, W32, 0x0f90u | cc, 0, base, disp);
}

/* Jumps with a 32-bit distance to be filled in: returns where the distance stands. */
static inline uint8_t *asm_jcc(struct assembler *a, enum cc cc)
{
    asm_byte(a, 0x0f);
    asm_byte(a, 0x80u | cc);
    asm_u32(a, 0);
    return a->p - 4;
}

static inline uint8_t *asm_jmp(struct assembler *a)
{
    asm_byte(a, 0xe9);
    asm_u32(a, 0);
    return a->p - 4;
}

/* Makes the jump whose distance stands at `at` lead to `to` (both in this mapping). */
static inline void asm_bind_to(uint8_t *at, const uint8_t *to)
{
    int32_t distance = (int32_t)(to - (at + 4));

    memcpy(at, &distance, 4);
}

static inline void asm_bind(const struct assembler *a, uint8_t *at)
{
    if (!a->full)
        asm_bind_to(at, a->p);
}

static inline void asm_jmp_to(struct assembler *a, const uint8_t *to)
{
    uint8_t *at = asm_jmp(a);

    if (!a->full)
        asm_bind_to(at, to);
}

static inline void asm_call(struct assembler *a, const uint8_t *to)
{
    asm_byte(a, 0xe8);
    asm_u32(a, 0);
    if (!a->full)
        asm_bind_to(a->p - 4, to);
}

static inline void asm_call_abs(struct assembler *a, const void *fn)
{
    asm_const(a, RAX, (uint64_t)(uintptr_t)fn);
    asm_rr(a, W32, 0xff, 2, RAX);
}

static inline void asm_push(struct assembler *a, int reg)
{
    asm_prefix(a, W32, 0, 0, 0, reg);
    asm_byte(a, 0x50u | (unsigned)(reg & 7));
}

static inline void asm_pop(struct assembler *a, int reg)
{
    asm_prefix(a, W32, 0, 0, 0, reg);
    asm_byte(a, 0x58u | (unsigned)(reg & 7));
}

/* SSE: op xmm, xmm and xmm, [base + disp];
 * opc with its mandatory prefix in bits 24:31 (0x660FFE = no prefix byte form is 0x0F..). */
static inline void asm_sse_rm(struct assembler *a, unsigned opc, int xmm, int base, int32_t disp)
{
    asm_rm(a, W32, opc, xmm, base, disp);
}

/* op xmm, [rip -> target]; nothing may follow the displacement (no immediate). target: in this mapping. */
static inline void asm_sse_rip(struct assembler *a, unsigned opc, int xmm, const uint8_t *target)
{
    asm_prefix(a, W32, opc, xmm, 0, 0);
    asm_opcode(a, opc & 0xffffff);
    asm_byte(a, 5u | (unsigned)(xmm & 7) << 3);
    asm_u32(a, (uint32_t)(target - (a->p + 4)));
}

static inline void asm_sse_imm(struct assembler *a, unsigned opc, int xmm, int rm, unsigned imm)
{
    asm_rr(a, W32, opc, xmm, rm);
    asm_byte(a, imm);
}

/* VEX, 128 bits, registers below 8: map 1 = 0F, 2 = 0F38; pp 0 none, 1 = 66, 2 = F3, 3 = F2. dst = op(src1, src2). */
static inline void asm_vex(struct assembler *a, unsigned map, unsigned pp, bool w, unsigned opc, int dst, int src1,
                           int src2)
{
    asm_byte(a, 0xc4);
    asm_byte(a, 0xe0u | map);
    asm_byte(a, (w ? 0x80u : 0u) | (~(unsigned)src1 & 15) << 3 | pp);
    asm_byte(a, opc);
    asm_byte(a, 0xc0u | (unsigned)dst << 3 | (unsigned)src2);
}

static inline void asm_sse_rr(struct assembler *a, unsigned opc, int xmm, int rm)
{
    asm_rr(a, W32, opc, xmm, rm);
}

#endif
