/* SPDX-License-Identifier: Apache-2.0 */
/* What the translator does around instructions: loops, page borders, calls, code that changes, faults in the middle of
 * a trace, more registers than the host has.
 * Every program runs long enough to be translated and must end as in the interpreter. */
#include "tests/unit/jit_fixture.h"

#include <stdio.h>

#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/jit/jit.h"
#include "tests/unit/cpu_fixture.h"

enum {
    MAX_WORDS = 256,
    BELOW_DATA = 0x8000,        /* code that stores up to the end of RAM must not meet itself */
};

struct program {
    struct jit_pair *p;
    uint64_t at;
    uint32_t words[MAX_WORDS];
    unsigned n;
};

static uint64_t here(const struct program *g)
{
    return g->at + 4 * g->n;
}

static void add(struct program *g, const char *text)
{
    g->words[g->n] = cpu_fixture_word(g->p->jit.cpu.isa, text, here(g));
    g->n++;
}

static void addf(struct program *g, const char *format, ...)
{
    char text[64];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    add(g, text);
}

static struct program *begin(void **state, uint64_t at)
{
    static struct program g;

    g = (struct program){ .p = *state, .at = at };
    return &g;
}

static void put(struct program *g)
{
    jit_pair_code(g->p, g->at, g->words, g->n);
}

static void end(struct program *g)
{
    g->words[g->n++] = WORD_SC1;
    put(g);
}

/* From random registers, `times` runs; addresses in r3 and r4, count in CTR. */
static void run(struct program *g, unsigned times, uint64_t nip, uint64_t count)
{
    struct jit_pair *p = g->p;
    struct cpu start;

    for (unsigned i = 0; i < times; i++) {
        jit_start_state(p, &start);
        for (unsigned r = 0; r < 32; r++)
            start.gpr[r] = jit_random(p);
        for (unsigned r = 0; r < 64; r++)
            start.vsr[r] = (union vsr){ .d = { jit_random(p), jit_random(p) } };
        start.gpr[3] = 0x10000;
        start.gpr[4] = 0x18000;
        start.gpr[5] = JIT_CODE;
        start.ctr = count;
        start.nip = nip;
        jit_pair_run(p, &start);
        if (jit_pair_differ(p))
            fail_msg("run %u", i);
    }
    assert_true(jit_counts(p->jit.cpu.jit).translated > 0);
}

static void test_register_pressure(void **state)
{
    struct program *g = begin(state, JIT_CODE);

    for (unsigned i = 6; i < 32; i++)
        addf(g, "add %u,%u,%u", i, i, i == 31 ? 6 : i + 1);
    for (unsigned i = 6; i < 30; i += 3)
        addf(g, "std %u,%u(3)", i, 8 * i);
    for (unsigned i = 8; i < 30; i += 3)
        addf(g, "ld %u,%u(3)", i, 8 * (i - 2));
    add(g, "mfspr 7,8");
    add(g, "xor 7,7,9");
    add(g, "mtspr 8,7");
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at);
    end(g);
    run(g, 20, g->at, 50);
}

/* Accesses of all widths off one base that moves: the span lies in one page, crosses into the next, leaves RAM; the
 * base is a target, too. */
static void test_windows(void **state)
{
    struct program *g = begin(state, BELOW_DATA);

    add(g, "std 6,-16(3)");
    add(g, "ld 7,-16(3)");
    add(g, "lwz 8,-12(3)");
    add(g, "addi 3,3,24");
    add(g, "lbz 9,-37(3)");
    add(g, "sth 9,2(3)");
    add(g, "stdu 3,-64(3)");
    add(g, "ldu 10,56(3)");
    add(g, "stfd 7,40(3)");
    add(g, "lfs 8,44(3)");
    add(g, "stxv 34,64(3)");
    add(g, "lxv 40,64(3)");
    add(g, "addi 11,3,0");
    add(g, "std 11,80(3)");
    add(g, "ld 3,80(3)");
    add(g, "lha 12,82(3)");
    add(g, "addi 3,3,200");
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at);
    end(g);
    run(g, 12, g->at, 80);
    /* off the end: a machine check or interrupt in the middle */
    run(g, 3, g->at, (JIT_RAM - 0x10000) / 216 + 20);
}

