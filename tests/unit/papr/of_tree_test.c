/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "papr/fdt_build.h"
#include "papr/of_tree.h"

/* "/", "/a", "/a/b@1F", "/a/b@2" (unless without_b2), "/c" with phandle 0x1111. */
static void load(struct of_tree *t, uint32_t value, bool without_b2)
{
    struct error err = { 0 };
    struct fdt_build b;
    void *fdt;

    fdt_build_init(&b, NULL);
    fdt_build_begin(&b, "%s", "");
    fdt_build_str(&b, "device_type", "chrp");
    fdt_build_begin(&b, "a");
    fdt_build_u32(&b, "value", value);
    fdt_build_empty(&b, "empty");
    fdt_build_begin(&b, "b@1F");
    fdt_build_end(&b);
    if (!without_b2) {
        fdt_build_begin(&b, "b@2");
        fdt_build_end(&b);
    }
    fdt_build_end(&b);
    fdt_build_begin(&b, "c");
    fdt_build_u32(&b, "phandle", 0x1111);
    fdt_build_end(&b);
    fdt_build_end(&b);
    fdt = fdt_build_finish(&b, &err);
    assert_non_null(fdt);
    assert_int_equal(of_tree_load(t, fdt, &err), 0);
    free(fdt);
}

static int fresh(void **state)
{
    struct of_tree *t = of_tree_new();

    *state = t;
    if (!t)
        return -1;
    load(t, 1, false);
    return 0;
}

static int drop(void **state)
{
    of_tree_free(*state);
    return 0;
}

static void paths_find_nodes_as_open_firmware_does(void **state)
{
    const struct of_tree *t = *state;
    uint32_t b1 = of_tree_find(t, "/a/b@1F");

    assert_int_equal(of_tree_find(t, "/"), of_tree_root(t));
    assert_int_not_equal(b1, 0);
    assert_int_equal(of_tree_find(t, "/a/b@1f"), b1);
    assert_int_equal(of_tree_find(t, "/a/b"), b1);
    assert_int_equal(of_tree_find(t, "//a//b/"), b1);
    assert_int_equal(of_tree_find(t, "/A"), 0);
    assert_int_equal(of_tree_find(t, "/a/b@"), 0);
    assert_int_equal(of_tree_find(t, "/a/b@1"), 0);
    assert_int_equal(of_tree_find(t, "/a/b@1F0"), 0);
    assert_int_equal(of_tree_find(t, "a"), 0);
    assert_int_equal(of_tree_find(t, ""), 0);
    assert_int_equal(of_tree_find(t, "/c"), 0x1111);
}

static void children_peers_and_parents_agree(void **state)
{
    const struct of_tree *t = *state;
    uint32_t a = of_tree_child(t, of_tree_root(t)), b1 = of_tree_child(t, a), b2 = of_tree_peer(t, b1);

    assert_int_equal(a, of_tree_find(t, "/a"));
    assert_int_equal(of_tree_peer(t, a), 0x1111);
    assert_int_equal(of_tree_peer(t, 0x1111), 0);
    assert_int_equal(of_tree_parent(t, b2), a);
    assert_int_equal(of_tree_parent(t, of_tree_root(t)), 0);
    assert_int_equal(of_tree_child(t, 0xdeadbeef), 0);
    assert_int_equal(of_tree_peer(t, 0), 0);
}

static void a_path_is_cut_to_the_room_there_is(void **state)
{
    const struct of_tree *t = *state;
    uint32_t b1 = of_tree_find(t, "/a/b");
    char path[8] = "zzzzzzz";

    assert_int_equal(of_tree_path(t, b1, path, sizeof(path)), 7);
    assert_string_equal(path, "/a/b@1F");
    assert_int_equal(of_tree_path(t, b1, path, 4), 7);
    assert_string_equal(path, "/a/");
    assert_int_equal(of_tree_path(t, of_tree_root(t), path, sizeof(path)), 1);
    assert_string_equal(path, "/");
    assert_int_equal(of_tree_path(t, 5, path, sizeof(path)), -1);
}

static void properties_come_in_order(void **state)
{
    const struct of_tree *t = *state;
    uint32_t a = of_tree_find(t, "/a"), len = 9;
    char name[OF_NAME_MAX];

    assert_int_equal(of_tree_next(t, a, "", name), 1);
    assert_string_equal(name, "value");
    assert_int_equal(of_tree_next(t, a, name, name), 1);
    assert_string_equal(name, "empty");
    assert_int_equal(of_tree_next(t, a, name, name), 0);
    assert_int_equal(of_tree_next(t, a, "nothing", name), -1);
    assert_int_equal(of_tree_next(t, 1, "", name), -1);
    assert_non_null(of_tree_get(t, a, "empty", &len));
    assert_int_equal(len, 0);
    assert_null(of_tree_get(t, a, "nothing", &len));
}

