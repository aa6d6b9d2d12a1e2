/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower.h - what the lowering files share: registers, exits, the table of emitters.
 *
 * While translated code runs: rbp = struct cpu + 128 (so that the GPRs have one-byte offsets), r15 = the soft TLB of
 * the data mode, r14 = cpu.budget (C functions see an old one), rsp 16-byte aligned. rax, rcx, rdx are scratch within
 * one instruction; the other nine hold guest registers. */
#ifndef CPU_JIT_X86_64_LOWER_H
#define CPU_JIT_X86_64_LOWER_H

#include <stddef.h>

#include "cpu/jit/jit_int.h"
#include "cpu/jit/x86_64/asm.h"

enum { BUDGET = R14 };

#define OFF(field) ((int32_t)offsetof(struct cpu, field) - 128)
#define OFF_GPR(n) (OFF(gpr) + 8 * (int32_t)(n))
/* see cr.c: cr_flush() before it is read, cr_written() after */
#define OFF_CR_FIELD(n) (OFF(cr) + (int32_t)(n))
#define OFF_VSR(n) (OFF(vsr) + 16 * (int32_t)(n))

/* Guest registers that live in host registers: GPRs, then these.
 * Windows (window.c) are values of the trace, dead at its exits. */
enum { GUEST_LR = 32, GUEST_CTR = 33, GUEST_WINDOW = 34, N_WINDOWS = CPU_JIT_WINDOWS,
       GUEST_REGS = GUEST_WINDOW + N_WINDOWS };

/* A CR field that is the comparison of guest registers a and b, or of a and imm (b NO_REG); not computed yet. */
struct cr_pending {
    bool valid, is_unsigned;
    uint8_t width, known;       /* known: at an exit, the bit of LT, GT and EQ that is set; 0: not known */
    int8_t a, b;
    int32_t imm;
};

struct reg_state {
    int8_t host_of[GUEST_REGS];
    int8_t guest_of[16];
    uint16_t dirty;             /* by host register */
    bool lr_due;                /* LR is the constant `lr`, which is neither in a register nor in memory */
    uint64_t lr;
    struct cr_pending cr[8];
};

enum stub_kind {
    STUB_LEAVE,         /* go to nip, linkable */
    STUB_INDIRECT,      /* go to the address in LR, or CTR, as the item says; linking */
    STUB_HEAD,          /* budget used up or attention wanted: nip, back to the engine */
    STUB_LOAD,          /* slow path of a load */
    STUB_STORE,
    STUB_CALL,          /* the instruction's C function, from a rare path: it raises an interrupt */
    STUB_FLOAT,         /* the same, but it goes on at back: it changes no GPR, LR or CTR */
    STUB_LOAD_XMM,      /* slow path of a load into xmm0 */
    STUB_STORE_XMM,
    STUB_SINGLE,        /* lfs of a NaN, stfs of what is no single: the piece of code in `thunk` */
};

/* Code off the main path, written after it. */
struct stub {
    uint8_t kind, width;
    bool sign, reversed;
    bool windowed;              /* the address is still to be computed: item's ra + imm */
    uint8_t page, slot;         /* what the access remembers in a loop + 1; 0: nothing */
    const uint8_t *found;       /* where it goes on with the addend, the host address in rcx */
    int8_t void_window;         /* host register of a new window, which cannot be used; or NO_REG */
    int8_t dst;                 /* LOAD: host register */
    uint8_t *from;              /* the jump that leads here */
    uint8_t *also[2];           /* more of them, or NULL */
    const uint8_t *thunk;
    uint8_t *back;              /* where it returns to */
    uint8_t *ret;               /* where the slow path of an access returns to: it has an entry in the fault map */
    uint64_t nip;
    const struct item *item;
    uint32_t done;              /* instructions completed when it is taken */
    struct reg_state regs;
};

enum { MAX_STUBS = 3 * REGION_MAX_ITEMS };

