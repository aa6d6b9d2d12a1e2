/* SPDX-License-Identifier: Apache-2.0 */
/* Loads, stores, strings, reservations, atomic memory operations, cache blocks: both byte orders, faults without
 * effect. */
#include "tests/unit/cpu_fixture.h"

#include <pthread.h>

#include "base/endian.h"

#define ONES UINT64_MAX
#define NOWHERE (FIXTURE_RAM + 0x1000ull) /* no RAM there: a machine check */

static void set_le(struct cpu_fixture *f, bool le)
{
    cpu_set_msr(&f->cpu, le ? f->cpu.msr | MSR_LE : f->cpu.msr & ~MSR_LE);
}

static void fill(struct cpu_fixture *f)
{
    for (unsigned i = 0; i < 256; i++)
        f->ram[FIXTURE_DATA + i] = (uint8_t)(0x80 + i);
}

/* r3 <- load from FIXTURE_DATA + off, r4 the base, r5 the index. */
static uint64_t load(struct cpu_fixture *f, uint32_t word, uint64_t base, uint64_t index)
{
    f->cpu.gpr[4] = base;
    f->cpu.gpr[5] = index;
    assert_int_equal(cpu_fixture_run(f, word), 0);
    return f->cpu.gpr[3];
}

static uint32_t word_ds(unsigned primary, unsigned t, unsigned a, int off, unsigned xo)
{
    return word_d(primary, t, a, off) | xo;
}

static void loads_by_size_sign_and_byte_order(void **state)
{
    static const struct {
        uint32_t d_form, x_form;
        uint64_t le, be;
    } t[] = {
        { 34u << 26, 87, 0x81, 0x81 },
        { 40u << 26, 279, 0x8281, 0x8182 },
        { 42u << 26, 343, 0xFFFFFFFFFFFF8281, 0xFFFFFFFFFFFF8182 },
        { 32u << 26, 23, 0x84838281, 0x81828384 },
        { 58u << 26 | 2, 341, 0xFFFFFFFF84838281, 0xFFFFFFFF81828384 },
        { 58u << 26, 21, 0x8887868584838281, 0x8182838485868788 },
        { 0, 790, 0x8182, 0x8281 },
        { 0, 534, 0x81828384, 0x84838281 },
        { 0, 532, 0x8182838485868788, 0x8887868584838281 },
    };
    struct cpu_fixture *f = *state;

    fill(f);
    for (unsigned le = 0; le < 2; le++)
        for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
            uint64_t want = le ? t[i].le : t[i].be;

            set_le(f, le);
            if (t[i].d_form)
                assert_int_equal(load(f, t[i].d_form | word_d(0, 3, 4, -16), FIXTURE_DATA + 17, 0), want);
            assert_int_equal(load(f, word_x(t[i].x_form, 3, 4, 5), 0x1234, FIXTURE_DATA + 1 - 0x1234), want);
        }
}

static void updates_write_the_address_after_success(void **state)
{
    static const struct {
        unsigned primary, ds, xo;
        bool store;
    } t[] = { { 35, 0, 119, false }, { 41, 0, 311, false }, { 43, 0, 375, false },
              { 33, 0, 55, false },  { 58, 1, 53, false },  { 39, 0, 247, true },
              { 45, 0, 439, true },  { 37, 0, 183, true },  { 62, 1, 181, true } };
    struct cpu_fixture *f = *state;

    for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        f->cpu.gpr[3] = 0x55;
        load(f, word_ds(t[i].primary, 3, 4, -8, t[i].ds), FIXTURE_DATA + 8, 0);
        assert_int_equal(f->cpu.gpr[4], FIXTURE_DATA);
        load(f, word_x(t[i].xo, 3, 4, 5), FIXTURE_DATA + 8, 16);
        assert_int_equal(f->cpu.gpr[4], FIXTURE_DATA + 24);
        f->cpu.gpr[3] = 0x77;
        f->cpu.gpr[4] = NOWHERE;
        assert_int_equal(cpu_fixture_run(f, word_ds(t[i].primary, 3, 4, 8, t[i].ds)), VEC_MCE);
        assert_int_equal(f->cpu.gpr[3], 0x77);
        assert_int_equal(f->cpu.gpr[4], NOWHERE);
    }
    load(f, word_x(373, 3, 4, 5), FIXTURE_DATA, 4); /* lwaux */
    assert_int_equal(f->cpu.gpr[4], FIXTURE_DATA + 4);
}

