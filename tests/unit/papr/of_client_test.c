/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/papr/guest_rig.h"

#include "base/endian.h"
#include "papr/of_tree.h"
#include "papr/rtas.h"

static int up(void **state)
{
    return guest_rig_begin(state, 2, 1ull << 33);
}

static uint32_t find(struct rig *r, const char *path)
{
    return OF(r, "finddevice", 1, guest_text(r, 0, path));
}

static uint32_t getprop(struct rig *r, uint32_t phandle, const char *name, uint32_t room)
{
    return OF(r, "getprop", 1, phandle, guest_text(r, 1, name), RIG_BUFFER, room);
}

static void linux_finds_what_it_needs_first(void **state)
{
    struct rig *r = *state;
    uint32_t chosen = find(r, "/chosen"), stdout_handle, vty;
    char text[64];

    assert_int_not_equal(chosen, OF_FAILED);
    assert_int_not_equal(find(r, "/"), OF_FAILED);
    assert_int_equal(getprop(r, chosen, "stdout", 4), 4);
    stdout_handle = rig_get32(r, RIG_BUFFER);
    assert_int_equal(stdout_handle, OF_IHANDLE_STDOUT);
    vty = OF(r, "instance-to-package", 1, stdout_handle);
    assert_int_equal(vty, find(r, "/vdevice/vty"));
    assert_int_equal(OF(r, "instance-to-path", 1, stdout_handle, RIG_BUFFER, 64), 21);
    papr_read(r->p, RIG_BUFFER, text, sizeof(text));
    assert_string_equal(text, "/vdevice/vty@71000000");
    assert_int_equal(getprop(r, find(r, "/"), "device_type", 64), 5);
    papr_read(r->p, RIG_BUFFER, text, sizeof(text));
    assert_string_equal(text, "chrp");
    assert_int_equal(getprop(r, find(r, "/rtas"), "ibm,hypertas-functions", 0), OF(r, "getproplen", 1, find(r, "/rtas"),
                     guest_text(r, 1, "ibm,hypertas-functions")));
    assert_int_equal(getprop(r, chosen, "cpu", 4), 4);
    assert_int_equal(getprop(r, OF(r, "instance-to-package", 1, rig_get32(r, RIG_BUFFER)), "reg", 4), 4);
    assert_int_equal(rig_get32(r, RIG_BUFFER), 0);
}

static void getprop_cuts_and_tells_the_whole_length(void **state)
{
    struct rig *r = *state;

    rig_put32(r, RIG_BUFFER, 0x11223344);
    assert_int_equal(getprop(r, find(r, "/"), "device_type", 2), 5);
    assert_int_equal(rig_get32(r, RIG_BUFFER), 'c' << 24 | 'h' << 16 | 0x3344);
    assert_int_equal(getprop(r, find(r, "/"), "nothing", 2), OF_FAILED);
    assert_int_equal(getprop(r, 0xdeadbeef, "device_type", 2), OF_FAILED);
    assert_int_equal(getprop(r, find(r, "/vdevice/vty"), "name", 16), 4);
    assert_int_equal(rig_get32(r, RIG_BUFFER), 'v' << 24 | 't' << 16 | 'y' << 8);
    assert_int_equal(getprop(r, find(r, "/interrupt-controller"), "interrupt-controller", 8), 0);
}

/* Linux flattens the tree this way: every node, every property. */
static void the_whole_tree_can_be_walked(void **state)
{
    struct rig *r = *state;
    uint32_t node = OF(r, "peer", 1, 0), nodes = 0, properties = 0;

    while (node) {
        uint32_t next = OF(r, "child", 1, node), previous = 0;

        nodes++;
        assert_true((int32_t)OF(r, "package-to-path", 1, node, RIG_BUFFER, 256) > 0);
        while (OF(r, "nextprop", 1, node, previous, RIG_BUFFER) == 1) {
            char name[OF_NAME_MAX];

            assert_true(papr_read(r->p, RIG_BUFFER, name, sizeof(name)));
            previous = guest_text(r, 3, name);
            assert_int_not_equal(OF(r, "getproplen", 1, node, previous), OF_FAILED);
            properties++;
        }
        while (node && !next) {
            next = OF(r, "peer", 1, node);
            node = OF(r, "parent", 1, node);
        }
        node = next;
    }
    assert_true(nodes >= 12);
    assert_true(properties >= 80);
}

static void what_the_guest_sets_it_gets(void **state)
{
    struct rig *r = *state;
    uint32_t chosen = find(r, "/chosen");

    rig_put32(r, RIG_BUFFER, 0x01020304);
    assert_int_equal(OF(r, "setprop", 1, chosen, guest_text(r, 1, "linux,rtas-base"), RIG_BUFFER, 4), 4);
    rig_put32(r, RIG_BUFFER, 0);
    assert_int_equal(getprop(r, chosen, "linux,rtas-base", 4), 4);
    assert_int_equal(rig_get32(r, RIG_BUFFER), 0x01020304);
    assert_int_equal(OF(r, "setprop", 1, chosen, guest_text(r, 1, "big"), RIG_BUFFER, 0x7fffffff), OF_FAILED);
    assert_int_equal(OF(r, "setprop", 1, chosen, guest_text(r, 1, "big"), 0xfffffff0, 4), OF_FAILED);
    assert_int_equal(OF(r, "setprop", 1, 0, guest_text(r, 1, "x"), RIG_BUFFER, 4), OF_FAILED);
}

