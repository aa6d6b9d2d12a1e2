/* SPDX-License-Identifier: Apache-2.0 */
/* The interrupt controller through its hypercalls and RTAS calls: priorities, rejection, levels, edges, masks. */
#include "tests/unit/hcall_rig.h"

#include "papr/rtas.h"
#include "papr/xics_int.h"

#define EOI 0x64
#define CPPR 0x68
#define IPI 0x6c
#define IPOLL 0x70
#define XIRR 0x74
#define XIRR_X 0x2fc

#define EDGE (IRQ_MSI + 5)
#define EDGE2 (IRQ_MSI + 6)
#define LEVEL IRQ_PHB_LSI

static int up(void **state)
{
    static struct rig rig;

    rig_up(&rig, 2, ISA_LEVEL_3_00, NULL);
    assert_true(xics_claim(papr_xics(rig.p), EDGE, 2, false));
    assert_true(xics_claim(papr_xics(rig.p), LEVEL, 4, true));
    H(&rig, CPPR, 0xff);
    *state = &rig;
    return 0;
}

static int32_t rtas(struct rig *r, rtas_fn *fn, uint32_t a, uint32_t b, uint32_t c, uint32_t *out)
{
    uint32_t arg[3] = { a, b, c }, ret[4] = { 0 };
    int32_t status = fn(r->v, arg, ret);

    if (out)
        memcpy(out, ret + 1, 2 * sizeof(uint32_t));
    return status;
}

static void route(struct rig *r, uint32_t irq, uint32_t server, uint32_t priority)
{
    assert_int_equal(rtas(r, rtas_ibm_set_xive, irq, server, priority, NULL), 0);
}

static bool line(struct rig *r, unsigned server)
{
    return atomic_load(&papr_vcpu(r->p, server)->cpu.irq) & CPU_IRQ_EXTERNAL;
}

static uint32_t accept(struct rig *r)
{
    assert_int_equal(H(r, XIRR), H_SUCCESS);
    return (uint32_t)r->r4;
}

static void an_edge_is_delivered_once(void **state)
{
    struct rig *r = *state;
    struct xics *x = papr_xics(r->p);

    route(r, EDGE, 0, 5);
    assert_false(line(r, 0));
    xics_pulse(x, EDGE);
    assert_true(line(r, 0));
    assert_int_equal(accept(r), 0xff000000 | EDGE);
    assert_false(line(r, 0));
    assert_int_equal(accept(r), 0x05000000); /* spurious: CPPR is 5 and stays */
    assert_int_equal(accept(r), 0x05000000);
    H(r, EOI, 0xff000000 | EDGE);
    assert_false(line(r, 0));
    assert_int_equal(accept(r), 0xff000000);
}

static void an_edge_during_service_is_not_lost(void **state)
{
    struct rig *r = *state;
    struct xics *x = papr_xics(r->p);

    route(r, EDGE, 0, 5);
    xics_pulse(x, EDGE);
    accept(r);
    xics_pulse(x, EDGE);
    assert_false(line(r, 0));
    H(r, EOI, 0xff000000 | EDGE);
    assert_true(line(r, 0));
    assert_int_equal(accept(r), 0xff000000 | EDGE);
}

static void a_masked_edge_fires_when_unmasked(void **state)
{
    struct rig *r = *state;
    struct xics *x = papr_xics(r->p);

    xics_pulse(x, EDGE);
    assert_false(line(r, 0));
    route(r, EDGE, 0, 5);
    assert_true(line(r, 0));
    H(r, EOI, accept(r));
    assert_int_equal(rtas(r, rtas_ibm_int_off, EDGE, 0, 0, NULL), 0);
    xics_pulse(x, EDGE);
    assert_false(line(r, 0));
    assert_int_equal(rtas(r, rtas_ibm_int_on, EDGE, 0, 0, NULL), 0);
    assert_true(line(r, 0));
    assert_int_equal(accept(r), 0xff000000 | EDGE);
}