static void a_rebuilt_tree_keeps_phandles(void **state)          /* T1 */
{
    struct of_tree *t = *state;
    uint32_t a = of_tree_find(t, "/a"), b2 = of_tree_find(t, "/a/b@2"), c = of_tree_find(t, "/c");

    load(t, 2, true);
    assert_int_equal(of_tree_find(t, "/a"), a);
    assert_int_equal(of_tree_find(t, "/c"), c);
    assert_int_equal(of_tree_find(t, "/a/b@2"), 0);
    assert_int_equal(of_tree_parent(t, b2), 0);
    load(t, 3, false);
    assert_int_equal(of_tree_find(t, "/a/b@2"), b2);
}

static void a_rebuilt_tree_keeps_what_the_guest_set(void **state) /* T2 */
{
    struct of_tree *t = *state;
    uint32_t a = of_tree_find(t, "/a"), b2 = of_tree_find(t, "/a/b@2"), len;

    assert_true(of_tree_set(t, a, "mine", "abc", 4));
    assert_true(of_tree_set(t, b2, "mine", "abc", 4));
    load(t, 2, true);
    assert_string_equal(of_tree_get(t, a, "mine", &len), "abc");
    assert_int_equal(((const uint8_t *)of_tree_get(t, a, "value", &len))[3], 2);
    load(t, 3, false);
    assert_null(of_tree_get(t, b2, "mine", &len));
    of_tree_reset(t);
    load(t, 4, false);
    assert_null(of_tree_get(t, of_tree_find(t, "/a"), "mine", &len));
}

static void the_guest_cannot_fill_memory(void **state)            /* T3 */
{
    static const uint8_t big[OF_PROPERTY_MAX + 1];
    struct of_tree *t = *state;
    uint32_t a = of_tree_find(t, "/a"), done = 0;
    char name[OF_NAME_MAX];

    assert_false(of_tree_set(t, a, "big", big, OF_PROPERTY_MAX + 1));
    assert_false(of_tree_set(t, a, "", big, 1));
    assert_false(of_tree_set(t, a, "0123456789012345678901234567890123456789012345678901234567890123", big, 1));
    assert_false(of_tree_set(t, 99, "x", big, 1));
    do {
        snprintf(name, sizeof(name), "p%u", done);
    } while (of_tree_set(t, a, name, big, OF_PROPERTY_MAX) && ++done);
    assert_in_range(done, 10, OF_GUEST_BYTES_MAX / OF_PROPERTY_MAX);
    assert_true(of_tree_set(t, a, "p0", big, OF_PROPERTY_MAX));
    assert_true(of_tree_set(t, a, "p0", big, 0));
    assert_true(of_tree_set(t, a, name, big, OF_PROPERTY_MAX - 96));
}

static void a_restored_phandle_is_used_when_the_node_appears(void **state)
{
    struct of_tree *t = *state;
    uint32_t a = of_tree_find(t, "/a");

    assert_int_equal(of_tree_restore_phandle(t, "/new", a), -22);
    assert_int_equal(of_tree_restore_phandle(t, "/a", 0x9999), 0);
    assert_int_equal(of_tree_find(t, "/a"), 0x9999);
    load(t, 1, false);
    assert_int_equal(of_tree_find(t, "/a"), 0x9999);
}

static void what_is_not_a_tree_is_refused(void **state)
{
    struct of_tree *t = *state;
    char garbage[64] = "this is not a flattened device tree";
    uint32_t a = of_tree_find(t, "/a");

    assert_int_equal(of_tree_load(t, garbage, NULL), -22);
    assert_int_equal(of_tree_find(t, "/a"), a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(paths_find_nodes_as_open_firmware_does, fresh, drop),
        cmocka_unit_test_setup_teardown(children_peers_and_parents_agree, fresh, drop),
        cmocka_unit_test_setup_teardown(a_path_is_cut_to_the_room_there_is, fresh, drop),
        cmocka_unit_test_setup_teardown(properties_come_in_order, fresh, drop),
        cmocka_unit_test_setup_teardown(a_rebuilt_tree_keeps_phandles, fresh, drop),
        cmocka_unit_test_setup_teardown(a_rebuilt_tree_keeps_what_the_guest_set, fresh, drop),
        cmocka_unit_test_setup_teardown(the_guest_cannot_fill_memory, fresh, drop),
        cmocka_unit_test_setup_teardown(a_restored_phandle_is_used_when_the_node_appears, fresh, drop),
        cmocka_unit_test_setup_teardown(what_is_not_a_tree_is_refused, fresh, drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
