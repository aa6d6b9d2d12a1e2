/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/papr/guest_rig.h"

#include "base/endian.h"
#include "cpu/cpu_int.h"
#include "papr/cas.h"
#include "papr/of_tree.h"
#include "tests/unit/address_space.h"

static int up(void **state)
{
    return guest_rig_begin(state, 2, 8ull << 40);
}

/* A CAS argument under construction; see LoPAR's binding for the format. */
struct vectors {
    uint8_t bytes[512];
    size_t len;
};

static void add_pvr(struct vectors *w, uint32_t mask, uint32_t value)
{
    be32_put(w->bytes + w->len, mask);
    be32_put(w->bytes + w->len + 4, value);
    w->len += 8;
}

static void add_vectors(struct vectors *w, const uint8_t *ov5, size_t ov5_len)
{
    static const uint8_t first[] = { 4, /* five vectors */ 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80 };

    memcpy(w->bytes + w->len, first, sizeof(first));
    w->len += sizeof(first);
    w->bytes[w->len++] = (uint8_t)(ov5_len - 1);
    memcpy(w->bytes + w->len, ov5, ov5_len);
    w->len += ov5_len;
}

/* What Linux 6.1 asks for; index = byte number - 1. */
static const uint8_t linux_ov5[26] = {
    [1] = 0xf3, [4] = 0xe0, [5] = 0x05, [8] = 8, [16] = 0xe0, [20] = 1, [21] = 0xc0, [22] = 0, [23] = 0,
};

static void linux_vectors(struct vectors *w)
{
    *w = (struct vectors){ .len = 0 };
    add_pvr(w, 0xffff0000, 0x004d0000);
    add_pvr(w, 0xffff0000, 0x004e0000);
    add_pvr(w, 0xffffffff, 0x0f000005);
    add_pvr(w, 0xffffffff, 0x0f000004);
    add_pvr(w, 0xfffffffe, 0x0f000001);
    add_vectors(w, linux_ov5, sizeof(linux_ov5));
}

static uint32_t call(struct rig *r, const struct vectors *w, uint32_t at)
{
    uint32_t root = OF(r, "open", 1, guest_text(r, 0, "/")), catch, status;

    papr_write(r->p, at, w->bytes, w->len);
    catch = OF(r, "call-method", 2, guest_text(r, 1, "ibm,client-architecture-support"), root, at);
    assert_int_equal(catch, 0);
    status = of_result(r, 3, 1);
    OF(r, "close", 0, root);
    return status;
}

static const uint8_t *property(struct rig *r, const char *path, const char *name, uint32_t *len)
{
    const struct of_tree *t = of_client_tree(papr_of(r->p));

    return of_tree_get(t, of_tree_find(t, path), name, len);
}

static void linux_gets_what_both_can_do(void **state)
{
    struct rig *r = *state;
    struct vectors w;
    const uint8_t *vec;
    uint32_t len = 0;

    assert_null(property(r, "/chosen", "ibm,architecture-vec-5", &len));
    linux_vectors(&w);
    assert_int_equal(call(r, &w, RIG_BUFFER), 0);
    vec = property(r, "/chosen", "ibm,architecture-vec-5", &len);
    assert_non_null(vec);
    assert_int_equal(len, 27);
    assert_int_equal(vec[0], 25);
    assert_int_equal(vec[2], 0xf0);             /* LPAR, SPLPAR, DRMEM, large pages; not donate */
    assert_int_equal(vec[5], 0x80);             /* FORM1; not PRRN */
    assert_int_equal(vec[6], 0x05);             /* hot-plug event, HPT resize */
    assert_int_equal(vec[17], 0);
    assert_int_equal(vec[22], 0xc0);            /* dynamic-memory-v2, drc-info */
    assert_int_equal(vec[23] | vec[24], 0);     /* XICS, hash */
    assert_non_null(property(r, "/event-sources/hot-plug-events", "interrupts", &len));
    assert_int_equal(be32_get(property(r, "/cpus/PowerPC,POWER9@0", "cpu-version", &len)), 0x004e1202);
}

static void eight_tebibytes_are_two_runs(void **state)
{
    struct rig *r = *state;
    struct vectors w;
    const uint8_t *runs;
    uint32_t len = 0;

    linux_vectors(&w);
    assert_int_equal(call(r, &w, RIG_BUFFER), 0);
    runs = property(r, "/ibm,dynamic-reconfiguration-memory", "ibm,dynamic-memory-v2", &len);
    assert_non_null(runs);
    assert_int_equal(len, 4 + 2 * 24);
    assert_int_equal(be32_get(runs), 2);
    assert_int_equal(be32_get(runs + 4), 1);                    /* 256 MiB of boot memory */
    assert_int_equal(be32_get(runs + 24), 0xa0);
    assert_int_equal(be32_get(runs + 28), 32767);
    assert_int_equal(be64_get(runs + 32), 256 << 20);
    assert_int_equal(be32_get(runs + 40), 0x80000001);
    assert_int_equal(be32_get(runs + 48), 0);
}

