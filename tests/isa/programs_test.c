/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/programs_test.c - random programs end alike in the interpreter and in translated code.
 *
 * A program is a loop of up to 40 instructions of almost any rows, with forward branches and returns, over registers
 * that point into the data windows: in problem or privileged state, translated or not, of either endianness, with
 * exceptions of floating point enabled, facilities taken away, a watchpoint, a second page that refuses. It ends
 * when the loop's count runs out, or in whatever interrupt comes first. It may lie across two pages of code, change
 * its MSR, return from interrupts that never were, move its data to other pages by the SLB, store into itself and
 * synchronise. Two machines run it, one of each engine;
 * everything a program can see must be equal, the count of instructions too. In some, the decrementer interrupts
 * translated code every few instructions and the program goes on from there: it must end as if nothing had happened.
 * A program that differs is cut down to the instructions that matter and printed.
 *
 * PROGRAMS: how many (3000 when not set); SEED: another sequence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/block.h"
#include "cpu/disasm.h"
#include "cpu/jit/jit.h"
#include "cpu/operand.h"
#include "engine.h"
#include "result.h"
#include "values.h"

enum { MAX_WORDS = 40, PLACED_WORDS = 64, NOP = 0x60000000, ISYNC = 0x4c00012c, TIMES = 6, ENOUGH = 3000,
       MAX_ROWS = 2048, MAX_PATCHES = 3, OTHER_SLOT = 9 };
/* What registers hold for good: MSR, the data segment's SLB entry and its two VSIDs, words to store, the program's
 * first page (or another address of it), an index, data. */
enum { NEW_MSR = 19, ESID, VSID, OTHER_VSID, PATCHES, CODE = PATCHES + MAX_PATCHES, INDEX, POINTERS };
_Static_assert(POINTERS == 28, "r28 to r31");
#define CODE_RA (ENGINE_RA & ~(WIRE_PAGE - 1))
#define SECOND_CODE_RA 0x38000ull               /* what is behind WIRE_CODE's page */
#define CODE_ALIAS (WIRE_CODE + 0x40000)        /* the same two pages */
#define OTHER_DATA (WIRE_DATA + 0x10000000)     /* a segment with the pages of data, in the other order */

static const uint16_t seen_sprs[] = { SPR_SRR0, SPR_SRR1, SPR_DAR, SPR_DSISR, SPR_FSCR, SPR_TAR, SPR_DSCR, SPR_SPRG0,
                                      SPR_SPRG1, SPR_SPRG2, SPR_SPRG3 };
enum { SEEN_SPRS = sizeof(seen_sprs) / sizeof(seen_sprs[0]) };

/* A store into the program, then isync. */
struct patch {
    unsigned at, slot, words;           /* words: 1 or 2 */
    uint32_t word[2];
};

struct program {
    unsigned n, n_patches;
    struct patch patch[MAX_PATCHES];
    uint64_t patches_at;                /* what r26 holds */
    uint64_t srr0, srr1, fscr;
    bool no_second_code;
    bool all_hot;                       /* each block is translated when it starts, not only the loop's */
    unsigned warm;                      /* how often it is interpreted before that */
    uint32_t word[MAX_WORDS + 1];       /* the last one is bdnz to the first */
    uint64_t msr, base;                 /* base: address of the first */
    uint64_t dawr, dawrx;
    enum engine_page second_page;
    unsigned pause;                     /* translated code is interrupted every so many instructions, about; 0: never */
    struct wire_state in;
};

struct machine {
    struct engine *e;
    uint8_t *clean;                     /* its memory before any program */
    struct slb_entry slb[SLB_ENTRIES];
    uint64_t other_vsid;
    bool no_second_code;
    bool scribbled;                     /* by the last program, whose data may have been anywhere, or its code */
    uint64_t start;                     /* instructions when the run began */
};

struct machines {
    struct machine interp, jit;
    struct rng r;
    uint32_t placed[MAX_ROWS];          /* how often programs had each row */
    uint64_t pauses, endless, undefined;
};

/* What is compared beyond the user's registers. */
struct ending {
    struct wire_state user;
    uint64_t nip, msr, insns, spr[SEEN_SPRS];
    bool endless;
};

