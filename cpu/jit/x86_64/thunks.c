/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/thunks.c - the pieces of code all traces share: entry, return, slow paths of memory accesses. */
#include "cpu/jit/x86_64/lower.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "cpu/access.h"
#include "cpu/fp/single.h"
#include "cpu/isa.h"
#include "cpu/jit/fp_lazy.h"
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

/* 16 bytes as one number, in register order. */
static unsigned __int128 in_order(const struct cpu *c, unsigned __int128 v)
{
    return c->le ? v : (unsigned __int128)__builtin_bswap64((uint64_t)v) << 64 | __builtin_bswap64((uint64_t)(v >> 64));
}

static bool load128(struct cpu *c, uint64_t addr, uint64_t *out)
{
    unsigned __int128 v;

    if (!cpu_load_bytes(c, ea(addr), &v, 16))
        return false;
    v = in_order(c, v);
    memcpy(out, &v, 16);
    return true;
}

static bool store128(struct cpu *c, uint64_t addr, const uint64_t *in)
{
    unsigned __int128 v;

    memcpy(&v, in, 16);
    v = in_order(c, v);
    return cpu_store_bytes(c, ea(addr), &v, 16);
}

static const int8_t saved_by_callee[] = { RBX, RBP, R12, R13, R14, R15 };
static const int8_t kept_by_thunks[] = { RAX, RSI, RDI, R8, R9, R10, R11 };

static uint8_t *here(struct jit_space *s, const struct assembler *a)
{
    return code_cache_rx(&s->cache, a->p);
}

static void write_enter(struct jit_space *s, struct assembler *a)
{
    uint8_t *at = here(s, a);

    for (unsigned i = 0; i < sizeof(saved_by_callee); i++)
        asm_push(a, saved_by_callee[i]);
    asm_ri(a, W64, G_SUB, RSP, 8);
    asm_rm(a, W64, 0x8d, RBP, RDI, 128);
    asm_mov(a, R15, RSI);
    asm_load(a, BUDGET, RBP, OFF(budget));
    asm_rr(a, W32, 0xff, 4, RDX);                       /* jmp rdx */
    memcpy(&s->thunks->enter, &at, sizeof(at));
}

static void write_leave(struct jit_space *s, struct assembler *a)
{
    s->thunks->leave_head = a->p;
    asm_store(a, RAX, RBP, OFF(nip));
    asm_rm(a, W64, 0x29, RCX, RBP, OFF(insns));
    s->thunks->leave_null = a->p;
    asm_zero(a, RAX);
    asm_push(a, RAX);
    s->thunks->leave = a->p;
    asm_pop(a, RAX);
    asm_store(a, BUDGET, RBP, OFF(budget));
    asm_ri(a, W64, G_ADD, RSP, 8);
    for (unsigned i = sizeof(saved_by_callee); i-- > 0;)
        asm_pop(a, saved_by_callee[i]);
    asm_byte(a, 0xc3);
}

/* stop is set; nip is the instruction's address. Unless it raised an interrupt it completed. */
static void write_stopped(struct jit_space *s, struct assembler *a)
{
    uint8_t *raised;

    s->thunks->stopped = a->p;
    asm_rm(a, W8, 0xf6, 0, RBP, OFF(stop));
    asm_byte(a, STOP_EXCEPTION);
    raised = asm_jcc(a, CC_NE);
    asm_mi(a, W64, G_ADD, RBP, OFF(nip), 4);
    asm_ri(a, W64, G_SUB, BUDGET, 1);
    asm_bind(a, raised);
    asm_jmp_to(a, s->thunks->leave_null);
}

/* On the stack: where the slow path of an access was to return to. */
static void write_fault(struct jit_space *s, struct assembler *a)
{
    static const int8_t holds_guest[] = { RBX, RSI, RDI, R8, R9, R10, R11, R12, R13 };
    int64_t (*helper)(struct cpu *, const uint8_t *, const uint64_t *) = fault_map_leave;
    void *fn;

    memcpy(&fn, &helper, sizeof(fn));
    s->thunks->fault = a->p;
    asm_pop(a, RAX);
    asm_ri(a, W64, G_SUB, RSP, 16 * 8);
    for (unsigned i = 0; i < sizeof(holds_guest); i++)
        asm_store(a, holds_guest[i], RSP, 8 * holds_guest[i]);
    asm_mov(a, RSI, RAX);
    asm_mov(a, RDX, RSP);
    asm_rm(a, W64, 0x8d, RDI, RBP, -128);
    asm_call_abs(a, fn);
    asm_ri(a, W64, G_SUB, RSP, -16 * 8);
    asm_rr(a, W64, 0x03, BUDGET, RAX);
    asm_jmp_to(a, s->thunks->leave_null);
}

