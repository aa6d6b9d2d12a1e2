/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/engine.c - a machine of one processor for the instruction tests. */
#include "engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/rcu.h"
#include "cpu/block.h"
#include "cpu/jit/jit.h"
#include "cpu/run.h"
#include "mem/mem_map.h"
#include "mem/ram_window.h"
#include "result.h"

#define RA_DATA ENGINE_DATA_RA
#define RA_CODE 0x30000ull
#define RELOCATED 0xC000000000003000ull     /* scv, then the vectors, under AIL 3 */
#define WINDOW_BYTES (128ull << 20)
#define HPT_SHIFT 18
#define VSID 0x1234ull
#define HCALL 0x44000022u       /* sc 1 */

struct engine {
    struct cpu cpu;
    struct ram_window *window;
    struct mem_map *map;
    struct cpu_hpt hpt;
    struct isa *isa;
    uint8_t *ram;
    bool code_is_big;
    _Atomic uint64_t *second_page;      /* of the data: its entry */
};

/* A thread is a reader of the memory map while it has engines. */
static _Thread_local unsigned engines_here;

static uint64_t no_time(void *opaque)
{
    (void)opaque;
    return 0;
}

static uint64_t vsid_of(uint64_t addr)
{
    return VSID + (addr >> 28 & 0xffffff);
}

/* What a page's entry begins with. */
static uint64_t hpte_v(uint64_t page_ea, unsigned shift)
{
    return (vsid_of(page_ea) << 28 | (page_ea & 0xfffffff)) >> 23 << 7 | (shift > 12 ? 5 : 1);
}

static _Atomic uint64_t *group_of(struct engine *e, uint64_t page_ea, unsigned shift)
{
    uint64_t hash = vsid_of(page_ea) ^ (page_ea & 0xfffffff) >> shift, mask = (1ull << (e->hpt.shift - 7)) - 1;

    return e->hpt.e + (hash & mask) * 16;
}

/* The group's slots are taken in order. Returns the page's entry. */
static _Atomic uint64_t *add_page(struct engine *e, uint64_t page_ea, uint64_t page_ra, unsigned shift)
{
    _Atomic uint64_t *slot = group_of(e, page_ea, shift);

    while (slot[0])
        slot += 2;
    slot[1] = page_ra | (shift == 16 ? 0x1000 : 0) | 0x190 | 2;     /* size; R, C, M; read and write */
    slot[0] = hpte_v(page_ea, shift);
    return slot;
}

void engine_segment(struct engine *e, unsigned slot, uint64_t ea, unsigned shift)
{
    e->cpu.slb[slot].esid = (ea & ~0xfffffffull) | SLB_ESID_V;
    e->cpu.slb[slot].vsid = vsid_of(ea) << 12 | (shift == 12 ? 0 : shift == 16 ? 0x110 : 0x100);
}

void engine_map(struct engine *e, uint64_t ea, uint64_t page_ra, unsigned shift)
{
    add_page(e, ea, page_ra, shift);
}

void engine_map_read_only(struct engine *e, uint64_t ea, uint64_t page_ra, unsigned shift)
{
    add_page(e, ea, page_ra, shift)[1] |= 1;
}

void engine_unmap(struct engine *e, uint64_t ea)
{
    _Atomic uint64_t *slot = group_of(e, ea, 12);
    uint64_t v = hpte_v(ea, 12), r;

    while (slot[0] != v)
        slot += 2;
    r = slot[1];
    slot[0] = 0;
    cpu_tlb_flush_hpte(&e->cpu, v, r, (uint64_t)(slot - e->hpt.e) / 2);
}

static void put32(struct engine *e, uint64_t at, uint32_t word, bool big)
{
    word = big ? __builtin_bswap32(word) : word;
    memcpy(e->ram + at, &word, 4);
}

static void fill_code(struct engine *e, bool big)
{
    for (uint64_t at = 0; at < WIRE_PAGE; at += 4)
        put32(e, RA_CODE + at, WIRE_TRAP, big);
    e->code_is_big = big;
    cpu_code_written(&e->cpu, ra(RA_CODE), WIRE_PAGE);
}