/* Time stands still; a loop without end is left here. */
static uint64_t clock_that_kicks(void *opaque)
{
    struct machine *m = opaque;
    struct cpu *c = engine_cpu(m->e);

    if (c->insns - m->start > ENOUGH)
        cpu_kick(c);
    return 1;
}

static bool start_machine(struct machine *m, enum cpu_engine kind)
{
    m->e = engine_new_kind(ISA_LEVEL_3_00, kind, NULL);
    m->clean = malloc(ENGINE_RAM_BYTES);
    if (!m->e || !m->clean)
        return false;
    memcpy(m->clean, engine_ram(m->e), ENGINE_RAM_BYTES);
    engine_map(m->e, WIRE_CODE + WIRE_PAGE, SECOND_CODE_RA, 12);
    engine_map(m->e, CODE_ALIAS, CODE_RA, 12);
    engine_map(m->e, CODE_ALIAS + WIRE_PAGE, SECOND_CODE_RA, 12);
    engine_map(m->e, OTHER_DATA, ENGINE_DATA_RA + WIRE_PAGE, 12);
    engine_map(m->e, OTHER_DATA + WIRE_PAGE, ENGINE_DATA_RA, 12);
    engine_segment(m->e, OTHER_SLOT, OTHER_DATA, 12);
    m->other_vsid = engine_cpu(m->e)->slb[OTHER_SLOT].vsid;
    engine_cpu(m->e)->slb[OTHER_SLOT] = (struct slb_entry){ 0 };
    memcpy(m->slb, engine_cpu(m->e)->slb, sizeof(m->slb));
    engine_cpu(m->e)->timebase = clock_that_kicks;
    engine_cpu(m->e)->timebase_opaque = m;
    return true;
}

static int setup(void **state)
{
    static struct machines m;
    const char *seed = getenv("SEED");

    m.r.state = seed ? strtoull(seed, NULL, 0) : 1;
    *state = &m;
    return start_machine(&m.interp, CPU_ENGINE_INTERP) && start_machine(&m.jit, CPU_ENGINE_JIT) ? 0 : -1;
}

static int teardown(void **state)
{
    struct machines *m = *state;

    engine_free(m->jit.e);
    engine_free(m->interp.e);
    free(m->jit.clean);
    free(m->interp.clean);
    return 0;
}

/* ---- programs ---- */

static bool named(const struct isa_row *row, const char *const *names)
{
    for (; *names; names++)
        if (!strcmp(row->name, *names))
            return true;
    return false;
}

/* One in how many of a row's draws are taken; 0: none. */
static unsigned rarity(const struct isa_row *row, const struct program *p, unsigned at)
{
    static const char *const never[] = { "darn", "mftb", NULL };        /* chance, time */
    /* leave the program for good, as a rule */
    static const char *const traps[] = { "td", "tw", "tdi", "twi", "sc", "scv", "rfscv", "rfebb", "bctr", "btctr",
                                         "bfctr", "slbia", NULL };
    static const char *const big[] = { "lmw", "stmw", "lswi", "lswx", "stswi", "stswx", NULL };
    static const char *const aligned[] = { "lq", "stq", "lqarx", "stqcx.", "lfdp", "lfdpx", "stfdp", "stfdpx", "lwat",
                                           "ldat", "stwat", "stdat", NULL };

    if (named(row, never))
        return 0;
    if (!strcmp(row->name, "rfid") && (at >= (p->srr0 - p->base) / 4))
        return 0;                                       /* only ahead */
    if (row->flags & (ISA_HV | ISA_TM) || ((row->flags & ISA_PRIV) && (p->msr & MSR_PR)) || named(row, traps))
        return 16;
    if (named(row, big))
        return p->msr & MSR_LE ? 16 : 1;
    return named(row, aligned) ? 4 : 1;
}

static bool is_branch(uint32_t word)
{
    return word >> 26 == 16 || word >> 26 == 18;
}

static bool is_memory(const struct isa_row *row)
{
    const char *n = row->name;

    return row_bits_width(row->bits, 'a') &&
           (n[0] == 'l' || !strncmp(n, "st", 2) || !strncmp(n, "dcb", 3) || !strncmp(n, "icb", 3));
}

