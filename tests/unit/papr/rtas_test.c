/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/papr/guest_rig.h"

#include "base/endian.h"
#include "papr/nvram.h"
#include "papr/rtas.h"

static int up(void **state)
{
    return guest_rig_begin(state, 2, 1ull << 30);
}

static void every_row_is_complete_and_named_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < rtas_table_size; i++) {
        assert_non_null(rtas_table[i].name);
        assert_non_null(rtas_table[i].run);
        assert_true(rtas_table[i].nrets >= 1);
        assert_true(rtas_table[i].nargs + rtas_table[i].nrets <= RTAS_ARGUMENTS_MAX);
        assert_true(!rtas_table[i].nargs_max || rtas_table[i].nargs_max > rtas_table[i].nargs);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(rtas_table[i].name, rtas_table[j].name);
    }
}

static void set_block(struct rig *r, uint32_t token, uint32_t nargs, uint32_t nret)
{
    rig_put32(r, RIG_BLOCK, token);
    rig_put32(r, RIG_BLOCK + 4, nargs);
    rig_put32(r, RIG_BLOCK + 8, nret);
    rig_put32(r, RIG_BLOCK + 12 + 4 * nargs, 0x55555555);
}

static void unknown_tokens_and_wrong_counts_answer_minus_3(void **state)
{
    struct rig *r = *state;
    static const uint32_t wrong[][2] = { { 1, 8 }, { 0, 7 }, { 2, 9 } };

    set_block(r, 0, 0, 1);
    assert_int_equal(H(r, H_RTAS, RIG_BLOCK), H_PARAMETER);
    assert_int_equal((int32_t)rtas_result(r, 0, 0), -3);
    set_block(r, RTAS_TOKEN_BASE + (uint32_t)rtas_table_size, 0, 1);
    assert_int_equal(H(r, H_RTAS, RIG_BLOCK), H_PARAMETER);
    assert_int_equal((int32_t)rtas_result(r, 0, 0), -3);
    for (size_t i = 0; i < 3; i++) {
        set_block(r, rtas_token("get-time-of-day"), wrong[i][0], wrong[i][1]);
        assert_int_equal(H(r, H_RTAS, RIG_BLOCK), H_PARAMETER);
        assert_int_equal((int32_t)rtas_result(r, wrong[i][0], 0), -3);
    }
}

static void hostile_blocks_reach_nothing(void **state)
{
    static const uint64_t blocks[] = { RIG_MEMORY - 4, RIG_MEMORY - 11, RIG_MEMORY, 0xfffffffffffffff8,
                                       0x0ffffffffffffffc };
    static const uint32_t counts[][2] = { { 17, 0 }, { 0, 17 }, { 16, 1 }, { 0xffffffff, 1 }, { 1, 0xffffffff },
                                          { 0x40000000, 1 } };
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
        assert_int_equal(H(r, H_RTAS, blocks[i]), H_PARAMETER);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        rig_put32(r, RIG_BLOCK, rtas_token("get-time-of-day"));
        rig_put32(r, RIG_BLOCK + 4, counts[i][0]);
        rig_put32(r, RIG_BLOCK + 8, counts[i][1]);
        assert_int_equal(H(r, H_RTAS, RIG_BLOCK), H_PARAMETER);
    }
    /* The results would cross the end of RAM: nothing runs. */
    rig_put32(r, RIG_MEMORY - 40, rtas_token("get-time-of-day"));
    rig_put32(r, RIG_MEMORY - 36, 0);
    rig_put32(r, RIG_MEMORY - 32, 8);
    assert_int_equal(H(r, H_RTAS, RIG_MEMORY - 40), H_PARAMETER);
    rig_put32(r, RIG_MEMORY - 44, rtas_token("get-time-of-day"));
    rig_put32(r, RIG_MEMORY - 40, 0);
    rig_put32(r, RIG_MEMORY - 36, 8);
    assert_int_equal(H(r, H_RTAS, RIG_MEMORY - 44), H_SUCCESS);
}

/* Every row with every count of arguments, all of one odd value: an answer, never more. Calls that end the machine only
 * post a request here: no lifecycle thread runs. */