static void a_level_follows_its_line(void **state)
{
    struct rig *r = *state;
    struct xics *x = papr_xics(r->p);

    route(r, LEVEL, 0, 5);
    xics_set_irq(x, LEVEL, true);
    assert_int_equal(accept(r), 0xff000000 | LEVEL);
    xics_set_irq(x, LEVEL, true);
    assert_false(line(r, 0));
    H(r, EOI, 0xff000000 | LEVEL); /* still up: again */
    assert_int_equal(accept(r), 0xff000000 | LEVEL);
    xics_set_irq(x, LEVEL, false);
    H(r, EOI, 0xff000000 | LEVEL);
    assert_false(line(r, 0));
    /* Up while masked, then unmasked. */
    rtas(r, rtas_ibm_int_off, LEVEL, 0, 0, NULL);
    xics_set_irq(x, LEVEL, true);
    assert_false(line(r, 0));
    rtas(r, rtas_ibm_int_on, LEVEL, 0, 0, NULL);
    assert_true(line(r, 0));
}

static void the_more_favoured_one_wins_and_the_other_comes_back(void **state)
{
    struct rig *r = *state;
    struct xics *x = papr_xics(r->p);

    route(r, EDGE, 0, 5);
    route(r, LEVEL, 0, 3);
    xics_pulse(x, EDGE);
    xics_set_irq(x, LEVEL, true);
    assert_int_equal(accept(r), 0xff000000 | LEVEL);
    xics_set_irq(x, LEVEL, false);
    H(r, EOI, 0xff000000 | LEVEL);
    assert_int_equal(accept(r), 0xff000000 | EDGE);
    /* A less favoured one waits for the end of this one. */
    route(r, EDGE2, 0, 6);
    xics_pulse(x, EDGE2);
    assert_false(line(r, 0));
    /* A more favoured one interrupts it. */
    xics_set_irq(x, LEVEL, true);
    assert_int_equal(accept(r), 0x05000000 | LEVEL);
    xics_set_irq(x, LEVEL, false);
    H(r, EOI, 0x05000000 | LEVEL);
    assert_false(line(r, 0));
    H(r, EOI, 0xff000000 | EDGE);
    assert_int_equal(accept(r), 0xff000000 | EDGE2);
}

static void cppr_withdraws_and_brings_back(void **state)
{
    struct rig *r = *state;
    struct xics *x = papr_xics(r->p);

    route(r, EDGE, 0, 5);
    xics_pulse(x, EDGE);
    H(r, CPPR, 5);
    assert_false(line(r, 0));
    H(r, CPPR, 6);
    assert_true(line(r, 0));
    H(r, CPPR, 0);
    assert_false(line(r, 0));
    assert_int_equal(accept(r), 0);
    H(r, CPPR, 0xff);
    assert_int_equal(accept(r), 0xff000000 | EDGE);
}

static void processors_interrupt_each_other(void **state)
{
    struct rig *r = *state;

    assert_int_equal(H(r, IPI, 2, 4), H_PARAMETER);
    assert_int_equal(H(r, IPI, 1ull << 32, 4), H_PARAMETER);
    assert_int_equal(H(r, IPI, 1, 4), H_SUCCESS);
    assert_false(line(r, 1)); /* its CPPR is 0 after reset */
    r->v = papr_vcpu(r->p, 1);
    H(r, CPPR, 0xff);
    assert_true(line(r, 1));
    assert_int_equal(H(r, IPOLL, 1), H_SUCCESS);
    assert_int_equal(r->r4, 0xff000000 | XICS_IPI);
    assert_int_equal(r->r5, 4);
    assert_int_equal(H(r, IPOLL, 2), H_PARAMETER);
    assert_int_equal(H(r, XIRR_X), H_SUCCESS);
    assert_int_equal(r->r4, 0xff000000 | XICS_IPI);
    assert_true(r->r5 <= cpu_timebase(&r->v->cpu));
    H(r, IPI, 1, 0xff); /* Linux takes its request back, then ends the interrupt */
    H(r, EOI, 0xff000000 | XICS_IPI);
    assert_false(line(r, 1));
    H(r, IPI, 1, 4);
    accept(r);
    H(r, EOI, 0xff000000 | XICS_IPI); /* request not taken back: again */
    assert_true(line(r, 1));
}

static void an_ipi_displaces_a_source(void **state)
{
    struct rig *r = *state;

    route(r, EDGE, 0, 5);
    xics_pulse(papr_xics(r->p), EDGE);
    H(r, IPI, 0, 4);
    assert_int_equal(accept(r), 0xff000000 | XICS_IPI);
    H(r, IPI, 0, 0xff);
    H(r, EOI, 0xff000000 | XICS_IPI);
    assert_int_equal(accept(r), 0xff000000 | EDGE);
}