/* What is in r19 to r31 stays there; everything else works in the registers below. */
static uint32_t place_registers(struct machines *m, const struct isa_row *row, uint32_t w)
{
    bool memory = is_memory(row);

    if (row_bits_get(row->bits, 't', w) >= NEW_MSR)
        w = row_bits_put(row->bits, 't', w, row_bits_get(row->bits, 't', w) - 16);
    if (memory)
        w = row_bits_put(row->bits, 'a', w, POINTERS + rng_below(&m->r, 4));
    else if (row_bits_get(row->bits, 'a', w) >= NEW_MSR)
        w = row_bits_put(row->bits, 'a', w, row_bits_get(row->bits, 'a', w) - 16);
    if (memory && row_bits_width(row->bits, 'b'))
        w = row_bits_put(row->bits, 'b', w, INDEX);
    if (memory && row_bits_width(row->bits, 'd')) {
        unsigned width = row_bits_width(row->bits, 'd'), low = row_bits_low(row->bits, 'd');

        w = row_bits_put(row->bits, 'd', w, (uint32_t)((int)rng_below(&m->r, 128) - 64) >> low & ((1u << width) - 1));
    }
    return w;
}

/* Branches go a few instructions ahead, relative; few touch the count, which is the loop's. */
static uint32_t place_branch(struct machines *m, unsigned at, unsigned n, uint32_t w)
{
    unsigned ahead = 1 + rng_below(&m->r, n - at < 6 ? n - at : 6);

    if (w >> 26 == 18)
        return 18u << 26 | ahead << 2 | (w & 1);
    if (!rng_once_in(&m->r, 8))
        w |= 4u << 21;
    return (w & 0xffff0001) | ahead << 2;
}

/* Registers of the system that are the program's own: those of problem state first. */
static uint32_t place_spr(struct machines *m, const struct program *p, uint32_t w)
{
    static const uint16_t sprs[] = { 1, 3, 8, 256, 815, 259, SPR_SPRG0, SPR_SPRG1, SPR_SPRG2, SPR_SPRG3, SPR_DAR,
                                     SPR_DSISR };
    unsigned n = sizeof(sprs) / sizeof(sprs[0]);
    uint32_t spr = sprs[rng_below(&m->r, (p->msr & MSR_PR) && !rng_once_in(&m->r, 8) ? 5 : n)];

    return (w & ~0x1ff800u) | (spr & 31) << 16 | spr >> 5 << 11;
}

static uint32_t place(struct machines *m, const struct program *p, const struct isa_row *row, unsigned at, uint32_t w)
{
    if (is_branch(w))
        return place_branch(m, at, p->n, w);
    if (w >> 26 == 19 && (row->flags & ISA_ENDS))
        return w | (rng_once_in(&m->r, 8) ? 0 : 4u << 21);      /* LR and TAR begin as addresses of the program */
    if (!strcmp(row->name, "mtmsr") || !strcmp(row->name, "mtmsrd")) {
        w = row_bits_put(row->bits, 't', w, NEW_MSR);
        return row_bits_put(row->bits, 'n', w, !rng_once_in(&m->r, 4));         /* 1: EE and RI only */
    }
    if (!strcmp(row->name, "slbmte")) {
        w = row_bits_put(row->bits, 'b', w, ESID);
        return row_bits_put(row->bits, 't', w, VSID + rng_below(&m->r, 2));
    }
    if (!strcmp(row->name, "slbie"))
        return row_bits_put(row->bits, 'b', w, rng_once_in(&m->r, 8) ? CODE : POINTERS);
    if (!strcmp(row->name, "sc"))
        return row_bits_put(row->bits, 'n', w, 0);
    if (!strcmp(row->name, "mfspr") || !strcmp(row->name, "mtspr"))
        w = place_spr(m, p, w);
    return place_registers(m, row, w);
}

