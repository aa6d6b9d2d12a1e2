/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/taker.h"
#include "tests/unit/state_example.h"
#include "tests/unit/state_roundtrip.h"

/* The same list as an older and a newer program know it. */
static const struct state_field old_fields[] = {
    STATE_U64(struct outer, big, 1),           STATE_ARRAY_U32(struct outer, words, 1),
    STATE_BYTES(struct outer, bytes, 1),       STATE_STRUCT(struct outer, one, 1, &inner_list),
    STATE_ARRAY_STRUCT(struct outer, many, 1, &inner_list),
    STATE_BYTES_PTR(struct outer, blob, blob_bytes, 1),
};
static const struct state_list old_list = STATE_LIST("outer", struct outer, 1, old_fields);
static const struct state_field optional_fields[] = {
    STATE_U16(struct inner, a, 1),
    { .name = "extra", .type = STATE_T_STRUCT, .flags = STATE_OPTIONAL, .since = 1, .count = 1, .nested = &inner_list },
    STATE_BOOL(struct inner, on, 1),
};
static const struct state_list optional_list = STATE_LIST("inner", struct inner, 1, optional_fields);

static void every_list_survives_save_load_save(void **unused)
{
    static const struct state_list *const all[] = { &inner_list, &outer_list, &old_list };
    struct error err = { 0 };

    (void)unused;
    if (state_roundtrip_all(all, 3, 99, &err) < 0)
        fail_msg("%s", err.msg);
}

static struct outer sample(uint8_t *blob)
{
    struct outer o = { .big = 0x1122334455667788, .words = { 1, 2, 3, 4, 5 }, .bytes = "abcdef", .mode = 3,
                       .one = { 9, true }, .many = { { 1, true }, { 2, false }, { 0xffff, true } }, .derived = 6,
                       .blob = blob, .blob_bytes = 4 };

    memcpy(blob, "blob", 4);
    return o;
}

static void an_object_comes_back_as_it_was(void **unused)
{
    uint8_t blob_a[4], blob_b[4] = { 0 };
    struct outer a = sample(blob_a), b = { .blob = blob_b, .blob_bytes = 4 };
    struct state_section s;
    struct state_writer w;
    struct state_reader r;
    struct error err = { 0 };

    (void)unused;
    state_writer_init(&w);
    assert_int_equal(state_save(&outer_list, &a, 1, &w, &err), 0);
    assert_int_equal(state_save(&inner_list, &a.one, 2, &w, &err), 0);
    state_reader_init(&r, w.out.data, w.out.len_bytes);
    assert_int_equal(state_peek(&r, &s, &err), 1);
    assert_string_equal(s.name, "outer");
    assert_int_equal(s.instance, 1);
    assert_int_equal(s.version, 2);
    assert_int_equal(state_load(&outer_list, &b, 2, &r, &err), -EBADMSG);
    assert_int_equal(state_load(&inner_list, &b.one, 1, &r, &err), -EBADMSG);
    assert_int_equal(state_load(&outer_list, &b, 1, &r, &err), 0);
    assert_memory_equal(blob_b, "blob", 4);
    assert_int_equal(b.big, a.big);
    assert_memory_equal(b.words, a.words, sizeof(a.words));
    assert_memory_equal(b.bytes, a.bytes, sizeof(a.bytes));
    assert_int_equal(b.mode, 3);
    assert_true(b.one.a == 9 && b.one.on && b.many[0].on && !b.many[1].on && b.many[2].a == 0xffff);
    assert_int_equal(b.derived, 6);
    assert_int_equal(state_skip(&r, &err), 0);
    assert_int_equal(state_peek(&r, &s, &err), 0);
    assert_int_equal(state_skip(&r, &err), -EBADMSG);
    state_writer_fini(&w);
}

