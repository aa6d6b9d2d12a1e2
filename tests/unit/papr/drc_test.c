/* SPDX-License-Identifier: Apache-2.0 */
#include "papr/drc.h"
#include "papr/lmb.h"
#include "papr/rtas.h"
#include "tests/unit/address_space.h"
#include "tests/unit/papr/guest_rig.h"

#include <errno.h>

#define CEILING (8ull << 40)

static int up(void **state)
{
    return guest_rig_begin(state, 2, CEILING);
}

static int32_t ask(struct rig *r, uint32_t index, enum drc_request what)
{
    return drc_ask(papr_drcs(r->p), r->v, index, what);
}

static enum drc_state state_of(struct rig *r, uint32_t index)
{
    struct drc_view view;

    assert_true(drc_get(papr_drcs(r->p), index, &view));
    return view.state;
}

static bool is_attached(struct rig *r, uint32_t index)
{
    struct drc_view view;

    assert_true(drc_get(papr_drcs(r->p), index, &view));
    return view.attached;
}

static void attach(struct rig *r, uint32_t index)
{
    struct error err;

    assert_int_equal(drc_attach(papr_drcs(r->p), index >> DRC_TYPE_SHIFT, index & DRC_ID_MASK, &err), 0);
}

/* A fresh connector, present, in this state. */
static void bring(struct rig *r, uint32_t index, enum drc_state want)
{
    bool physical = index >> DRC_TYPE_SHIFT == DRC_PCI;

    attach(r, index);
    if (want >= DRC_AVAILABLE && !physical)
        assert_int_equal(ask(r, index, DRC_MAKE_USABLE), 0);
    if (want >= DRC_UNISOLATED)
        assert_int_equal(ask(r, index, DRC_UNISOLATE), 0);
    if (want >= DRC_CONFIGURED)
        assert_int_equal(ask(r, index, DRC_CONFIGURE), 0);
    assert_int_equal(state_of(r, index), want);
}

static void remove_all(struct rig *r)
{
    drc_reset_to_rest(papr_drcs(r->p));
}

#define U DRC_UNUSABLE
#define A DRC_AVAILABLE
#define I DRC_UNISOLATED
#define C DRC_CONFIGURED

struct expect {
    int32_t status;
    enum drc_state next;
};

/* docs/hotplug.md, the table: columns isolate, unisolate, unusable, usable, configure. */
static const struct expect logical[4][5] = {
    [U] = { { 0, U }, { -3, U }, { 0, U }, { 0, A }, { -9003, U } },
    [A] = { { 0, A }, { 0, I }, { 0, U }, { 0, A }, { -9003, A } },
    [I] = { { -3, I }, { 0, I }, { -3, I }, { 0, I }, { 0, C } },
    [C] = { { 0, A }, { 0, C }, { -3, C }, { 0, C }, { 0, C } },
};
static const struct expect physical[4][5] = {
    [U] = { { 0, U }, { 0, I }, { -3, U }, { -3, U }, { -9003, U } },
    [I] = { { -3, I }, { 0, I }, { -3, I }, { -3, I }, { 0, C } },
    [C] = { { 0, U }, { 0, C }, { -3, C }, { -3, C }, { 0, C } },
};

static void every_transition_of(struct rig *r, uint32_t index, const struct expect table[4][5])
{
    for (unsigned from = 0; from < 4; from++) {
        if (index >> DRC_TYPE_SHIFT == DRC_PCI && from == A)
            continue;
        for (unsigned what = 0; what < 5; what++) {
            bring(r, index, from);
            assert_int_equal(ask(r, index, what), table[from][what].status);
            assert_int_equal(state_of(r, index), table[from][what].next);
            assert_true(is_attached(r, index));
            remove_all(r);
        }
    }
}

static void logical_connectors_follow_the_table(void **state)
{
    every_transition_of(*state, DRC_INDEX(DRC_LMB, 16), logical);
    every_transition_of(*state, DRC_INDEX(DRC_PHB, 3), logical);
}

static void physical_connectors_follow_their_table(void **state)
{
    every_transition_of(*state, DRC_INDEX(DRC_PCI, 2u << 16 | 8), physical);
}