static void claims_respect_images_and_each_other(void **state)
{
    struct rig *r = *state;

    assert_int_equal(OF(r, "claim", 1, 0x4000, 0x1000, 0), OF_FAILED);
    assert_int_equal(OF(r, "claim", 1, 5 << 20, 0x1000, 0), OF_FAILED);
    assert_int_equal(OF(r, "claim", 1, 16 << 20, 0x1000, 0), OF_FAILED);
    assert_int_equal(OF(r, "claim", 1, 32 << 20, 1 << 20, 0), 32 << 20);
    assert_int_equal(OF(r, "claim", 1, 32 << 20, 1 << 20, 0), OF_FAILED);
    assert_int_equal(OF(r, "claim", 1, 0, 1 << 20, 1 << 20), 1 << 20);
    assert_int_equal(OF(r, "claim", 1, 0, 1 << 20, 3), OF_FAILED);
    assert_int_equal(OF(r, "claim", 1, 0, 0, 0), OF_FAILED);
    assert_int_equal(OF(r, "claim", 1, (uint32_t)RIG_MEMORY - 0x1000, 0x2000, 0), OF_FAILED);
    assert_int_equal(OF(r, "claim", 1, 0xfffff000, 0xffffffff, 0), OF_FAILED);
    OF(r, "release", 0, 32 << 20, 1 << 20);
    assert_int_equal(OF(r, "claim", 1, 32 << 20, 0x1000, 0), 32 << 20);
}

static void instances_run_out_and_come_back(void **state)
{
    struct rig *r = *state;
    uint32_t handle, last = 0, n = 0;

    while ((handle = OF(r, "open", 1, guest_text(r, 0, "/rtas:args")))) {
        last = handle;
        n++;
    }
    assert_int_equal(n, OF_IHANDLES - 2);
    OF(r, "close", 0, last);
    assert_int_equal(OF(r, "instance-to-package", 1, last), OF_FAILED);
    assert_int_equal(OF(r, "open", 1, guest_text(r, 0, "/rtas")), last);
    OF(r, "close", 0, OF_IHANDLE_STDOUT);
    assert_int_not_equal(OF(r, "instance-to-package", 1, OF_IHANDLE_STDOUT), OF_FAILED);
    assert_int_equal(OF(r, "open", 1, guest_text(r, 0, "/nothing")), 0);
    OF(r, "close", 0, 0);
    OF(r, "close", 0, 0xffffffff);
}

static void rtas_is_instantiated_where_the_guest_wants_it(void **state)
{
    struct rig *r = *state;
    uint32_t rtas = OF(r, "open", 1, guest_text(r, 0, "/rtas")), root = OF(r, "open", 1, guest_text(r, 0, "/"));
    uint32_t method = guest_text(r, 1, "instantiate-rtas");

    assert_int_equal(OF(r, "call-method", 2, method, rtas, 0x100000), 0);
    assert_int_equal(of_result(r, 3, 1), 0x100000);
    assert_int_equal(rig_get32(r, 0x100000), 0x7c641b78);
    assert_int_equal(rig_get32(r, 0x100010), 0x4e800020);
    assert_int_equal(OF(r, "call-method", 2, method, root, 0x100000), OF_FAILED);
    assert_int_equal(OF(r, "call-method", 2, method, rtas, 0), OF_FAILED);
    assert_int_equal(OF(r, "call-method", 2, method, rtas, (uint32_t)RIG_MEMORY - 16), OF_FAILED);
    assert_int_equal(OF(r, "call-method", 2, method, rtas, 0xfffffff0), OF_FAILED);
    assert_int_equal(OF(r, "call-method", 2, method, rtas), OF_FAILED);
    assert_int_equal(OF(r, "call-method", 1, guest_text(r, 1, "fly"), rtas), OF_FAILED);
    assert_int_equal(OF(r, "call-method", 1, method, 0x77777777), OF_FAILED);
}

static void output_is_bounded_and_checked(void **state)
{
    struct rig *r = *state;

    assert_int_equal(OF(r, "write", 1, OF_IHANDLE_STDOUT, RIG_BUFFER, 1000), 1000);
    assert_int_equal(OF(r, "write", 1, OF_IHANDLE_STDOUT, RIG_BUFFER, 0), 0);
    assert_int_equal(OF(r, "write", 1, OF_IHANDLE_CPU, RIG_BUFFER, 10), OF_FAILED);
    assert_int_equal(OF(r, "write", 1, OF_IHANDLE_STDOUT, RIG_BUFFER, 0xffffffff), OF_FAILED);
    assert_int_equal(OF(r, "write", 1, OF_IHANDLE_STDOUT, (uint32_t)RIG_MEMORY - 8, 9), OF_FAILED);
    assert_int_equal(OF(r, "read", 1, OF_IHANDLE_STDOUT, RIG_BUFFER, 10), 0);
}