static void stores_touch_their_bytes_only(void **state)
{
    static const struct {
        uint32_t d_form;
        unsigned xo, size;
        bool reversed;
    } t[] = { { 38u << 26, 215, 1, false }, { 44u << 26, 407, 2, false }, { 36u << 26, 151, 4, false },
              { 62u << 26, 149, 8, false }, { 0, 918, 2, true },          { 0, 662, 4, true },
              { 0, 660, 8, true } };
    struct cpu_fixture *f = *state;
    uint64_t v = 0x1122334455667788;

    for (unsigned le = 0; le < 2; le++)
        for (unsigned i = 0; i < 2 * sizeof(t) / sizeof(t[0]); i++) {
            unsigned size = t[i / 2].size;
            uint8_t want[16];

            memset(want, 0xEE, 16);
            memset(f->ram + FIXTURE_DATA, 0xEE, 16);
            for (unsigned b = 0; b < size; b++)
                want[3 + b] = (uint8_t)(v >> 8 * (le != t[i / 2].reversed ? b : size - 1 - b));
            set_le(f, le);
            f->cpu.gpr[3] = v;
            if (i % 2)
                load(f, word_x(t[i / 2].xo, 3, 4, 5), FIXTURE_DATA, 3);
            else if (t[i / 2].d_form)
                load(f, t[i / 2].d_form | word_d(0, 3, 4, 4), FIXTURE_DATA - 1, 0);
            else
                continue;
            assert_memory_equal(f->ram + FIXTURE_DATA, want, 16);
        }
}

static void accesses_cross_pages_whole_or_not_at_all(void **state)
{
    struct cpu_fixture *f = *state;
    uint64_t border = FIXTURE_DATA + 0x1000;

    f->cpu.gpr[3] = 0x1122334455667788;
    load(f, word_d(62, 3, 4, 0), border - 3, 0);
    f->cpu.gpr[3] = 0;
    assert_int_equal(load(f, word_d(58, 3, 4, 0), border - 3, 0), 0x1122334455667788);
    memset(f->ram + FIXTURE_RAM - 4, 0xEE, 4);
    f->cpu.gpr[3] = 0x77;
    f->cpu.gpr[4] = FIXTURE_RAM - 4;
    assert_int_equal(cpu_fixture_run(f, word_d(62, 3, 4, 0)), VEC_MCE);
    assert_int_equal(f->ram[FIXTURE_RAM - 1], 0xEE);
    assert_int_equal(cpu_fixture_run(f, word_d(58, 3, 4, 0)), VEC_MCE);
    assert_int_equal(f->cpu.gpr[3], 0x77);
}

static void addresses_wrap_at_4_gib_in_32_bit_mode(void **state)
{
    struct cpu_fixture *f = *state;

    fill(f);
    cpu_set_msr(&f->cpu, f->cpu.msr & ~MSR_SF);
    assert_int_equal(load(f, word_d(34, 3, 4, 1), 0xABC00000000ull + FIXTURE_DATA, 0), 0x81);
    assert_int_equal(load(f, word_x(87, 3, 4, 5), 0xFFFFFFFF, FIXTURE_DATA + 3), 0x82);
    load(f, word_d(35, 3, 4, 1), 0xABC00000000ull + FIXTURE_DATA, 0);
    assert_int_equal(f->cpu.gpr[4], FIXTURE_DATA + 1);
}