/* Accesses of a loop whose address stays: off a register the loop leaves alone, off copies of it, off nothing; one that
 * crosses granules, one beside the code. */
static void test_accesses_that_stay(void **state)
{
    struct program *g = begin(state, JIT_CODE);

    add(g, "ld 6,16(3)");
    add(g, "lwz 7,20(3)");
    add(g, "or 9,4,4");
    add(g, "lha 8,2(9)");
    add(g, "addi 9,9,64");
    add(g, "stb 8,0(9)");
    add(g, "addi 9,9,-8");
    add(g, "std 6,0(9)");
    add(g, "std 7,16(3)");
    add(g, "ld 10,4092(4)");
    add(g, "addi 10,10,1");
    add(g, "std 10,4092(4)");
    add(g, "lwz 11,64(0)");
    add(g, "lfd 7,24(3)");
    add(g, "stfd 7,32(3)");
    add(g, "lxv 40,48(3)");
    add(g, "stxv 40,64(3)");
    add(g, "stw 10,0x400(5)");
    add(g, "or 9,9,10");
    add(g, "and 9,9,4");
    add(g, "lbz 12,8(9)");
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at);
    end(g);
    run(g, 6, g->at, 200);
}

/* The base moves after all, by an instruction that the guess does not know. */
static void test_base_that_moves(void **state)
{
    static const char *const moves[] = { "ldux 7,3,8", "stbux 7,3,8", "mfspr 3,8", "add 3,3,8" };

    for (unsigned i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        struct program *g = begin(state, BELOW_DATA);

        add(g, "addi 8,0,24");
        add(g, "mtspr 8,4");
        add(g, "ld 6,16(3)");
        add(g, "addi 6,6,1");
        add(g, "std 6,8(3)");
        add(g, "or 9,3,3");
        add(g, "ld 10,40(9)");
        add(g, moves[i]);
        addf(g, "bdnz 0x%llx", (unsigned long long)g->at + 8);
        end(g);
        run(g, 6, g->at, 120);
        run(g, 2, g->at, (JIT_RAM - 0x10000) / 24 + 20);    /* off the end, or not at all */
    }
}

/* A fault in a called function of the loop: LR is what the call made it. */
static void test_fault_in_called_function(void **state)
{
    struct program *g = begin(state, BELOW_DATA + 0x800);

    add(g, "ldu 10,40(3)");
    add(g, "std 10,-8(3)");
    add(g, "blr");
    put(g);
    g = begin(state, BELOW_DATA);
    addf(g, "bl 0x%x", BELOW_DATA + 0x800);
    add(g, "addic 10,10,-5");
    addf(g, "bl 0x%x", BELOW_DATA + 0x800);
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at);
    end(g);
    run(g, 4, g->at, 200);
    run(g, 3, g->at, JIT_RAM / 80);
}

/* Indexed accesses of a loop off a base that stays: page after page, two pages by turns, off the end. */
static void test_indexed_loops(void **state)
{
    static const struct { unsigned step; uint32_t mask; unsigned rounds; } walks[] = {
        { 36, 0xffff, 400 }, { 4093, 0xffff, 100 }, { 2048, 0x1fff, 100 },
        { 1001, 0xffffff, (JIT_RAM - 0x10000) / 1001 + 20 },
    };

    for (unsigned i = 0; i < sizeof(walks) / sizeof(walks[0]); i++) {
        struct program *g = begin(state, BELOW_DATA);

        addf(g, "addi 9,0,%u", 64);
        addf(g, "addi 10,9,%u", walks[i].step);
        addf(g, "addis 11,0,%u", walks[i].mask >> 16);
        addf(g, "ori 11,11,%u", walks[i].mask & 0xffff);
        add(g, "and 9,10,11");
        add(g, "stdx 7,3,9");
        add(g, "lwzx 6,9,3");
        add(g, "add 7,7,6");
        add(g, "stxvd2x 34,3,9");
        add(g, "lhax 8,3,9");
        addf(g, "addi 10,9,%u", walks[i].step);
        addf(g, "bdnz 0x%llx", (unsigned long long)g->at + 16);
        end(g);
        run(g, 4, g->at, walks[i].rounds);
    }
}