static void a_processor_is_released_and_taken_again(void **state)
{
    struct rig *r = *state;
    uint32_t index = DRC_INDEX(DRC_CPU, 1), sense;

    assert_int_equal(state_of(r, index), C);
    assert_int_equal(ask(r, index, DRC_ISOLATE), 0);
    assert_int_equal(ask(r, index, DRC_MAKE_UNUSABLE), 0);
    assert_int_equal(drc_sense(papr_drcs(r->p), index, &sense), 0);
    assert_int_equal(sense, DRC_SENSE_UNUSABLE);
    assert_true(is_attached(r, index));
    assert_int_equal(ask(r, index, DRC_MAKE_USABLE), 0);
    assert_int_equal(ask(r, index, DRC_UNISOLATE), 0);
    assert_int_equal(ask(r, index, DRC_CONFIGURE), 0);
    assert_true(drc_at_rest(papr_drcs(r->p)));
}

static void absent_connectors_refuse_to_be_used(void **state)
{
    struct rig *r = *state;
    uint32_t sense = 77;

    assert_int_equal(ask(r, DRC_INDEX(DRC_LMB, 5), DRC_MAKE_USABLE), -3);
    assert_int_equal(ask(r, DRC_INDEX(DRC_LMB, 5), DRC_ISOLATE), 0);
    assert_int_equal(ask(r, DRC_INDEX(DRC_LMB, 5), DRC_MAKE_UNUSABLE), 0);
    assert_int_equal(ask(r, DRC_INDEX(DRC_LMB, 5), DRC_UNISOLATE), -3);
    assert_int_equal(ask(r, DRC_INDEX(DRC_LMB, 5), DRC_CONFIGURE), -9003);
    assert_int_equal(ask(r, DRC_INDEX(DRC_PCI, 8), DRC_UNISOLATE), -3);
    assert_int_equal(drc_sense(papr_drcs(r->p), DRC_INDEX(DRC_LMB, 5), &sense), 0);
    assert_int_equal(sense, DRC_SENSE_UNUSABLE);
    assert_int_equal(drc_sense(papr_drcs(r->p), DRC_INDEX(DRC_PCI, 8), &sense), 0);
    assert_int_equal(sense, DRC_SENSE_EMPTY);
    assert_true(drc_at_rest(papr_drcs(r->p)));
}

static void unknown_indexes_answer_minus_3(void **state)
{
    struct rig *r = *state;
    uint32_t last = (uint32_t)(CEILING >> 28), sense = 1;
    const uint32_t unknown[] = {
        0, 5, DRC_INDEX(DRC_LMB, 0), DRC_INDEX(DRC_LMB, last), DRC_INDEX(DRC_LMB, 0xfffffff), DRC_INDEX(DRC_CPU, 2),
        DRC_INDEX(DRC_PHB, 32), DRC_INDEX(DRC_PCI, 32u << 16), DRC_INDEX(DRC_PCI, 0x100), 0x30000000, 0x90000001,
        0xffffffff,
    };

    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        for (unsigned what = 0; what < DRC_REQUESTS; what++)
            assert_int_equal(ask(r, unknown[i], what), -3);
        assert_int_equal(drc_sense(papr_drcs(r->p), unknown[i], &sense), -3);
        assert_int_equal(drc_set_led(papr_drcs(r->p), unknown[i], 0), -3);
        assert_int_equal(drc_may_configure(papr_drcs(r->p), unknown[i]), -3);
    }
    assert_int_equal(drc_sense(papr_drcs(r->p), DRC_INDEX(DRC_LMB, last - 1), &sense), 0);
}