static void quadwords_have_their_high_half_in_the_even_register(void **state)
{
    struct cpu_fixture *f = *state;

    fill(f);
    f->cpu.gpr[4] = FIXTURE_DATA;
    assert_int_equal(cpu_fixture_run(f, word_d(56, 6, 4, 16)), 0);
    assert_int_equal(f->cpu.gpr[6], 0x9F9E9D9C9B9A9998);
    assert_int_equal(f->cpu.gpr[7], 0x9796959493929190);
    set_le(f, false);
    assert_int_equal(cpu_fixture_run(f, word_d(56, 6, 4, 16)), 0);
    assert_int_equal(f->cpu.gpr[6], 0x9091929394959697);
    assert_int_equal(f->cpu.gpr[7], 0x98999A9B9C9D9E9F);
    assert_int_equal(cpu_fixture_run(f, word_d(62, 6, 4, 32) | 2), 0);
    assert_memory_equal(f->ram + FIXTURE_DATA + 32, f->ram + FIXTURE_DATA + 16, 16);
    set_le(f, true);
    assert_int_equal(cpu_fixture_run(f, word_d(62, 6, 4, 32) | 2), 0);
    assert_int_equal(f->ram[FIXTURE_DATA + 32], 0x9F);
    f->cpu.gpr[4]++;
    assert_int_equal(cpu_fixture_run(f, word_d(56, 6, 4, 16)), VEC_ALIGNMENT);
    assert_int_equal(cpu_fixture_run(f, word_d(62, 6, 4, 16) | 2), VEC_ALIGNMENT);
    assert_int_equal(cpu_fixture_run(f, word_d(56, 7, 4, 16)), VEC_PROGRAM);
    assert_int_equal(cpu_fixture_run(f, word_d(62, 7, 4, 16) | 2), VEC_PROGRAM);
}

static void multiple_and_string_in_big_endian_only(void **state)
{
    struct cpu_fixture *f = *state;

    fill(f);
    f->cpu.gpr[4] = FIXTURE_DATA;
    assert_int_equal(cpu_fixture_run(f, word_d(46, 30, 4, 0)), VEC_ALIGNMENT);
    assert_int_equal(f->cpu.spr[SPR_DAR], FIXTURE_DATA);
    assert_int_equal(cpu_fixture_run(f, word_x(597, 30, 4, 5)), VEC_ALIGNMENT);
    assert_int_equal(cpu_fixture_run(f, word_x(725, 30, 4, 5)), VEC_ALIGNMENT);
    set_le(f, false);
    assert_int_equal(cpu_fixture_run(f, word_d(46, 30, 4, 2)), 0);
    assert_int_equal(f->cpu.gpr[30], 0x82838485);
    assert_int_equal(f->cpu.gpr[31], 0x86878889);
    f->cpu.gpr[30] = ONES;
    assert_int_equal(cpu_fixture_run(f, word_d(47, 30, 4, 0x100)), 0);
    assert_int_equal(be32_get(f->ram + FIXTURE_DATA + 0x100), 0xFFFFFFFF);
    assert_int_equal(be32_get(f->ram + FIXTURE_DATA + 0x104), 0x86878889);
    f->cpu.gpr[0] = f->cpu.gpr[1] = ONES;
    assert_int_equal(cpu_fixture_run(f, word_x(597, 31, 4, 7)), 0); /* wraps to r0, 3 bytes there */
    assert_int_equal(f->cpu.gpr[31], 0x80818283);
    assert_int_equal(f->cpu.gpr[0], 0x84858600);
    assert_int_equal(f->cpu.gpr[1], ONES);
    f->cpu.gpr[5] = 0x200;
    f->cpu.xer_count = 5;
    f->cpu.gpr[6] = 0x11223344;
    f->cpu.gpr[7] = 0x55667788;
    assert_int_equal(cpu_fixture_run(f, word_x(661, 6, 4, 5)), 0);
    assert_int_equal(be64_get(f->ram + FIXTURE_DATA + 0x200), 0x1122334455000000);
    f->cpu.xer_count = 0;
    f->cpu.gpr[5] = NOWHERE;
    assert_int_equal(cpu_fixture_run(f, word_x(533, 6, 4, 5)), 0);
    assert_int_equal(f->cpu.gpr[6], 0x11223344);
    f->cpu.gpr[8] = FIXTURE_DATA;
    assert_int_equal(cpu_fixture_run(f, word_x(597, 12, 8, 0)), 0); /* NB = 0: 32 bytes */
    assert_int_equal(f->cpu.gpr[19], 0x9C9D9E9F);
    f->cpu.gpr[4] = FIXTURE_RAM - 4;
    f->cpu.gpr[30] = 7;
    assert_int_equal(cpu_fixture_run(f, word_d(46, 30, 4, 0)), VEC_MCE);
    assert_int_equal(f->cpu.gpr[30], 7);
}

static const struct {
    unsigned larx, stcx, size;
} reserve[] = { { 52, 694, 1 }, { 116, 726, 2 }, { 20, 150, 4 }, { 84, 214, 8 }, { 276, 182, 16 } };