static void a_waiting_source_moves_with_its_server(void **state)
{
    struct rig *r = *state;

    route(r, EDGE, 1, 5);
    xics_pulse(papr_xics(r->p), EDGE); /* server 1 still has CPPR 0 */
    assert_false(line(r, 1));
    route(r, EDGE, 0, 5);
    assert_int_equal(accept(r), 0xff000000 | EDGE);
}

static void rtas_checks_its_arguments(void **state)
{
    struct rig *r = *state;
    uint32_t out[2];

    assert_int_equal(rtas(r, rtas_ibm_set_xive, EDGE, 2, 5, NULL), -3);
    assert_int_equal(rtas(r, rtas_ibm_set_xive, EDGE, 0, 256, NULL), -3);
    assert_int_equal(rtas(r, rtas_ibm_set_xive, IRQ_END, 0, 5, NULL), -3);
    assert_int_equal(rtas(r, rtas_ibm_set_xive, 2, 0, 5, NULL), -3);
    assert_int_equal(rtas(r, rtas_ibm_set_xive, EDGE2 + 1, 0, 5, NULL), -3);
    assert_int_equal(rtas(r, rtas_ibm_get_xive, 0xffffffff, 0, 0, NULL), -3);
    assert_int_equal(rtas(r, rtas_ibm_int_on, 0, 0, 0, NULL), -3);
    assert_int_equal(rtas(r, rtas_ibm_int_off, 0x80000000, 0, 0, NULL), -3);
    route(r, EDGE, 1, 7);
    assert_int_equal(rtas(r, rtas_ibm_get_xive, EDGE, 0, 0, out), 0);
    assert_int_equal(out[0], 1);
    assert_int_equal(out[1], 7);
    rtas(r, rtas_ibm_int_off, EDGE, 0, 0, NULL);
    rtas(r, rtas_ibm_get_xive, EDGE, 0, 0, out);
    assert_int_equal(out[1], 0xff);
    rtas(r, rtas_ibm_int_on, EDGE, 0, 0, NULL);
    rtas(r, rtas_ibm_get_xive, EDGE, 0, 0, out);
    assert_int_equal(out[1], 7);
}

static void numbers_have_one_owner(void **state)
{
    struct rig *r = *state;
    struct xics *x = papr_xics(r->p);

    assert_false(xics_claim(x, EDGE, 1, false));
    assert_false(xics_claim(x, EDGE - 1, 2, false));
    assert_false(xics_claim(x, IRQ_END - 1, 2, false));
    assert_false(xics_claim(x, IRQ_FIRST - 1, 1, false));
    assert_false(xics_claim(x, IRQ_END, 1, false));
    assert_false(xics_claim(x, IRQ_MSI, 0, false));
    assert_false(xics_claim(x, IRQ_MSI, 0xffffffff, false));
    assert_true(xics_claim(x, IRQ_END - 1, 1, false));
}

static void reset_forgets_everything(void **state)
{
    struct rig *r = *state;
    struct xics *x = papr_xics(r->p);

    route(r, EDGE, 0, 5);
    route(r, LEVEL, 0, 6);
    xics_pulse(x, EDGE);
    xics_set_irq(x, LEVEL, true);
    H(r, IPI, 0, 1);
    xics_reset(x);
    assert_false(line(r, 0));
    H(r, CPPR, 0xff);
    assert_false(line(r, 0));
    route(r, EDGE, 0, 5);
    route(r, LEVEL, 0, 5);
    assert_false(line(r, 0));
}