/* Indexed accesses down to the start of memory: the last one ends in the remembered page and begins before it. */
static void test_indexed_loop_downwards(void **state)
{
    static const char *const accesses[] = { "ldx 7,10,9", "stdx 9,10,9", "lvx 3,10,9", "lhzx 7,10,9" };

    for (unsigned i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
        struct program *g = begin(state, BELOW_DATA);

        add(g, "addi 10,0,0");
        addf(g, "addi 9,0,%d", 240 + (int)i % 4);
        add(g, "addi 9,9,-4");
        add(g, accesses[i]);
        addf(g, "bdnz 0x%llx", (unsigned long long)g->at + 8);
        end(g);
        run(g, 4, g->at, 55);
        run(g, 2, g->at, 70);       /* off the start: a machine check */
    }
}

/* Loops that begin where a function returns to, with one call and with two of the same function. */
static void test_loop_through_calls(void **state)
{
    struct program *g = begin(state, JIT_CODE + 0x800);

    add(g, "ld 10,0(3)");
    add(g, "rldicl 8,10,13,0");
    add(g, "add 10,10,8");
    add(g, "std 10,0(3)");
    add(g, "blr");
    put(g);
    for (unsigned calls = 1; calls <= 2; calls++) {
        g = begin(state, JIT_CODE);
        for (unsigned i = 0; i < calls; i++) {
            add(g, "or 3,4,4");
            addf(g, "bl 0x%x", JIT_CODE + 0x800);
            add(g, "ld 9,0(4)");
            add(g, "rldicl 9,9,3,49");
            add(g, "addi 11,4,64");
            add(g, "stbx 10,11,9");
            add(g, "addic. 31,31,-1");
        }
        addf(g, "bdnz 0x%llx", (unsigned long long)g->at);
        add(g, "mfspr 12,8");
        end(g);
        run(g, 6, g->at, 300);
    }
}

/* A loop is cut in two by a function that was translated before it. Where the budget keeps ending, it is made whole. */
static void test_loop_made_whole(void **state)
{
    struct program *g = begin(state, JIT_CODE + 0x800);
    uint64_t before;

    add(g, "addi 10,10,3");
    add(g, "xor 9,9,10");
    add(g, "blr");
    put(g);
    g = begin(state, JIT_CODE + 0x400);
    add(g, "addi 6,5,0x800");
    add(g, "mtspr 9,6");
    add(g, "bfctrl 2");                 /* whose target is not guessed */
    end(g);
    run(g, JIT_WARM, g->at, 0);
    g = begin(state, JIT_CODE);
    add(g, "ld 8,0(3)");
    addf(g, "bl 0x%x", JIT_CODE + 0x800);
    add(g, "add 8,8,9");
    add(g, "std 8,0(3)");
    add(g, "addi 7,7,1");               /* nine instructions: the budget ends in each of the loop's parts */
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at);
    end(g);
    run(g, 3, g->at, 2 * JIT_WARM);
    before = jit_counts(g->p->jit.cpu.jit).translated;
    run(g, 1, g->at, 100000);
    assert_true(jit_counts(g->p->jit.cpu.jit).translated > before);
}

/* Compares whose registers change before anybody looks: at a fault, at an exit, in another round of the loop. */
static void test_pending_compares(void **state)
{
    struct program *g = begin(state, JIT_CODE);

    add(g, "cmpd 2,6,7");
    add(g, "cmplwi 3,8,100");
    add(g, "add 6,6,9");
    add(g, "cmpld 4,6,8");
    add(g, "rldicl. 10,6,13,7");
    add(g, "ld 8,0(3)");
    add(g, "addi 6,7,-3");
    add(g, "subf. 7,8,6");
    addf(g, "bt 9,0x%llx", (unsigned long long)here(g) + 12);
    add(g, "addi 9,9,1");
    add(g, "cmpwi 5,9,77");
    add(g, "isel 11,9,6,18");
    addf(g, "bf 20,0x%llx", (unsigned long long)here(g) + 8);
    add(g, "mfcr 12");
    add(g, "isel 14,0,12,13");
    add(g, "addi 3,3,1016");
    add(g, "cmpd 6,3,4");
    add(g, "add 3,3,0");
    add(g, "subf 3,0,3");
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at);
    add(g, "mfcr 15");
    end(g);
    run(g, 12, g->at, 60);
    run(g, 3, g->at, (JIT_RAM - 0x10000) / 1016 + 20);
}