static unsigned store_conditional(struct cpu_fixture *f, unsigned i, uint64_t v)
{
    f->cpu.gpr[8] = f->cpu.gpr[9] = v;
    f->cpu.cr[0] = 15;
    assert_int_equal(cpu_fixture_run(f, word_x(reserve[i].stcx, 8, 4, 5) | WORD_RC), 0);
    return f->cpu.cr[0];
}

static void a_reservation_stores_once(void **state)
{
    struct cpu_fixture *f = *state;

    for (unsigned le = 0; le < 2; le++)
        for (unsigned i = 0; i < 5; i++) {
            uint8_t want[32];

            fill(f);
            set_le(f, le);
            load(f, word_x(reserve[i].larx, 6, 4, 5), FIXTURE_DATA, 16);
            memcpy(want, f->ram + FIXTURE_DATA, 32);
            memset(want + 16, 0x11, reserve[i].size);
            f->cpu.so = 1;
            assert_int_equal(store_conditional(f, i, 0x1111111111111111), CR_EQ | CR_SO);
            assert_memory_equal(f->ram + FIXTURE_DATA, want, 32);
            f->cpu.so = 0;
            assert_int_equal(store_conditional(f, i, 0x2222222222222222), 0);
            assert_memory_equal(f->ram + FIXTURE_DATA, want, 32);
        }
    fill(f);
    load(f, word_x(20, 6, 4, 5), FIXTURE_DATA, 16);
    assert_int_equal(f->cpu.gpr[6], 0x93929190);
    load(f, word_x(276, 6, 4, 5), FIXTURE_DATA, 16);
    assert_int_equal(f->cpu.gpr[6], 0x9F9E9D9C9B9A9998);
    assert_int_equal(f->cpu.gpr[7], 0x9796959493929190);
}

static void a_reservation_fails_on_change_address_and_size(void **state)
{
    struct cpu_fixture *f = *state;

    for (unsigned i = 0; i < 5; i++) {
        fill(f);
        load(f, word_x(reserve[i].larx, 6, 4, 5), FIXTURE_DATA, 16);
        f->ram[FIXTURE_DATA + 16 + reserve[i].size - 1] ^= 1;
        assert_int_equal(store_conditional(f, i, 0), 0);
        load(f, word_x(reserve[i].larx, 6, 4, 5), FIXTURE_DATA, 16);
        f->cpu.gpr[5] = 32;
        assert_int_equal(store_conditional(f, i, 0), 0);
        f->cpu.gpr[5] = 16;
        load(f, word_x(reserve[i].larx, 6, 4, 5), FIXTURE_DATA, 16);
        assert_int_equal(store_conditional(f, (i + 1) % 5, 0), 0);
        assert_int_equal(store_conditional(f, i, 0), 0); /* any store conditional ends the reservation */
        assert_int_not_equal(f->ram[FIXTURE_DATA + 16], 0);
    }
}

static void reservations_want_aligned_addresses(void **state)
{
    struct cpu_fixture *f = *state;

    for (unsigned i = 1; i < 5; i++) {
        f->cpu.gpr[4] = FIXTURE_DATA;
        f->cpu.gpr[5] = reserve[i].size / 2;
        assert_int_equal(cpu_fixture_run(f, word_x(reserve[i].larx, 6, 4, 5)), VEC_ALIGNMENT);
        assert_int_equal(cpu_fixture_run(f, word_x(reserve[i].stcx, 6, 4, 5) | WORD_RC), VEC_ALIGNMENT);
        assert_int_equal(f->cpu.spr[SPR_DAR], FIXTURE_DATA + reserve[i].size / 2);
    }
    assert_int_equal(cpu_fixture_run(f, word_x(276, 7, 4, 5)), VEC_PROGRAM);
    assert_int_equal(cpu_fixture_run(f, word_x(276, 4, 4, 5)), VEC_PROGRAM);
    assert_int_equal(cpu_fixture_run(f, word_x(150, 6, 4, 5)), -1); /* Rc = 0 */
}