/* One table: on a hit moves the value and returns; falls through on a miss.
 * rcx is scratch; rdx too for loads, r8 is saved. */
static void probe_table(struct assembler *a, unsigned width, bool store, struct tlb_table t)
{
    static const unsigned load_opcode[] = { [1] = 0x0fb6, [2] = 0x0fb7, [4] = 0x8b, [8] = 0x8b };
    uint8_t *miss = emit_tag_check(a, store ? R8 : RDX, width, store, t);

    if (width == 16)
        asm_rmx(a, W32, store ? 0x0f11 : 0x0f10, 0, RAX, RCX, 0, 0);
    else if (store)
        asm_rmx(a, (enum width)width, width == 1 ? 0x88 : 0x89, RDX, RAX, RCX, 0, 0);
    else
        asm_rmx(a, width == 8 ? W64 : W32, load_opcode[width], RDX, RAX, RCX, 0, 0);
    if (store)
        asm_pop(a, R8);
    asm_byte(a, 0xc3);
    asm_bind(a, miss);
}

/* The first level, for addresses that have not been looked up in it. */
static void write_near_probe(struct assembler *a, unsigned width, bool store)
{
    if (store)
        asm_push(a, R8);
    probe_table(a, width, store, tlb_granules);
    if (store)
        asm_pop(a, R8);
}

/* Whole pages, unless a granule is due for a refill. */
static void write_side_probes(struct assembler *a, unsigned width, bool store)
{
    uint8_t *due;

    asm_mi(a, W32, G_SUB, R15, offsetof(struct tlb_set, side_hits), 1);
    due = asm_jcc(a, CC_S);
    if (store)
        asm_push(a, R8);
    probe_table(a, width, store, tlb_huge_table);
    probe_table(a, width, store, tlb_mid_table);
    if (store)
        asm_pop(a, R8);
    asm_bind(a, due);
}

/* rax = address (kept), rdx = value (load: out; store: in). Does not return when an interrupt was raised.
 * The tables are for little-endian guests only: values move as they are. */
static void write_access(const struct jit_space *s, struct assembler *a, const void *fn, unsigned width, bool store,
                         struct access_thunk *at)
{
    at->near = a->p;
    write_near_probe(a, width, store);
    at->far = a->p;
    write_side_probes(a, width, store);
    at->call = a->p;
    for (unsigned i = 0; i < sizeof(kept_by_thunks); i++)
        asm_push(a, kept_by_thunks[i]);
    asm_ri(a, W64, G_SUB, RSP, 16);
    asm_mov(a, RSI, RAX);
    asm_rm(a, W64, 0x8d, RDI, RBP, -128);
    if (width == 16 && store)
        asm_rm(a, W32, 0x0f11, 0, RSP, 0);              /* movups [rsp], xmm0 */
    if (!store || width == 16)
        asm_mov(a, RDX, RSP);
    asm_call_abs(a, fn);
    asm_rr(a, W8, 0x84, RAX, RAX);                      /* test al, al */
    asm_load(a, RDX, RSP, 0);
    if (width == 16)
        asm_rm(a, W32, 0x0f10, 0, RSP, 0);
    asm_rm(a, W64, 0x8d, RSP, RSP, 16);
    for (unsigned i = sizeof(kept_by_thunks); i-- > 0;)
        asm_pop(a, kept_by_thunks[i]);
    asm_bind_to(asm_jcc(a, CC_E), s->thunks->fault);
    asm_byte(a, 0xc3);
}

/* A C function with guest registers kept in host registers. In: rsi or rdi as the caller of `between` left them. */
static void save_kept(struct assembler *a)
{
    for (unsigned i = 0; i < sizeof(kept_by_thunks); i++)
        asm_push(a, kept_by_thunks[i]);
}

static void restore_kept(struct assembler *a)
{
    for (unsigned i = sizeof(kept_by_thunks); i-- > 0;)
        asm_pop(a, kept_by_thunks[i]);
}

static void write_call_kept(struct jit_space *s, struct assembler *a)
{
    void (*helper)(struct cpu *, const struct op *) = fp_call;
    void *fn;

    memcpy(&fn, &helper, sizeof(fn));
    s->thunks->call_kept = a->p;
    save_kept(a);                                       /* seven pushes and the return address: aligned */
    asm_mov(a, RSI, RAX);
    asm_rm(a, W64, 0x8d, RDI, RBP, -128);
    asm_call_abs(a, fn);
    restore_kept(a);
    asm_mi(a, W32, G_CMP, RBP, OFF(stop), 0);
    asm_byte(a, 0xc3);
}

static uint64_t widen(uint64_t v)
{
    return fp_single_to_double((uint32_t)v);
}

static uint64_t narrow(uint64_t v)
{
    return fp_double_to_single(v);
}

