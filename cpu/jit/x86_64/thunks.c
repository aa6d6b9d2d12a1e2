/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/thunks.c - the pieces of code all traces share: entry, return, slow paths of memory accesses. */
#include "cpu/jit/x86_64/lower.h"

#include <errno.h>
#include <stdlib.h>

#include "cpu/access.h"
#include "cpu/isa.h"
#include "cpu/tlb.h"

#define LOAD_HELPER(bits)                                                                                             \
    static bool load##bits(struct cpu *c, uint64_t addr, uint64_t *out)                                               \
    {                                                                                                                 \
        uint##bits##_t v;                                                                                             \
                                                                                                                      \
        if (!cpu_load##bits##_slow(c, ea(addr), &v))                                                                  \
            return false;                                                                                             \
        *out = v;                                                                                                     \
        return true;                                                                                                  \
    }                                                                                                                 \
                                                                                                                      \
    static bool store##bits(struct cpu *c, uint64_t addr, uint64_t v)                                                 \
    {                                                                                                                 \
        return cpu_store##bits##_slow(c, ea(addr), (uint##bits##_t)v);                                                \
    }

LOAD_HELPER(8)
LOAD_HELPER(16)
LOAD_HELPER(32)
LOAD_HELPER(64)

static const int8_t saved_by_callee[] = { RBX, RBP, R12, R13, R14, R15 };
static const int8_t kept_by_thunks[] = { RAX, RSI, RDI, R8, R9, R10, R11 };

static uint8_t *here(struct jit *j, const struct assembler *a)
{
    return code_cache_rx(&j->cache, a->p);
}

static void write_enter(struct jit *j, struct assembler *a)
{
    uint8_t *at = here(j, a);

    for (unsigned i = 0; i < sizeof(saved_by_callee); i++)
        asm_push(a, saved_by_callee[i]);
    asm_ri(a, W64, G_SUB, RSP, 8);
    asm_rm(a, W64, 0x8d, RBP, RDI, 128);
    asm_mov(a, R15, RSI);
    asm_rr(a, W32, 0xff, 4, RDX);                       /* jmp rdx */
    memcpy(&j->thunks->enter, &at, sizeof(at));
}

static void write_leave(struct jit *j, struct assembler *a)
{
    j->thunks->leave_null = a->p;
    asm_zero(a, RAX);
    j->thunks->leave = a->p;
    asm_ri(a, W64, G_ADD, RSP, 8);
    for (unsigned i = sizeof(saved_by_callee); i-- > 0;)
        asm_pop(a, saved_by_callee[i]);
    asm_byte(a, 0xc3);
}

/* stop is set; nip is the instruction's address. Unless it raised an interrupt it completed. */
static void write_stopped(struct jit *j, struct assembler *a)
{
    uint8_t *raised;

    j->thunks->stopped = a->p;
    asm_rm(a, W8, 0xf6, 0, RBP, OFF(stop));
    asm_byte(a, STOP_EXCEPTION);
    raised = asm_jcc(a, CC_NE);
    asm_mi(a, W64, G_ADD, RBP, OFF(nip), 4);
    asm_mi(a, W64, G_SUB, RBP, OFF(budget), 1);
    asm_bind(a, raised);
    asm_jmp_to(a, j->thunks->leave_null);
}

/* One side table: on a hit moves the value and returns with ZF clear; falls through on a miss. rcx is scratch; rdx too for loads, r8 is saved. */
static void probe_side(struct assembler *a, unsigned width, bool store, unsigned shift, unsigned bits, size_t table)
{
    static const unsigned load_opcode[] = { [1] = 0x0fb6, [2] = 0x0fb7, [4] = 0x8b, [8] = 0x8b };
    const size_t tag = store ? offsetof(struct tlb_entry, write_tag) : offsetof(struct tlb_entry, read_tag);
    uint8_t *miss;

    asm_mov(a, RCX, RAX);
    asm_shift(a, W64, S_SHR, RCX, shift);
    asm_ri(a, W32, G_AND, RCX, (int32_t)(1u << bits) - 1);
    asm_shift(a, W32, S_SHL, RCX, 5);
    asm_rm(a, W64, 0x8d, R8, RAX, (int32_t)width - 1);
    asm_ri(a, W64, G_AND, R8, -(1 << shift));
    asm_rmx(a, W64, 0x3b, R8, R15, RCX, 0, (int32_t)(table + tag));
    miss = asm_jcc(a, CC_NE);
    asm_rmx(a, W64, 0x8b, RCX, R15, RCX, 0, (int32_t)(table + offsetof(struct tlb_entry, addend)));
    if (store)
        asm_rmx(a, (enum width)width, width == 1 ? 0x88 : 0x89, RDX, RAX, RCX, 0, 0);
    else
        asm_rmx(a, width == 8 ? W64 : W32, load_opcode[width], RDX, RAX, RCX, 0, 0);
    asm_pop(a, R8);
    asm_rr(a, W64, 0x85, RSP, RSP);                     /* test rsp, rsp: ZF clear */
    asm_byte(a, 0xc3);
    asm_bind(a, miss);
}

/* Side tables first, unless a granule is due for a refill. Little-endian guests only: values move as they are. */
static void write_side_probes(struct assembler *a, unsigned width, bool store)
{
    uint8_t *due, *big_endian;

    asm_mi(a, W8, G_CMP, RBP, OFF(le), 0);
    big_endian = asm_jcc(a, CC_E);
    asm_mi(a, W32, G_SUB, R15, offsetof(struct tlb_set, side_hits), 1);
    due = asm_jcc(a, CC_S);
    asm_push(a, R8);
    probe_side(a, width, store, TLB_MID_SHIFT, TLB_MID_BITS, offsetof(struct tlb_set, mid));
    probe_side(a, width, store, TLB_HUGE_SHIFT, TLB_HUGE_BITS, offsetof(struct tlb_set, huge));
    asm_pop(a, R8);
    asm_bind(a, due);
    asm_bind(a, big_endian);
}

/* rax = address (kept), rdx = value (load: out; store: in). ZF set: an interrupt was raised. */
static uint8_t *write_access(struct assembler *a, const void *fn, unsigned width, bool store)
{
    uint8_t *at = a->p;

    write_side_probes(a, width, store);
    for (unsigned i = 0; i < sizeof(kept_by_thunks); i++)
        asm_push(a, kept_by_thunks[i]);
    asm_ri(a, W64, G_SUB, RSP, 16);
    asm_mov(a, RSI, RAX);
    asm_rm(a, W64, 0x8d, RDI, RBP, -128);
    if (!store)
        asm_mov(a, RDX, RSP);
    asm_call_abs(a, fn);
    asm_rr(a, W8, 0x84, RAX, RAX);                      /* test al, al */
    asm_load(a, RDX, RSP, 0);
    asm_rm(a, W64, 0x8d, RSP, RSP, 16);
    for (unsigned i = sizeof(kept_by_thunks); i-- > 0;)
        asm_pop(a, kept_by_thunks[i]);
    asm_byte(a, 0xc3);
    return at;
}

static const struct emit_row *const tables[] = { emit_fixed, emit_rotate, emit_memory, emit_misc };

static void fill_emitters(struct jit *j)
{
    const struct isa *isa = j->cpu->isa;

    for (size_t row = 0; row < isa_row_count(isa); row++)
        for (unsigned t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
            for (const struct emit_row *e = tables[t]; e->name; e++)
                if (!strcmp(e->name, isa_row_at(isa, row)->name))
                    j->thunks->emit[row] = e->emit;
}

int host_init(struct jit *j, struct error *err)
{
    static bool (*const loads[])(struct cpu *, uint64_t, uint64_t *) = { load8, load16, load32, load64 };
    static bool (*const stores[])(struct cpu *, uint64_t, uint64_t) = { store8, store16, store32, store64 };
    struct assembler a = { .p = j->cache.rw, .start = j->cache.rw, .end = j->cache.rw + 4096 };
    void *fn;

    j->thunks = calloc(1, sizeof(*j->thunks));
    if (!j->thunks)
        return error_set(err, ENOMEM, "no memory for the translator");
    j->thunks->emit = calloc(isa_row_count(j->cpu->isa) + 1, sizeof(*j->thunks->emit));
    if (!j->thunks->emit)
        return error_set(err, ENOMEM, "no memory for the translator");
    fill_emitters(j);
    write_enter(j, &a);
    write_leave(j, &a);
    write_stopped(j, &a);
    for (unsigned i = 0; i < 4; i++) {
        memcpy(&fn, &loads[i], sizeof(fn));
        j->thunks->load[i] = write_access(&a, fn, 1u << i, false);
        memcpy(&fn, &stores[i], sizeof(fn));
        j->thunks->store[i] = write_access(&a, fn, 1u << i, true);
    }
    j->cache.floor = j->cache.used = (size_t)(a.p - a.start + 63) & ~(size_t)63;
    return 0;
}

void host_fini(struct jit *j)
{
    if (j->thunks)
        free(j->thunks->emit);
    free(j->thunks);
    j->thunks = NULL;
}

struct jit_exit *host_enter(struct jit *j, const uint8_t *code)
{
    struct cpu *c = j->cpu;

    return j->thunks->enter(c, &c->tlb->set[c->dmode], code);
}