static void odd_arguments_get_an_answer(void **state)
{
    static const uint32_t values[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, (uint32_t)RIG_MEMORY - 1, 0x9003 };
    struct rig *r = *state;

    for (size_t row = 0; row < rtas_table_size; row++) {
        if (!strcmp(rtas_table[row].name, "stop-self"))
            continue;
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
            uint32_t arg[16];

            for (unsigned k = 0; k < 16; k++)
                arg[k] = values[i];
            rtas_call(r, rtas_table[row].name, rtas_table[row].nrets, rtas_table[row].nargs, arg);
        }
    }
}

static void the_clock_runs_from_what_the_guest_sets(void **state)
{
    struct rig *r = *state;

    assert_int_equal(RTAS(r, "get-time-of-day", 8), 0);
    assert_in_range(rtas_result(r, 0, 1), 2020, 2200);
    assert_int_equal(RTAS(r, "set-time-of-day", 1, 2000, 2, 29, 23, 10, 58, 0), 0);
    assert_int_equal(RTAS(r, "get-time-of-day", 8), 0);
    assert_int_equal(rtas_result(r, 0, 1), 2000);
    assert_int_equal(rtas_result(r, 0, 2), 2);
    assert_int_equal(rtas_result(r, 0, 3), 29);
    assert_int_equal(rtas_result(r, 0, 4), 23);
    assert_in_range(rtas_result(r, 0, 5), 10, 59);
    assert_in_range(rtas_result(r, 0, 6), 0, 59);
    assert_in_range(rtas_result(r, 0, 7), 0, 999999999);
}

static void impossible_dates_are_refused(void **state)
{
    static const uint32_t dates[][7] = {
        { 2001, 2, 29, 0, 0, 0, 0 }, { 2000, 13, 1, 0, 0, 0, 0 },  { 2000, 0, 1, 0, 0, 0, 0 },
        { 2000, 1, 32, 0, 0, 0, 0 }, { 2000, 1, 0, 0, 0, 0, 0 }, { 2000, 1, 1, 24, 0, 0, 0 },
        { 2000, 1, 1, 0, 60, 0, 0 }, { 2000, 1, 1, 0, 0, 60, 0 }, { 2000, 1, 1, 0, 0, 0, 1000000000 },
        { 0xffffffff, 1, 1, 0, 0, 0, 0 }, { 1969, 12, 31, 0, 0, 0, 0 },
    };
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
        assert_int_equal(rtas_call(r, "set-time-of-day", 1, 7, dates[i]), -3);
}

static void system_parameters_are_cut_to_the_buffer(void **state)
{
    struct rig *r = *state;
    char text[200];

    assert_int_equal(RTAS(r, "ibm,get-system-parameter", 1, 20, RIG_BUFFER, 200), 0);
    papr_read(r->p, RIG_BUFFER, text, sizeof(text));
    assert_string_equal(text + 2, "MaxEntCap=200,DesMem=256,DesProcs=2,MaxPlatProcs=2");
    assert_int_equal(be16_get(text), strlen(text + 2) + 1);
    rig_put32(r, RIG_BUFFER, 0xaaaaaaaa);
    rig_put32(r, RIG_BUFFER + 4, 0xaaaaaaaa);
    assert_int_equal(RTAS(r, "ibm,get-system-parameter", 1, 20, RIG_BUFFER, 4), 0);
    assert_int_equal(rig_get32(r, RIG_BUFFER + 4), 0xaaaaaaaa);
    assert_int_equal(RTAS(r, "ibm,get-system-parameter", 1, 20, RIG_BUFFER, 0), 0);
    assert_int_equal(RTAS(r, "ibm,get-system-parameter", 1, 20, (uint32_t)RIG_MEMORY - 8, 200), -3);
    assert_int_equal(RTAS(r, "ibm,get-system-parameter", 1, 55, RIG_BUFFER, 200), -3);
    assert_int_equal(RTAS(r, "ibm,set-system-parameter", 1, 42, RIG_BUFFER), -9002);
    assert_int_equal(RTAS(r, "ibm,set-system-parameter", 1, 55, RIG_BUFFER), -3);
}