/* xmm0 = fn(xmm0), both in integer form. */
static uint8_t *write_reformat(struct assembler *a, uint64_t (*helper)(uint64_t))
{
    uint8_t *at = a->p;
    void *fn;

    memcpy(&fn, &helper, sizeof(fn));
    save_kept(a);
    asm_rr(a, W64, 0x66000f7e, 0, RDI);
    asm_call_abs(a, fn);
    asm_rr(a, W64, 0x66000f6e, 0, RAX);
    restore_kept(a);
    asm_byte(a, 0xc3);
    return at;
}

#define TWICE(v) { (v), (v) }

static const uint64_t constants[K_COUNT][2] = {
    [K_SIGN_D] = TWICE(1ull << 63),
    [K_SIGN_S] = TWICE(0x8000000080000000ull),
    [K_ABS_D] = TWICE(~(1ull << 63)),
    [K_ABS_S] = TWICE(0x7fffffff7fffffffull),
    [K_REVERSE] = { 0x08090a0b0c0d0e0full, 0x0001020304050607ull },
    [K_ONES] = TWICE(~0ull),
    [K_31] = TWICE(0x1f1f1f1f1f1f1f1full),
    [K_15] = TWICE(0x0f0f0f0f0f0f0f0full),
    /* Added to a magnitude's high word: negative when the exponent is 7ff; when it is below 2. Singles: ff; below 2. */
    [K_D_TOO_BIG] = TWICE(0x00100000ull << 32),
    [K_D_TOO_SMALL] = TWICE(0xffe00000ull << 32),
    [K_S_TOO_BIG] = TWICE(0x0080000000800000ull),
    [K_S_TOO_SMALL] = TWICE(0xff000000ff000000ull),
    [K_EXP_D] = TWICE(0x7ff0000000000000ull),
    [K_EXP_S] = TWICE(0x7f8000007f800000ull),
    [K_WORD_COUNT] = TWICE(0x0000001f0000001full),
    [K_DOUBLE_COUNT] = TWICE(63ull),
    [K_REV_D] = { 0x0001020304050607ull, 0x08090a0b0c0d0e0full },
    [K_REV_W] = { 0x0405060700010203ull, 0x0c0d0e0f08090a0bull },
    [K_REV_H8] = { 0x09080b0a0d0c0f0eull, 0x0100030205040706ull },
    [K_HALF_COUNT] = TWICE(0x000f000f000f000full),
    [K_DIAGONAL] = TWICE(0x8040201008040201ull),
    [K_UNSHIFT_ROWS] = { 0x0b0e0104070a0d00ull, 0x0306090c0f020508ull },
    [K_REV_H] = { 0x0607040502030001ull, 0x0e0f0c0d0a0b0809ull },
};

static void write_constants(struct jit_space *s, struct assembler *a)
{
    while ((uintptr_t)a->p & 15)
        asm_byte(a, 0xcc);
    s->thunks->constants = a->p;
    for (unsigned i = 0; i < K_COUNT; i++) {
        asm_u64(a, constants[i][0]);
        asm_u64(a, constants[i][1]);
    }
}

