/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/system_test.c - privilege, facilities, MSR, interrupts, system calls: what a user program cannot show.
 *
 * Each step runs one instruction through decoder, blocks and interrupts (engine_step) and looks
 * where the processor went. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/asm.h"
#include "cpu/operand.h"
#include "cpu/run.h"
#include "engine.h"
#include "gen.h"
#include "rng.h"

#define REAL (MSR_SF | MSR_ME | MSR_LE | MSR_FP | MSR_VEC | MSR_VSX)
#define KERNEL (REAL | MSR_IR | MSR_DR)
#define USER (KERNEL | MSR_PR | MSR_EE)
#define NEXT_RA (ENGINE_RA + 4)
#define NEXT_EA (ENGINE_EA + 4)
#define SRR1_ANY 0x783F0000ull      /* SRR1 bits that tell the cause */

static int setup(void **state)
{
    struct error err = { 0 };

    *state = engine_new(ISA_LEVEL_3_00, &err);
    if (!*state)
        print_error("%s\n", err.msg);
    return *state ? 0 : -1;
}

static int setup_power8(void **state)
{
    *state = engine_new(ISA_LEVEL_2_07, NULL);
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    engine_free(*state);
    return 0;
}

static uint32_t word_of(struct engine *e, const char *text)
{
    struct error err;
    uint32_t word = 0;

    if (asm_word(engine_isa(e), text, 0, &word, &err))
        fail_msg("%s", err.msg);
    return word;
}

static uint64_t step(struct engine *e, uint64_t msr, const char *text)
{
    return engine_step(e, msr, word_of(e, text));
}

static uint64_t cause(struct engine *e)
{
    return engine_cpu(e)->spr[SPR_SRR1] & SRR1_ANY;
}

static unsigned facility(struct engine *e)
{
    return (unsigned)(engine_cpu(e)->spr[SPR_FSCR] >> 56);
}

#define expect_program(e, msr, text, why)                                                                             \
    do {                                                                                                              \
        assert_int_equal(step(e, msr, text), VEC_PROGRAM);                                                            \
        assert_int_equal(cause(e), why);                                                                              \
        assert_int_equal(engine_cpu(e)->spr[SPR_SRR0], (msr) & MSR_IR ? ENGINE_EA : ENGINE_RA);                       \
    } while (0)

/* ---- whole table ---- */

static void privileged_instructions_interrupt_problem_state_and_change_nothing(void **state)
{
    struct cpu *c = engine_cpu(*state);
    const struct isa *isa = engine_isa(*state);
    struct rng r = { 3 };

    for (size_t i = 0; i < isa_row_count(isa); i++) {
        const struct isa_row *row = isa_row_at(isa, i);
        uint64_t gpr[32];

        if (!(row->flags & (ISA_PRIV | ISA_HV)))
            continue;
        for (unsigned k = 0; k < 32; k++)
            c->gpr[k] = rng_next(&r);
        memcpy(gpr, c->gpr, sizeof(gpr));
        if (engine_step(*state, USER, gen_word(row, &r)) != VEC_PROGRAM || cause(*state) != PROGRAM_PRIVILEGED)
            fail_msg("%s: no privilege violation", row->name);
        assert_memory_equal(gpr, c->gpr, sizeof(gpr));
        assert_int_equal(c->spr[SPR_SRR0], ENGINE_EA);
        assert_int_equal(c->spr[SPR_SRR1] & ~SRR1_ANY, USER & ~SRR1_ANY);
    }
}

static void hypervisor_instructions_interrupt_privileged_state_too(void **state)
{
    const struct isa *isa = engine_isa(*state);
    struct rng r = { 4 };
    unsigned n = 0;

    for (size_t i = 0; i < isa_row_count(isa); i++) {
        const struct isa_row *row = isa_row_at(isa, i);

        if (!(row->flags & ISA_HV))
            continue;
        n++;
        if (engine_step(*state, REAL, gen_word(row, &r)) != VEC_PROGRAM || cause(*state) != PROGRAM_PRIVILEGED)
            fail_msg("%s: no privilege violation", row->name);
    }
    assert_true(n > 5);
}

