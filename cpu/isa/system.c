/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/system.c - system calls, returns from interrupt, MSR, SPRs, SLB, and what belongs to the hypervisor.
 *
 * Spec: Power ISA III, "System linkage", "Fixed-point facility", "Storage control instructions". */
#include "cpu/cpu_int.h"
#include "cpu/fp/fpscr_bits.h"
#include "cpu/hash_mmu.h"
#include "cpu/isa/chapters.h"
#include "cpu/run.h"

static void run_sc(struct cpu *c, const struct op *o)
{
    if (o->n == 1) {
        c->nip = op_next(c, o);
        c->exit_reason = c->msr & MSR_PR ? CPU_EXIT_HCALL_PR : CPU_EXIT_HCALL;
        c->stop |= STOP_EXIT;
        return;
    }
    c->nip = op_next(c, o);
    cpu_interrupt(c, VEC_SYSCALL, 0);
}

static void run_scv(struct cpu *c, const struct op *o)
{
    if (!(c->spr[SPR_FSCR] >> 12 & 1)) {
        cpu_facility_unavailable(c, 12);
        return;
    }
    c->nip = op_next(c, o);
    cpu_interrupt_scv(c, o->n);
}

/* A new MSR that enables floating-point exceptions while one is pending raises it after the
 * instruction (SRR1 says so). */
static void fp_exception_due(struct cpu *c)
{
    const uint64_t after = 0x10000;

    if ((c->msr & MSR_FP) && (c->msr & (MSR_FE0 | MSR_FE1)) && (c->fpscr & FPSCR_FEX))
        cpu_interrupt(c, VEC_PROGRAM, PROGRAM_FP | after);
}

/* What a return from interrupt may put into the MSR: everything but HV, ME, S and the TM bits. */
static void return_to(struct cpu *c, uint64_t nip, uint64_t msr)
{
    uint64_t keep = MSR_HV | MSR_ME | 1ull << 22 | MSR_TM | MSR_TS;

    cpu_set_msr(c, (msr & ~keep) | (c->msr & keep));
    c->nip = nip & ~3ull & c->ea_mask;
    fp_exception_due(c);
}

static void run_rfid(struct cpu *c, const struct op *o)
{
    (void)o;
    return_to(c, c->spr[SPR_SRR0], c->spr[SPR_SRR1]);
    c->stop |= STOP_RESYNC;
}

static void run_rfscv(struct cpu *c, const struct op *o)
{
    (void)o;
    return_to(c, c->lr, c->ctr);
    c->stop |= STOP_RESYNC;
}

static void run_mfmsr(struct cpu *c, const struct op *o)
{
    c->gpr[o->rt] = c->msr;
}

/* L = 1 changes EE and RI only; otherwise SF, HV, LE, ME, S and TM stay (mtmsr: the high half as well). */
static void move_to_msr(struct cpu *c, const struct op *o, uint64_t writable)
{
    uint64_t mask = o->n ? MSR_EE | MSR_RI : writable & ~(MSR_HV | MSR_LE | MSR_ME | 1ull << 22 | MSR_TM | MSR_TS);

    cpu_set_msr(c, (c->msr & ~mask) | (c->gpr[o->rt] & mask));
    c->nip = op_next(c, o);
    if (o->n)
        return;
    fp_exception_due(c);
    c->stop |= STOP_RESYNC;
}

static void run_mtmsr(struct cpu *c, const struct op *o)
{
    move_to_msr(c, o, 0xffffffffull);
}

static void run_mtmsrd(struct cpu *c, const struct op *o)
{
    move_to_msr(c, o, ~0ull);
}

static void run_mfspr(struct cpu *c, const struct op *o)
{
    unsigned spr = op_spr(o);
    uint64_t v;

    if (spr == SPR_LR)
        c->gpr[o->rt] = c->lr;
    else if (spr_read(c, spr, &v))
        c->gpr[o->rt] = v;
}

static void run_mtspr(struct cpu *c, const struct op *o)
{
    unsigned spr = op_spr(o);

    if (spr == SPR_LR)
        c->lr = c->gpr[o->rt];
    else if (spr == SPR_CTR)
        c->ctr = c->gpr[o->rt];
    else
        spr_write(c, spr, c->gpr[o->rt]);
}

/* What changes the SLB leaves the block: the next instruction is fetched by what is there now, in every engine alike.
 * Entries with a page size or segment size this processor does not have are refused, so that
 * translation never meets one. */
static void run_slbmte(struct cpu *c, const struct op *o)
{
    uint64_t rb = c->gpr[o->rb], rs = c->gpr[o->rt];
    uint64_t llp = rs & (SLB_VSID_L | SLB_VSID_LP);
    bool known = llp == 0 || llp == 0x110 || llp == 0x100 || llp == 0x120;

    if ((rb & 0xfff) >= SLB_ENTRIES || (rs & SLB_VSID_B) > SLB_VSID_B_1T || !known) {
        cpu_program(c, PROGRAM_ILLEGAL);
        return;
    }
    slb_write(c, rb, rs);
    c->stop |= STOP_RESYNC;
}