/* Conditional paths inside a loop, both sides taken in turn. */
static void test_branches_in_loop(void **state)
{
    struct program *g = begin(state, JIT_CODE);

    add(g, "addi 6,6,1");
    add(g, "andi. 7,6,3");
    addf(g, "bt 2,0x%llx", (unsigned long long)here(g) + 16);
    add(g, "cmpldi 1,7,2");
    addf(g, "bt 6,0x%llx", (unsigned long long)here(g) + 8);
    add(g, "addi 8,8,5");
    add(g, "subf 9,6,9");
    add(g, "adde 10,9,10");
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at);
    end(g);
    run(g, 20, g->at, 200);
}

/* The loop lies across a page border; so does a call and its return. */
static void test_across_pages(void **state)
{
    struct program *g = begin(state, JIT_CODE + 0xff0);

    add(g, "addi 6,6,3");
    addf(g, "bl 0x%x", JIT_CODE + 0x2ffc);
    for (unsigned i = 0; i < 8; i++)
        add(g, "xor 7,7,6");
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at);
    end(g);
    g = begin(state, JIT_CODE + 0x2ffc);
    add(g, "rldicl 8,6,13,0");
    add(g, "add 7,7,8");
    add(g, "blr");
    put(g);
    run(g, 20, JIT_CODE + 0xff0, 100);
}

/* Conditional returns, taken and not, to where LR was set in the loop and to where it was set before. */
static void test_conditional_returns(void **state)
{
    struct program *g = begin(state, JIT_CODE + 0x800);

    add(g, "add 9,9,6");
    add(g, "btlr 2");
    add(g, "xor 10,10,6");
    add(g, "cmpldi 1,6,50");
    add(g, "bflr 5");
    add(g, "addi 11,11,1");
    add(g, "blr");
    put(g);
    g = begin(state, JIT_CODE);
    add(g, "addi 6,6,1");
    add(g, "andi. 7,6,3");
    addf(g, "bl 0x%x", JIT_CODE + 0x800);
    add(g, "addi 8,8,5");
    addf(g, "bl 0x%x", JIT_CODE + 0x804);
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at);
    end(g);
    run(g, 20, g->at, 200);
}

/* Indirect calls that usually go to one function, sometimes to another, at times with the low bits of the address set;
 * the same function returns to two places, and is come back to by the branch that called. */
static void test_usual_targets(void **state)
{
    struct program *g = begin(state, JIT_CODE + 0x2ffc);        /* across a page border */

    add(g, "add 9,9,6");
    add(g, "adde 10,10,9");
    add(g, "blr");
    put(g);
    g = begin(state, JIT_CODE + 0x800);
    add(g, "xor 9,9,7");
    add(g, "mfspr 11,8");
    add(g, "ori 11,11,1");
    add(g, "mtspr 8,11");
    add(g, "blrl");
    add(g, "addi 12,12,3");
    add(g, "mtspr 8,11");
    add(g, "blr");
    put(g);
    g = begin(state, JIT_CODE);
    add(g, "addi 6,6,1");
    add(g, "andi. 7,6,63");
    add(g, "addi 8,5,0x2ffc");
    addf(g, "bf 2,0x%llx", (unsigned long long)here(g) + 12);
    add(g, "addi 8,5,0x802");
    add(g, "ori 0,0,0");
    add(g, "mfspr 13,9");
    add(g, "mtspr 9,8");
    add(g, "cmpd 1,6,7");
    add(g, "bctrl");
    add(g, "addi 14,14,1");
    addf(g, "bl 0x%x", JIT_CODE + 0x2ffc);
    add(g, "mfspr 15,8");
    add(g, "mtspr 9,13");
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at);
    end(g);
    run(g, 20, g->at, 300);
}

/* Sums of many doublewords, with what lies between their parts: other work, a load that may
 * leave, another owner of CA. */