static uint32_t make_word(struct machines *m, const struct program *p, unsigned at)
{
    const struct isa *isa = engine_isa(m->interp.e);

    for (;;) {
        unsigned number = rng_below(&m->r, (unsigned)isa_row_count(isa)), rare;
        const struct isa_row *row = isa_row_at(isa, number);
        uint32_t mask, w;

        row_bits_fixed(row->bits, &mask, &w);
        rare = rarity(row, p, at);
        /* two thirds: the integer instructions that programs are made of */
        if (!rare || !rng_once_in(&m->r, rare) || (w >> 26 != 31 && w >> 26 > 35 && rng_once_in(&m->r, 2)) ||
            (w >> 26 == 4 && !rng_once_in(&m->r, 3)))
            continue;
        for (const char *l = "tabcTABCiudsSmMenpqorlk"; *l; l++)
            w = row_bits_put(row->bits, *l, w, (uint32_t)rng_next(&m->r));
        m->placed[number]++;
        return place(m, p, row, at, w);
    }
}

/* Facilities, exceptions, interrupts, problem state; seldom, what makes no sense here. */
static uint64_t vary_msr(struct machines *m, uint64_t msr)
{
    static const uint64_t often[] = { MSR_FP, MSR_VEC, MSR_VSX, MSR_EE, MSR_FE0, MSR_FE1 };

    for (unsigned i = 0; i < sizeof(often) / sizeof(often[0]); i++)
        if (rng_once_in(&m->r, 8))
            msr ^= often[i];
    if (rng_once_in(&m->r, 4) && (msr & MSR_DR))
        msr |= MSR_PR | MSR_EE;
    if (rng_once_in(&m->r, 16))
        msr ^= 1ull << (rng_once_in(&m->r, 2) ? 63 : 4 + rng_below(&m->r, 7));  /* SF; DR, IR and their neighbours */
    return msr;
}

/* Two words as one doubleword of the program's byte order, the first one first in memory. */
static uint64_t pair(const struct program *p, const uint32_t *w)
{
    return p->msr & MSR_LE ? (uint64_t)w[1] << 32 | w[0] : (uint64_t)w[0] << 32 | w[1];
}

static bool taken(const struct program *p, unsigned i)
{
    for (unsigned k = 0; k < p->n_patches; k++)
        if (i - p->patch[k].at < 2)
            return true;
    return false;
}

/* Stores of instructions over others of the program, each followed by isync, which nothing is stored over. */
static void make_patches(struct machines *m, struct program *p)
{
    unsigned wanted = 1 + rng_below(&m->r, MAX_PATCHES);

    p->patches_at = p->base & ~(WIRE_PAGE - 1);
    if (!(p->msr & MSR_IR))
        p->patches_at |= p->msr & MSR_SF && rng_once_in(&m->r, 2) ? 0xcull << 60 : 0;
    else if (rng_once_in(&m->r, 2))
        p->patches_at += CODE_ALIAS - WIRE_CODE;
    while (p->n_patches < wanted) {
        unsigned at = rng_below(&m->r, p->n - 1);

        if (!taken(p, at) && !taken(p, at + 1))
            p->patch[p->n_patches++].at = at;
    }
    for (unsigned k = 0; k < p->n_patches; k++) {
        struct patch *x = &p->patch[k];

        do
            x->slot = k && rng_once_in(&m->r, 2) ? p->patch[0].slot : rng_below(&m->r, p->n);
        while (taken(p, x->slot));
        x->words = 1 + (x->slot + 1 < p->n && !taken(p, x->slot + 1) && rng_once_in(&m->r, 3));
        for (unsigned i = 0; i < x->words; i++)
            x->word[i] = make_word(m, p, x->slot + i);
        p->word[x->at] = (x->words == 1 ? 36u : 62u) << 26 | (PATCHES + k) << 21 | CODE << 16 |
                         (uint16_t)((p->base & (WIRE_PAGE - 1)) + 4 * x->slot);
        p->word[x->at + 1] = ISYNC;
    }
}

