/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/run.h - runs a processor until it needs the machine.
 *
 * Thread: one host thread per processor calls everything here, except cpu_kick(), cpu_set_irq(), cpu_irq_pending()
 * and cpu_look_soon(). */
#ifndef CPU_RUN_H
#define CPU_RUN_H

#include "base/error.h"
#include "cpu/cpu.h"
#include "cpu/tlb.h"

enum cpu_exit {
    CPU_EXIT_KICK,          /* attention was requested (cpu_kick) */
    CPU_EXIT_HCALL,         /* sc 1 in privileged state: nip is already the next instruction */
    CPU_EXIT_HCALL_PR,      /* sc 1 in problem state */
    CPU_EXIT_MACHINE_CHECK, /* the instruction at nip met one: the machine delivers it, its cause is in exc_srr1 */
    CPU_EXIT_CHECKSTOP,     /* the same with MSR[ME] = 0: the processor cannot go on */
    CPU_EXIT_MISMATCH,      /* lockstep: translated code and interpreter differ; what differs was printed */
};

enum cpu_engine {
    CPU_ENGINE_AUTO,        /* translate what is hot, when this host can */
    CPU_ENGINE_INTERP,
    CPU_ENGINE_JIT,
    CPU_ENGINE_LOCKSTEP,    /* translated code, every trace checked against the interpreter: slow */
};

struct cpu_config {
    unsigned id;                            /* interrupt server number */
    enum isa_level level;
    struct mem_map *map;
    uint64_t (*timebase)(void *opaque);
    void *opaque;
    struct trace *trace;                    /* NULL: off */
    struct perf_log *perf;                  /* NULL: off */
    enum cpu_engine engine;
    /* the machine's processors (cpu/group.h), which outlives them; NULL: it is alone */
    struct cpu_group *group;
};

/* Creates what is behind a zeroed struct cpu (TLB, block cache, decode tables);
 * one at a time in a group. 0 or -ENOMEM. */
int cpu_init(struct cpu *c, const struct cpu_config *cfg, struct error *err);
void cpu_fini(struct cpu *c);

/* Architected reset state: everything 0 but PVR, PIR, MSR = ME | FP, VSCR = NJ off... and all caches of the engine
 * dropped. The machine then sets nip, GPRs and MSR for its start protocol. */
void cpu_reset(struct cpu *c);

enum cpu_exit cpu_run(struct cpu *c);

/* Any thread: makes cpu_run() return CPU_EXIT_KICK soon (or at once when next called). */
void cpu_kick(struct cpu *c);

/* Any thread: raises or lowers a line; cpu_run() takes the interrupt when MSR[EE] allows. SRESET, MCE, DOORBELL are
 * edges that the processor clears when it takes them. */
void cpu_set_irq(struct cpu *c, uint32_t line, bool on);

/* True when an interrupt (a line, the decrementer) would be taken if MSR[EE] were 1: H_CEDE returns at once. */
bool cpu_irq_pending(const struct cpu *c);
/* Any thread that has kicked the processor: it may be using translations. False: it uses none before it is out of
 * cpu_run(). */
bool cpu_translates(const struct cpu *c);

/* Looks at the clock and the lines before the next instruction: what is pending and let in
 * is taken there. Any thread. */
void cpu_look_soon(struct cpu *c);

/* Time base value at which the decrementer becomes pending (past = pending): how long H_CEDE may sleep. */
uint64_t cpu_dec_deadline(const struct cpu *c);

/* The hash table the machine gives its processors; host-endian doublewords, v = e[2n], r = e[2n+1]. */
struct cpu_hpt {
    _Atomic uint64_t *e;
    unsigned shift;         /* log2 of its size in bytes, 18..46 */
};
/* While no processor runs (or before the first run). hpt NULL: none.
 * The table stays the machine's. Flushes the soft TLB. */
void cpu_set_hpt(struct cpu *c, const struct cpu_hpt *hpt);

/* Drops soft TLB entries, on the processor's own thread (or while it does not run):
 * all of them; those for bytes [va, va + 2^shift) of virtual space (va = VSID || offset as hashed by the ISA: VSID <<
 * 28 or << 40, B in its own argument); those that reach host memory [host, host + len). */
void cpu_tlb_flush_all(struct cpu *c);
void cpu_tlb_flush_hpte(struct cpu *c, uint64_t hpte_v, uint64_t hpte_r, uint64_t ptex);
void cpu_tlb_flush_ram(struct cpu *c, const uint8_t *host, uint64_t len);

/* Any thread: the machine wrote guest memory itself (loader, DMA, hypercall). Code made from it is void, for all
 * processors, when this returns. The group's processors share the map. */
void cpu_group_code_written(struct cpu_group *g, struct mem_map *map, ra_t start, uint64_t len);
void cpu_code_written(struct cpu *c, ra_t start, uint64_t len);
/* The same for memory that no processor can reach any more. */
void cpu_code_gone(struct cpu_group *g, const uint8_t *host, uint64_t len);
/* Everything predecoded or translated goes, of all processors of the group;
 * after a change of SPR_PCR, too. Any thread. */
void cpu_code_flush(struct cpu *c);

/* The interrupt modes of H_SET_MODE. */
void cpu_set_ail(struct cpu *c, unsigned ail);
void cpu_set_ile(struct cpu *c, bool little);

/* Delivers a system reset or other interrupt by hand: SRR0 = nip, SRR1 = msr | cause, new MSR and nip. */
void cpu_interrupt(struct cpu *c, unsigned vector, uint64_t srr1_cause);

extern const struct state_list cpu_state;       /* every saved field of struct cpu */

enum { CPU_EXIT_KINDS = CPU_EXIT_MISMATCH + 1 };

struct cpu_stats {
    uint64_t insns;                         /* instructions completed */
    uint64_t blocks_decoded, block_evictions;   /* predecoded blocks; times a part of their pool was used again */
    uint64_t translations, translated_insns, translate_ns;  /* regions made since the start; time that took */
    struct tlb_misses tlb[TLB_KINDS];
    uint64_t exits[CPU_EXIT_KINDS];         /* cpu_run() returned, by reason */
};
/* Any thread: how often translated code left an instruction to its C function.
 * False: no such row of the instruction table. */
bool cpu_c_calls(const struct cpu *c, size_t row, const char **name, uint64_t *count);

/* Any thread: a processor that runs is seen with a delay of at most its budget. */
void cpu_stats(const struct cpu *c, struct cpu_stats *out);

/* What the processors of a group share. */
struct cpu_group_stats {
    uint64_t pages_dropped;                 /* pages of code that were stored to */
    uint64_t code_bytes, code_capacity;     /* host code there is now; room for it */
    uint64_t code_evictions;                /* times the oldest part of it was thrown away */
};
/* Any thread, while a processor is there. */
void cpu_group_stats(const struct cpu_group *g, struct cpu_group_stats *out);

#endif