/* The interrupt a row gives while a facility is off; 0: it does not need it. */
static unsigned vector_without(const struct isa_row *row, bool high, uint64_t facility_bit)
{
    if (facility_bit == MSR_FP && ((row->flags & ISA_FP) || ((row->flags & ISA_FPVEC_T) && !high)))
        return VEC_FP_UNAVAILABLE;
    if (facility_bit == MSR_VEC && ((row->flags & ISA_VEC) || ((row->flags & (ISA_VSX_T | ISA_FPVEC_T)) && high)))
        return VEC_VMX_UNAVAILABLE;
    if (facility_bit == MSR_VSX && ((row->flags & ISA_VSX) || ((row->flags & ISA_VSX_T) && !high)))
        return VEC_VSX_UNAVAILABLE;
    return 0;
}

static void facilities_that_are_off_interrupt_before_anything_changes(void **state)
{
    static const uint64_t facilities[] = { MSR_FP, MSR_VEC, MSR_VSX };
    struct cpu *c = engine_cpu(*state);
    const struct isa *isa = engine_isa(*state);
    struct rng r = { 5 };
    unsigned n = 0;

    for (size_t i = 0; i < isa_row_count(isa); i++)
        for (unsigned k = 0; k < 6; k++) {
            const struct isa_row *row = isa_row_at(isa, i);
            uint32_t word = gen_word(row, &r);
            unsigned vector = vector_without(row, operand_get(row, 't', word) >= 32, facilities[k % 3]);
            uint64_t at;

            if (!vector)
                continue;
            n++;
            c->gpr[7] = 0x77;
            VSR_D(c->vsr[9], 0) = 0x99;
            at = engine_step(*state, USER & ~facilities[k % 3], word);
            if (at != vector)
                fail_msg("%s (%08x): went to %llx instead of %x", row->name, word, (unsigned long long)at, vector);
            assert_int_equal(c->gpr[7], 0x77);
            assert_int_equal(VSR_D(c->vsr[9], 0), 0x99);
            assert_int_equal(cause(*state), 0);
        }
    assert_true(n > 1000);
}

static void transactional_memory_is_an_unavailable_facility(void **state)
{
    const struct isa *isa = engine_isa(*state);
    struct rng r = { 6 };

    for (size_t i = 0; i < isa_row_count(isa); i++) {
        const struct isa_row *row = isa_row_at(isa, i);

        if (!(row->flags & ISA_TM))
            continue;
        assert_int_equal(engine_step(*state, REAL, gen_word(row, &r)), VEC_FACILITY);
        assert_int_equal(facility(*state), 5);
    }
}

static void rows_of_isa_3_0_are_illegal_on_power8(void **state)
{
    struct isa *isa = isa_new(ISA_LEVEL_3_00);
    struct rng r = { 7 };
    struct op o;

    for (size_t i = 0; i < isa_row_count(isa); i++) {
        const struct isa_row *row = isa_row_at(isa, i);
        uint32_t word = gen_word(row, &r);

        if (!(row->flags & ISA_V3) || isa_decode(engine_isa(*state), word, &o))
            continue;                                   /* a few words mean something older there */
        if (engine_step(*state, USER, word) != VEC_PROGRAM || cause(*state) != PROGRAM_ILLEGAL)
            fail_msg("%s is not illegal on POWER8", row->name);
    }
    isa_free(isa);
}

/* glibc relies on it. */
static void mffsl_is_mffs_on_power8(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->fpscr = 0x82064003;
    assert_int_equal(engine_step(*state, USER, 0xfc78048e), NEXT_EA);       /* mffsl 3 */
    assert_int_equal(cpu_fpr(c, 3), 0x82064003);
}

static void words_of_no_row_are_illegal(void **state)
{
    static const uint32_t words[] = { 0x00000000, 0x04000000, 0x06000000, 0x14000000, 0x24000000, 0x58000000,
                                      0x7c0007ff };
    struct op o;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (isa_decode(engine_isa(*state), words[i], &o))
            fail_msg("%08x is an instruction", words[i]);
        assert_int_equal(engine_step(*state, USER, words[i]), VEC_PROGRAM);
        assert_int_equal(cause(*state), PROGRAM_ILLEGAL);
        assert_int_equal(engine_step(*state, REAL, words[i]), VEC_PROGRAM);
        assert_int_equal(cause(*state), PROGRAM_ILLEGAL);
    }
}