static int build(struct engine *e, enum isa_level level, enum cpu_engine kind, struct error *err)
{
    struct cpu_config cfg = { .level = level, .timebase = no_time, .engine = kind };
    int rc;

    e->isa = isa_new(level);
    e->map = mem_map_new();
    e->window = ram_window_new(WINDOW_BYTES, err);
    e->hpt.shift = HPT_SHIFT;
    e->hpt.e = calloc(1, 1ull << HPT_SHIFT);
    if (!e->isa || !e->map || !e->window || !e->hpt.e)
        return -ENOMEM;
    rc = mem_map_add_ram(e->map, e->window, ra(0), ENGINE_RAM_BYTES, err);
    if (rc)
        return rc;
    e->ram = ram_window_base(e->window);
    cfg.map = e->map;
    rc = cpu_init(&e->cpu, &cfg, err);
    if (rc)
        return rc;
    for (uint64_t v = 0; v < 0x1000; v += 4)
        put32(e, v, HCALL, false);
    for (uint64_t v = 0x17000; v < 0x18000; v += 4)
        put32(e, v, HCALL, false);
    add_page(e, WIRE_DATA, RA_DATA, 12);
    e->second_page = add_page(e, WIRE_DATA + WIRE_PAGE, RA_DATA + WIRE_PAGE, 12);
    add_page(e, WIRE_CODE, RA_CODE, 12);
    add_page(e, RELOCATED, 0x17000, 12);
    add_page(e, RELOCATED + WIRE_PAGE, 0, 12);
    cpu_reset(&e->cpu);
    cpu_set_hpt(&e->cpu, &e->hpt);
    cpu_set_ile(&e->cpu, true);
    engine_segment(e, 0, WIRE_CODE, 12);
    engine_segment(e, 1, WIRE_DATA, 12);
    engine_segment(e, 2, RELOCATED, 12);
    fill_code(e, false);
    return 0;
}

struct engine *engine_new_kind(enum isa_level level, enum cpu_engine kind, struct error *err)
{
    struct engine *e = calloc(1, sizeof(*e));

    if (!e)
        return NULL;
    if (!engines_here++)
        rcu_register_thread();
    if (build(e, level, kind, err)) {
        engine_free(e);
        return NULL;
    }
    return e;
}

struct engine *engine_new(enum isa_level level, struct error *err)
{
    return engine_new_kind(level, CPU_ENGINE_INTERP, err);
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    if (e->cpu.tlb)
        cpu_fini(&e->cpu);
    if (e->map)
        mem_map_free(e->map);
    if (e->window)
        ram_window_free(e->window);
    isa_free(e->isa);
    free((void *)e->hpt.e);
    free(e);
    if (!--engines_here)
        rcu_unregister_thread();
}

const struct isa *engine_isa(const struct engine *e)
{
    return e->isa;
}

struct cpu *engine_cpu(struct engine *e)
{
    return &e->cpu;
}

void engine_load(struct engine *e, const struct wire_state *s)
{
    struct cpu *c = &e->cpu;

    memcpy(c->gpr, s->gpr, sizeof(c->gpr));
    for (unsigned i = 0; i < 64; i++) {
        VSR_D(c->vsr[i], 0) = s->vsr[i][0];
        VSR_D(c->vsr[i], 1) = s->vsr[i][1];
    }
    cpu_set_cr(c, (uint32_t)s->cr, 0xff);
    cpu_set_xer(c, s->xer);
    c->lr = s->lr;
    c->ctr = s->ctr;
    c->spr[SPR_TAR] = s->tar;
    c->spr[SPR_VRSAVE] = s->vrsave;
    c->spr[SPR_FSCR] = 1ull << 8 | 1ull << 2;
    c->fpscr = s->fpscr;
    c->vscr = (uint32_t)s->vscr;
    c->res_size = 0;
    memcpy(e->ram + RA_DATA + WIRE_WINDOW0, s->mem[0], WIRE_WINDOW);
    memcpy(e->ram + RA_DATA + WIRE_WINDOW1, s->mem[1], WIRE_WINDOW);
}

void engine_store(struct engine *e, struct wire_state *s)
{
    const struct cpu *c = &e->cpu;

    memcpy(s->gpr, c->gpr, sizeof(c->gpr));
    for (unsigned i = 0; i < 64; i++) {
        s->vsr[i][0] = VSR_D(c->vsr[i], 0);
        s->vsr[i][1] = VSR_D(c->vsr[i], 1);
    }
    s->cr = cpu_cr(c);
    s->xer = cpu_xer(c);
    s->lr = c->lr;
    s->ctr = c->ctr;
    s->tar = c->spr[SPR_TAR];
    s->vrsave = c->spr[SPR_VRSAVE];
    s->fpscr = c->fpscr;
    s->vscr = c->vscr;
    memcpy(s->mem[0], e->ram + RA_DATA + WIRE_WINDOW0, WIRE_WINDOW);
    memcpy(s->mem[1], e->ram + RA_DATA + WIRE_WINDOW1, WIRE_WINDOW);
}

static enum outcome program_outcome(uint64_t srr1, bool at_words)
{
    if (srr1 & PROGRAM_TRAP)
        return at_words ? OUTCOME_TRAP : OUTCOME_DONE;
    if (srr1 & PROGRAM_FP)
        return OUTCOME_FP;
    return srr1 & PROGRAM_PRIVILEGED ? OUTCOME_PRIVILEGED : OUTCOME_ILLEGAL;
}