static void run_slbie(struct cpu *c, const struct op *o)
{
    slb_invalidate_entry(c, c->gpr[o->rb]);
    c->stop |= STOP_RESYNC;
}

static void run_slbia(struct cpu *c, const struct op *o)
{
    slb_invalidate_all(c, o->n);
    c->stop |= STOP_RESYNC;
}

static const struct slb_entry *numbered(const struct cpu *c, uint64_t rb)
{
    unsigned i = rb & 0xfff;

    return i < SLB_ENTRIES ? &c->slb[i] : NULL;
}

static void run_slbmfee(struct cpu *c, const struct op *o)
{
    const struct slb_entry *s = numbered(c, c->gpr[o->rb]);

    c->gpr[o->rt] = s && (s->esid & SLB_ESID_V) ? s->esid : 0;
}

static void run_slbmfev(struct cpu *c, const struct op *o)
{
    const struct slb_entry *s = numbered(c, c->gpr[o->rb]);

    c->gpr[o->rt] = s && (s->esid & SLB_ESID_V) ? s->vsid : 0;
}

static void run_slbfee(struct cpu *c, const struct op *o)
{
    const struct slb_entry *s = slb_find(c, c->gpr[o->rb]);

    c->gpr[o->rt] = s ? s->vsid : 0;
    c->cr[0] = (uint8_t)((s ? CR_EQ : 0) | c->so);
}

/* Everything of TM while it is not offered, and hypervisor instructions: the decoder puts the
 * interrupt in their place. */
static void run_never(struct cpu *c, const struct op *o)
{
    (void)o;
    cpu_program(c, PROGRAM_PRIVILEGED);
}

static void run_illegal_here(struct cpu *c, const struct op *o)
{
    (void)o;
    cpu_program(c, PROGRAM_ILLEGAL);
}

/* Hypervisor privileged in radix mode only.  What the hash table lost, H_REMOVE and its family took from the TLB:
 * nothing is left to do. */
static void run_tlbiel(struct cpu *c, const struct op *o)
{
    (void)c;
    (void)o;
}

/* Event-based branches: the facility exists, but no event is ever raised. */
static void run_rfebb(struct cpu *c, const struct op *o)
{
    if (!(c->spr[SPR_FSCR] >> 7 & 1)) {
        cpu_facility_unavailable(c, 7);
        return;
    }
    c->spr[SPR_BESCR] = (c->spr[SPR_BESCR] & ~(1ull << 63)) | (uint64_t)(o->n & 1) << 63;
    c->nip = c->spr[SPR_EBBRR] & ~3ull & c->ea_mask;
}

static bool bhrb_available(struct cpu *c)
{
    if (c->spr[SPR_FSCR] >> 3 & 1)
        return true;
    cpu_facility_unavailable(c, 4);
    return false;
}

static void run_mfbhrbe(struct cpu *c, const struct op *o)
{
    if (bhrb_available(c))
        c->gpr[o->rt] = 0;
}

static void run_clrbhrb(struct cpu *c, const struct op *o)
{
    (void)o;
    bhrb_available(c);
}

#define MSR_FLAGS (ISA_PRIV | ISA_ENDS)