static void make_state(struct machines *m, const struct program *p, struct wire_state *s)
{
    uint64_t data = p->msr & MSR_DR ? WIRE_DATA : ENGINE_DATA_RA;

    memset(s, 0, sizeof(*s));
    for (unsigned i = 0; i < NEW_MSR; i++)
        s->gpr[i] = value_int(&m->r, 64);
    s->gpr[NEW_MSR] = vary_msr(m, p->msr);
    s->gpr[ESID] = m->interp.slb[1].esid | 1;
    s->gpr[VSID] = m->interp.slb[1].vsid;
    s->gpr[OTHER_VSID] = m->interp.other_vsid;
    for (unsigned i = 0; i < p->n_patches; i++)
        s->gpr[PATCHES + i] = p->patch[i].words == 1 ? p->patch[i].word[0] : pair(p, p->patch[i].word);
    s->gpr[CODE] = p->patches_at;
    s->gpr[INDEX] = 8 * rng_below(&m->r, 8);
    for (unsigned i = POINTERS; i < 32; i++) {
        uint64_t mask = rng_once_in(&m->r, 2) ? ~15ull : ~0ull;

        s->gpr[i] = data + WIRE_PAGE - 64 + (rng_below(&m->r, 128) & mask);
    }
    for (unsigned i = 0; i < 64; i++)
        value_vsr(&m->r, (enum value_kind)rng_below(&m->r, VALUE_KINDS), s->vsr[i]);
    s->cr = rng_next(&m->r) & 0xffffffff;
    s->xer = rng_next(&m->r) & 0xE00C0007;
    s->ctr = 1 + rng_below(&m->r, p->n_patches || p->all_hot ? ENOUGH / 2 / p->n : TIMES);
    s->lr = p->base + 4ull * rng_below(&m->r, p->n);
    s->tar = p->base + 4ull * rng_below(&m->r, p->n);
    s->fpscr = rng_next(&m->r) & 3;
    if (rng_once_in(&m->r, 4))
        s->fpscr |= rng_next(&m->r) & 0xf8;
    s->vscr = rng_next(&m->r) & (VSCR_NJ | VSCR_SAT);
    for (unsigned i = 0; i < WIRE_WINDOW; i++)
        s->mem[0][i] = (uint8_t)rng_next(&m->r);
}

static uint64_t make_msr(struct machines *m)
{
    static const uint64_t facilities[] = { MSR_FP, MSR_VEC, MSR_VSX };
    static const uint64_t kinds[] = { MSR_SF | MSR_PR | MSR_EE | MSR_IR | MSR_DR, MSR_SF | MSR_EE | MSR_IR | MSR_DR,
                                      MSR_SF | MSR_EE, MSR_EE };
    unsigned kind = rng_below(&m->r, 8);
    uint64_t msr = MSR_ME | MSR_RI | kinds[kind < 4 ? 0 : kind < 6 ? 1 : kind - 4];

    if (!rng_once_in(&m->r, 6))
        msr |= MSR_LE;
    if (rng_once_in(&m->r, 3))
        msr |= rng_next(&m->r) & (MSR_FE0 | MSR_FE1);
    for (unsigned i = 0; i < 3; i++)
        if (!rng_once_in(&m->r, 16))
            msr |= facilities[i];
    return msr;
}

/* A few doublewords around the pointers, in the state the program runs in. */
static void make_watchpoint(struct machines *m, struct program *p)
{
    bool translate = p->msr & MSR_DR;

    p->dawr = (translate ? WIRE_DATA : ENGINE_DATA_RA) + WIRE_PAGE - 128 + rng_below(&m->r, 256);
    p->dawrx = (rng_below(&m->r, 3) + 1) << 5 | (translate ? 0x10 : 0) | (p->msr & MSR_PR ? 1 : 2);
    p->dawrx |= rng_below(&m->r, 4) << 10;
}

