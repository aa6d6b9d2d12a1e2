/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/cpu.h - one POWER8/POWER9 processor of a PAPR guest: its registers and what the engine keeps beside them.
 *
 * Spec: Power ISA 2.07B / 3.0B, Books I-III, for a processor that always runs with MSR[HV] = 0.
 * Threads: everything here belongs to the thread that runs the processor, except the fields of "from other threads".
 * The CPU knows no hypercalls: `sc 1` is an exit reason (cpu/run.h). */
#ifndef CPU_CPU_H
#define CPU_CPU_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "mem/dirty_batch.h"
#include "mem/dirty_log.h"

/* A vector-scalar register.  The whole is one 128-bit number q; the book's doubleword 0 is its high half, so element
 * i of the book (big-endian numbering) sits at the mirrored host index: use VSR_D and friends. */
union vsr {
    unsigned __int128 q;
    uint64_t d[2];
    uint32_t w[4];
    uint16_t h[8];
    uint8_t b[16];
    int64_t sd[2];
    int32_t sw[4];
    int16_t sh[8];
    int8_t sb[16];
    double f64[2];
    float f32[4];
};

#define VSR_D(v, i) ((v).d[1 - (i)])
#define VSR_W(v, i) ((v).w[3 - (i)])
#define VSR_H(v, i) ((v).h[7 - (i)])
#define VSR_B(v, i) ((v).b[15 - (i)])
#define VSR_SD(v, i) ((v).sd[1 - (i)])
#define VSR_SW(v, i) ((v).sw[3 - (i)])
#define VSR_SH(v, i) ((v).sh[7 - (i)])
#define VSR_SB(v, i) ((v).sb[15 - (i)])

/* Condition register field bits. */
enum { CR_LT = 8, CR_GT = 4, CR_EQ = 2, CR_SO = 1 };

/* MSR bits (masks of the 64-bit register). */
#define MSR_SF (1ull << 63)
#define MSR_HV (1ull << 60)
#define MSR_TS (3ull << 33)
#define MSR_TM (1ull << 32)
#define MSR_VEC (1ull << 25)
#define MSR_VSX (1ull << 23)
#define MSR_EE 0x8000ull
#define MSR_PR 0x4000ull
#define MSR_FP 0x2000ull
#define MSR_ME 0x1000ull
#define MSR_FE0 0x800ull
#define MSR_SE 0x400ull
#define MSR_BE 0x200ull
#define MSR_FE1 0x100ull
#define MSR_IR 0x20ull
#define MSR_DR 0x10ull
#define MSR_PMM 0x4ull
#define MSR_RI 0x2ull
#define MSR_LE 0x1ull

/* XER bits as mfxer shows them. */
#define XER_SO 0x80000000ull
#define XER_OV 0x40000000ull
#define XER_CA 0x20000000ull
#define XER_OV32 0x80000ull
#define XER_CA32 0x40000ull

/* VSCR bits. */
#define VSCR_NJ 0x10000u
#define VSCR_SAT 0x1u

/* SPR numbers the engine itself uses; the rest are rows in cpu/spr.c. */
enum spr_number {
    SPR_XER = 1, SPR_DSCR_USER = 3, SPR_LR = 8, SPR_CTR = 9, SPR_UAMR = 13, SPR_DSCR = 17, SPR_DSISR = 18, SPR_DAR = 19,
    SPR_DEC = 22, SPR_SRR0 = 26, SPR_SRR1 = 27, SPR_CFAR = 28, SPR_AMR = 29, SPR_PIDR = 48, SPR_IAMR = 61,
    SPR_TFHAR = 128, SPR_TFIAR = 129, SPR_TEXASR = 130, SPR_TEXASRU = 131, SPR_CTRL_READ = 136, SPR_CTRL = 152,
    SPR_FSCR = 153, SPR_UAMOR = 157, SPR_PSPB = 159, SPR_DAWR0 = 180, SPR_CIABR = 187, SPR_DAWRX0 = 188,
    SPR_VRSAVE = 256, SPR_USPRG3 = 259, SPR_TB = 268, SPR_TBU = 269, SPR_SPRG0 = 272, SPR_SPRG1 = 273, SPR_SPRG2 = 274,
    SPR_SPRG3 = 275, SPR_PVR = 287, SPR_PCR = 338, SPR_TIR = 446, SPR_SIAR = 796, SPR_MMCR0 = 795, SPR_BESCR = 806,
    SPR_EBBRR = 805, SPR_TAR = 815, SPR_PPR = 896, SPR_PPR32 = 898, SPR_PIR = 1023, SPR_COUNT = 1024,
};