/* Several accesses off one GPR after one probe (window.c): displacements [lo, hi) off the base's value when it was
 * made; moved: what was added to the base since. */
struct window {
    bool valid, store;
    uint8_t base;
    int32_t lo, hi, moved;
    unsigned uses;              /* expected */
};

/* A GPR's value: what `gpr` was at the top, and a constant. */
struct origin {
    int8_t gpr;                 /* NO_REG: something else */
    int64_t plus;
};

struct window_hint {
    uint8_t width;              /* D-form access; 0: none */
    bool store, update;
    bool adds;                  /* addi */
    uint8_t writes;             /* GPR named by 1: rt, 2: ra; 0: none */
    uint8_t names;              /* GPRs named by 1: rt, 2: ra, 4: rb, 8: rc */
};

struct lower {
    struct assembler a;
    struct jit *j;
    const struct region *r;
    const struct item *item;
    uint32_t done;              /* instructions before this item */
    struct reg_state regs;
    uint16_t locked;            /* host registers in use by this instruction */
    uint64_t names[REGION_MAX_ITEMS];       /* by item: guest registers it names, a guess for regs.c */
    struct window windows[N_WINDOWS];
    unsigned next_window;
    const struct item *page_item[CPU_JIT_PAGES];        /* indexed accesses of a loop that remember their page */
    unsigned n_pages;
    const struct item *slot_item[CPU_JIT_SLOTS];        /* displaced ones that remember their host address */
    unsigned n_slots;
    struct origin origin[32];
    uint32_t slot_bases;        /* GPRs that addresses in slots are made from */
    bool will_loop, in_loop, called_c;
    uint64_t page_ea;           /* page known to be mapped as at translation */
    unsigned n_stubs;
    bool big_endian;
    const struct item *carry_for;   /* the host's carry flag is CA when this item begins, and kept until then */
    bool failed;
    struct stub stubs[MAX_STUBS];   /* last: not cleared for each region */
};

typedef bool emit_fn(struct lower *x, const struct op *o);      /* false: use the C function */

struct emit_row {
    const char *name;           /* as in the instruction's row */
    emit_fn *emit;
};