static void make_program(struct machines *m, struct program *p)
{
    bool patched = rng_once_in(&m->r, 6);

    memset(p, 0, sizeof(*p));
    p->n = patched ? 10 + rng_below(&m->r, 10) : 4 + rng_below(&m->r, MAX_WORDS - 4);
    p->msr = make_msr(m);
    p->base = p->msr & MSR_IR ? WIRE_CODE : CODE_RA;
    if (rng_once_in(&m->r, 4)) {
        p->base += WIRE_PAGE - 4 * (1 + rng_below(&m->r, p->n));
        p->no_second_code = rng_once_in(&m->r, 16);
    }
    p->srr0 = p->base + 4ull * (p->n / 2 + rng_below(&m->r, p->n - p->n / 2 + 1));
    p->srr1 = vary_msr(m, p->msr);
    p->fscr = 1ull << 8 | 1ull << 2 | (uint64_t)rng_once_in(&m->r, 2) << 12;
    for (unsigned i = 0; i < p->n; i++)
        p->word[i] = make_word(m, p, i);
    p->word[p->n] = 16u << 26 | 16u << 21 | ((0u - 4 * p->n) & 0xfffc);
    if (patched)
        make_patches(m, p);
    p->all_hot = rng_once_in(&m->r, 3);
    p->warm = p->all_hot && rng_once_in(&m->r, 2) ? 5 : 0;     /* so that indirect branches have gone somewhere */
    make_state(m, p, &p->in);
    if (rng_once_in(&m->r, 8))
        make_watchpoint(m, p);
    p->second_page = rng_once_in(&m->r, 8) ? (enum engine_page)rng_below(&m->r, 2) : ENGINE_PAGE_WRITABLE;
    if (rng_once_in(&m->r, 4))
        p->pause = 1 + rng_below(&m->r, 60);
}

/* ---- running ---- */

static uint32_t in_memory(const struct program *p, unsigned i)
{
    uint32_t w = i <= p->n ? p->word[i] : WIRE_TRAP;

    return p->msr & MSR_LE ? w : __builtin_bswap32(w);
}

/* Where the word is in memory. */
static uint8_t *place_of(const struct machine *m, const struct program *p, unsigned i)
{
    uint64_t off = (p->base & (WIRE_PAGE - 1)) + 4 * i;
    bool second = off >= WIRE_PAGE && (p->msr & MSR_IR);

    return engine_ram(m->e) + off + (second ? SECOND_CODE_RA - WIRE_PAGE : CODE_RA);
}

static void put_program(struct machine *m, const struct program *p)
{
    uint8_t *ram = engine_ram(m->e);

    if (m->scribbled) {
        memcpy(ram, m->clean, ENGINE_RAM_BYTES);
        cpu_code_written(engine_cpu(m->e), ra(0), ENGINE_RAM_BYTES);
    }

    m->scribbled = p->n_patches || !(p->msr & p->srr1 & p->in.gpr[NEW_MSR] & MSR_DR);
    for (unsigned i = 0; i < PLACED_WORDS; i++) {
        uint32_t w = in_memory(p, i);

        memcpy(place_of(m, p, i), &w, 4);
        cpu_code_written(engine_cpu(m->e), ra((uint64_t)(place_of(m, p, i) - ram)), 4);
    }
    if (p->no_second_code != m->no_second_code) {
        if (p->no_second_code)
            engine_unmap(m->e, WIRE_CODE + WIRE_PAGE);
        else
            engine_map(m->e, WIRE_CODE + WIRE_PAGE, SECOND_CODE_RA, 12);
        m->no_second_code = p->no_second_code;
    }
}

static void put_state(struct machine *m, const struct program *p)
{
    struct engine *e = m->e;
    struct cpu *c = engine_cpu(e);

    memset(engine_ram(e) + ENGINE_DATA_RA, 0, WIRE_DATA_BYTES);
    for (unsigned i = 0; i < SEEN_SPRS; i++)
        c->spr[seen_sprs[i]] = 0;
    engine_load(e, &p->in);
    memcpy(c->slb, m->slb, sizeof(c->slb));
    engine_second_page(e, p->second_page);              /* flushes the soft TLB */
    c->spr[SPR_SRR0] = p->srr0;
    c->spr[SPR_SRR1] = p->srr1;
    c->spr[SPR_FSCR] = p->fscr;
    c->spr[SPR_DAWR0] = p->dawr;
    c->spr[SPR_DAWRX0] = p->dawrx;
    cpu_set_msr(c, p->msr);
    c->nip = p->base;
    c->dec_tb = 0x7fffffff;
    c->dec_pending = false;
    atomic_fetch_and(&c->attention, ~(uint32_t)ATTENTION_KICK);    /* one that came too late for the program before */
    for (unsigned i = 0; c->jit && i < (p->all_hot ? p->n + 1 : 1); i++)
        block_get(c, place_of(m, p, i))->heat = JIT_HOT > p->warm ? JIT_HOT - 1 - p->warm : 0;
}