/* r10 <- AMO of memory with r11 (and r12); memory afterwards in *mem. */
static uint64_t amo(struct cpu_fixture *f, unsigned size, unsigned fc, uint64_t mem[2], uint64_t v, uint64_t v2)
{
    bool le = f->cpu.le;

    for (unsigned i = 0; i < 2; i++) {
        uint8_t *p = f->ram + FIXTURE_DATA + size * i;
        uint32_t word = (uint32_t)(le ? mem[i] : __builtin_bswap32((uint32_t)mem[i]));
        uint64_t dword = le ? mem[i] : __builtin_bswap64(mem[i]);

        memcpy(p, size == 4 ? (void *)&word : (void *)&dword, size);
    }
    f->cpu.gpr[4] = FIXTURE_DATA + (fc == 28 ? size : 0);
    f->cpu.gpr[11] = v;
    f->cpu.gpr[12] = v2;
    assert_int_equal(cpu_fixture_run(f, word_x(size == 4 ? 582 : 614, 10, 4, fc)), 0);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t *p = f->ram + FIXTURE_DATA + size * i;
        uint32_t word;
        uint64_t dword;

        memcpy(&word, p, 4);
        memcpy(&dword, p, 8);
        mem[i] = size == 4 ? le ? word : __builtin_bswap32(word) : le ? dword : __builtin_bswap64(dword);
    }
    return f->cpu.gpr[10];
}

static void atomic_loads(void **state)
{
    static const struct {
        unsigned fc;
        uint64_t m0, m1, v, v2, want_rt, want0, want1;
    } t[] = {
        { 0, 0xFFFFFFFF, 0, 2, 0, 0xFFFFFFFF, 1, 0 },
        { 1, 0xF0, 0, 0xFF, 0, 0xF0, 0x0F, 0 },
        { 2, 0xF0, 0, 0x0F, 0, 0xF0, 0xFF, 0 },
        { 3, 0xF0, 0, 0x3C, 0, 0xF0, 0x30, 0 },
        { 4, 1, 0, 0xFFFFFFFF, 0, 1, 0xFFFFFFFF, 0 },
        { 5, 1, 0, 0xFFFFFFFF, 0, 1, 1, 0 },
        { 6, 1, 0, 0xFFFFFFFF, 0, 1, 1, 0 },
        { 7, 1, 0, 0xFFFFFFFF, 0, 1, 0xFFFFFFFF, 0 },
        { 8, 5, 0, 6, 0, 5, 6, 0 },
        { 16, 5, 0, 5, 9, 5, 5, 0 },
        { 16, 5, 0, 6, 9, 5, 9, 0 },
        { 24, 5, 6, 0, 0, 5, 6, 6 },
        { 24, 6, 6, 0, 0, 0x80000000, 6, 6 },
        { 25, 6, 6, 0, 0, 6, 7, 6 },
        { 25, 5, 6, 0, 0, 0x80000000, 5, 6 },
        { 28, 5, 6, 0, 0, 6, 5, 5 },
        { 28, 5, 5, 0, 0, 0x80000000, 5, 5 },
    };
    struct cpu_fixture *f = *state;

    for (unsigned le = 0; le < 2; le++)
        for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
            uint64_t mem[2] = { t[i].m0, t[i].m1 };

            set_le(f, le);
            assert_int_equal(amo(f, 4, t[i].fc, mem, t[i].v | ONES << 32, t[i].v2), t[i].want_rt);
            assert_int_equal(mem[0], t[i].want0);
            assert_int_equal(mem[1], t[i].want1);
        }
    for (unsigned i = 9; i < sizeof(t) / sizeof(t[0]); i++) {
        uint64_t mem[2] = { t[i].m0, t[i].m1 };

        assert_int_equal(amo(f, 8, t[i].fc, mem, t[i].v, t[i].v2),
                         t[i].want_rt == 0x80000000 ? 1ull << 63 : t[i].want_rt);
        assert_int_equal(mem[0], t[i].want0);
        assert_int_equal(mem[1], t[i].want1);
    }
}

