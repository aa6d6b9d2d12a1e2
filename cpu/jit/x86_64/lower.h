/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower.h - what the lowering files share: registers, exits, the table of emitters.
 *
 * While translated code runs: rbp = struct cpu + 128 (so that the GPRs have one-byte offsets), r15 = the soft TLB of the data mode,
 * rsp 16-byte aligned. rax, rcx, rdx are scratch within one instruction; the other ten hold guest registers. */
#ifndef CPU_JIT_X86_64_LOWER_H
#define CPU_JIT_X86_64_LOWER_H

#include <stddef.h>

#include "cpu/jit/jit_int.h"
#include "cpu/jit/x86_64/asm.h"

#define OFF(field) ((int32_t)offsetof(struct cpu, field) - 128)
#define OFF_GPR(n) (OFF(gpr) + 8 * (int32_t)(n))
#define OFF_CR(n) (OFF(cr) + (int32_t)(n))
#define OFF_VSR(n) (OFF(vsr) + 16 * (int32_t)(n))

/* Guest registers that live in host registers: GPRs, then these. */
enum { GUEST_LR = 32, GUEST_CTR = 33, GUEST_REGS = 34 };

struct reg_state {
    int8_t host_of[GUEST_REGS];
    int8_t guest_of[16];
    uint16_t dirty;             /* by host register */
};

enum stub_kind {
    STUB_LEAVE,         /* go to nip, linkable */
    STUB_HEAD,          /* budget used up or attention wanted: nip, back to the engine */
    STUB_LOAD,          /* slow path of a load */
    STUB_STORE,
    STUB_CALL,          /* the instruction's C function, from a rare path: it raises an interrupt */
};

/* Code off the main path, written after it. */
struct stub {
    uint8_t kind, width;
    bool sign, reversed;
    int8_t dst;                 /* LOAD: host register */
    uint8_t *from;              /* the jump that leads here */
    uint8_t *back;              /* where it returns to */
    uint64_t nip;
    const struct item *item;
    uint32_t done;              /* instructions completed when it is taken */
    struct reg_state regs;
};

enum { MAX_STUBS = 3 * REGION_MAX_ITEMS };

struct lower {
    struct assembler a;
    struct jit *j;
    const struct region *r;
    const struct item *item;
    uint32_t done;              /* instructions before this item */
    struct reg_state regs;
    uint16_t locked;            /* host registers in use by this instruction */
    uint32_t stamp[16], clock;
    uint64_t page_ea;           /* page known to be mapped as at translation */
    struct stub stubs[MAX_STUBS];
    unsigned n_stubs;
    bool big_endian;
    /* flags of the last compare, good for the very next instruction */
    const struct item *fused_for;
    uint8_t fused_crf;
    bool fused_unsigned;
    bool failed;
};

typedef bool emit_fn(struct lower *x, const struct op *o);      /* false: use the C function */

struct emit_row {
    const char *name;           /* as in the instruction's row */
    emit_fn *emit;
};

extern const struct emit_row emit_fixed[], emit_rotate[], emit_memory[], emit_misc[];

struct host_thunks {
    void *(*enter)(struct cpu *c, void *tlb, const uint8_t *code);
    uint8_t *leave;             /* returns rax */
    uint8_t *leave_null;
    uint8_t *stopped;           /* after a C function set stop mid-trace: nip is the instruction's */
    uint8_t *load[4], *store[4];        /* by log2 of the width */
    emit_fn **emit;             /* by row number */
};

/* regs.c */
void regs_clear(struct reg_state *s);
int use(struct lower *x, unsigned guest);               /* host register holding the guest's value */
int def(struct lower *x, unsigned guest);               /* host register that gets the guest's next value */
int use_def(struct lower *x, unsigned guest);
void flush_regs(struct lower *x);                       /* writes back what is dirty; keeps values */
void drop_regs(struct lower *x);                        /* after flush: forgets all values */
void write_back(struct assembler *a, const struct reg_state *s);
void reconcile(struct lower *x, const struct reg_state *want);
int32_t guest_offset(unsigned guest);

/* lower.c */
struct stub *new_stub(struct lower *x, enum stub_kind kind, uint8_t *from);
/* Around a host compare: prepare zeroes rax and rcx, finish makes the CR field of the flags and keeps them for a branch. */
void emit_cr_prepare(struct lower *x);
void emit_cr_finish(struct lower *x, unsigned crf, bool is_unsigned);
void emit_record(struct lower *x, const struct op *o, int host);    /* Rc: CR0 from a 64-bit result */
void emit_c_call(struct lower *x, const struct op *o);

/* lower_memory.c */
void emit_swap(struct assembler *a, int reg, unsigned width);

#endif