/* Runs on where the decrementer interrupted, until it is somewhere else. */
static enum cpu_exit run_with_pauses(struct machines *m, struct cpu *c, const struct program *p)
{
    enum cpu_exit why;

    for (;;) {
        c->dec_tb = 0;
        c->dec_pending = false;
        c->budget = p->pause;
        atomic_fetch_and(&c->attention, ATTENTION_KICK);       /* or it is interrupted again before it got anywhere */
        why = cpu_run(c);
        if (why != CPU_EXIT_HCALL || c->nip != VEC_DECREMENTER + 4)
            return why;
        c->insns--;                                     /* the hypercall there */
        c->nip = c->spr[SPR_SRR0];
        cpu_set_msr(c, c->spr[SPR_SRR1]);
        c->spr[SPR_SRR0] = p->srr0;
        c->spr[SPR_SRR1] = p->srr1;
        m->pauses++;
    }
}

static void run(struct machines *m, struct machine *on, const struct program *p, struct ending *out)
{
    struct engine *e = on->e;
    struct cpu *c = engine_cpu(e);
    enum cpu_exit why;

    memset(out, 0, sizeof(*out));
    put_program(on, p);
    put_state(on, p);
    on->start = c->insns;
    why = p->pause && c->jit ? run_with_pauses(m, c, p) : cpu_run(c);
    engine_store(e, &out->user);
    out->nip = c->nip;
    out->msr = c->msr;
    out->insns = c->insns - on->start;
    out->endless = why == CPU_EXIT_KICK;
    for (unsigned i = 0; i < SEEN_SPRS; i++)
        out->spr[i] = c->spr[seen_sprs[i]];
}

/* May the word be there: the program's, or one of its patches'? */
static bool belongs(const struct program *p, unsigned i, uint32_t there)
{
    if (there == in_memory(p, i))
        return true;
    for (unsigned k = 0; k < p->n_patches; k++) {
        const struct patch *x = &p->patch[k];

        if (i - x->slot < x->words && there == (p->msr & MSR_LE ? x->word[i - x->slot] :
                                                __builtin_bswap32(x->word[i - x->slot])))
            return true;
    }
    return false;
}

/* When what is running changes is not defined before it synchronises. */
static bool changed_itself(const struct machine *m, const struct program *p)
{
    for (unsigned i = 0; i < PLACED_WORDS; i++) {
        uint32_t there;

        memcpy(&there, place_of(m, p, i), 4);
        if (!belongs(p, i, there))
            return true;
    }
    return false;
}

static bool same_memory(const struct machines *m, const struct program *p)
{
    uint64_t start = p->msr & MSR_DR ? ENGINE_DATA_RA : 0, bytes = p->msr & MSR_DR ? WIRE_DATA_BYTES : ENGINE_RAM_BYTES;

    for (unsigned i = 0; i < PLACED_WORDS; i++)
        if (memcmp(place_of(&m->interp, p, i), place_of(&m->jit, p, i), 4))
            return false;
    return !memcmp(engine_ram(m->interp.e) + start, engine_ram(m->jit.e) + start, bytes);
}

static bool differs(struct machines *m, const struct program *p, struct ending *a, struct ending *b)
{
    run(m, &m->interp, p, a);
    run(m, &m->jit, p, b);
    if (a->endless || (b->endless && a->insns > ENOUGH / 2))
        return false;                                   /* each left it somewhere */
    if (changed_itself(&m->interp, p) || changed_itself(&m->jit, p)) {
        m->undefined++;
        return false;
    }
    return memcmp(a, b, sizeof(*a)) || !same_memory(m, p);
}

/* ---- complaints ---- */

static void cut_down(struct machines *m, struct program *p)
{
    static struct ending a, b;

    for (unsigned i = 0; i < p->n; i++) {
        uint32_t word = p->word[i];

        if (word == ISYNC)
            continue;                                   /* a store into the program may stand before it */
        p->word[i] = NOP;
        if (!differs(m, p, &a, &b))
            p->word[i] = word;
    }
    for (uint64_t times = 1; times < p->in.ctr; times++) {
        uint64_t ctr = p->in.ctr;

        p->in.ctr = times;
        if (differs(m, p, &a, &b))
            return;
        p->in.ctr = ctr;
    }
}