static const struct isa_row rows[] = {
    { "sc", "010001 xxxxxxxxxxxxxx nnnnnnn xxx 1 x", run_sc, "n", ISA_ENDS },
    { "scv", "010001 xxxxxxxxxxxxxx nnnnnnn xxx 0 1", run_scv, "n", ISA_ENDS | ISA_V3 },
    { "rfid", "010011 xxxxxxxxxxxxxxx 0000010010 x", run_rfid, "", MSR_FLAGS },
    { "rfscv", "010011 xxxxxxxxxxxxxxx 0001010010 x", run_rfscv, "", MSR_FLAGS | ISA_V3 },
    { "hrfid", "010011 xxxxxxxxxxxxxxx 0100010010 x", run_never, "", ISA_HV },
    { "stop", "010011 xxxxxxxxxxxxxxx 0101110010 x", run_never, "", ISA_HV | ISA_V3 },
    { "doze", "010011 xxxxxxxxxxxxxxx 0110010010 x", run_never, "", ISA_HV | ISA_V2_ONLY },
    { "nap", "010011 xxxxxxxxxxxxxxx 0110110010 x", run_never, "", ISA_HV | ISA_V2_ONLY },
    { "sleep", "010011 xxxxxxxxxxxxxxx 0111010010 x", run_never, "", ISA_HV | ISA_V2_ONLY },
    { "rvwinkle", "010011 xxxxxxxxxxxxxxx 0111110010 x", run_never, "", ISA_HV | ISA_V2_ONLY },
    { "rfebb", "010011 xxxxxxxxxxxxxx n 0010010010 x", run_rfebb, "n", ISA_ENDS },
    { "mfbhrbe", "011111 ttttt nnnnnnnnnn 0100101110 x", run_mfbhrbe, "t,n" },
    { "clrbhrb", "011111 xxxxxxxxxxxxxxx 0110101110 x", run_clrbhrb, "" },
    { "mfmsr", "011111 ttttt xxxxx xxxxx 0001010011 x", run_mfmsr, "t", ISA_PRIV },
    { "mtmsr", "011111 ttttt xxxx n xxxxx 0010010010 x", run_mtmsr, "t,n", MSR_FLAGS },
    { "mtmsrd", "011111 ttttt xxxx n xxxxx 0010110010 x", run_mtmsrd, "t,n", MSR_FLAGS },
    { "mfspr", "011111 ttttt nnnnnnnnnn 0101010011 x", run_mfspr, "t,n" },
    { "mtspr", "011111 ttttt nnnnnnnnnn 0111010011 x", run_mtspr, "n,t" },
    { "mftb", "011111 ttttt nnnnnnnnnn 0101110011 x", run_mfspr, "t,n" },
    { "slbmte", "011111 ttttt xxxxx bbbbb 0110010010 x", run_slbmte, "t,b", ISA_PRIV },
    { "slbie", "011111 xxxxx xxxxx bbbbb 0110110010 x", run_slbie, "b", ISA_PRIV },
    { "slbia", "011111 xx nnn xxxxx xxxxx 0111110010 x", run_slbia, "n", ISA_PRIV },
    { "slbmfee", "011111 ttttt xxxxx bbbbb 1110010011 x", run_slbmfee, "t,b", ISA_PRIV },
    { "slbmfev", "011111 ttttt xxxxx bbbbb 1101010011 x", run_slbmfev, "t,b", ISA_PRIV },
    { "slbfee.", "011111 ttttt xxxxx bbbbb 1111010011 1", run_slbfee, "t,b", ISA_PRIV },
    { "slbieg", "011111 ttttt xxxxx bbbbb 0111010010 x", run_never, "t,b", ISA_HV | ISA_V3 },
    { "slbiag", "011111 ttttt xxxxx xxxxx 1101010010 x", run_never, "t", ISA_HV | ISA_V3 },
    { "slbsync", "011111 xxxxxxxxxxxxxxx 0101010010 x", run_never, "", ISA_HV | ISA_V3 },
    { "tlbie", "011111 ttttt xxxxx bbbbb 0100110010 x", run_never, "b,t", ISA_HV },
    { "tlbiel", "011111 ttttt xxxxx bbbbb 0100010010 x", run_tlbiel, "b,t", ISA_PRIV },
    { "tlbsync", "011111 xxxxxxxxxxxxxxx 1000110110 x", run_never, "", ISA_HV },
    { "msgsnd", "011111 xxxxx xxxxx bbbbb 0011001110 x", run_never, "b", ISA_HV },
    { "msgclr", "011111 xxxxx xxxxx bbbbb 0011101110 x", run_never, "b", ISA_HV },
    { "msgsndp", "011111 xxxxx xxxxx bbbbb 0010001110 x", run_illegal_here, "b", ISA_PRIV },
    { "msgclrp", "011111 xxxxx xxxxx bbbbb 0010101110 x", run_illegal_here, "b", ISA_PRIV },
    { "attn", "000000 xxxxxxxxxxxxxxx 0100000000 x", run_illegal_here, "" },
    { "tbegin.", "011111 xxxxxxxxxxxxxxx 1010001110 1", run_never, "", ISA_TM },
    { "tend.", "011111 xxxxxxxxxxxxxxx 1010101110 1", run_never, "", ISA_TM },
    { "tcheck", "011111 xxxxxxxxxxxxxxx 1011001110 x", run_never, "", ISA_TM },
    { "tsr.", "011111 xxxxxxxxxxxxxxx 1011101110 1", run_never, "", ISA_TM },
    { "tabortwc.", "011111 nnnnn aaaaa bbbbb 1100001110 1", run_never, "n,a,b", ISA_TM },
    { "tabortdc.", "011111 nnnnn aaaaa bbbbb 1100101110 1", run_never, "n,a,b", ISA_TM },
    { "tabortwci.", "011111 nnnnn aaaaa iiiii 1101001110 1", run_never, "n,a,i", ISA_TM },
    { "tabortdci.", "011111 nnnnn aaaaa iiiii 1101101110 1", run_never, "n,a,i", ISA_TM },
    { "tabort.", "011111 xxxxx aaaaa xxxxx 1110001110 1", run_never, "a", ISA_TM },
    { "treclaim.", "011111 xxxxx aaaaa xxxxx 1110101110 1", run_never, "a", ISA_TM | ISA_PRIV },
    { "trechkpt.", "011111 xxxxxxxxxxxxxxx 1111101110 1", run_never, "", ISA_TM | ISA_PRIV },
};

ISA_CHAPTER(isa_system, "Power ISA III, system instructions", rows);