static enum outcome outcome_of(const struct cpu *c, uint64_t vector, const struct wire_state *s)
{
    bool at_words = s->nip >= WIRE_START && s->nip < WIRE_START + 4 * s->n_words;

    switch (vector) {
    case VEC_PROGRAM:
        return program_outcome(c->spr[SPR_SRR1], at_words);
    case VEC_DSI:
    case VEC_DSEG:
        return OUTCOME_STORAGE;
    case VEC_ISI:
    case VEC_ISEG:
        return OUTCOME_DONE;                            /* went somewhere where there is nothing */
    case VEC_ALIGNMENT:
        return OUTCOME_ALIGNMENT;
    case VEC_FP_UNAVAILABLE:
    case VEC_VMX_UNAVAILABLE:
    case VEC_VSX_UNAVAILABLE:
    case VEC_FACILITY:
        return OUTCOME_UNAVAILABLE;
    default:
        return OUTCOME_OTHER;
    }
}

static void put_code(struct engine *e, const struct wire_state *s)
{
    bool big = s->flags & WIRE_BIG_ENDIAN;

    if (big != e->code_is_big)
        fill_code(e, big);
    for (unsigned i = 0; i < WIRE_WORDS; i++)
        put32(e, RA_CODE + (WIRE_START - WIRE_CODE) + 4 * i, i < s->n_words ? (uint32_t)s->word[i] : WIRE_TRAP, big);
    cpu_code_written(&e->cpu, ra(RA_CODE + (WIRE_START - WIRE_CODE)), 4 * WIRE_WORDS);
}

/* The case's block is translated at its first start. */
static void make_hot(struct engine *e)
{
    struct block *b = block_get(&e->cpu, e->ram + RA_CODE + (WIRE_START - WIRE_CODE));

    b->heat = JIT_HOT - 1;
}

void engine_run(struct engine *e, const struct wire_state *in, struct wire_state *out)
{
    struct cpu *c = &e->cpu;
    enum cpu_exit why;

    put_code(e, in);
    engine_load(e, in);
    cpu_set_msr(c, MSR_SF | MSR_VEC | MSR_VSX | MSR_PR | MSR_EE | MSR_FP | MSR_ME | MSR_FE0 | MSR_FE1 | MSR_IR |
                       MSR_DR | MSR_RI | (in->flags & WIRE_BIG_ENDIAN ? 0 : MSR_LE));
    c->nip = WIRE_START;
    if (c->jit)
        make_hot(e);
    why = cpu_run(c);
    *out = *in;
    engine_store(e, out);
    out->nip = c->spr[SPR_SRR0];
    out->sig_code = 0;
    out->sig = why == CPU_EXIT_HCALL ? outcome_of(c, c->nip - 4, out) : OUTCOME_OTHER;
}

uint64_t engine_step(struct engine *e, uint64_t msr, uint32_t word)
{
    struct cpu *c = &e->cpu;
    bool big = !(msr & MSR_LE);

    put32(e, ENGINE_RA, word, big);
    put32(e, ENGINE_RA + 4, HCALL, big);
    e->code_is_big = !e->code_is_big;                   /* the page is to be filled anew for a case */
    cpu_code_written(c, ra(ENGINE_RA), 8);
    cpu_set_msr(c, msr);
    c->nip = c->msr & MSR_IR ? ENGINE_EA : ENGINE_RA;
    cpu_run(c);
    return c->nip - 4;
}

void engine_second_page(struct engine *e, enum engine_page state)
{
    e->second_page[0] = (e->second_page[0] & ~1ull) | (state != ENGINE_PAGE_ABSENT);
    e->second_page[1] = (e->second_page[1] & ~3ull) | (state == ENGINE_PAGE_WRITABLE ? 2 : 3);
    cpu_tlb_flush_all(&e->cpu);
}

uint8_t *engine_ram(struct engine *e)
{
    return e->ram;
}

int engine_add_ram(struct engine *e, uint64_t start, uint64_t bytes, struct error *err)
{
    return mem_map_add_ram(e->map, e->window, ra(start), bytes, err);
}

bool engine_stored_outside(struct engine *e)
{
    static const uint64_t zero[WIRE_DATA_BYTES / 8];
    uint8_t *d = e->ram + RA_DATA;
    bool bad;

    memset(d + WIRE_WINDOW0, 0, WIRE_WINDOW);
    memset(d + WIRE_WINDOW1, 0, WIRE_WINDOW);
    bad = memcmp(d, zero, WIRE_DATA_BYTES) != 0;
    memset(d, 0, WIRE_DATA_BYTES);
    return bad;
}
