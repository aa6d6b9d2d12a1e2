/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/papr/guest_rig.h"

#include "base/state.h"
#include "papr/nvram.h"
#include "papr/of_tree.h"
#include "papr/state_lists.h"
#include "tests/unit/state_roundtrip.h"

static int check_table(void *arg, const struct state_list *list, void *obj, uint32_t instance)
{
    struct error err = { 0 };

    (void)obj, (void)instance;
    if (state_list_check(list, &err))
        fail_msg("%s: %s", list->name, err.msg);
    if (state_roundtrip_all(&list, 1, 42, &err))
        fail_msg("%s: %s", list->name, err.msg);
    ++*(unsigned *)arg;
    return 0;
}

static void every_list_is_sound_and_survives_save_load_save(void **unused)
{
    struct rig r;
    unsigned n = 0;

    (void)unused;
    guest_rig_up(&r, 1, 1ull << 30);
    papr_each_state(r.p, &n, check_table);
    assert_true(n >= 11);
    rig_down(&r);
}

static void save(struct papr *p, struct state_writer *w)
{
    struct error err = { 0 };

    state_writer_init(w);
    if (papr_save_state(p, w, &err))
        fail_msg("%s", err.msg);
}

/* Something of everything that can differ from a fresh machine. */
static void disturb(struct rig *r)
{
    uint32_t chosen = OF(r, "finddevice", 1, guest_text(r, 0, "/chosen"));

    OF(r, "setprop", 1, chosen, guest_text(r, 1, "mine"), RIG_BUFFER, 77);
    OF(r, "claim", 1, 0, 0x12000, 0x1000);
    OF(r, "open", 1, guest_text(r, 0, "/rtas"));
    RTAS(r, "set-time-of-day", 1, 1999, 12, 31, 1, 2, 3, 4);
    nvram_write(papr_nvram(r->p), 5000, "abc", 3);
    H(r, 0x8, 0, 0x40, hpte_v_4k(5, 0x1000), 0x10194);
    r->v->cpu.gpr[17] = 0x1234567890abcdef;
    papr_vcpu(r->p, 1)->prodded = true;
}

static void a_machine_goes_on_in_another(void **unused)
{
    struct state_writer first, second;
    struct state_reader reader;
    struct error err = { 0 };
    struct rig a, b;
    uint32_t chosen, len = 0;

    (void)unused;
    guest_rig_up(&a, 2, 1ull << 33);
    disturb(&a);
    save(a.p, &first);
    chosen = of_tree_find(of_client_tree(papr_of(a.p)), "/chosen");
    papr_free(a.p);
    rcu_unregister_thread();
    guest_rig_up(&b, 2, 1ull << 33);
    of_call(&b, "open", 1, 1, (uint32_t[]){ guest_text(&b, 0, "/") });
    state_reader_init(&reader, first.out.data, first.out.len_bytes);
    if (papr_load_state(b.p, &reader, &err))
        fail_msg("%s", err.msg);
    save(b.p, &second);
    assert_int_equal(second.out.len_bytes, first.out.len_bytes);
    assert_memory_equal(second.out.data, first.out.data, first.out.len_bytes);
    assert_int_equal(of_tree_find(of_client_tree(papr_of(b.p)), "/chosen"), chosen);
    assert_non_null(of_tree_get(of_client_tree(papr_of(b.p)), chosen, "mine", &len));
    assert_int_equal(len, 77);
    state_writer_fini(&first);
    state_writer_fini(&second);
    rig_down(&b);
}

static void damaged_state_is_an_error_not_a_crash(void **unused)
{
    struct state_writer w;
    struct rig r;

    (void)unused;
    guest_rig_up(&r, 2, 1ull << 30);
    disturb(&r);
    save(r.p, &w);
    for (size_t at = 0; at < w.out.len_bytes; at += 1 + w.out.len_bytes / 600) {
        struct state_reader reader;
        struct error err = { 0 };

        w.out.data[at] ^= 0x40;
        state_reader_init(&reader, w.out.data, w.out.len_bytes);
        papr_load_state(r.p, &reader, &err);
        w.out.data[at] ^= 0x40;
        state_reader_init(&reader, w.out.data, at);
        assert_true(papr_load_state(r.p, &reader, &err) < 0);
    }
    state_writer_fini(&w);
    rig_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_list_is_sound_and_survives_save_load_save),
        cmocka_unit_test(a_machine_goes_on_in_another),
        cmocka_unit_test(damaged_state_is_an_error_not_a_crash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