/* Instructions of the floating-point and vector facilities whose C functions touch no GPR: all but these. */
static bool touches_gpr(const char *name)
{
    static const char *const begin[] = { "l", "st", "mfvsr", "mtvsr", "vextub", "vextuh", "vextuw", "vclzlsbb",
                                         "vctzlsbb", "xsiexpdp", "xsxexpdp", "xsxsigdp" };

    for (unsigned i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
        if (!strncmp(name, begin[i], strlen(begin[i])))
            return true;
    return false;
}

static bool row_keeps(const struct isa_row *row)
{
    return (row->flags & (ISA_FP | ISA_VEC | ISA_VSX | ISA_VSX_T | ISA_FPVEC_T)) && !(row->flags & ISA_ENDS) &&
           !touches_gpr(row->name);
}

static const struct {
    const struct emit_row *rows;
    uint8_t traits;
    bool (*usable)(void);       /* NULL: on every host */
} tables[] = {
    { emit_fixed, ROW_QUIET, NULL }, { emit_carry, ROW_CARRIES, NULL }, { emit_divide, ROW_QUIET, NULL },
    { emit_rotate, ROW_QUIET, NULL }, { emit_memory, 0, NULL },         { emit_misc, 0, NULL },
    { emit_float, 0, NULL },          { emit_float_vector, 0, NULL },   { emit_vsr_memory, 0, NULL },
    { emit_vector, 0, NULL },         { emit_permute, 0, NULL },        { emit_crypto, 0, NULL },
    { emit_avx512, 0, emit_avx512_usable },                             /* after what it replaces */
};

static bool usable(unsigned table)
{
    return !tables[table].usable || tables[table].usable();
}

enum { NAME_BUCKETS = 512 };

static unsigned name_bucket(const char *name)
{
    unsigned h = 0;

    while (*name)
        h = h * 31 + (uint8_t)*name++;
    return h % NAME_BUCKETS;
}

/* Several rows may have one name. */
static void fill_emitters(struct jit_space *s, const struct isa *isa, uint16_t *next)
{
    uint16_t first[NAME_BUCKETS] = { 0 };       /* row + 1 */

    for (size_t row = 0; row < isa_row_count(isa); row++) {
        uint16_t *head = &first[name_bucket(isa_row_at(isa, row)->name)];

        s->thunks->traits[row] = row_keeps(isa_row_at(isa, row)) ? ROW_KEEPS : 0;
        s->thunks->hint[row] = window_hint(isa_row_at(isa, row));
        next[row] = *head;
        *head = (uint16_t)(row + 1);
    }
    for (unsigned t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
        for (const struct emit_row *e = tables[t].rows; e->name && usable(t); e++)
            for (unsigned row = first[name_bucket(e->name)]; row; row = next[row - 1])
                if (!strcmp(e->name, isa_row_at(isa, row - 1)->name)) {
                    s->thunks->emit[row - 1] = e->emit;
                    s->thunks->traits[row - 1] |= tables[t].traits;
                    s->thunks->cr_role[row - 1] = (uint8_t)cr_role_of(tables[t].rows, e->name);
                }
}

static void write_wide(struct jit_space *s, struct assembler *a)
{
    bool (*load)(struct cpu *, uint64_t, uint64_t *) = load128;
    bool (*store)(struct cpu *, uint64_t, const uint64_t *) = store128;
    void *fn;

    memcpy(&fn, &load, sizeof(fn));
    write_access(s, a, fn, 16, false, &s->thunks->load[4]);
    memcpy(&fn, &store, sizeof(fn));
    write_access(s, a, fn, 16, true, &s->thunks->store[4]);
}

int host_init(struct jit_space *s, const struct isa *isa, struct error *err)
{
    static bool (*const loads[])(struct cpu *, uint64_t, uint64_t *) = { load8, load16, load32, load64 };
    static bool (*const stores[])(struct cpu *, uint64_t, uint64_t) = { store8, store16, store32, store64 };
    struct assembler a = { .p = s->cache.rw, .start = s->cache.rw, .end = s->cache.rw + JIT_THUNK_BYTES };
    uint16_t *next;
    void *fn;

    s->thunks = calloc(1, sizeof(*s->thunks));
    if (!s->thunks)
        return error_set(err, ENOMEM, "no memory for the translator");
    s->thunks->emit = calloc(isa_row_count(isa) + 1, sizeof(*s->thunks->emit));
    s->thunks->traits = calloc(isa_row_count(isa) + 1, sizeof(*s->thunks->traits));
    s->thunks->hint = calloc(isa_row_count(isa) + 1, sizeof(*s->thunks->hint));
    s->thunks->cr_role = calloc(isa_row_count(isa) + 1, sizeof(*s->thunks->cr_role));
    next = calloc(isa_row_count(isa) + 1, sizeof(*next));
    if (!s->thunks->emit || !s->thunks->traits || !s->thunks->hint || !s->thunks->cr_role || !next) {
        free(next);
        return error_set(err, ENOMEM, "no memory for the translator");
    }
    fill_emitters(s, isa, next);
    free(next);
    write_enter(s, &a);
    write_leave(s, &a);
    write_stopped(s, &a);
    write_fault(s, &a);
    for (unsigned i = 0; i < 16; i++)
        s->thunks->cr_field[i / 8][i % 8] = cr_write_thunk(&a, i % 8, i / 8);
    for (unsigned i = 0; i < 4; i++) {
        memcpy(&fn, &loads[i], sizeof(fn));
        write_access(s, &a, fn, 1u << i, false, &s->thunks->load[i]);
        memcpy(&fn, &stores[i], sizeof(fn));
        write_access(s, &a, fn, 1u << i, true, &s->thunks->store[i]);
    }
    write_wide(s, &a);
    write_call_kept(s, &a);
    s->thunks->widen = write_reformat(&a, widen);
    s->thunks->narrow = write_reformat(&a, narrow);
    write_constants(s, &a);
    assert(!a.full);
    return 0;
}

void host_fini(struct jit_space *s)
{
    if (s->thunks) {
        free(s->thunks->emit);
        free(s->thunks->traits);
        free(s->thunks->hint);
        free(s->thunks->cr_role);
    }
    free(s->thunks);
    s->thunks = NULL;
}

const uint8_t *host_enter(struct jit *j, const uint8_t *code)
{
    struct cpu *c = j->cpu;
    const uint8_t *way;

    fp_update_fast(c);
    way = j->thunks->enter(c, &c->tlb->set[c->dmode], code);
    fp_settle(c);
    return way;
}
