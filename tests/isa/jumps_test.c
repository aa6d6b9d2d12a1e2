/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/jumps_test.c - where indirect branches lead: translated code remembers that by address and mode, and must
 * forget it in time.
 *
 * A caller at WIRE_CODE calls the function at r12, r5 times, and adds up what it returned; a hypercall ends it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/asm.h"
#include "cpu/limits.h"
#include "cpu/tlb.h"
#include "engine.h"

#define REAL (MSR_SF | MSR_ME | MSR_LE | MSR_RI)
#define KERNEL (REAL | MSR_IR | MSR_DR)
#define USER (KERNEL | MSR_PR | MSR_EE)

enum { CODE_RA = 0x30000, ONE_RA = 0x32000, TWO_RA = 0x33000, MANY = 3 * JIT_HOT, FAR_SLOT = 5 };
#define FUNCTION (WIRE_CODE + 0x5000)

static void put(struct engine *e, uint64_t at, const char *const *text)
{
    for (; *text; text++, at += 4) {
        struct error err;
        uint32_t word;

        if (asm_word(engine_isa(e), *text, at, &word, &err))
            fail_msg("%s", err.msg);
        memcpy(engine_ram(e) + at, &word, 4);
        cpu_code_written(engine_cpu(e), ra(at), 4);
    }
}

static int setup(void **state)
{
    struct engine *e = engine_new_kind(ISA_LEVEL_3_00, CPU_ENGINE_JIT, NULL);

    if (!e)
        return -1;
    put(e, CODE_RA, (const char *const[]){ "addi 4,0,0", "mtspr 9,12", "bctrl", "add 4,4,3", "addi 5,5,-1",
                                           "cmpdi 0,5,0", "bf 2,0x30004", "sc 1", NULL });
    put(e, ONE_RA, (const char *const[]){ "addi 3,0,1", "blr", NULL });
    put(e, TWO_RA, (const char *const[]){ "addi 3,0,2", "blr", NULL });
    put(e, TWO_RA + 0x80, (const char *const[]){ "addi 3,0,3", "blr", NULL });
    *state = e;
    return 0;
}

static int teardown(void **state)
{
    engine_free(*state);
    return 0;
}

/* Where it ended: behind the hypercall, which may be an interrupt's. */
static uint64_t call(struct engine *e, uint64_t msr, uint64_t function, unsigned times)
{
    struct cpu *c = engine_cpu(e);

    cpu_set_msr(c, msr);
    c->nip = msr & MSR_IR ? WIRE_CODE : CODE_RA;
    c->gpr[12] = function;
    c->gpr[5] = times;
    assert_int_equal(cpu_run(c), CPU_EXIT_HCALL);
    return c->nip;
}

static void expect_sum(struct engine *e, uint64_t msr, uint64_t function, unsigned each)
{
    call(e, msr, function, MANY);
    assert_int_equal(engine_cpu(e)->gpr[4], each * MANY);
}

/* The function's page was remembered, another one took its place in the first level, now it is mapped elsewhere. */
static void forgets_pages_that_were_pushed_out(void **state)
{
    const uint64_t other = FUNCTION + TLB_FETCHES * TLB_PAGE;
    struct engine *e = *state;

    engine_map(e, other, TWO_RA, 12);
    for (unsigned round = 0; round < 4; round++) {
        engine_map(e, FUNCTION, round % 2 ? TWO_RA : ONE_RA, 12);
        expect_sum(e, KERNEL, FUNCTION, 1 + round % 2);
        expect_sum(e, KERNEL, other + 0x80, 3);
        engine_unmap(e, FUNCTION);
    }
}

/* Addresses in two modes that differ where the modes do. */
static void tells_modes_apart(void **state)
{
    struct engine *e = *state;

    for (unsigned bit = TLB_PAGE_SHIFT; bit < 64; bit++) {
        uint64_t there = ONE_RA ^ 1ull << bit;

        engine_segment(e, FAR_SLOT, there, 12);
        engine_map(e, there, TWO_RA, 12);
        expect_sum(e, REAL, ONE_RA, 1);
        expect_sum(e, KERNEL, there, 2);
        expect_sum(e, REAL, ONE_RA, 1);
        engine_unmap(e, there);
        engine_cpu(e)->slb[FAR_SLOT].esid = 0;
        cpu_tlb_flush_all(engine_cpu(e));
    }
}

/* A null pointer to a function, after one that was called often: the hypercall at 0, or the segment interrupt. */
static void null_is_an_address(void **state)
{
    static const struct { uint64_t msr, function, end; } modes[] = {
        { REAL, ONE_RA, 4 }, { KERNEL, FUNCTION, VEC_ISEG + 4 }, { USER, FUNCTION, VEC_ISEG + 4 },
        { KERNEL & ~MSR_SF & ~MSR_IR & ~MSR_DR, ONE_RA, 4 },
    };
    struct engine *e = *state;

    engine_map(e, FUNCTION, ONE_RA, 12);
    for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
        for (unsigned times = 0; times < MANY; times++) {
            if (!(modes[i].msr & MSR_PR))
                expect_sum(e, modes[i].msr, modes[i].function, 1);
            for (uint64_t low = 0; low < 4; low++) {
                assert_int_equal(call(e, modes[i].msr, low, MANY), modes[i].end);
                assert_int_equal(engine_cpu(e)->lr, (modes[i].msr & MSR_IR ? WIRE_CODE : CODE_RA) + 12);
            }
            assert_true(modes[i].end == 4 || !engine_cpu(e)->spr[SPR_SRR0]);
        }
}

/* No address is like that of a place nothing is remembered in. */
static void no_address_is_like_none(void **state)
{
    static const uint64_t modes[] = { KERNEL, USER, USER | MSR_FP | MSR_VEC | MSR_VSX };
    struct engine *e = *state;

    engine_map(e, FUNCTION, ONE_RA, 12);
    for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
        for (uint64_t bits = 0; bits < 256; bits++)
            for (unsigned times = 0; times < (bits ? 1 : MANY); times++) {
                assert_int_equal(call(e, modes[i], ~bits, MANY), VEC_ISEG + 4);
                assert_int_equal(engine_cpu(e)->spr[SPR_SRR0], ~bits & ~3ull);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(forgets_pages_that_were_pushed_out, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_modes_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(null_is_an_address, setup, teardown),
        cmocka_unit_test_setup_teardown(no_address_is_like_none, setup, teardown),
    };

    return cmocka_run_group_tests_name("isa_jumps", tests, NULL, NULL);
}
