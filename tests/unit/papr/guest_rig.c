/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/papr/guest_rig.h"

void guest_rig_up(struct rig *r, unsigned cpus, uint64_t ceiling)
{
    static const struct loader_layout images = {
        .entry = 4 << 20, .kernel_start = 4 << 20, .kernel_end = 8 << 20, .initrd_start = 16 << 20,
        .initrd_bytes = 12345, .page_shift = 16,
    };
    struct papr_config cfg = {
        .kernel = "/nonexistent", .append = "console=hvc0", .name = "rig", .memory_bytes = RIG_MEMORY,
        .max_memory_bytes = ceiling, .cpus = cpus, .level = ISA_LEVEL_3_00,
    };
    struct error err = { 0 };

    rcu_register_thread();
    *r = (struct rig){ .p = papr_new(&cfg, &err) };
    if (!r->p)
        fail_msg("%s", err.msg);
    r->v = papr_vcpu(r->p, 0);
    r->v->stopped = false;
    assert_int_equal(of_client_set_images(papr_of(r->p), &images, &err), 0);
    assert_int_equal(papr_size_hpt(r->p, RIG_MEMORY, &err), 0);
    assert_int_equal(of_client_build(papr_of(r->p), &err), 0);
}

int guest_rig_begin(void **state, unsigned cpus, uint64_t ceiling)
{
    static struct rig rig;

    guest_rig_up(&rig, cpus, ceiling);
    *state = &rig;
    return 0;
}

uint32_t guest_text(struct rig *r, unsigned n, const char *text)
{
    uint32_t at = RIG_TEXT + n * 256;

    assert_true(strlen(text) < 256);
    assert_true(papr_write(r->p, at, text, strlen(text) + 1));
    return at;
}

static void put_block(struct rig *r, uint32_t first, unsigned nargs, unsigned nrets, const uint32_t *arg)
{
    rig_put32(r, RIG_BLOCK, first);
    rig_put32(r, RIG_BLOCK + 4, nargs);
    rig_put32(r, RIG_BLOCK + 8, nrets);
    for (unsigned i = 0; i < nargs; i++)
        rig_put32(r, RIG_BLOCK + 12 + 4 * i, arg[i]);
    for (unsigned i = 0; i < nrets; i++)
        rig_put32(r, RIG_BLOCK + 12 + 4 * (nargs + i), 0xabababab);
}

uint32_t of_result(struct rig *r, unsigned nargs, unsigned n)
{
    return rig_get32(r, RIG_BLOCK + 12 + 4 * (nargs + n));
}

uint32_t of_call(struct rig *r, const char *service, unsigned nrets, unsigned nargs, const uint32_t *arg)
{
    put_block(r, guest_text(r, 15, service), nargs, nrets, arg);
    assert_int_equal(H(r, H_OF_CLIENT, RIG_BLOCK), 0);
    return nrets ? of_result(r, nargs, 0) : 0;
}

uint32_t rtas_token(const char *name)
{
    for (uint32_t i = 0; i < rtas_table_size; i++)
        if (!strcmp(rtas_table[i].name, name))
            return RTAS_TOKEN_BASE + i;
    fail_msg("no RTAS service %s", name);
    return 0;
}

int32_t rtas_call(struct rig *r, const char *name, unsigned nret, unsigned nargs, const uint32_t *arg)
{
    put_block(r, rtas_token(name), nargs, nret, arg);
    H(r, H_RTAS, RIG_BLOCK);
    return (int32_t)of_result(r, nargs, 0);
}

uint32_t rtas_result(struct rig *r, unsigned nargs, unsigned n)
{
    return of_result(r, nargs, n);
}