static void test_carry_chains(void **state)
{
    static const char *const between[] = { "mulld 20,21,22", "ld 20,8(3)", "sradi 20,21,7", "mfspr 20,1",
                                           "cmpd 1,20,21", "mulhdu 20,21,22", "mulld 21,21,21", "mulld. 20,22,22",
                                           "or 20,21,21", "or 31,31,31", "addi 21,21,-7", "addi 20,21,300",
                                           "addis 20,20,5", "andi. 20,21,7" };
    struct program *g = begin(state, JIT_CODE);

    for (unsigned i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
        add(g, "addc 10,10,14");
        add(g, "adde 11,11,15");
        add(g, between[i]);
        add(g, "adde 12,12,16");
        add(g, "addze 13,13");
        add(g, "subfc 14,10,15");
        add(g, "subfe. 15,11,16");
        add(g, "subfme 16,12");
        add(g, "addic 17,17,-1");
        add(g, "subfe 18,18,18");
    }
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at);
    end(g);
    run(g, 20, g->at, 200);
}

/* What makes changed code seen. */
static void add_sync(struct program *g, unsigned reg)
{
    addf(g, "dcbst 0,%u", reg);
    add(g, "sync");
    addf(g, "icbi 0,%u", reg);
    add(g, "sync");
    add(g, "isync");
}

/* The first and every 128th round changes what a function returns, stored through target + (digit << shift); r7 stays 0
 * if each call returned what was stored last. */
static void self_modifying(void **state, uint64_t target, int digit, unsigned shift)
{
    struct program *g = begin(state, JIT_CODE);
    uint32_t word;

    assert_int_equal(asm_word(g->p->jit.cpu.isa, "addi 6,0,0", 0, &word, NULL), 0);
    add(g, "addi 7,0,0");
    addf(g, "addis 10,0,%d", (int16_t)(word >> 16));
    add(g, "mfspr 11,9");
    add(g, "andi. 13,11,127");                      /* now and then, so that it gets hot in between */
    addf(g, "bf 2,0x%llx", (unsigned long long)here(g) + 4 * (digit ? 14 : 11));
    add(g, "rlwimi 10,11,0,24,31");
    add(g, "rldicl 8,11,0,56");
    addf(g, "addis 12,0,%u", (unsigned)(target >> 16));
    addf(g, "ori 12,12,%u", (unsigned)(target & 0xffff));
    add(g, "rldicl 12,12,0,32");
    if (digit) {
        addf(g, "addi 13,0,%d", digit);
        addf(g, "rldicr 13,13,%u,%u", shift, 63 - shift);
        add(g, "or 12,12,13");
    }
    add(g, "stw 10,0(12)");
    add_sync(g, 12);
    assert_int_equal(here(g), JIT_CODE + 4 * (digit ? 19 : 16));
    addf(g, "bl 0x%llx", (unsigned long long)target);
    add(g, "xor 6,6,8");
    add(g, "or 7,7,6");
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at + 4);
    end(g);
    g = begin(state, target);
    add(g, "addi 6,0,0");
    add(g, "blr");
    put(g);
    g->at = JIT_CODE;
    run(g, 4, JIT_CODE, 640);
    assert_int_equal(g->p->jit.cpu.gpr[7], 0);
}

static void test_code_changes_in_own_page(void **state)
{
    self_modifying(state, JIT_CODE + 0x200, 0, 0);
}

static void test_code_changes_in_other_page(void **state)
{
    self_modifying(state, JIT_CODE + 0x2040, 0, 0);
}

/* 0xc... in the top digit: the same memory in real mode. */
static void test_code_changes_through_effective_alias(void **state)
{
    self_modifying(state, JIT_CODE + 0x3040, -4, 60);
}

/* The same memory at another real address; a fast store path there is older than the code. */
static void test_code_changes_through_real_alias(void **state)
{
    struct jit_pair *p = *state;

    jit_pair_alias(p, ra(1 << 20));
    self_modifying(state, JIT_CODE + 0x200, 1, 20);
    self_modifying(state, JIT_CODE + 0x2040, 1, 20);
}

/* Data beside code in one page: stores there must not disturb it. */
static void test_data_beside_code(void **state)
{
    struct program *g = begin(state, JIT_CODE);

    add(g, "addi 8,0,2080");
    add(g, "std 6,2048(5)");
    add(g, "ld 7,2048(5)");
    add(g, "add 6,6,7");
    add(g, "stfd 3,2064(5)");
    add(g, "stxvd2x 34,5,8");
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at + 4);
    end(g);
    run(g, 10, g->at, 100);
}