/* The row of emit_NAME(), of an instruction of that name. */
#define ROW(name) { #name, emit_##name }
/* emit_NAME(): `how` with these arguments, which may speak of x and o. */
#define EMIT(name, how, ...)                                                                                          \
    static bool emit_##name(struct lower *x, const struct op *o)                                                      \
    {                                                                                                                 \
        return how(x, o, ##__VA_ARGS__);                                                                              \
    }

extern const struct emit_row emit_fixed[], emit_carry[], emit_divide[], emit_rotate[], emit_memory[], emit_misc[],
    emit_float[], emit_float_vector[], emit_vector[], emit_permute[], emit_crypto[], emit_avx512[], emit_vsr_memory[];
bool emit_avx512_usable(void);

/* Constants that emitted code addresses relative to rip. */
enum constant {
    K_SIGN_D, K_SIGN_S, K_ABS_D, K_ABS_S, K_REVERSE, K_ONES, K_31, K_15,
    K_D_TOO_BIG, K_D_TOO_SMALL, K_S_TOO_BIG, K_S_TOO_SMALL, K_EXP_D, K_EXP_S, K_WORD_COUNT, K_DOUBLE_COUNT,
    K_REV_D, K_REV_W, K_REV_H, K_REV_H8, K_HALF_COUNT, K_DIAGONAL, K_UNSHIFT_ROWS, K_COUNT
};

enum row_trait {
    ROW_KEEPS = 1,              /* the C function touches no GPR, LR, CTR */
    ROW_QUIET = 2,              /* never leaves the trace, does not look at XER */
    ROW_CARRIES = 4,            /* sets CA and CA32 */
};

/* Where the slow path of an access begins: all is to be asked; the first level knows nothing; only C does. */
struct access_thunk {
    uint8_t *near, *far, *call;
};

struct host_thunks {
    const uint8_t *(*enter)(struct cpu *c, void *tlb, const uint8_t *code);
    uint8_t *leave;             /* called: returns where it was called from */
    uint8_t *leave_null;
    uint8_t *leave_head;        /* rax = nip, ecx = instructions that the budget shows and that did not run */
    uint8_t *cr_field[2][8];    /* unsigned or not: computes the field from the host's flags; changes rax, rcx */
    uint8_t *stopped;           /* after a C function set stop mid-trace: nip is the instruction's */
    uint8_t *fault;             /* an access raised an interrupt: leaves as the map of its trace says */
    struct access_thunk load[5], store[5];      /* by log2 of the width; 16 bytes: in xmm0 */
    /* rax = op: its C function, guest registers in host registers stay; ZF clear: stop is set */
    uint8_t *call_kept;
    uint8_t *widen, *narrow;    /* xmm0: single to double of a NaN, double to single by truncation */
    uint8_t *constants;         /* 16 bytes each, by enum constant */
    uint8_t *traits;            /* by row number: enum row_trait */
    struct window_hint *hint;   /* by row number */
    uint8_t *cr_role;           /* by row number: enum cr_role */
    emit_fn **emit;             /* by row number */
};

/* regs.c */
void regs_look_ahead(struct lower *x);                  /* before a region is lowered */
void regs_clear(struct reg_state *s);
int use(struct lower *x, unsigned guest);               /* host register holding the guest's value */
int def(struct lower *x, unsigned guest);               /* host register that gets the guest's next value */
int use_def(struct lower *x, unsigned guest);
int def_sum(struct lower *x, unsigned guest, unsigned from, int32_t imm);       /* the next value is from + imm */
void set_lr(struct lower *x, uint64_t to);               /* a constant, written where somebody may look */
int add_to(struct lower *x, unsigned guest, int32_t imm);      /* guest += imm; its windows move along */
void forget_guest(struct lower *x, unsigned guest);
/* Writes back what is dirty; keeps values, but no windows; changes rdx. */
void flush_regs(struct lower *x);
void drop_regs(struct lower *x);                        /* after flush: forgets all values */
void write_back(struct assembler *a, const struct reg_state *s);        /* the same at an exit */
/* What the region does not name goes from host registers, what it names comes, while there is room. */
void regs_for_loop(struct lower *x);
void reconcile(struct lower *x, const struct reg_state *want);
int32_t guest_offset(unsigned guest);
uint64_t *guest_value(struct cpu *c, unsigned guest);   /* GPR, LR, CTR */

/* lower.c */
struct stub *new_stub(struct lower *x, enum stub_kind kind, uint8_t *from);
/* CR6 of a compare: eax = one bit per element, `all` of them set when every one is true. */
void emit_cr6(struct lower *x, int32_t all);

/* Jump to the C function on a rare path that comes back; the stub's back is still to be set. */
struct stub *new_float_stub(struct lower *x, uint8_t *from);
unsigned emit_op_number(struct lower *x, const struct op *o);       /* a copy of o that stays; its number */

/* cr.c */
/* From CR_PLAIN on: never leaves, reads no CR. */
enum cr_role { CR_UNKNOWN, CR_ACCESS, CR_PLAIN, CR_RECORDS, CR_COMPARES };
enum cr_role cr_role_of(const struct emit_row *table, const char *name);
void cr_compare(struct lower *x, unsigned crf, struct cr_pending p);
/* Rc: CR0 from a 64-bit result, the guest register in host. */
void emit_record(struct lower *x, const struct op *o, int host);
/* The condition under which the bit is set; rdx is scratch. */
enum cc cr_test(struct lower *x, unsigned crf, unsigned bit);
/* s is taken when the bit is set. */
void cr_is_set(struct stub *s, unsigned crf, unsigned bit);
/* All fields to memory; rax, rcx, rdx are scratch. */
void cr_flush(struct lower *x);
/* The same at an exit. */
void cr_write_back(struct assembler *a, const struct host_thunks *t, const struct reg_state *s);
void cr_write_here(struct assembler *a, const struct reg_state *s); /* the same without a call, where loops come by */
uint8_t *cr_write_thunk(struct assembler *a, unsigned crf, bool is_unsigned);
void cr_written(struct lower *x, unsigned crf);                     /* the field in memory is the present one */
void cr_operand_lost(struct lower *x, unsigned guest);              /* about to get another value */
bool cr_same(const struct reg_state *s, const struct reg_state *t);

/* Computes a field that was pending when the registers in memory were as they are now. */
void cr_compute_now(struct cpu *c, unsigned crf, const struct cr_pending *p);

/* fault_map.c */
void fault_map_write(struct lower *x);
/* The access whose slow path was to return to ret raised an interrupt; host: registers by number. Makes the guest's
 * state whole; instructions that the budget gets back. */
int64_t fault_map_leave(struct cpu *c, const uint8_t *ret, const uint64_t *host);

/* lower_fixed.c */
/* Does its emitter leave the host's flags alone when flags_are_wanted()? */
bool emit_keeps_flags(const struct lower *x, const struct op *o);

static inline bool flags_are_wanted(const struct lower *x)
{
    return x->carry_for > x->item;
}

/* lower_memory.c */
enum address { ADDRESS_D, ADDRESS_X };
/* An access. place_begin() finds the address; registers may be assigned then, but nothing else happen; place_check()
 * returns the stub of the slow path.
 * Then asm_at() makes the access and place_end() the update. */
struct place {
    unsigned width;
    bool store, update, aligned;        /* aligned: low address bits are ignored */
    bool windowed, is_new;
    unsigned page, slot;                /* + 1; 0: none */
    enum address form;
    int base, index;                    /* host registers; index NO_REG: disp instead */
    int32_t disp;
};
/* A table of the soft TLB: log2 of what an entry covers and of their number; its place in struct tlb_set. */
struct tlb_table {
    unsigned shift, bits;
    size_t at;
};
extern const struct tlb_table tlb_granules, tlb_mid_table, tlb_huge_table;
uint8_t *emit_tag_check(struct assembler *a, int tag, unsigned width, bool store, struct tlb_table t);
void place_begin(struct lower *x, const struct op *o, struct place *p);
struct stub *place_check(struct lower *x, const struct place *p, enum stub_kind kind);
void asm_at(struct assembler *a, enum width w, unsigned opc, int reg, const struct place *p);
void place_end(struct lower *x, const struct op *o, const struct place *p);
void emit_address(struct lower *x, const struct op *o, enum address form, bool update);  /* rax */
void emit_swap(struct assembler *a, int reg, unsigned width);

/* window.c */
struct isa_row;
struct window_hint window_hint(const struct isa_row *row);
struct window *window_for(struct lower *x, const struct op *o, unsigned width, bool store, bool *is_new);
int window_host(struct lower *x, struct window *w);
void windows_drop(struct lower *x);
void windows_drop_base(struct lower *x, unsigned base);
void windows_move(struct lower *x, unsigned base, int32_t by);

/* loop_memory.c */
void origins_begin(struct lower *x);
void origins_forget(struct lower *x);
bool origins_hold(const struct lower *x);
/* Does an instruction of the region write the GPR? A guess. */
bool is_written(const struct lower *x, unsigned gpr);
unsigned slot_for(struct lower *x, const struct op *o);
uint8_t *slot_check(struct lower *x, unsigned slot);
void slot_fill(struct lower *x, const struct stub *s);
unsigned page_for(struct lower *x, const struct op *o);
uint8_t *page_check(struct lower *x, const struct place *p);
void page_addend(struct lower *x, unsigned page);      /* rcx */
void page_fill(struct lower *x, const struct stub *s);

#endif