static void an_older_section_keeps_reset_values_and_a_newer_one_is_refused(void **unused)
{
    uint8_t blob_a[4], blob_b[4];
    struct outer a = sample(blob_a), b = { .blob = blob_b, .blob_bytes = 4, .mode = 1, .derived = 5 };
    struct state_writer w;
    struct state_reader r;
    struct error err = { 0 };

    (void)unused;
    state_writer_init(&w);
    assert_int_equal(state_save(&old_list, &a, 0, &w, &err), 0);
    state_reader_init(&r, w.out.data, w.out.len_bytes);
    assert_int_equal(state_load(&outer_list, &b, 0, &r, &err), 0);
    assert_int_equal(b.mode, 1);
    assert_int_equal(b.derived, 5);
    assert_int_equal(b.many[2].a, 0xffff);
    buf_reset(&w.out);
    assert_int_equal(state_save(&outer_list, &a, 0, &w, &err), 0);
    state_reader_init(&r, w.out.data, w.out.len_bytes);
    assert_int_equal(state_load(&old_list, &b, 0, &r, &err), -EBADMSG);
    assert_non_null(strstr(err.msg, "mode"));
    state_writer_fini(&w);
}

static void an_unknown_optional_field_is_skipped(void **unused)
{
    struct inner two[2] = { { 77, true }, { 5, true } }, b = { 0 };
    struct state_writer w;
    struct state_reader r;
    struct error err = { 0 };

    (void)unused;
    state_writer_init(&w);
    assert_int_equal(state_save(&optional_list, two, 0, &w, &err), 0);
    state_reader_init(&r, w.out.data, w.out.len_bytes);
    assert_int_equal(state_load(&inner_list, &b, 0, &r, &err), 0);
    assert_int_equal(b.a, 77);
    assert_true(b.on);
    state_writer_fini(&w);
}

/* Promise 1 of state.h, against every truncation and many single-byte changes. */
static void a_refused_section_leaves_the_object_alone(void **unused)
{
    uint8_t blob_a[4], blob_b[4] = { 0 };
    struct outer a = sample(blob_a), before = { .blob = blob_b, .blob_bytes = 4, .big = 3 }, b;
    struct state_writer w;
    struct error err = { 0 };
    unsigned refused = 0;

    (void)unused;
    state_writer_init(&w);
    assert_int_equal(state_save(&outer_list, &a, 0, &w, &err), 0);
    for (size_t i = 0; i < w.out.len_bytes * 256; i++) {
        uint8_t *at = &w.out.data[i / 256];
        uint8_t was = *at;
        struct state_reader r;
        uint8_t *copy = malloc(w.out.len_bytes);    /* exact size, so that a sanitizer sees any overrun */

        *at = (uint8_t)i;
        memcpy(copy, w.out.data, w.out.len_bytes);
        *at = was;
        state_reader_init(&r, copy, i % 256 == was ? i / 256 : w.out.len_bytes);
        b = before;
        if (state_load(&outer_list, &b, 0, &r, &err) < 0 && !strstr(err.msg, "custom")) {
            assert_memory_equal(&b, &before, sizeof(b));
            assert_int_equal(r.pos, 0);
            refused++;
        }
        free(copy);
    }
    assert_true(refused > w.out.len_bytes * 32);
    state_writer_fini(&w);
}

static int hook_refuses(const void *obj, struct error *err)
{
    return ((const struct inner *)obj)->a == 13 ? error_set(err, EBADMSG, "13 is unlucky") : 0;
}

static int hook_doubles(void *obj, struct error *err)
{
    (void)err;
    ((struct inner *)obj)->a *= 2;
    return 0;
}

static void hook_halves(void *obj)
{
    ((struct inner *)obj)->a /= 2;
}

