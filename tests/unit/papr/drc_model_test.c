/* SPDX-License-Identifier: Apache-2.0 */
/* Random operations of guest and host on blocks of memory, against a model that keeps one struct per block. */
#include "papr/drc.h"
#include "papr/lmb.h"
#include "tests/unit/papr/guest_rig.h"
#include "tests/unit/rcu_group.h"

enum { BLOCKS = 48, ROUNDS = 200000, BOOT_BLOCKS = 12 };

struct model {
    enum drc_state state;
    bool attached, unplug;
};

static bool exists(uint32_t id)
{
    return id >= DRC_LMBS_FIXED && id < BLOCKS;
}

static int32_t model_ask(struct model *m, enum drc_request what)
{
    if (what == DRC_CONFIGURE) {
        if (m->state < DRC_UNISOLATED)
            return -9003;
        if (m->state == DRC_CONFIGURED)
            m->unplug = false;
        m->state = DRC_CONFIGURED;
        return 0;
    }
    if (what == DRC_UNISOLATE) {
        if (m->state == DRC_UNUSABLE)
            return -3;
        if (m->state == DRC_AVAILABLE)
            m->state = DRC_UNISOLATED;
        else
            m->unplug = false;
        return 0;
    }
    if (what == DRC_ISOLATE) {
        if (m->state == DRC_UNISOLATED)
            return -3;
        if (m->state == DRC_CONFIGURED)
            m->state = DRC_AVAILABLE;
        return 0;
    }
    if (what == DRC_MAKE_USABLE) {
        if (m->state == DRC_UNUSABLE && (!m->attached || m->unplug))
            return -3;
        if (m->state == DRC_UNUSABLE)
            m->state = DRC_AVAILABLE;
        return 0;
    }
    if (m->state >= DRC_UNISOLATED)
        return -3;
    if (m->state == DRC_AVAILABLE && m->unplug)
        m->attached = m->unplug = false;
    m->state = DRC_UNUSABLE;
    return 0;
}

static int model_host(struct model *m, unsigned what, bool *gone)
{
    *gone = false;
    switch (what) {
    case 0:
        if (m->attached)
            return -17;
        m->attached = true;
        return 0;
    case 1:
        if (m->state != DRC_UNUSABLE)
            return -16;
        *m = (struct model){ 0 };
        return 0;
    case 2:
        if (!m->attached)
            return -2;
        *gone = m->state == DRC_UNUSABLE;
        if (*gone)
            *m = (struct model){ 0 };
        else
            m->unplug = true;
        return 0;
    default:
        m->unplug = false;
        return 0;
    }
}

static int do_host(struct drcs *d, uint32_t id, unsigned what, bool *gone)
{
    *gone = false;
    switch (what) {
    case 0:
        return drc_attach(d, DRC_LMB, id, NULL);
    case 1:
        return drc_detach(d, DRC_LMB, id, NULL);
    case 2:
        return drc_ask_back(d, DRC_LMB, id, gone, NULL);
    default:
        drc_leave(d, DRC_LMB, id);
        return 0;
    }
}

static void compare(struct rig *r, const struct model *m, uint32_t id)
{
    struct drc_view view;

    assert_true(drc_get(papr_drcs(r->p), DRC_INDEX(DRC_LMB, id), &view));
    assert_int_equal(view.state, m->state);
    assert_int_equal(view.attached, m->attached);
    assert_int_equal(view.unplug, m->unplug);
    assert_int_equal(papr_is_ram(r->p, lmb_start(id), PAPR_LMB_SIZE), m->state != DRC_UNUSABLE);
}

static void random_operations_agree_with_the_model(void **state)
{
    struct papr_config cfg = {
        .kernel = "/nonexistent", .memory_bytes = BOOT_BLOCKS * PAPR_LMB_SIZE,
        .max_memory_bytes = BLOCKS * PAPR_LMB_SIZE, .cpus = 1, .level = ISA_LEVEL_3_00,
    };
    struct error err;
    struct rig r = { .p = papr_new(&cfg, &err) };
    struct model model[BLOCKS] = { { 0 } };
    uint64_t seed = 12345;

    (void)state;
    assert_non_null(r.p);
    for (uint32_t id = DRC_LMBS_FIXED; id < BOOT_BLOCKS; id++)
        model[id] = (struct model){ DRC_CONFIGURED, true, false };
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint32_t id, attached = 0;
        unsigned what;

        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        id = (uint32_t)(seed >> 33) % (BLOCKS + 1);
        what = (unsigned)(seed >> 50) % 9;
        if (!exists(id)) {
            assert_int_equal(drc_ask(papr_drcs(r.p), papr_vcpu(r.p, 0), DRC_INDEX(DRC_LMB, id), what % 5), -3);
            continue;
        }
        if (what < 5) {
            assert_int_equal(drc_ask(papr_drcs(r.p), papr_vcpu(r.p, 0), DRC_INDEX(DRC_LMB, id), what),
                             model_ask(&model[id], what));
        } else {
            bool gone, model_gone;

            assert_int_equal(do_host(papr_drcs(r.p), id, what - 5, &gone),
                             model_host(&model[id], what - 5, &model_gone));
            assert_int_equal(gone, model_gone);
        }
        compare(&r, &model[id], id);
        if (i % 997)
            continue;
        for (id = DRC_LMBS_FIXED; id < BLOCKS; id++) {
            compare(&r, &model[id], id);
            attached += model[id].attached;
        }
        assert_int_equal(drc_attached(papr_drcs(r.p), DRC_LMB), attached);
        if (seed >> 62)
            continue;
        drc_reset(papr_drcs(r.p), NULL);
        for (id = DRC_LMBS_FIXED; id < BLOCKS; id++)
            model[id] = model[id].attached && !model[id].unplug ? (struct model){ DRC_CONFIGURED, true, false }
                                                                : (struct model){ 0 };
    }
    papr_free(r.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(random_operations_agree_with_the_model) };

    return cmocka_run_group_tests(tests, rcu_group_begin, rcu_group_end);
}