/* Invariant D2. */
static void a_block_is_memory_unless_it_is_unusable(void **state)
{
    struct rig *r = *state;
    uint32_t index = DRC_INDEX(DRC_LMB, 7);
    uint64_t at = lmb_start(7), v = 0x1234;

    attach(r, index);
    assert_false(papr_is_ram(r->p, at, 8));
    assert_int_equal(ask(r, index, DRC_MAKE_USABLE), 0);
    assert_true(papr_is_ram(r->p, at, PAPR_LMB_SIZE));
    assert_true(papr_write(r->p, at + 4096, &v, 8));
    assert_int_equal(ask(r, index, DRC_MAKE_UNUSABLE), 0);
    assert_false(papr_is_ram(r->p, at, 8));
    assert_int_equal(ask(r, index, DRC_MAKE_USABLE), 0);
    assert_true(papr_read(r->p, at + 4096, &v, 8));
    assert_int_equal(v, 0);
}

static void isolating_a_mapped_block_answers_minus_9001(void **state)
{
    struct rig *r = *state;
    uint32_t index = DRC_INDEX(DRC_LMB, 9);
    struct hpt *h = papr_hpt(r->p);
    struct hpte e = { .v = HPTE_V_V, .r = lmb_start(9) | 0x196 };
    uint64_t ptex;

    bring(r, index, C);
    assert_true(hpt_insert(h, 64, true, e, &ptex));
    assert_int_equal(ask(r, index, DRC_ISOLATE), -9001);
    assert_int_equal(state_of(r, index), C);
    assert_true(hpt_detach(h, ptex, (struct hpte_match){ 0 }, &e));
    hpt_release(h, ptex, e);
    assert_int_equal(ask(r, index, DRC_ISOLATE), 0);
}

static void entries_made_after_isolation_go_with_the_block(void **state)
{
    struct rig *r = *state;
    uint32_t index = DRC_INDEX(DRC_LMB, 9);
    struct hpt *h = papr_hpt(r->p);
    struct hpte e = { .v = HPTE_V_V, .r = lmb_start(9) | 0x196 };
    uint64_t ptex;

    bring(r, index, C);
    assert_int_equal(ask(r, index, DRC_ISOLATE), 0);
    assert_true(hpt_insert(h, 64, true, e, &ptex));
    assert_int_equal(ask(r, index, DRC_MAKE_UNUSABLE), 0);
    assert_int_equal(hpt_read(h, ptex).v, 0);
    assert_false(lmb_is_mapped(r->p, 9));
}

static void a_bridge_with_configured_functions_answers_minus_9000(void **state)
{
    struct rig *r = *state;

    bring(r, DRC_INDEX(DRC_PHB, 1), C);
    bring(r, DRC_INDEX(DRC_PCI, 1u << 16 | 0xff), C);
    assert_int_equal(ask(r, DRC_INDEX(DRC_PHB, 1), DRC_ISOLATE), -9000);
    assert_int_equal(ask(r, DRC_INDEX(DRC_PCI, 1u << 16 | 0xff), DRC_ISOLATE), 0);
    assert_int_equal(ask(r, DRC_INDEX(DRC_PHB, 1), DRC_ISOLATE), 0);
}

struct heard {
    uint32_t id;
    enum drc_news news;
    unsigned n;
};

static void listen(void *opaque, uint32_t id, enum drc_news news)
{
    struct heard *h = opaque;

    *h = (struct heard){ id, news, h->n + 1 };
}

static void asked_back_it_leaves_with_unusable(void **state)
{
    struct rig *r = *state;
    struct drcs *d = papr_drcs(r->p);
    uint32_t index = DRC_INDEX(DRC_LMB, 100);
    struct heard heard = { 0 };
    bool gone;

    drc_listen(d, DRC_LMB, listen, &heard);
    bring(r, index, C);
    assert_int_equal(heard.n, 1);
    assert_int_equal(heard.news, DRC_NEWS_CONFIGURED);
    assert_int_equal(drc_ask_back(d, DRC_LMB, 100, &gone, NULL), 0);
    assert_false(gone);
    assert_int_equal(ask(r, index, DRC_ISOLATE), 0);
    assert_int_equal(ask(r, index, DRC_MAKE_UNUSABLE), 0);
    assert_int_equal(heard.news, DRC_NEWS_REMOVED);
    assert_int_equal(heard.id, 100);
    assert_false(is_attached(r, index));
    assert_int_equal(ask(r, index, DRC_MAKE_USABLE), -3);
    assert_int_equal(drc_attached(d, DRC_LMB), 0);
}