static void atomic_stores(void **state)
{
    struct cpu_fixture *f = *state;
    uint64_t *m = (uint64_t *)(f->ram + FIXTURE_DATA);

    f->cpu.gpr[4] = FIXTURE_DATA;
    f->cpu.gpr[10] = ONES;
    m[0] = 1ull << 32 | 3;
    assert_int_equal(cpu_fixture_run(f, word_x(710, 10, 4, 0)), 0); /* stwat add */
    assert_int_equal(m[0], 1ull << 32 | 2);
    assert_int_equal(cpu_fixture_run(f, word_x(742, 10, 4, 4)), 0); /* stdat umax */
    assert_int_equal(m[0], ONES);
    assert_int_equal(f->cpu.gpr[10], ONES);
    m[0] = m[1] = 4;
    assert_int_equal(cpu_fixture_run(f, word_x(742, 10, 4, 24)), 0); /* stdat twin */
    assert_int_equal(m[0], ONES);
    assert_int_equal(m[1], ONES);
    m[1] = 0;
    f->cpu.gpr[10] = 7;
    assert_int_equal(cpu_fixture_run(f, word_x(742, 10, 4, 24)), 0);
    assert_int_equal(m[0], ONES);
    assert_int_equal(m[1], 0);
}

enum { ROUNDS = 20000 };

/* Adds 1 to a doubleword by ldarx and stdcx., to both halves of a quadword, and to a word by lwat; ROUNDS times. */
static void *add_together(void *arg)
{
    struct cpu_fixture *f = cpu_fixture_share(arg);
    struct cpu *c = &f->cpu;

    c->gpr[4] = FIXTURE_DATA;
    c->gpr[11] = 1;
    for (unsigned i = 0; i < ROUNDS; i++) {
        c->gpr[5] = 0;
        do {
            cpu_fixture_run(f, word_x(84, 8, 4, 5));
            c->gpr[8]++;
            cpu_fixture_run(f, word_x(214, 8, 4, 5) | WORD_RC);
        } while (!(c->cr[0] & CR_EQ));
        c->gpr[5] = 16;
        do {
            cpu_fixture_run(f, word_x(276, 8, 4, 5));
            c->gpr[8]++;
            c->gpr[9]++;
            cpu_fixture_run(f, word_x(182, 8, 4, 5) | WORD_RC);
        } while (!(c->cr[0] & CR_EQ));
        c->gpr[6] = FIXTURE_DATA + 32;
        cpu_fixture_run(f, word_x(582, 10, 6, 0));
    }
    cpu_fixture_unshare(f);
    return NULL;
}

static void processors_lose_no_atomic_update(void **state)
{
    struct cpu_fixture *f = *state;
    uint64_t *m = (uint64_t *)(f->ram + FIXTURE_DATA);
    pthread_t thread[2];

    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, add_together, f), 0);
    for (unsigned i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(m[0], 2 * ROUNDS);
    assert_int_equal(m[2], 2 * ROUNDS);
    assert_int_equal(m[3], 2 * ROUNDS);
    assert_int_equal(m[4], 2 * ROUNDS);
}

static void atomic_operations_refuse_bad_functions_and_addresses(void **state)
{
    struct cpu_fixture *f = *state;

    f->cpu.gpr[4] = FIXTURE_DATA;
    for (unsigned fc = 0; fc < 32; fc++) {
        bool load_ok = fc <= 8 || fc == 16 || fc == 24 || fc == 25, store_ok = fc < 8 || fc == 24;

        if (fc == 28)
            continue;
        assert_int_equal(cpu_fixture_run(f, word_x(582, 10, 4, fc)), load_ok ? 0 : VEC_DSI);
        assert_int_equal(cpu_fixture_run(f, word_x(742, 10, 4, fc)), store_ok ? 0 : VEC_DSI);
    }
    assert_int_equal(f->cpu.spr[SPR_DSISR], 0x02000004);
    assert_int_equal(cpu_fixture_run(f, word_x(582, 10, 4, 28)), VEC_ALIGNMENT); /* its bound is in the block before */
    f->cpu.gpr[4] = FIXTURE_DATA + 28;
    assert_int_equal(cpu_fixture_run(f, word_x(582, 10, 4, 28)), 0);
    assert_int_equal(cpu_fixture_run(f, word_x(582, 10, 4, 24)), VEC_ALIGNMENT);
    assert_int_equal(cpu_fixture_run(f, word_x(614, 10, 4, 0)), VEC_ALIGNMENT);
}