#define PCR_V2_07 0x8ull        /* problem state has no instruction that ISA 3.0 brought */

struct slb_entry {
    uint64_t esid;      /* as slbmte's RB: ESID and V, index bits cleared */
    uint64_t vsid;      /* as slbmte's RS: B, VSID, Ks, Kp, N, L, C, LP */
};
#define SLB_ENTRIES 32
#define SLB_ESID_V 0x08000000ull
#define SLB_VSID_B 0xC000000000000000ull
#define SLB_VSID_B_1T 0x4000000000000000ull
#define SLB_VSID_VSID 0x3FFFFFFFFFFFF000ull
#define SLB_VSID_KS 0x800ull
#define SLB_VSID_KP 0x400ull
#define SLB_VSID_N 0x200ull
#define SLB_VSID_L 0x100ull
#define SLB_VSID_C 0x80ull
#define SLB_VSID_LP 0x30ull

/* Interrupt vectors.  CPU_NO_EXCEPTION is 0 so that `stop` tests as one word. */
enum cpu_vector {
    VEC_SRESET = 0x100, VEC_MCE = 0x200, VEC_DSI = 0x300, VEC_DSEG = 0x380, VEC_ISI = 0x400, VEC_ISEG = 0x480,
    VEC_EXTERNAL = 0x500, VEC_ALIGNMENT = 0x600, VEC_PROGRAM = 0x700, VEC_FP_UNAVAILABLE = 0x800,
    VEC_DECREMENTER = 0x900, VEC_DOORBELL = 0xA00, VEC_SYSCALL = 0xC00, VEC_TRACE = 0xD00, VEC_PMU = 0xF00,
    VEC_VMX_UNAVAILABLE = 0xF20, VEC_VSX_UNAVAILABLE = 0xF40, VEC_FACILITY = 0xF60, VEC_SCV = 0x17000,
};

/* SRR1 causes of a program interrupt. */
#define PROGRAM_TM 0x200000ull
#define PROGRAM_FP 0x100000ull
#define PROGRAM_ILLEGAL 0x80000ull
#define PROGRAM_PRIVILEGED 0x40000ull
#define PROGRAM_TRAP 0x20000ull

/* Why the running block must stop after the current instruction. */
enum cpu_stop {
    STOP_NONE = 0,
    STOP_EXCEPTION = 1,     /* exc_vector, exc_srr1 hold a synchronous interrupt of this very instruction */
    STOP_EXIT = 2,          /* the instruction completed and the engine must return: exit_reason */
    STOP_RESYNC = 4,        /* the instruction completed; leave the block, nip is set (code or context changed) */
};

enum { CPU_JIT_WINDOWS = 6, CPU_JIT_PAGES = 4, CPU_JIT_SLOTS = 12 };

enum isa_level { ISA_LEVEL_2_07 = 0, ISA_LEVEL_3_00 = 1 };

struct block_cache;
struct cpu_group;
struct cpu_mem;
struct cpu_hpt;
struct isa;
struct jit;
struct lockstep;
struct mem_map;
struct perf_log;
struct trace;
struct tlb;

/* What the last floating-point instructions of translated code owe the FPSCR (cpu/jit/fp_lazy.h). */
struct fp_lazy {
    uint32_t op;                /* FR, FI, FPRF: instruction number | FP_LAZY_*; 0: nothing */
    uint8_t fpcc;               /* then FPCC of a compare; 0: none */
    uint8_t moved;              /* then FR = 0 and FI of a conversion to integer: 1 exact, 2 inexact; 0: none */
    uint16_t unused;
    uint64_t operand[3];        /* doublewords 0 of ra, rb, and rc or rt */
};