/* ---- MSR ---- */

static void mfmsr_reads_the_msr(void **state)
{
    assert_int_equal(step(*state, KERNEL | MSR_RI, "mfmsr 3"), NEXT_EA);
    assert_int_equal(engine_cpu(*state)->gpr[3], KERNEL | MSR_RI);
}

static void code_is_fetched_by_the_slb_of_the_moment(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->gpr[3] = WIRE_CODE;
    assert_int_equal(step(*state, KERNEL, "slbie 3"), VEC_ISEG);
    assert_int_equal(c->spr[SPR_SRR0], NEXT_EA);
}

static void mtmsrd_cannot_change_hv_le_me_s_or_tm(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->gpr[3] = (REAL ^ (MSR_HV | MSR_LE | MSR_ME | 1ull << 22 | MSR_TM | MSR_TS)) | MSR_EE | MSR_RI | MSR_FE0 |
        MSR_FE1;
    assert_int_equal(step(*state, REAL, "mtmsrd 3,0"), NEXT_RA);
    assert_int_equal(c->msr, REAL | MSR_EE | MSR_RI | MSR_FE0 | MSR_FE1);
    c->gpr[3] = MSR_SF | MSR_ME | MSR_LE;
    assert_int_equal(step(*state, REAL | MSR_EE, "mtmsrd 3,0"), NEXT_RA);
    assert_int_equal(c->msr, MSR_SF | MSR_ME | MSR_LE);
}

static void mtmsrd_with_l_changes_ee_and_ri_only(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->gpr[3] = MSR_EE | MSR_RI;
    assert_int_equal(step(*state, REAL, "mtmsrd 3,1"), NEXT_RA);
    assert_int_equal(c->msr, REAL | MSR_EE | MSR_RI);
    c->gpr[3] = ~(MSR_EE | MSR_RI);
    assert_int_equal(step(*state, REAL | MSR_EE | MSR_RI, "mtmsrd 3,1"), NEXT_RA);
    assert_int_equal(c->msr, REAL);
}

static void mtmsr_keeps_the_high_half(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->gpr[3] = MSR_VEC | MSR_RI;
    assert_int_equal(step(*state, REAL, "mtmsr 3,0"), NEXT_RA);
    assert_int_equal(c->msr, MSR_SF | MSR_ME | MSR_LE | MSR_VEC | MSR_RI);
}

static void problem_state_brings_interrupts_and_translation(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->gpr[3] = REAL | MSR_PR;
    step(*state, KERNEL, "mtmsrd 3,0");
    assert_int_equal(c->msr, USER);
    c->spr[SPR_SRR0] = ENGINE_EA + 4;
    c->spr[SPR_SRR1] = REAL | MSR_PR;
    assert_int_equal(step(*state, KERNEL, "rfid"), NEXT_EA);
    assert_int_equal(c->msr, USER);
}

static void rfid_restores_all_but_hv_me_s_and_tm(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->spr[SPR_SRR0] = ENGINE_RA + 4 + 3;
    c->spr[SPR_SRR1] = MSR_SF | MSR_HV | MSR_TM | MSR_TS | 1ull << 22 | MSR_RI | MSR_LE;
    assert_int_equal(step(*state, REAL, "rfid"), NEXT_RA);
    assert_int_equal(c->msr, MSR_SF | MSR_ME | MSR_RI | MSR_LE);
}

static void rfid_changes_byte_order(void **state)
{
    struct cpu *c = engine_cpu(*state);
    const uint32_t call = __builtin_bswap32(0x44000022);

    memcpy(engine_ram(*state) + 0x31000, &call, 4);
    c->spr[SPR_SRR0] = 0x31000;
    c->spr[SPR_SRR1] = REAL & ~MSR_LE;
    assert_int_equal(step(*state, REAL, "rfid"), 0x31000);
    assert_int_equal(c->msr, REAL & ~MSR_LE);
}