static void unisolate_and_configure_refuse_the_removal(void **state)
{
    struct rig *r = *state;
    struct drcs *d = papr_drcs(r->p);
    static const enum drc_request refusals[] = { DRC_UNISOLATE, DRC_CONFIGURE };
    struct drc_view view;
    bool gone;

    for (unsigned i = 0; i < 2; i++) {
        struct heard heard = { 0 };

        drc_listen(d, DRC_LMB, listen, &heard);
        bring(r, DRC_INDEX(DRC_LMB, 100 + i), C);
        assert_int_equal(drc_ask_back(d, DRC_LMB, 100 + i, &gone, NULL), 0);
        assert_int_equal(ask(r, DRC_INDEX(DRC_LMB, 100 + i), refusals[i]), 0);
        assert_int_equal(heard.news, DRC_NEWS_KEPT);
        assert_true(drc_get(d, DRC_INDEX(DRC_LMB, 100 + i), &view));
        assert_true(view.attached && !view.unplug && view.state == C);
    }
}

static void given_back_unasked_it_may_be_taken_again(void **state)
{
    struct rig *r = *state;
    struct drcs *d = papr_drcs(r->p);
    uint32_t index = DRC_INDEX(DRC_LMB, 100);
    struct heard heard = { 0 };

    drc_listen(d, DRC_LMB, listen, &heard);
    bring(r, index, C);
    assert_int_equal(ask(r, index, DRC_ISOLATE), 0);
    assert_int_equal(ask(r, index, DRC_MAKE_UNUSABLE), 0);
    assert_int_equal(heard.news, DRC_NEWS_GIVEN);
    assert_true(is_attached(r, index));
    assert_int_equal(ask(r, index, DRC_MAKE_USABLE), 0);
    assert_int_equal(ask(r, index, DRC_UNISOLATE), 0);
    assert_int_equal(ask(r, index, DRC_CONFIGURE), 0);
    assert_int_equal(heard.news, DRC_NEWS_CONFIGURED);
}

static void asking_back_what_nobody_holds_ends_at_once(void **state)
{
    struct rig *r = *state;
    struct drcs *d = papr_drcs(r->p);
    bool gone;

    attach(r, DRC_INDEX(DRC_LMB, 40));
    assert_int_equal(drc_ask_back(d, DRC_LMB, 40, &gone, NULL), 0);
    assert_true(gone);
    assert_int_equal(drc_ask_back(d, DRC_LMB, 40, &gone, NULL), -ENOENT);
    assert_true(drc_at_rest(d));
}

static void the_host_cannot_take_what_the_guest_holds(void **state)
{
    struct rig *r = *state;
    struct drcs *d = papr_drcs(r->p);

    for (unsigned s = A; s <= C; s++) {
        bring(r, DRC_INDEX(DRC_LMB, 40), s);
        assert_int_equal(drc_attach(d, DRC_LMB, 40, NULL), -EEXIST);
        assert_int_equal(drc_detach(d, DRC_LMB, 40, NULL), -EBUSY);
        remove_all(r);
    }
    assert_int_equal(drc_attach(d, DRC_LMB, 0, NULL), -ENOENT);
    assert_int_equal(drc_attach(d, DRC_LMB, 32768, NULL), -ENOENT);
}

static void reset_completes_removals_and_configures_the_rest(void **state)
{
    struct rig *r = *state;
    struct drcs *d = papr_drcs(r->p);
    bool gone;

    for (unsigned s = U; s <= C; s++) {
        bring(r, DRC_INDEX(DRC_LMB, 40 + s), s);
        bring(r, DRC_INDEX(DRC_LMB, 50 + s), s);
        if (s != U)
            assert_int_equal(drc_ask_back(d, DRC_LMB, 50 + s, &gone, NULL), 0);
    }
    drc_reset(d, r->v);
    for (unsigned s = U; s <= C; s++) {
        assert_int_equal(state_of(r, DRC_INDEX(DRC_LMB, 40 + s)), C);
        assert_true(papr_is_ram(r->p, lmb_start(40 + s), PAPR_LMB_SIZE));
        assert_int_equal(is_attached(r, DRC_INDEX(DRC_LMB, 50 + s)), s == U);
        assert_int_equal(papr_is_ram(r->p, lmb_start(50 + s), 8), s == U);
    }
    assert_int_equal(papr_memory_bytes(r->p), RIG_MEMORY + 5 * PAPR_LMB_SIZE);
}