struct cpu {
    /* -- problem state registers (saved: cpu/cpu_state.c) -- */
    uint64_t gpr[32];
    union vsr vsr[64];          /* FPR n = doubleword 0 of vsr[n]; VR n = vsr[32 + n] */
    uint64_t nip;               /* current at block borders and at every stop; run functions use op_address() */
    uint64_t lr, ctr;
    uint8_t cr[8];              /* CR fields, 4 bits each: CR_LT | CR_GT | CR_EQ | CR_SO */
    uint8_t so, ov, ca;         /* XER bits, 0 or 1 */
    uint8_t ov32, ca32;         /* ISA 3.0; kept up to date on both levels, shown by mfxer on 3.0 only */
    uint8_t xer_count;          /* XER bits 57:63 */
    uint64_t fpscr;
    uint32_t vscr;
    uint64_t res_ra;            /* reservation: real address; res_size 0 = none */
    uint64_t res_value[2];      /* what was loaded, in register order: [0] the (high) doubleword */
    uint8_t res_size;

    /* -- privileged state (saved) -- */
    uint64_t msr;
    uint64_t spr[SPR_COUNT];    /* SPRs without a field of their own, by number */
    struct slb_entry slb[SLB_ENTRIES];
    uint64_t dec_tb;            /* time base value at which DEC reads 0; DEC = dec_tb - TB */
    uint64_t tb_offset;         /* TB = machine time base + offset */
    uint8_t ail;                /* LPCR[AIL]: 0, 2 or 3 (H_SET_MODE) */
    uint8_t ile;                /* LPCR[ILE]: new interrupts run little-endian */
    uint8_t halted;             /* stopped by stop-self or not started yet: never runs */

    /* -- fixed at creation -- */
    unsigned id;                /* interrupt server number, PIR */
    enum isa_level level;
    const struct isa *isa;
    struct mem_map *map;
    uint64_t (*timebase)(void *opaque);     /* machine time base, 512 MHz; any thread */
    void *timebase_opaque;

    /* -- engine, this thread only -- */
    uint32_t stop;              /* enum cpu_stop bits; set by run functions, read after each */
    uint32_t exc_vector;        /* for STOP_EXCEPTION */
    uint64_t exc_srr1;          /* cause bits to OR into SRR1 */
    uint32_t exit_reason;       /* for STOP_EXIT: enum cpu_exit */
    uint64_t ea_mask;           /* all ones, or 2^32-1 in 32-bit mode */
    bool le;                    /* MSR[LE] */
    uint8_t dmode;              /* TLB set for data: 0 real, 1 virtual kernel, 2 virtual user */
    uint8_t imode;              /* the same for fetches */
    uint8_t block_mode;         /* what decoding depends on: imode, LE, FP, VEC, VSX */
    bool dec_pending;           /* the decrementer was seen negative at the last look at the clock */
    uint64_t block_ea;          /* effective address of the running block's first instruction */
    struct tlb *tlb;
    struct block_cache *blocks;
    const struct cpu_hpt *hpt;  /* the partition's hash table, NULL before there is one */
    uint64_t insns;             /* instructions completed */
    int64_t budget;             /* instructions until the clock is looked at again */

    /* -- from other threads -- */
    _Atomic uint32_t irq;       /* level-sensitive lines: CPU_IRQ_* */
    _Atomic uint32_t attention; /* ATTENTION_*: leave the current chain of blocks and look around */
    _Atomic bool translates;    /* MSR[IR] or MSR[DR]; set before, and cleared after, translations are used */

    struct cpu_group *group;    /* what the machine's processors share (cpu/group.h) */
    struct cpu_group *own_group;        /* NULL: it was given one */
    struct cpu *group_next;     /* under its lock */
    uint64_t caught_up;         /* its time that this processor has acted upon */
    _Atomic uint64_t seen;      /* the same for others to read; UINT64_MAX outside cpu_run() */

    struct fp_lazy fp_lazy;     /* set by translated code only, settled before it is left (cpu/jit/fp_lazy.h) */
    bool fp_fast;               /* translated code may compute: RN nearest, XX on already; VE, UE, ZE, XE, FEX off */