static void services_that_are_missing_or_called_wrongly_fail(void **state)
{
    struct rig *r = *state;

    assert_int_equal(OF(r, "getprop", 1, 1, 2), OF_FAILED);
    assert_int_equal(OF(r, "finddevice", 1, 0xfffffff0), OF_FAILED);
    assert_int_equal(OF(r, "finddevice", 1, (uint32_t)RIG_MEMORY - 1), OF_FAILED);
    assert_int_equal(OF(r, "test", 1, guest_text(r, 0, "claim")), 0);
    assert_int_equal(OF(r, "test", 1, guest_text(r, 0, "interpret")), OF_FAILED);
    rig_put32(r, RIG_BLOCK, guest_text(r, 0, "interpret"));
    rig_put32(r, RIG_BLOCK + 4, 1);
    rig_put32(r, RIG_BLOCK + 8, 1);
    assert_int_equal(H(r, H_OF_CLIENT, RIG_BLOCK), -1);
    assert_int_equal(of_result(r, 1, 0), OF_FAILED);
}

static void hostile_blocks_reach_nothing(void **state)
{
    static const uint64_t blocks[] = { RIG_MEMORY - 4, RIG_MEMORY - 12, RIG_MEMORY, 0xfffffffffffffff0,
                                       0x0fffffffffffffff };
    static const uint32_t counts[][2] = { { 17, 0 }, { 0, 17 }, { 16, 1 }, { 0xffffffff, 1 }, { 1, 0xffffffff },
                                          { 0x80000000, 0x80000000 } };
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
        assert_int_equal(H(r, H_OF_CLIENT, blocks[i]), -1);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        rig_put32(r, RIG_BLOCK, guest_text(r, 0, "peer"));
        rig_put32(r, RIG_BLOCK + 4, counts[i][0]);
        rig_put32(r, RIG_BLOCK + 8, counts[i][1]);
        assert_int_equal(H(r, H_OF_CLIENT, RIG_BLOCK), -1);
    }
    /* The last cells of RAM are fine; one beyond is not. */
    rig_put32(r, RIG_MEMORY - 20, guest_text(r, 0, "peer"));
    rig_put32(r, RIG_MEMORY - 16, 1);
    rig_put32(r, RIG_MEMORY - 12, 1);
    rig_put32(r, RIG_MEMORY - 8, 0);
    assert_int_equal(H(r, H_OF_CLIENT, RIG_MEMORY - 20), 0);
    assert_int_equal(rig_get32(r, RIG_MEMORY - 4), of_tree_root(of_client_tree(papr_of(r->p))));
    rig_put32(r, RIG_MEMORY - 12, 2);
    assert_int_equal(H(r, H_OF_CLIENT, RIG_MEMORY - 20), -1);
}

static void a_name_without_end_is_no_name(void **state)
{
    struct rig *r = *state;

    for (uint32_t at = 0; at < 512; at += 4)
        rig_put32(r, RIG_BUFFER + at, 0x41414141);
    assert_int_equal(OF(r, "finddevice", 1, RIG_BUFFER), OF_FAILED);
    assert_int_equal(OF(r, "getproplen", 1, find(r, "/"), RIG_BUFFER), OF_FAILED);
    rig_put32(r, RIG_BLOCK, RIG_BUFFER);
    assert_int_equal(H(r, H_OF_CLIENT, RIG_BLOCK), -1);
}

static void time_passes_in_milliseconds(void **state)
{
    struct rig *r = *state;

    assert_int_equal(OF(r, "milliseconds", 1), 0);      /* not started: the clock stands */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(linux_finds_what_it_needs_first, up, rig_end),
        cmocka_unit_test_setup_teardown(getprop_cuts_and_tells_the_whole_length, up, rig_end),
        cmocka_unit_test_setup_teardown(the_whole_tree_can_be_walked, up, rig_end),
        cmocka_unit_test_setup_teardown(what_the_guest_sets_it_gets, up, rig_end),
        cmocka_unit_test_setup_teardown(claims_respect_images_and_each_other, up, rig_end),
        cmocka_unit_test_setup_teardown(instances_run_out_and_come_back, up, rig_end),
        cmocka_unit_test_setup_teardown(rtas_is_instantiated_where_the_guest_wants_it, up, rig_end),
        cmocka_unit_test_setup_teardown(output_is_bounded_and_checked, up, rig_end),
        cmocka_unit_test_setup_teardown(services_that_are_missing_or_called_wrongly_fail, up, rig_end),
        cmocka_unit_test_setup_teardown(hostile_blocks_reach_nothing, up, rig_end),
        cmocka_unit_test_setup_teardown(a_name_without_end_is_no_name, up, rig_end),
        cmocka_unit_test_setup_teardown(time_passes_in_milliseconds, up, rig_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