static void rfid_to_32_bit_mode_truncates_the_address(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->spr[SPR_SRR0] = 0xabcd000000000000ull | NEXT_RA;
    c->spr[SPR_SRR1] = REAL & ~MSR_SF;
    assert_int_equal(step(*state, REAL, "rfid"), NEXT_RA);
    assert_int_equal(c->msr, REAL & ~MSR_SF);
}

static void rfscv_returns_by_lr_and_ctr(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->lr = NEXT_EA;
    c->ctr = USER | MSR_RI;
    assert_int_equal(step(*state, REAL, "rfscv"), NEXT_EA);
    assert_int_equal(c->msr, USER | MSR_RI);
}

/* ---- system calls and interrupts ---- */

static void sc_saves_the_next_address(void **state)
{
    struct cpu *c = engine_cpu(*state);

    assert_int_equal(step(*state, USER | MSR_RI, "sc 0"), VEC_SYSCALL);
    assert_int_equal(c->spr[SPR_SRR0], NEXT_EA);
    assert_int_equal(c->spr[SPR_SRR1], USER | MSR_RI);
    assert_int_equal(c->msr, MSR_SF | MSR_ME | MSR_LE);
}

static void interrupts_run_in_the_byte_order_of_ile(void **state)
{
    struct cpu *c = engine_cpu(*state);
    const uint32_t call = __builtin_bswap32(0x44000022);

    cpu_set_ile(c, false);
    memcpy(engine_ram(*state) + VEC_SYSCALL, &call, 4);
    cpu_code_written(c, ra(VEC_SYSCALL), 4);
    assert_int_equal(step(*state, USER, "sc 0"), VEC_SYSCALL);
    assert_int_equal(c->msr, MSR_SF | MSR_ME);
}

static void scv_needs_its_facility(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->spr[SPR_FSCR] = 0;
    assert_int_equal(step(*state, USER, "scv 3"), VEC_FACILITY);
    assert_int_equal(facility(*state), 12);
    assert_int_equal(c->spr[SPR_SRR0], ENGINE_EA);
}

static void scv_goes_through_lr_and_ctr_and_keeps_ee_and_ri(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->spr[SPR_FSCR] = 1 << 12;
    c->spr[SPR_SRR0] = c->spr[SPR_SRR1] = 0x1234;
    assert_int_equal(step(*state, USER | MSR_RI, "scv 3"), VEC_SCV + 0x60);
    assert_int_equal(c->lr, NEXT_EA);
    assert_int_equal(c->ctr, USER | MSR_RI);
    assert_int_equal(c->spr[SPR_SRR0], 0x1234);
    assert_int_equal(c->spr[SPR_SRR1], 0x1234);
    assert_int_equal(c->msr, MSR_SF | MSR_ME | MSR_LE | MSR_EE | MSR_RI);
}

static void ail_3_relocates_interrupts_of_translated_code_only(void **state)
{
    struct cpu *c = engine_cpu(*state);

    cpu_set_ail(c, 3);
    assert_int_equal(step(*state, USER, "sc 0"), 0xC000000000004C00ull);
    assert_int_equal(c->msr, MSR_SF | MSR_ME | MSR_LE | MSR_IR | MSR_DR);
    c->spr[SPR_FSCR] = 1 << 12;
    assert_int_equal(step(*state, USER, "scv 1"), 0xC000000000003020ull);
    assert_int_equal(step(*state, REAL, "sc 0"), VEC_SYSCALL);
    assert_int_equal(step(*state, REAL | MSR_IR, "sc 0"), VEC_SYSCALL);
}

static void a_system_reset_is_never_relocated(void **state)
{
    struct cpu *c = engine_cpu(*state);

    cpu_set_ail(c, 3);
    cpu_set_msr(c, KERNEL);
    c->nip = ENGINE_EA;
    cpu_interrupt(c, VEC_SRESET, 0);
    assert_int_equal(c->nip, VEC_SRESET);
    assert_int_equal(c->msr, MSR_SF | MSR_ME | MSR_LE);
}

