/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/storage.c - cache blocks, ordering of accesses, random numbers, and the hypervisor's cache-inhibited
 * accesses.
 *
 * Spec: Power ISA 3.0B Book II, 4.3 (Cache Management), 4.4 (copy, paste.), 4.6 (Synchronisation), Book I darn;
 * Book III, 4.4.1 (cache-inhibited loads and stores).
 * Thread: the processor's own.
 * The guest's cache block is 128 bytes.  The host keeps caches coherent and instructions follow stores (the engine
 * watches pages with predecoded code), so block instructions only check that the access is allowed.  An x86 host orders
 * everything but a store and a later load: only sync and ptesync need a host fence.  copy and paste. are illegal:
 * nothing to paste to. */
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>

#include "cpu/access.h"
#include "cpu/isa/chapters.h"

#define BLOCK_BYTES 128

static void run_dcbz(struct cpu *c, const struct op *o)
{
    static const uint8_t zeros[BLOCK_BYTES];
    ea_t at = ea(op_ea_x(c, o).v & ~(BLOCK_BYTES - 1ull));
    const struct tlb_entry *e = tlb_entry(c->tlb, c->dmode, at);

    if (__builtin_expect(e->write_tag == tlb_tag(at, BLOCK_BYTES), 1))
        memset((void *)(e->addend + at.v), 0, BLOCK_BYTES);
    else
        cpu_store_bytes(c, at, zeros, BLOCK_BYTES);
}

/* dcbst, dcbf, icbi: a load of the block as far as protection goes. */
static void run_block_load(struct cpu *c, const struct op *o)
{
    cpu_probe_load(c, op_ea_x(c, o), 1);
}

static void run_nothing(struct cpu *c, const struct op *o)
{
    (void)c;
    (void)o;
}

static void run_sync(struct cpu *c, const struct op *o)
{
    (void)c;
    (void)o;
    atomic_thread_fence(memory_order_seq_cst);
}

static void run_lwsync(struct cpu *c, const struct op *o)
{
    (void)c;
    (void)o;
    atomic_thread_fence(memory_order_acq_rel);
}

/* What follows is fetched anew: the block is left. */
static void run_isync(struct cpu *c, const struct op *o)
{
    atomic_thread_fence(memory_order_acquire);
    c->nip = op_next(c, o);
}

/* L: 0 32 bits conditioned, 1 64 bits conditioned, 2 64 bits raw, 3 reserved.  All ones: no number to be had. */
static void run_darn(struct cpu *c, const struct op *o)
{
    uint64_t v;

    if (o->n == 3 || getrandom(&v, sizeof(v), GRND_NONBLOCK) != sizeof(v))
        v = UINT64_MAX;
    else if (o->n == 0)
        v &= UINT32_MAX;
    c->gpr[o->rt] = v;
}

/* Rows marked ISA_HV never get here by way of the decoder. */
static void run_hypervisor(struct cpu *c, const struct op *o)
{
    (void)o;
    cpu_program(c, PROGRAM_PRIVILEGED);
}

static const struct isa_row rows[] = {
    { "dcbz", "011111 xxxxx aaaaa bbbbb 1111110110 x", run_dcbz, "a0,b" },
    { "dcbst", "011111 xxxxx aaaaa bbbbb 0000110110 x", run_block_load, "a0,b" },
    { "dcbf", "011111 xxx nn aaaaa bbbbb 0001010110 x", run_block_load, "a0,b,n" },
    { "icbi", "011111 xxxxx aaaaa bbbbb 1111010110 x", run_block_load, "a0,b" },
    { "dcbt", "011111 nnnnn aaaaa bbbbb 0100010110 x", run_nothing, "a0,b,n" },
    { "dcbtst", "011111 nnnnn aaaaa bbbbb 0011110110 x", run_nothing, "a0,b,n" },
    { "icbt", "011111 nnnnn aaaaa bbbbb 0000010110 x", run_nothing, "n,a0,b" },
    /* Data streams left the book with 2.07; Linux still stops them (dssall) when it switches address spaces. */
    { "dst", "011111 xxxxx aaaaa bbbbb 0101010110 x", run_nothing, "a,b" },
    { "dstst", "011111 xxxxx aaaaa bbbbb 0101110110 x", run_nothing, "a,b" },
    { "dss", "011111 xxxxx xxxxx xxxxx 1100110110 x", run_nothing, "" },
    /* Reserved-no-op: extended opcodes 530, 562 ... 754, for hints to come. */
    { "nop31", "011111 xxxxx xxxxx xxxxx 10xxx10010 x", run_nothing, "" },
    { "sync", "011111 xxx 0 0 xxxxx xxxxx 1001010110 x", run_sync, "" },
    { "lwsync", "011111 xxx 0 1 xxxxx xxxxx 1001010110 x", run_lwsync, "" },
    { "ptesync", "011111 xxx 1 0 xxxxx xxxxx 1001010110 x", run_sync, "" },
    { "eieio", "011111 xxxxx xxxxx xxxxx 1101010110 x", run_lwsync, "" },
    { "isync", "010011 xxxxx xxxxx xxxxx 0010010110 x", run_isync, "", ISA_ENDS },
    { "wait", "011111 xxx nn xxxxx xxxxx 0000011110 x", run_nothing, "n", ISA_V3 },
    { "wait", "011111 xxx nn xxxxx xxxxx 0000111110 x", run_nothing, "n", ISA_V2_ONLY },
    { "darn", "011111 ttttt xxx nn xxxxx 1011110011 x", run_darn, "t,n", ISA_V3 },
    { "cpabort", "011111 xxxxx xxxxx xxxxx 1101000110 x", run_nothing, "", ISA_V3 },
    { "msgsync", "011111 xxxxx xxxxx xxxxx 1101110110 x", run_hypervisor, "", ISA_HV | ISA_V3 },
    { "lbzcix", "011111 ttttt aaaaa bbbbb 1101010101 x", run_hypervisor, "t,a0,b", ISA_HV },
    { "lhzcix", "011111 ttttt aaaaa bbbbb 1100110101 x", run_hypervisor, "t,a0,b", ISA_HV },
    { "lwzcix", "011111 ttttt aaaaa bbbbb 1100010101 x", run_hypervisor, "t,a0,b", ISA_HV },
    { "ldcix", "011111 ttttt aaaaa bbbbb 1101110101 x", run_hypervisor, "t,a0,b", ISA_HV },
    { "stbcix", "011111 ttttt aaaaa bbbbb 1111010101 x", run_hypervisor, "t,a0,b", ISA_HV },
    { "sthcix", "011111 ttttt aaaaa bbbbb 1110110101 x", run_hypervisor, "t,a0,b", ISA_HV },
    { "stwcix", "011111 ttttt aaaaa bbbbb 1110010101 x", run_hypervisor, "t,a0,b", ISA_HV },
    { "stdcix", "011111 ttttt aaaaa bbbbb 1111110101 x", run_hypervisor, "t,a0,b", ISA_HV },
};

ISA_CHAPTER(isa_storage, "Power ISA II, 4.3-4.6 storage control", rows);