static void the_led_is_for_physical_connectors(void **state)
{
    struct rig *r = *state;
    struct drcs *d = papr_drcs(r->p);

    assert_int_equal(drc_set_led(d, DRC_INDEX(DRC_LMB, 9), 0), -3);
    assert_int_equal(drc_set_led(d, DRC_INDEX(DRC_PCI, 9), 4), -3);
    assert_int_equal(drc_set_led(d, DRC_INDEX(DRC_PCI, 9), 3), 0);
    assert_false(drc_at_rest(d));
    assert_int_equal(drc_set_led(d, DRC_INDEX(DRC_PCI, 9), 0), 0);
    assert_true(drc_at_rest(d));
}

static unsigned save_bytes(struct drcs *d, struct state_writer *w)
{
    struct error err;

    state_writer_init(w);
    assert_int_equal(state_save(&drc_state, d, 0, w, &err), 0);
    return (unsigned)w->out.len_bytes;
}

static void a_thousand_in_disorder_are_saved_in_4_kib(void **state)
{
    struct rig *r = *state, other;
    struct drcs *d = papr_drcs(r->p);
    struct state_writer w;
    struct state_reader reader;
    struct error err = { 0 };
    unsigned at_rest = save_bytes(d, &w);
    uint64_t seed = 1;

    state_writer_fini(&w);
    for (unsigned done = 0; done < 1000;) {
        uint32_t id;

        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        id = (uint32_t)(seed >> 33) % 32767 + 1;
        if (drc_attach(d, DRC_LMB, id, NULL))
            continue;
        for (unsigned what = 0; what < (seed >> 60) % 3; what++)
            assert_int_equal(ask(r, DRC_INDEX(DRC_LMB, id), what ? DRC_UNISOLATE : DRC_MAKE_USABLE), 0);
        done++;
    }
    assert_true(save_bytes(d, &w) - at_rest <= 4096);
    assert_true(w.out.len_bytes <= 4096);

    other = (struct rig){ .p = papr_new(papr_config(r->p), &err) };
    assert_non_null(other.p);
    state_reader_init(&reader, w.out.data, w.out.len_bytes);
    if (state_load(&drc_state, papr_drcs(other.p), 0, &reader, &err))
        fail_msg("%s", err.msg);
    for (uint32_t id = 1; id < 32768; id++) {
        struct drc_view a, b;

        assert_true(drc_get(d, DRC_INDEX(DRC_LMB, id), &a) && drc_get(papr_drcs(other.p), DRC_INDEX(DRC_LMB, id), &b));
        assert_memory_equal(&a, &b, sizeof(a));
        assert_int_equal(papr_is_ram(other.p, lmb_start(id), PAPR_LMB_SIZE), a.state != U);
    }
    state_writer_fini(&w);
    papr_free(other.p);
}

/* Written by version 1 of the list. Blocks 3-5 configured, 9 asked back. */
static const uint8_t version_1[] = {
#include "tests/unit/papr/drc_state_v1.inc"
};

static void a_state_of_version_1_still_loads(void **state)
{
    struct rig *r = *state;
    struct state_reader reader;
    struct error err = { 0 };
    struct drc_view view;

    state_reader_init(&reader, version_1, sizeof(version_1));
    if (state_load(&drc_state, papr_drcs(r->p), 0, &reader, &err))
        fail_msg("%s", err.msg);
    for (uint32_t id = 3; id < 6; id++)
        assert_int_equal(state_of(r, DRC_INDEX(DRC_LMB, id)), C);
    assert_true(drc_get(papr_drcs(r->p), DRC_INDEX(DRC_LMB, 9), &view));
    assert_true(view.unplug && view.state == A);
    assert_int_equal(drc_attached(papr_drcs(r->p), DRC_LMB), 4);
}

