/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/hash_mmu.h - effective to real address through SLB and hash page table, with the architected faults.
 * Thread: the processor's own. */
#ifndef CPU_HASH_MMU_H
#define CPU_HASH_MMU_H

#include "cpu/cpu.h"
#include "cpu/tlb.h"

/* Where an access leads and what else the same translation allows. */
struct translation {
    ra_t ra;                /* of the byte asked for */
    uint64_t ptex;          /* TLB_NO_PTEX in real mode */
    unsigned shift;         /* of the guest's page */
    unsigned allowed;       /* TLB_READ | TLB_WRITE | TLB_EXEC without further work (C already set for TLB_WRITE) */
    bool inhibited;         /* cache-inhibited page */
};

/* Translates for one access kind; on a fault raises the interrupt (DAR, DSISR set) and returns
 * false. Sets R, and C for stores. */
bool mmu_translate(struct cpu *c, ea_t ea, enum tlb_access access, struct translation *out);

/* The SLB instructions. */
void slb_write(struct cpu *c, uint64_t rb, uint64_t rs);
void slb_invalidate_entry(struct cpu *c, uint64_t rb);
void slb_invalidate_all(struct cpu *c, unsigned ih);
const struct slb_entry *slb_find(const struct cpu *c, uint64_t ea);

#define DSISR_NO_PTE 0x40000000ull
#define DSISR_PROTECTION 0x08000000ull
#define DSISR_STORE 0x02000000ull
#define DSISR_DAWR 0x00400000ull
#define DSISR_KEY 0x00200000ull
#define DSISR_ATOMIC_CI 0x04000000ull

void mmu_data_fault(struct cpu *c, ea_t ea, uint64_t dsisr, enum tlb_access access);

#endif