static void a_machine_may_have_a_uuid(void **state)
{
    static const uint8_t want[] = { 0, 16, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76,
                                    0x54, 0x32, 0x10 };
    struct rig *r = *state;
    uint8_t have[18];

    assert_int_equal(RTAS(r, "ibm,get-system-parameter", 1, 48, RIG_BUFFER, 18), -3);
    ((struct papr_config *)papr_config(r->p))->uuid = strdup("01234567-89ab-cdef-FEDC-ba9876543210");
    assert_int_equal(RTAS(r, "ibm,get-system-parameter", 1, 48, RIG_BUFFER, 18), 0);
    papr_read(r->p, RIG_BUFFER, have, sizeof(have));
    assert_memory_equal(have, want, sizeof(want));
}

static void nvram_keeps_bytes_and_its_borders(void **state)
{
    struct rig *r = *state;

    assert_int_equal(RTAS(r, "nvram-fetch", 2, 0, RIG_BUFFER, 16), 0);
    assert_int_equal(rtas_result(r, 3, 1), 16);
    assert_int_equal(rig_get32(r, RIG_BUFFER) >> 24, 0x70);
    assert_int_equal(rig_get32(r, RIG_BUFFER) & 0xffff, 256);
    rig_put32(r, RIG_BUFFER, 0x01020304);
    assert_int_equal(RTAS(r, "nvram-store", 2, NVRAM_BYTES - 4, RIG_BUFFER, 4), 0);
    assert_int_equal(RTAS(r, "nvram-fetch", 2, NVRAM_BYTES - 4, RIG_BUFFER + 64, 4), 0);
    assert_int_equal(rig_get32(r, RIG_BUFFER + 64), 0x01020304);
    assert_int_equal(RTAS(r, "nvram-store", 2, NVRAM_BYTES - 4, RIG_BUFFER, 5), -3);
    assert_int_equal(RTAS(r, "nvram-store", 2, 0xffffffff, RIG_BUFFER, 2), -3);
    assert_int_equal(RTAS(r, "nvram-fetch", 2, 0, RIG_BUFFER, 0xffffffff), -3);
    assert_int_equal(RTAS(r, "nvram-fetch", 2, 0, (uint32_t)RIG_MEMORY - 4, 5), -3);
    assert_int_equal(RTAS(r, "nvram-fetch", 2, 0, 0x1000000, NVRAM_BYTES), 0);
    assert_int_equal(rtas_result(r, 3, 1), NVRAM_BYTES);
}

/* As Linux checks them: sum over the header without the checksum, carries added in. */
static void nvram_partitions_cover_it_all(void **state)
{
    struct rig *r = *state;
    uint8_t header[16];
    uint32_t at = 0;

    while (at < NVRAM_BYTES) {
        unsigned sum = 0;

        assert_true(nvram_read(papr_nvram(r->p), at, header, sizeof(header)));
        for (unsigned i = 0; i < sizeof(header); i++)
            sum += i == 1 ? 0 : header[i];
        while (sum >> 8)
            sum = (sum & 0xff) + (sum >> 8);
        assert_int_equal(header[1], sum);
        assert_true(be16_get(header + 2) > 0);
        at += be16_get(header + 2) * 16u;
    }
    assert_int_equal(at, NVRAM_BYTES);
}

static void processors_start_once_and_stop_themselves(void **state)
{
    struct rig *r = *state;
    struct vcpu *other = papr_vcpu(r->p, 1);

    assert_int_equal(RTAS(r, "query-cpu-stopped-state", 2, 1), 0);
    assert_int_equal(rtas_result(r, 1, 1), 0);
    assert_int_equal(RTAS(r, "query-cpu-stopped-state", 2, 0), 0);
    assert_int_equal(rtas_result(r, 1, 1), 2);
    assert_int_equal(RTAS(r, "query-cpu-stopped-state", 2, 2), -3);
    assert_int_equal(RTAS(r, "start-cpu", 1, 2, 0x60, 0), -3);
    cpu_set_ile(&r->v->cpu, true);
    cpu_set_ail(&r->v->cpu, 3);
    assert_int_equal(RTAS(r, "start-cpu", 1, 1, 0x60, 77), 0);
    assert_false(other->stopped);
    assert_int_equal(other->cpu.nip, 0x60);
    assert_int_equal(other->cpu.gpr[3], 77);
    assert_int_equal(other->cpu.msr, MSR_SF | MSR_ME);
    assert_int_equal(other->cpu.ile, 1);
    assert_int_equal(other->cpu.ail, 3);
    assert_int_equal(RTAS(r, "start-cpu", 1, 1, 0x60, 0), -1);
    r->v = other;
    RTAS(r, "stop-self", 1);
    assert_true(other->stopped);
}