static void traps_and_illegal_words_tell_their_cause(void **state)
{
    engine_cpu(*state)->gpr[3] = 5;
    expect_program(*state, USER, "tdi 31,3,0", PROGRAM_TRAP);
    expect_program(*state, KERNEL, "twi 4,3,5", PROGRAM_TRAP);
    expect_program(*state, REAL, "tw 31,0,0", PROGRAM_TRAP);
    assert_int_equal(step(*state, USER, "twi 24,3,5"), NEXT_EA);
}

static void the_decrementer_interrupts_when_ee_allows(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->gpr[3] = 0x80000000;
    assert_int_equal(step(*state, REAL, "mtspr 22,3"), NEXT_RA);
    c->gpr[3] = MSR_EE;
    assert_int_equal(step(*state, REAL, "mtmsrd 3,1"), VEC_DECREMENTER);
    assert_int_equal(c->spr[SPR_SRR0], NEXT_RA);
    assert_int_equal(c->spr[SPR_SRR1], REAL | MSR_EE);
    c->gpr[3] = 0x7fffffff;
    step(*state, REAL, "mtspr 22,3");
    assert_int_equal(step(*state, REAL | MSR_EE, "ori 0,0,0"), NEXT_RA);
}

static void external_interrupts_come_before_the_decrementer(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->gpr[3] = 0xffffffff;
    step(*state, REAL, "mtspr 22,3");
    cpu_set_irq(c, CPU_IRQ_EXTERNAL, true);
    assert_true(cpu_irq_pending(c));
    assert_int_equal(step(*state, REAL, "ori 0,0,0"), NEXT_RA);
    assert_int_equal(step(*state, REAL | MSR_EE, "ori 0,0,0"), VEC_EXTERNAL);
    assert_int_equal(c->spr[SPR_SRR0], ENGINE_RA);
    cpu_set_irq(c, CPU_IRQ_EXTERNAL, false);
    assert_int_equal(step(*state, REAL | MSR_EE, "ori 0,0,0"), VEC_DECREMENTER);
}

static void single_step_traces_each_instruction(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->gpr[3] = 1;
    assert_int_equal(step(*state, REAL | MSR_SE, "addi 3,3,1"), VEC_TRACE);
    assert_int_equal(c->gpr[3], 2);
    assert_int_equal(c->spr[SPR_SRR0], NEXT_RA);
    assert_int_equal(step(*state, REAL | MSR_BE, "addi 3,3,1"), NEXT_RA);
    c->lr = NEXT_RA;
    assert_int_equal(step(*state, REAL | MSR_BE, "blr"), VEC_TRACE);
}

/* ---- storage interrupts ---- */

static void a_missing_page_tells_address_and_direction(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->gpr[4] = WIRE_DATA + 0x100000;
    assert_int_equal(step(*state, KERNEL, "ld 3,8(4)"), VEC_DSI);
    assert_int_equal(c->spr[SPR_DAR], WIRE_DATA + 0x100008);
    assert_int_equal(c->spr[SPR_DSISR], 0x40000000);
    assert_int_equal(step(*state, KERNEL, "std 3,8(4)"), VEC_DSI);
    assert_int_equal(c->spr[SPR_DSISR], 0x42000000);
    assert_int_equal(c->spr[SPR_SRR0], ENGINE_EA);
}

static void a_missing_segment_has_its_own_interrupt(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->gpr[4] = 0x123456789000;
    assert_int_equal(step(*state, USER, "lwz 3,0(4)"), VEC_DSEG);
    assert_int_equal(c->spr[SPR_DAR], 0x123456789000);
    c->lr = 0x123456789000;
    assert_int_equal(step(*state, USER, "blr"), VEC_ISEG);
    assert_int_equal(c->spr[SPR_SRR0], 0x123456789000);
    c->lr = WIRE_CODE + 0x10000;
    assert_int_equal(step(*state, USER, "blr"), VEC_ISI);
    assert_int_equal(cause(*state), 0x40000000);
}