static void saved_state_comes_back(void **state)
{
    struct rig *r = *state, other;
    struct state_writer w;
    struct state_reader rd;
    struct error err;
    const uint32_t msi = IRQ_END - 1;

    assert_true(xics_claim(papr_xics(r->p), msi, 1, false));
    route(r, EDGE, 0, 5);
    route(r, LEVEL, 0, 3);
    route(r, msi, 0, 7);
    xics_pulse(papr_xics(r->p), EDGE);
    xics_set_irq(papr_xics(r->p), LEVEL, true);
    xics_pulse(papr_xics(r->p), msi);
    state_writer_init(&w);
    assert_int_equal(state_save(&xics_state, papr_xics(r->p), 0, &w, &err), 0);

    rig_new(&other, 2, ISA_LEVEL_3_00, NULL);
    assert_true(xics_claim(papr_xics(other.p), LEVEL, 4, true));
    state_reader_init(&rd, w.out.data, w.out.len_bytes);
    if (state_load(&xics_state, papr_xics(other.p), 0, &rd, &err) < 0)
        fail_msg("%s", err.msg);
    assert_true(line(&other, 0));
    assert_int_equal(accept(&other), 0xff000000 | LEVEL);
    xics_set_irq(papr_xics(other.p), LEVEL, false);
    H(&other, EOI, 0xff000000 | LEVEL);
    assert_int_equal(accept(&other), 0xff000000 | EDGE);
    H(&other, EOI, 0xff000000 | EDGE);
    assert_int_equal(accept(&other), 0xff000000 | msi);
    papr_free(other.p);

    /* A machine without the level source cannot take it. */
    rig_new(&other, 2, ISA_LEVEL_3_00, NULL);
    state_reader_init(&rd, w.out.data, w.out.len_bytes);
    assert_true(state_load(&xics_state, papr_xics(other.p), 0, &rd, &err) < 0);
    papr_free(other.p);
    state_writer_fini(&w);
}

/* Any order of any calls keeps the invariants: a line is up iff something waits, and nothing waits that could be
 * delivered. */
static void random_calls_keep_the_invariants(void **state)
{
    struct rig *r = *state;
    struct xics *x = papr_xics(r->p);
    uint64_t seed = 12345;

    for (unsigned i = 0; i < 200000; i++) {
        uint64_t n;

        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        n = seed >> 8;
        r->v = papr_vcpu(r->p, n >> 20 & 1);
        switch (seed % 8) {
        case 0:
            xics_set_irq(x, LEVEL + n % 4, n >> 4 & 1);
            break;
        case 1:
            xics_pulse(x, EDGE + n % 2);
            break;
        case 2:
            H(r, CPPR, n & 15);
            break;
        case 3:
            H(r, IPI, n & 1, n >> 4 & 15);
            break;
        case 4:
            H(r, XIRR);
            break;
        case 5:
            H(r, EOI, (n & 15) << 24 | (n >> 8 & 1 ? EDGE + (n >> 9 & 1) : LEVEL + (n >> 9 & 3)));
            break;
        case 6:
            rtas(r, rtas_ibm_set_xive, n & 64 ? EDGE + n % 2 : LEVEL + n % 4, n >> 8 & 1, n >> 9 & 15, NULL);
            break;
        default:
            rtas(r, n & 1 ? rtas_ibm_int_on : rtas_ibm_int_off, LEVEL + (n >> 1) % 4, 0, 0, NULL);
            break;
        }
        for (unsigned s = 0; s < 2; s++) {
            assert_int_equal(line(r, s), x->icp[s].xisr != 0);
            assert_int_equal(x->icp[s].xisr == 0, x->icp[s].pending == 0xff);
            assert_true(!x->icp[s].xisr || x->icp[s].pending < x->icp[s].cppr);
        }
        for (unsigned k = 0, waiting = 0; k < XICS_SOURCES; k++) {
            bool waits = x->waiting[k / 64] >> (k % 64) & 1;
            const struct source *src = &x->source[k];

            waiting += waits;
            if (waits)
                assert_true(src->priority >= x->icp[src->server].cppr || src->priority >= x->icp[src->server].pending);
            if (k + 1 == XICS_SOURCES)
                assert_int_equal(waiting, x->n_waiting);
            if (!x->waiting[k / 64])
                k |= 63;
        }
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, up, rig_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_edge_is_delivered_once),
        T(an_edge_during_service_is_not_lost),
        T(a_masked_edge_fires_when_unmasked),
        T(a_level_follows_its_line),
        T(the_more_favoured_one_wins_and_the_other_comes_back),
        T(cppr_withdraws_and_brings_back),
        T(processors_interrupt_each_other),
        T(an_ipi_displaces_a_source),
        T(a_waiting_source_moves_with_its_server),
        T(rtas_checks_its_arguments),
        T(numbers_have_one_owner),
        T(reset_forgets_everything),
        T(saved_state_comes_back),
        T(random_calls_keep_the_invariants),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