static void nmi_vectors_are_checked_and_the_log_has_one_owner(void **state)
{
    struct rig *r = *state;

    assert_int_equal(RTAS(r, "ibm,nmi-register", 1, 0, 0x200), -3);
    assert_int_equal(RTAS(r, "ibm,nmi-register", 1, 0x100, 32 << 20), -3);
    assert_int_equal(RTAS(r, "ibm,nmi-register", 1, 0x102, 0x200), -3);
    assert_int_equal(RTAS(r, "ibm,nmi-interlock", 1), -3);
    assert_int_equal(RTAS(r, "ibm,nmi-register", 1, 0x10000, 0x20000), 0);
    assert_int_equal(rtas_instantiate(papr_rtas(r->p), 0x100000), 0x100000);
    rtas_nmi_machine_check(r->v);
    assert_int_equal(r->v->cpu.nip, 0x20000);
    r->v = papr_vcpu(r->p, 1);
    r->v->cpu.nip = 0x1234;
    rtas_nmi_machine_check(r->v);               /* the log is taken: try again later */
    assert_int_equal(r->v->cpu.nip, 0x1234);
    assert_int_equal(RTAS(r, "ibm,nmi-interlock", 1), -3);
    r->v = papr_vcpu(r->p, 0);
    assert_int_equal(RTAS(r, "ibm,nmi-interlock", 1), 0);
    r->v = papr_vcpu(r->p, 1);
    rtas_nmi_machine_check(r->v);
    assert_int_equal(r->v->cpu.nip, 0x20000);
    r->v->cpu.nip = 0x1234;
    rtas_nmi_machine_check(r->v);               /* again, before the interlock: the machine ends */
    assert_int_equal(r->v->cpu.nip, 0x1234);
}

static void a_panic_message_is_text(void **state)
{
    struct rig *r = *state;

    guest_text(r, 0, "OS panic: \033[31mred\n");
    assert_int_equal(RTAS(r, "ibm,os-term", 1, RIG_TEXT), 0);
    assert_int_equal(RTAS(r, "ibm,os-term", 1, 0xfffffff0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_row_is_complete_and_named_once, up, rig_end),
        cmocka_unit_test_setup_teardown(unknown_tokens_and_wrong_counts_answer_minus_3, up, rig_end),
        cmocka_unit_test_setup_teardown(hostile_blocks_reach_nothing, up, rig_end),
        cmocka_unit_test_setup_teardown(odd_arguments_get_an_answer, up, rig_end),
        cmocka_unit_test_setup_teardown(the_clock_runs_from_what_the_guest_sets, up, rig_end),
        cmocka_unit_test_setup_teardown(impossible_dates_are_refused, up, rig_end),
        cmocka_unit_test_setup_teardown(system_parameters_are_cut_to_the_buffer, up, rig_end),
        cmocka_unit_test_setup_teardown(a_machine_may_have_a_uuid, up, rig_end),
        cmocka_unit_test_setup_teardown(nvram_keeps_bytes_and_its_borders, up, rig_end),
        cmocka_unit_test_setup_teardown(nvram_partitions_cover_it_all, up, rig_end),
        cmocka_unit_test_setup_teardown(processors_start_once_and_stop_themselves, up, rig_end),
        cmocka_unit_test_setup_teardown(nmi_vectors_are_checked_and_the_log_has_one_owner, up, rig_end),
        cmocka_unit_test_setup_teardown(a_panic_message_is_text, up, rig_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
