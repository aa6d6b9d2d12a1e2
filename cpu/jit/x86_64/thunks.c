/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/thunks.c - the pieces of code all traces share: entry, return, slow paths of memory accesses. */
#include "cpu/jit/x86_64/lower.h"

#include <errno.h>
#include <stdlib.h>

#include "cpu/access.h"
#include "cpu/isa.h"

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

/* rax = address (kept), rdx = value (load: out; store: in). ZF set: an interrupt was raised. */
static uint8_t *write_access(struct assembler *a, const void *fn, bool store)
{
    uint8_t *at = a->p;

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
        j->thunks->load[i] = write_access(&a, fn, false);
        memcpy(&fn, &stores[i], sizeof(fn));
        j->thunks->store[i] = write_access(&a, fn, true);
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

    return j->thunks->enter(c, c->tlb->entry[c->dmode], code);
}