static void print_ending(const char *whose, const struct ending *e)
{
    print_error("%s: nip %llx msr %llx, %llu instructions%s; srr0 srr1 dar dsisr...", whose, (unsigned long long)e->nip,
                (unsigned long long)e->msr, (unsigned long long)e->insns, e->endless ? " so far" : "");
    for (unsigned i = 0; i < SEEN_SPRS; i++)
        print_error(" %llx", (unsigned long long)e->spr[i]);
    print_error("\n");
}

static void complain(struct machines *m, struct program *p, uint64_t seed)
{
    static struct ending a, b;
    char text[DISASM_MAX];

    cut_down(m, p);
    differs(m, p, &a, &b);
    print_error("program of seed %llu, msr %llx, ctr %llu, paused every %u, dawr %llx %llx, second page %d:\n",
                (unsigned long long)seed, (unsigned long long)p->msr, (unsigned long long)p->in.ctr, p->pause,
                (unsigned long long)p->dawr, (unsigned long long)p->dawrx, p->second_page);
    for (unsigned i = 0; i <= p->n; i++) {
        if (p->word[i] == NOP)
            continue;
        disasm(engine_isa(m->interp.e), p->word[i], p->base + 4 * i, text);
        print_error("  %llx  %08x  %s\n", (unsigned long long)(p->base + 4 * i), p->word[i], text);
    }
    a.user.sig = b.user.sig = OUTCOME_DONE;
    print_error("interpreter is \"ours\", translated code \"theirs\":\n");
    result_print_difference(stderr, isa_row_at(engine_isa(m->interp.e), 0), &p->in, &a.user, &b.user);
    print_ending("ours", &a);
    print_ending("theirs", &b);
    for (unsigned i = 0; i < ENGINE_RAM_BYTES; i++)
        if (engine_ram(m->interp.e)[i] != engine_ram(m->jit.e)[i])
            print_error("  byte %x: %02x %02x\n", i, engine_ram(m->interp.e)[i], engine_ram(m->jit.e)[i]);
}

/* Programs had every instruction that may be in them. */
static void check_coverage(const struct machines *m, uint64_t programs)
{
    const struct isa *isa = engine_isa(m->interp.e);
    const struct program privileged = { .msr = MSR_SF, .srr0 = 4 };

    assert_true(isa_row_count(isa) <= MAX_ROWS);
    for (size_t i = 0; programs >= 3000 && i < isa_row_count(isa); i++)
        if (!m->placed[i] && rarity(isa_row_at(isa, i), &privileged, 0))
            fail_msg("%s is in none of %llu programs", isa_row_at(isa, i)->name, (unsigned long long)programs);
}

static void random_programs_end_alike_in_both_engines(void **state)
{
    struct machines *m = *state;
    const char *count = getenv("PROGRAMS");
    uint64_t wanted = count ? strtoull(count, NULL, 0) : 3000, insns = 0;
    unsigned bad = 0;
    static struct ending a, b;
    static struct program p;

    for (uint64_t i = 0; i < wanted && bad < 5; i++) {
        uint64_t seed = m->r.state;

        make_program(m, &p);
        if (differs(m, &p, &a, &b)) {
            complain(m, &p, seed);
            bad++;
        }
        m->endless += a.endless;
        insns += a.insns;
    }
    print_message("%llu programs (%llu endless, %llu undefined), %llu instructions, %llu traces, %llu interruptions\n",
                  (unsigned long long)wanted, (unsigned long long)m->endless, (unsigned long long)m->undefined,
                  (unsigned long long)insns,
                  (unsigned long long)jit_counts(engine_cpu(m->jit.e)->jit).translated, (unsigned long long)m->pauses);
    assert_int_equal(bad, 0);
    check_coverage(m, wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_programs_end_alike_in_both_engines, setup, teardown),
    };

    return cmocka_run_group_tests_name("isa_programs", tests, NULL, NULL);
}