static void little_endian_multiples_are_alignment_interrupts(void **state)
{
    static const char *const texts[] = { "lmw 20,0(4)", "stmw 20,0(4)", "lswi 20,4,8", "stswi 20,4,8", "lswx 20,4,5",
                                         "stswx 20,4,5" };
    struct cpu *c = engine_cpu(*state);

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        c->gpr[4] = WIRE_DATA + 16;
        c->gpr[5] = 0;
        cpu_set_xer(c, 8);
        assert_int_equal(step(*state, KERNEL, texts[i]), VEC_ALIGNMENT);
        assert_int_equal(c->spr[SPR_DAR], WIRE_DATA + 16);
        assert_int_equal(step(*state, KERNEL & ~MSR_LE, texts[i]), NEXT_EA);
    }
}

static void unaligned_quads_and_reservations_are_alignment_interrupts(void **state)
{
    static const char *const texts[] = { "lq 20,0(4)", "stq 20,0(4)", "lwarx 20,0,4", "ldarx 20,0,4", "stdcx. 20,0,4",
                                         "lqarx 20,0,4", "lharx 20,0,4" };
    struct cpu *c = engine_cpu(*state);

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        c->gpr[4] = WIRE_DATA + 17;
        assert_int_equal(step(*state, KERNEL, texts[i]), VEC_ALIGNMENT);
    }
}

static void addresses_wrap_in_32_bit_mode(void **state)
{
    struct cpu *c = engine_cpu(*state);
    uint32_t v = 0x11223344;

    memcpy(engine_ram(*state) + 0x40000, &v, 4);
    c->gpr[4] = 0xdeadbeef00040008ull;
    assert_int_equal(step(*state, REAL & ~MSR_SF, "lwz 3,-8(4)"), NEXT_RA);
    assert_int_equal(c->gpr[3], 0x11223344);
    c->gpr[3] = 0x1122334480000000ull;
    assert_int_equal(step(*state, REAL & ~MSR_SF, "add. 3,3,3"), NEXT_RA);
    assert_int_equal(c->cr[0], CR_EQ);
    assert_int_equal(c->gpr[3], 0x2244668900000000ull);
    c->ctr = 0xffffffff00000001ull;
    assert_int_equal(step(*state, REAL & ~MSR_SF, "bdnz 0x100"), NEXT_RA);
}

/* ---- the exceptions of exceptions.c ---- */

static void a_store_conditional_quad_succeeds_once(void **state)
{
    struct cpu *c = engine_cpu(*state);
    uint64_t mem[2] = { 0x1111, 0x2222 }, got[2];

    memcpy(engine_ram(*state) + 0x40000, mem, 16);
    c->gpr[4] = 0x40000;
    c->so = 1;
    assert_int_equal(step(*state, REAL, "lqarx 6,0,4"), NEXT_RA);
    assert_int_equal(c->gpr[6], 0x2222);                /* the high half has the higher address in little-endian mode */
    assert_int_equal(c->gpr[7], 0x1111);
    c->gpr[8] = 0xaaaa;
    c->gpr[9] = 0xbbbb;
    assert_int_equal(step(*state, REAL, "stqcx. 8,0,4"), NEXT_RA);
    assert_int_equal(c->cr[0], CR_EQ | CR_SO);
    memcpy(got, engine_ram(*state) + 0x40000, 16);
    assert_int_equal(got[0], 0xbbbb);
    assert_int_equal(got[1], 0xaaaa);
    assert_int_equal(step(*state, REAL, "stqcx. 6,0,4"), NEXT_RA);
    assert_int_equal(c->cr[0], CR_SO);
    memcpy(got, engine_ram(*state) + 0x40000, 16);
    assert_int_equal(got[0], 0xbbbb);
}

static void darn_gives_numbers_and_all_ones_for_the_reserved_form(void **state)
{
    struct cpu *c = engine_cpu(*state);
    uint64_t first;

    assert_int_equal(step(*state, USER, "darn 3,1"), NEXT_EA);
    first = c->gpr[3];
    assert_int_equal(step(*state, USER, "darn 3,1"), NEXT_EA);
    assert_int_not_equal(first, c->gpr[3]);
    assert_int_equal(step(*state, USER, "darn 3,0"), NEXT_EA);
    assert_int_equal(c->gpr[3] >> 32, 0);
    assert_int_equal(step(*state, USER, "darn 3,3"), NEXT_EA);
    assert_int_equal(c->gpr[3], ~0ull);
}

