/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/op.h - one table row per instruction, and the decoded form its C function receives.
 *
 * A row spells the instruction word as the book prints it, 32 characters of bits and letters (blanks are free):
 *   0 1      fixed bits             x        ignored (reserved) bits
 *   t a b c  register fields -> rt ra rb rc; a capital T A B C further right adds 32 to the register (VSX forms)
 *   i        signed immediate -> imm       u   unsigned immediate -> imm
 *   d        signed displacement -> imm, scaled by the position of its lowest bit (D, DS, DQ, I and B forms)
 *   s        shift or small operand -> sh; capital S adds 32
 *   m e      mask begin/end -> mb me; a capital M after m adds 32 (MD forms print mb[0:4] before mb[5])
 *   n        any other number (BF, BT, L, TO, SPR, FXM, UIM...) -> n; second such field: p -> p; third: q -> q
 *   o r l k  one-bit flags: OE -> oe, Rc -> rc_bit, LK -> lk, AA -> aa
 * Letters may be split over the word; their bits are concatenated in printed order.  SPR numbers stand in n with their
 * halves swapped: op_spr().  What no letter can say (DX form) a run function takes from o->word.
 *
 * `args` gives the assembler's operand order for the disassembler and the tests, e.g. "t,d(a)", "t,a,i", "n,a,b". A
 * letter stands for its field; '0' after 'a' ("a0") marks (RA|0). Written only where the field is an operand.
 */
#ifndef CPU_OP_H
#define CPU_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu/cpu.h"

struct op;
typedef void op_fn(struct cpu *c, const struct op *o);

struct op {
    op_fn *run;
    int32_t imm;
    uint32_t word;
    uint16_t row;               /* index in the ISA's row list */
    uint16_t n;
    uint8_t rt, ra, rb, rc;     /* register numbers; VSX forms 0..63 */
    uint8_t sh, mb, me;
    uint8_t p, q;
    uint8_t index;              /* place in its block: its address is block_ea + 4 * index */
    bool oe : 1, rc_bit : 1, lk : 1, aa : 1;
    bool denied : 1;            /* run raises an interrupt instead: facility or privilege is missing */
};
_Static_assert(sizeof(struct op) == 32, "two predecoded instructions a cache line");

enum isa_flag {
    ISA_ENDS = 1 << 0,          /* ends a block and sets nip itself */
    ISA_PRIV = 1 << 1,          /* privileged: program interrupt in problem state */
    ISA_HV = 1 << 2,            /* hypervisor only: program (privileged) in every state of ours */
    ISA_FP = 1 << 3,            /* needs MSR[FP] */
    ISA_VEC = 1 << 4,           /* needs MSR[VEC] */
    ISA_VSX = 1 << 5,           /* needs MSR[VSX] */
    ISA_VSX_T = 1 << 6,         /* target T < 32 needs MSR[VSX], T >= 32 needs MSR[VEC] (ISA 3.0 mixed forms) */
    ISA_FPVEC_T = 1 << 7,       /* T < 32 needs MSR[FP], T >= 32 needs MSR[VEC] (mfvsrd and its family) */
    ISA_V3 = 1 << 8,            /* ISA 3.0: illegal on POWER8 */
    ISA_TM = 1 << 9,            /* transactional memory: facility unavailable while MSR[TM] = 0 */
    ISA_V2_ONLY = 1 << 10,      /* removed in ISA 3.0 */
};

struct isa_row {
    /* the book's mnemonic without "o", "." or "l"; the disassembler adds them from o r l k */
    const char *name;
    const char *bits;
    op_fn *run;
    const char *args;
    uint32_t flags;
    const char *spec;           /* "PowerISA I, addi"; NULL: the chapter's */
};

struct isa_chapter {
    const char *title;
    const struct isa_row *rows;
    size_t n_rows;
};

/* Every chapter, in one list (cpu/isa/chapters.c). */
extern const struct isa_chapter *const isa_chapters[];

#define ISA_CHAPTER(symbol, text, table)                                                                              \
    const struct isa_chapter symbol = { .title = (text), .rows = (table), .n_rows = sizeof(table) / sizeof((table)[0]) }

/* SPR number of mfspr/mtspr, whose two halves are printed swapped in field n. */
static inline unsigned op_spr(const struct op *o)
{
    return (unsigned)((o->n & 31) << 5 | o->n >> 5);
}

static inline uint64_t ra_or_zero(const struct cpu *c, const struct op *o)
{
    return o->ra ? c->gpr[o->ra] : 0;
}

/* Effective addresses: (RA|0) + displacement, (RA|0) + (RB). */
static inline ea_t op_ea_d(const struct cpu *c, const struct op *o)
{
    return ea((ra_or_zero(c, o) + (uint64_t)(int64_t)o->imm) & c->ea_mask);
}

static inline ea_t op_ea_x(const struct cpu *c, const struct op *o)
{
    return ea((ra_or_zero(c, o) + c->gpr[o->rb]) & c->ea_mask);
}

/* Address of this instruction and of the next one. */
static inline uint64_t op_address(const struct cpu *c, const struct op *o)
{
    return (c->block_ea + 4u * o->index) & c->ea_mask;
}

static inline uint64_t op_next(const struct cpu *c, const struct op *o)
{
    return (op_address(c, o) + 4) & c->ea_mask;
}

#endif