static void hooks_run_in_order(void **unused)
{
    const struct state_list list = STATE_LIST("inner", struct inner, 1, inner_fields, .pre_save = hook_halves,
                                              .check = hook_refuses, .post_load = hook_doubles);
    struct inner a = { 24, false }, b = { 0 };
    struct state_writer w;
    struct state_reader r;
    struct error err = { 0 };

    (void)unused;
    state_writer_init(&w);
    assert_int_equal(state_save(&list, &a, 0, &w, &err), 0);
    state_reader_init(&r, w.out.data, w.out.len_bytes);
    assert_int_equal(state_load(&list, &b, 0, &r, &err), 0);
    assert_int_equal(b.a, 24);
    a.a = 26;
    buf_reset(&w.out);
    assert_int_equal(state_save(&list, &a, 0, &w, &err), 0);
    state_reader_init(&r, w.out.data, w.out.len_bytes);
    assert_int_equal(state_load(&list, &b, 0, &r, &err), -EBADMSG);
    assert_string_equal(err.msg, "13 is unlucky");
    state_writer_fini(&w);
}

static void values_out_of_range_are_refused(void **unused)
{
    uint8_t blob[4], blob_b[4];
    struct outer a = sample(blob), b = { .blob = blob_b, .blob_bytes = 3 };
    struct state_writer w;
    struct state_reader r;
    struct error err = { 0 };

    (void)unused;
    a.mode = 4;
    state_writer_init(&w);
    assert_int_equal(state_save(&outer_list, &a, 0, &w, &err), 0);
    state_reader_init(&r, w.out.data, w.out.len_bytes);
    assert_int_equal(state_load(&outer_list, &b, 0, &r, &err), -EBADMSG);
    assert_non_null(strstr(err.msg, "mode"));
    a.mode = 0;
    buf_reset(&w.out);
    assert_int_equal(state_save(&outer_list, &a, 0, &w, &err), 0);
    state_reader_init(&r, w.out.data, w.out.len_bytes);
    assert_int_equal(state_load(&outer_list, &b, 0, &r, &err), -EBADMSG);
    assert_non_null(strstr(err.msg, "blob"));
    state_writer_fini(&w);
}

static void taking_past_the_end_is_noted_and_yields_zeros(void **unused)
{
    static const uint8_t data[] = { 1, 2, 3, 4, 2, 'h', 'i', 9, 'x', 7 };
    struct taker t = taker_of(data, sizeof(data));
    char text[4];

    (void)unused;
    assert_int_equal(take_le32(&t), 0x04030201);
    take_str(&t, take_u8(&t), text, sizeof(text));
    assert_string_equal(text, "hi");
    assert_false(t.bad);
    take_str(&t, take_u8(&t), text, sizeof(text));      /* says 9 bytes, 2 are left */
    assert_true(t.bad);
    assert_string_equal(text, "");
    assert_ptr_equal(t.at, t.end);
    assert_null(take_bytes(&t, 0));
    assert_int_equal(take_le64(&t), 0);
}

static void a_string_must_fit_with_its_nul_and_hold_no_other(void **unused)
{
    static const uint8_t data[] = { 'a', 'b', 'c', 'd', 'e', 0, 'f' };
    struct taker t = taker_of(data, sizeof(data));
    char text[4];

    (void)unused;
    take_str(&t, 3, text, sizeof(text));
    assert_string_equal(text, "abc");
    assert_false(t.bad);
    take_str(&t, 3, text, sizeof(text));
    assert_true(t.bad);
    t = taker_of(data, sizeof(data));
    take_str(&t, 4, text, sizeof(text));
    assert_true(t.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_list_survives_save_load_save),
        cmocka_unit_test(an_object_comes_back_as_it_was),
        cmocka_unit_test(an_older_section_keeps_reset_values_and_a_newer_one_is_refused),
        cmocka_unit_test(an_unknown_optional_field_is_skipped),
        cmocka_unit_test(a_refused_section_leaves_the_object_alone),
        cmocka_unit_test(hooks_run_in_order),
        cmocka_unit_test(values_out_of_range_are_refused),
        cmocka_unit_test(taking_past_the_end_is_noted_and_yields_zeros),
        cmocka_unit_test(a_string_must_fit_with_its_nul_and_hold_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