    struct dirty_log *log;      /* of RAM; NULL before the first run */
    struct dirty_engine log_engine;
    struct dirty_batch log_batch;       /* marks of this read section */
    bool in_section;            /* cpu_run() has one open and will flush them */
    uint64_t log_epoch;         /* tracking round the soft TLB's store tags belong to */
    uint64_t watch_seen;        /* watchpoint they take into account */
    struct trace *trace;        /* NULL: off */
    struct perf_log *perf;      /* NULL: nobody wants names for translated code */
    struct jit *jit;            /* NULL: interpret only */
    unsigned looks;             /* at the clock */
    uint64_t jit_window[CPU_JIT_WINDOWS];   /* translated code's own, within one trace */
    struct jit_page {                       /* the same: last pages of indexed accesses in a loop */
        uint64_t start, limit;              /* allowed from start on, limit bytes; 0: nothing */
        uintptr_t addend;
    } jit_page[CPU_JIT_PAGES];
    uint64_t jit_slot[CPU_JIT_SLOTS];       /* the same: host addresses of accesses that stay; 0: not known */
    uint64_t jit_compared[8][2];            /* the same: operands of compares, by CR field */
    struct lockstep *journal;   /* not NULL: every trace is checked against the interpreter (cpu/lockstep.h) */
    uint64_t frozen_tb;         /* lockstep: the machine's time base while both run; 0: it runs */
    uint64_t exits[6];          /* returns of cpu_run() by enum cpu_exit; read by any thread */
    bool alone;                 /* translated code leaves after one trace, one round of a loop: no links */
};

enum { ATTENTION_KICK = 1, ATTENTION_LOOK = 2 };
enum { CPU_IRQ_EXTERNAL = 1, CPU_IRQ_SRESET = 2, CPU_IRQ_MCE = 4, CPU_IRQ_DOORBELL = 8 };

static inline uint64_t cpu_timebase(const struct cpu *c)
{
    return (c->frozen_tb ? c->frozen_tb : c->timebase(c->timebase_opaque)) + c->tb_offset;
}

/* Whole XER and CR as mfxer and mfcr read them, and back. */
uint64_t cpu_xer(const struct cpu *c);
void cpu_set_xer(struct cpu *c, uint64_t xer);
uint32_t cpu_cr(const struct cpu *c);
void cpu_set_cr(struct cpu *c, uint32_t cr, unsigned field_mask /* bit 7 = CR0 */);

/* Changes the MSR and everything derived from it (ea_mask, le, dmode, imode). */
void cpu_set_msr(struct cpu *c, uint64_t msr);

/* Raises a synchronous interrupt for the current instruction, which must not have changed any state. */
void cpu_raise(struct cpu *c, unsigned vector, uint64_t srr1_cause);
static inline void cpu_program(struct cpu *c, uint64_t cause)
{
    cpu_raise(c, VEC_PROGRAM, cause);
}
void cpu_facility_unavailable(struct cpu *c, unsigned ic);

/* Records CR0 for a result by signed comparison with 0 (low 32 bits in 32-bit mode), with XER[SO]. */
static inline void cpu_record_cr0(struct cpu *c, uint64_t result)
{
    int64_t v = c->ea_mask >> 32 ? (int64_t)result : (int32_t)result;

    c->cr[0] = (uint8_t)((CR_EQ + (v < 0) * (CR_LT - CR_EQ) + (v > 0) * (CR_GT - CR_EQ)) | c->so);     /* no branch */
}

static inline void cpu_set_ov(struct cpu *c, bool ov, bool ov32)
{
    c->ov = ov;
    c->ov32 = ov32;
    c->so |= ov;
}

static inline uint64_t cpu_fpr(const struct cpu *c, unsigned n)
{
    return VSR_D(c->vsr[n], 0);
}

/* Writes FPR n; doubleword 1, which the book leaves undefined, becomes 0. */
static inline void cpu_set_fpr(struct cpu *c, unsigned n, uint64_t bits)
{
    VSR_D(c->vsr[n], 0) = bits;
    VSR_D(c->vsr[n], 1) = 0;
}

#endif