static void a_guest_without_v2_gets_one_entry_per_lmb(void **state)
{
    uint8_t ov5[26];
    struct rig *r = *state;
    struct vectors w = { .len = 0 };
    uint32_t len = 0;

    memcpy(ov5, linux_ov5, sizeof(ov5));
    ov5[21] = 0;
    add_pvr(&w, 0xffff0000, 0x004e0000);
    add_pvr(&w, 0, 1);
    add_vectors(&w, ov5, sizeof(ov5));
    assert_int_equal(call(r, &w, RIG_BUFFER), 0);
    assert_null(property(r, "/ibm,dynamic-reconfiguration-memory", "ibm,dynamic-memory-v2", &len));
    assert_non_null(property(r, "/ibm,dynamic-reconfiguration-memory", "ibm,dynamic-memory", &len));
    assert_int_equal(len, 4 + 32768 * 24);
}

static void phandles_and_the_guests_properties_stay(void **state)
{
    struct rig *r = *state;
    uint32_t chosen = OF(r, "finddevice", 1, guest_text(r, 0, "/chosen"));
    uint32_t rtas = OF(r, "finddevice", 1, guest_text(r, 0, "/rtas"));
    uint32_t len = 0;
    struct vectors w;

    rig_put32(r, RIG_BUFFER, 0x12345678);
    OF(r, "setprop", 1, chosen, guest_text(r, 1, "linux,initrd-start"), RIG_BUFFER, 4);
    linux_vectors(&w);
    assert_int_equal(call(r, &w, RIG_BUFFER), 0);
    assert_int_equal(OF(r, "finddevice", 1, guest_text(r, 0, "/chosen")), chosen);
    assert_int_equal(OF(r, "finddevice", 1, guest_text(r, 0, "/rtas")), rtas);
    assert_int_equal(be32_get(property(r, "/chosen", "linux,initrd-start", &len)), 0x12345678);
    assert_int_equal(len, 4);
    assert_int_equal(OF(r, "instance-to-package", 1, OF_IHANDLE_STDOUT),
                     OF(r, "finddevice", 1, guest_text(r, 0, "/vdevice/vty")));
}

enum { MODSD = 0x7c632612, ADD = 0x7c632214 };      /* modsd 3,3,4 of ISA 3.0; add 3,3,4 */

/* Does the processor run the word in problem or privileged state? */
static bool runs(struct cpu *c, uint32_t word, uint64_t msr)
{
    struct op o;

    cpu_set_msr(c, MSR_SF | MSR_ME | msr);
    block_decode_one(c, word, &o);
    return !o.denied && o.row != UINT16_MAX;
}

static void an_older_guest_runs_under_a_logical_version(void **state)
{
    struct rig *r = *state;
    struct vectors w = { .len = 0 };
    struct cpu *c = &papr_vcpu(r->p, 0)->cpu;
    uint32_t len = 0;

    add_pvr(&w, 0xffff0000, 0x004d0000);
    add_pvr(&w, 0xffffffff, 0x0f000004);
    add_pvr(&w, 0xffffffff, 0x0f000003);
    add_pvr(&w, 0xfffffffe, 0x0f000001);
    add_vectors(&w, linux_ov5, sizeof(linux_ov5));
    assert_int_equal(call(r, &w, RIG_BUFFER), 0);
    assert_int_equal(be32_get(property(r, "/cpus/PowerPC,POWER9@0", "cpu-version", &len)), 0x0f000004);
    property(r, "/cpus/PowerPC,POWER9@0", "ibm,pa-features", &len);
    assert_int_equal(len, 26);
    assert_true(runs(c, MODSD, 0));
    assert_false(runs(c, MODSD, MSR_PR));
    assert_true(runs(c, ADD, MSR_PR));
    linux_vectors(&w);
    assert_int_equal(call(r, &w, RIG_BUFFER), 0);
    assert_true(runs(c, MODSD, MSR_PR));
}

static void a_guest_for_no_processor_of_ours_is_refused(void **state)
{
    struct rig *r = *state;
    struct vectors w = { .len = 0 };
    uint32_t len = 0;

    add_pvr(&w, 0xffff0000, 0x00820000);
    add_pvr(&w, 0xffffffff, 0x0f000007);
    add_pvr(&w, 0xfffffffe, 0x0f000001);
    add_vectors(&w, linux_ov5, sizeof(linux_ov5));
    assert_int_not_equal(call(r, &w, RIG_BUFFER), 0);
    assert_null(property(r, "/chosen", "ibm,architecture-vec-5", &len));
}