static void mftb_reads_the_time_base(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->tb_offset = 0x123456789abcull;
    assert_int_equal(step(*state, USER, "mftb 3,268"), NEXT_EA);
    assert_int_equal(c->gpr[3], 0x123456789abcull);
}

static void hints_that_wait_or_prefetch_are_no_operations(void **state)
{
    assert_int_equal(step(*state, USER, "wait 0"), NEXT_EA);
    assert_int_equal(step(*state, USER, "icbt 0,3,4"), NEXT_EA);
}

static void event_branches_and_bhrb_are_gated(void **state)
{
    struct cpu *c = engine_cpu(*state);

    c->spr[SPR_FSCR] = 0;
    assert_int_equal(step(*state, USER, "rfebb 1"), VEC_FACILITY);
    assert_int_equal(facility(*state), 7);
    assert_int_equal(step(*state, USER, "mfbhrbe 3,0"), VEC_FACILITY);
    assert_int_equal(facility(*state), 4);
    assert_int_equal(step(*state, USER, "clrbhrb"), VEC_FACILITY);
    c->spr[SPR_FSCR] = 1 << 7;
    c->spr[SPR_EBBRR] = NEXT_EA;
    assert_int_equal(step(*state, USER, "rfebb 1"), NEXT_EA);
    assert_int_equal(c->spr[SPR_BESCR] >> 63, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(privileged_instructions_interrupt_problem_state_and_change_nothing),
        TEST(hypervisor_instructions_interrupt_privileged_state_too),
        TEST(facilities_that_are_off_interrupt_before_anything_changes),
        TEST(transactional_memory_is_an_unavailable_facility),
        cmocka_unit_test_setup_teardown(rows_of_isa_3_0_are_illegal_on_power8, setup_power8, teardown),
        cmocka_unit_test_setup_teardown(mffsl_is_mffs_on_power8, setup_power8, teardown),
        TEST(words_of_no_row_are_illegal),
        TEST(mfmsr_reads_the_msr),
        TEST(code_is_fetched_by_the_slb_of_the_moment),
        TEST(mtmsrd_cannot_change_hv_le_me_s_or_tm),
        TEST(mtmsrd_with_l_changes_ee_and_ri_only),
        TEST(mtmsr_keeps_the_high_half),
        TEST(problem_state_brings_interrupts_and_translation),
        TEST(rfid_restores_all_but_hv_me_s_and_tm),
        TEST(rfid_changes_byte_order),
        TEST(rfid_to_32_bit_mode_truncates_the_address),
        TEST(rfscv_returns_by_lr_and_ctr),
        TEST(sc_saves_the_next_address),
        TEST(interrupts_run_in_the_byte_order_of_ile),
        TEST(scv_needs_its_facility),
        TEST(scv_goes_through_lr_and_ctr_and_keeps_ee_and_ri),
        TEST(ail_3_relocates_interrupts_of_translated_code_only),
        TEST(a_system_reset_is_never_relocated),
        TEST(traps_and_illegal_words_tell_their_cause),
        TEST(the_decrementer_interrupts_when_ee_allows),
        TEST(external_interrupts_come_before_the_decrementer),
        TEST(single_step_traces_each_instruction),
        TEST(a_missing_page_tells_address_and_direction),
        TEST(a_missing_segment_has_its_own_interrupt),
        TEST(little_endian_multiples_are_alignment_interrupts),
        TEST(unaligned_quads_and_reservations_are_alignment_interrupts),
        TEST(addresses_wrap_in_32_bit_mode),
        TEST(a_store_conditional_quad_succeeds_once),
        TEST(darn_gives_numbers_and_all_ones_for_the_reserved_form),
        TEST(mftb_reads_the_time_base),
        TEST(hints_that_wait_or_prefetch_are_no_operations),
        TEST(event_branches_and_bhrb_are_gated),
    };

    return cmocka_run_group_tests_name("isa_system", tests, NULL, NULL);
}