/* Walks up to the end of memory: the machine check must find the registers as they were before the instruction. */
static void walk(void **state, const char *access, int step, unsigned count)
{
    struct program *g = begin(state, JIT_CODE);

    addf(g, "addi 8,0,%d", step);
    add(g, "addis 9,0,4");                              /* end of memory */
    addf(g, "addi 9,9,%d", -50 * step);
    add(g, "add 10,10,6");
    add(g, "addi 6,6,1");
    add(g, access);
    add(g, "add 9,9,8");
    add(g, "add 11,10,6");
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at + 12);
    end(g);
    run(g, 6, g->at, count);
}

static void test_faults(void **state)
{
    static const char *const accesses[] = {
        "ld 6,0(9)", "std 6,0(9)", "ldux 10,9,8", "ldu 10,8(9)", "stdu 10,8(9)", "stdux 10,9,8", "lwa 10,4(9)",
        "lhbrx 10,0,9", "lfd 3,0(9)", "lfdu 3,8(9)", "lfsux 3,9,8", "stfd 3,0(9)", "stfdu 3,8(9)", "stfsu 3,4(9)",
        "lxvd2x 35,0,9", "stxvd2x 35,0,9", "lvx 3,0,9", "stvx 3,0,9", "lxv 35,0(9)", "stxv 35,16(9)", "lxvw4x 3,9,8",
        "stfiwx 3,9,8", "lfiwax 3,9,8", "lxvdsx 40,0,9", "dcbz 9,8",
    };

    for (unsigned i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
        walk(state, accesses[i], 8, 100);
        walk(state, accesses[i], 16, 100);
    }
}

/* Accesses of every width at every place around a page border. */
static void test_page_borders(void **state)
{
    static const char *const accesses[] = {
        "lbz 10,0(9)", "lhz 10,0(9)", "lha 10,0(9)", "lwz 10,0(9)", "lwa 10,0(9)", "ld 10,0(9)", "lwbrx 10,0,9",
        "ldbrx 10,0,9",
        "stb 10,0(9)", "sth 10,0(9)", "stw 10,0(9)", "std 10,0(9)", "stdbrx 10,0,9", "sthbrx 10,0,9", "lfd 3,0(9)",
        "lfs 3,0(9)",
        "stfd 3,0(9)", "stfs 3,0(9)", "lxvd2x 35,0,9", "stxvd2x 36,0,9", "lxvx 35,0,9", "stxvx 35,0,9", "lxvw4x 35,0,9",
        "stxvw4x 36,0,9", "lxvb16x 35,0,9", "stxvh8x 36,0,9", "lvx 3,0,9", "stvx 4,0,9", "lxsiwax 35,0,9",
        "stxsiwx 36,0,9", "dcbz 0,9",
    };

    for (unsigned i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
        struct program *g = begin(state, JIT_CODE);

        add(g, "addi 9,4,-64");
        add(g, accesses[i]);
        add(g, "addi 9,9,1");
        add(g, "add 10,10,9");
        addf(g, "bdnz 0x%llx", (unsigned long long)g->at + 4);
        end(g);
        run(g, 4, g->at, 128);
    }
}

/* The budget runs out in linked traces and loops, and the count of instructions stays true. */
static void test_instruction_count(void **state)
{
    struct program *g = begin(state, JIT_CODE);
    uint64_t jit, interp;

    add(g, "addi 6,6,1");
    add(g, "fadd 1,2,3");
    add(g, "vaddubm 4,5,6");
    addf(g, "bdnz 0x%llx", (unsigned long long)g->at);
    end(g);
    jit = g->p->jit.cpu.insns;
    interp = g->p->interp.cpu.insns;
    run(g, 3, g->at, 100000);
    assert_int_equal(g->p->jit.cpu.insns - jit, g->p->interp.cpu.insns - interp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_register_pressure, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_windows, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_accesses_that_stay, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_base_that_moves, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_fault_in_called_function, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_indexed_loops, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_indexed_loop_downwards, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_loop_through_calls, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_loop_made_whole, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_pending_compares, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_branches_in_loop, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_conditional_returns, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_usual_targets, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_carry_chains, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_across_pages, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_code_changes_in_own_page, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_code_changes_in_other_page, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_code_changes_through_effective_alias, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_code_changes_through_real_alias, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_data_beside_code, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_faults, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_page_borders, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_instruction_count, jit_pair_new, jit_pair_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