static void damaged_states_are_refused(void **state)
{
    struct rig *r = *state;
    uint8_t copy[sizeof(version_1)];
    struct error err;

    for (size_t i = 0; i < sizeof(version_1); i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct state_reader reader;

            memcpy(copy, version_1, sizeof(copy));
            copy[i] ^= (uint8_t)(1u << bit);
            state_reader_init(&reader, copy, sizeof(copy));
            (void)state_load(&drc_state, papr_drcs(r->p), 0, &reader, &err);
            for (uint32_t id = 1; id < 600; id++)
                assert_int_equal(papr_is_ram(r->p, lmb_start(id), 8), state_of(r, DRC_INDEX(DRC_LMB, id)) != U);
            drc_reset_to_rest(papr_drcs(r->p));
        }
    }
}

static void runs_tell_the_same_as_single_looks(void **state)
{
    struct rig *r = *state;
    struct drcs *d = papr_drcs(r->p);
    struct drc_run run;
    uint32_t at = 1, n = 0;

    for (uint32_t id = 60; id < 70; id++)
        bring(r, DRC_INDEX(DRC_LMB, id), C);
    attach(r, DRC_INDEX(DRC_LMB, 30000));
    while (drc_next_run(d, DRC_LMB, at, &run)) {
        assert_int_equal(run.first, at);
        for (uint32_t id = run.first; id < run.first + run.n; id++) {
            struct drc_view view;

            assert_true(drc_get(d, DRC_INDEX(DRC_LMB, id), &view));
            assert_memory_equal(&view, &run.view, sizeof(view));
        }
        at = run.first + run.n;
        n++;
    }
    assert_int_equal(at, 32768);
    assert_int_equal(n, 5);
}

static void a_cycle_leaves_nothing_behind(void **state)
{
    struct rig *r = *state;
    struct drcs *d = papr_drcs(r->p);
    uint64_t seed = 7;

    for (unsigned cycle = 0; cycle < 1000; cycle++) {
        uint32_t first, n;
        bool gone;

        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        first = (uint32_t)(seed >> 40) % 32000 + 1;
        n = (uint32_t)(seed >> 33) % 64 + 1;
        for (uint32_t id = first; id < first + n; id++)
            bring(r, DRC_INDEX(DRC_LMB, id), C);
        for (uint32_t id = first; id < first + n; id++) {
            assert_int_equal(drc_ask_back(d, DRC_LMB, id, &gone, NULL), 0);
            assert_int_equal(ask(r, DRC_INDEX(DRC_LMB, id), DRC_ISOLATE), 0);
            assert_int_equal(ask(r, DRC_INDEX(DRC_LMB, id), DRC_MAKE_UNUSABLE), 0);
        }
        assert_true(drc_at_rest(d));
    }
    assert_int_equal(papr_memory_bytes(r->p), RIG_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, up, rig_end)
        T(logical_connectors_follow_the_table),
        T(physical_connectors_follow_their_table),
        T(a_processor_is_released_and_taken_again),
        T(absent_connectors_refuse_to_be_used),
        T(unknown_indexes_answer_minus_3),
        T(a_block_is_memory_unless_it_is_unusable),
        T(isolating_a_mapped_block_answers_minus_9001),
        T(entries_made_after_isolation_go_with_the_block),
        T(a_bridge_with_configured_functions_answers_minus_9000),
        T(asked_back_it_leaves_with_unusable),
        T(unisolate_and_configure_refuse_the_removal),
        T(given_back_unasked_it_may_be_taken_again),
        T(asking_back_what_nobody_holds_ends_at_once),
        T(the_host_cannot_take_what_the_guest_holds),
        T(reset_completes_removals_and_configures_the_rest),
        T(the_led_is_for_physical_connectors),
        T(a_thousand_in_disorder_are_saved_in_4_kib),
        T(a_state_of_version_1_still_loads),
        T(damaged_states_are_refused),
        T(runs_tell_the_same_as_single_looks),
        T(a_cycle_leaves_nothing_behind),
    };

    if (!address_space_holds(CEILING))
        return TEST_SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