static void dcbz_clears_128_aligned_bytes(void **state)
{
    struct cpu_fixture *f = *state;

    for (unsigned round = 0; round < 2; round++) { /* by the slow path, then by the TLB's */
        fill(f);
        load(f, word_x(1014, 0, 4, 5), FIXTURE_DATA, 255);
        assert_int_equal(f->ram[FIXTURE_DATA + 127], 0xFF);
        for (unsigned i = 128; i < 256; i++)
            assert_int_equal(f->ram[FIXTURE_DATA + i], 0);
    }
    f->cpu.gpr[4] = NOWHERE;
    f->cpu.gpr[5] = 0;
    assert_int_equal(cpu_fixture_run(f, word_x(1014, 0, 4, 5)), VEC_MCE);
    assert_int_equal(cpu_fixture_run(f, word_x(278, 0, 4, 5)), 0); /* dcbt never faults */
    assert_int_equal(cpu_fixture_run(f, word_x(246, 0, 4, 5)), 0);
    assert_int_equal(cpu_fixture_run(f, word_x(86, 0, 4, 5)), VEC_MCE);
    f->cpu.gpr[4] = FIXTURE_DATA;
    assert_int_equal(cpu_fixture_run(f, word_x(86, 0, 4, 5)), 0);
    assert_int_equal(cpu_fixture_run(f, word_x(982, 0, 4, 5)), 0);
}

static void barriers_and_odds(void **state)
{
    struct cpu_fixture *f = *state;
    uint64_t first;

    assert_int_equal(cpu_fixture_run(f, word_x(598, 0, 0, 0)), 0);
    assert_int_equal(cpu_fixture_run(f, word_x(598, 1, 0, 0)), 0);
    assert_int_equal(cpu_fixture_run(f, word_x(598, 2, 0, 0)), 0);
    assert_int_equal(cpu_fixture_run(f, word_x(854, 0, 0, 0)), 0);
    f->cpu.nip = FIXTURE_CODE;
    assert_int_equal(cpu_fixture_run(f, 19u << 26 | 150 << 1), 0);
    assert_int_equal(f->cpu.nip, FIXTURE_CODE + 4);
    assert_int_equal(cpu_fixture_run(f, word_x(755, 3, 0, 0)), 0);
    assert_int_equal(f->cpu.gpr[3] >> 32, 0);
    assert_int_equal(cpu_fixture_run(f, word_x(755, 3, 1, 0)), 0);
    first = f->cpu.gpr[3];
    assert_int_equal(cpu_fixture_run(f, word_x(755, 3, 2, 0)), 0);
    assert_int_not_equal(f->cpu.gpr[3], first);
    assert_int_equal(cpu_fixture_run(f, word_x(755, 3, 3, 0)), 0);
    assert_int_equal(f->cpu.gpr[3], ONES);
    assert_int_equal(cpu_fixture_run(f, word_x(838, 0, 0, 0)), 0); /* cpabort */
    for (unsigned xo = 530; xo <= 754; xo += 32)
        assert_int_equal(cpu_fixture_run(f, word_x(xo, 3, 4, 5)), 0); /* reserved no-ops */
    assert_int_equal(cpu_fixture_run(f, 0x7E00066C), 0);              /* dssall */
    assert_int_equal(cpu_fixture_run(f, word_x(774, 1, 4, 5)), -1);   /* copy */
    assert_int_equal(cpu_fixture_run(f, word_x(789, 3, 4, 5)), VEC_PROGRAM);
    assert_int_equal(f->cpu.exc_srr1, PROGRAM_PRIVILEGED);
}

#define ON_P9(test) cmocka_unit_test_setup_teardown(test, cpu_fixture_new, cpu_fixture_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_P9(loads_by_size_sign_and_byte_order),
        ON_P9(updates_write_the_address_after_success),
        ON_P9(stores_touch_their_bytes_only),
        ON_P9(accesses_cross_pages_whole_or_not_at_all),
        ON_P9(addresses_wrap_at_4_gib_in_32_bit_mode),
        ON_P9(quadwords_have_their_high_half_in_the_even_register),
        ON_P9(multiple_and_string_in_big_endian_only),
        ON_P9(a_reservation_stores_once),
        ON_P9(a_reservation_fails_on_change_address_and_size),
        ON_P9(reservations_want_aligned_addresses),
        ON_P9(atomic_loads),
        ON_P9(atomic_stores),
        ON_P9(processors_lose_no_atomic_update),
        ON_P9(atomic_operations_refuse_bad_functions_and_addresses),
        ON_P9(dcbz_clears_128_aligned_bytes),
        ON_P9(barriers_and_odds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