static void radix_or_xive_alone_is_refused(void **state)
{
    struct rig *r = *state;

    for (unsigned byte = 22; byte <= 23; byte++) {
        uint8_t ov5[26];
        struct vectors w = { .len = 0 };

        memcpy(ov5, linux_ov5, sizeof(ov5));
        ov5[byte] = 0x40;
        add_pvr(&w, 0xffff0000, 0x004e0000);
        add_pvr(&w, 0, 1);
        add_vectors(&w, ov5, sizeof(ov5));
        assert_int_not_equal(call(r, &w, RIG_BUFFER), 0);
        w.bytes[w.len - 26 + byte] = 0x80;      /* either */
        assert_int_equal(call(r, &w, RIG_BUFFER), 0);
    }
}

static void other_running_processors_are_in_the_way(void **state)
{
    struct rig *r = *state;
    struct vectors w;

    linux_vectors(&w);
    papr_vcpu(r->p, 1)->stopped = false;
    assert_int_equal(call(r, &w, RIG_BUFFER), (uint32_t)-9005);
    papr_vcpu(r->p, 1)->stopped = true;
    assert_int_equal(call(r, &w, RIG_BUFFER), 0);
}

static void a_guest_that_cannot_resize_gets_a_table_for_the_ceiling(void **state)
{
    struct rig *r = *state;
    struct vectors w;
    uint32_t len = 0;

    linux_vectors(&w);
    assert_int_equal(call(r, &w, RIG_BUFFER), 0);
    assert_int_equal(hpt_shift(papr_hpt(r->p)), hpt_boot_shift(RIG_MEMORY, 16));
    w.bytes[w.len - 26 + 5] = 0;
    assert_int_equal(call(r, &w, RIG_BUFFER), 0);
    assert_int_equal(hpt_shift(papr_hpt(r->p)), hpt_boot_shift(8ull << 40, 16));
    assert_int_equal(be32_get(property(r, "/cpus/PowerPC,POWER9@0", "ibm,pft-size", &len) + 4),
                     hpt_shift(papr_hpt(r->p)));
}

/* Cut off anywhere at the end of RAM, and lists without end. */
static void hostile_vectors_are_refused(void **state)
{
    struct rig *r = *state;
    uint32_t root = OF(r, "open", 1, guest_text(r, 0, "/"));
    uint32_t method = guest_text(r, 1, "ibm,client-architecture-support");
    struct vectors w;

    linux_vectors(&w);
    for (size_t cut = 1; cut < w.len; cut++) {
        uint32_t at = (uint32_t)(RIG_MEMORY - (w.len - cut));

        papr_write(r->p, at, w.bytes, w.len - cut);
        assert_int_equal(OF(r, "call-method", 2, method, root, at), 0);
        assert_int_not_equal(of_result(r, 3, 1), 0);
    }
    for (uint32_t at = 0; at < 16 * 1024; at += 4)
        rig_put32(r, 0x1000000 + at, 0xffffffff);
    assert_int_equal(OF(r, "call-method", 2, method, root, 0x1000000), 0);
    assert_int_equal(of_result(r, 3, 1), (uint32_t)H_PARAMETER);
    assert_int_equal(OF(r, "call-method", 2, method, root, 0xfffffffc), 0);
    assert_int_not_equal(of_result(r, 3, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(linux_gets_what_both_can_do, up, rig_end),
        cmocka_unit_test_setup_teardown(eight_tebibytes_are_two_runs, up, rig_end),
        cmocka_unit_test_setup_teardown(a_guest_without_v2_gets_one_entry_per_lmb, up, rig_end),
        cmocka_unit_test_setup_teardown(phandles_and_the_guests_properties_stay, up, rig_end),
        cmocka_unit_test_setup_teardown(an_older_guest_runs_under_a_logical_version, up, rig_end),
        cmocka_unit_test_setup_teardown(a_guest_for_no_processor_of_ours_is_refused, up, rig_end),
        cmocka_unit_test_setup_teardown(radix_or_xive_alone_is_refused, up, rig_end),
        cmocka_unit_test_setup_teardown(other_running_processors_are_in_the_way, up, rig_end),
        cmocka_unit_test_setup_teardown(a_guest_that_cannot_resize_gets_a_table_for_the_ceiling, up, rig_end),
        cmocka_unit_test_setup_teardown(hostile_vectors_are_refused, up, rig_end),
    };

    if (!address_space_holds(9ull << 40))
        return TEST_SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
