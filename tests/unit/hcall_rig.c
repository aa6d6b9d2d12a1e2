/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/hcall_rig.h"

#include "base/endian.h"

void rig_new(struct rig *r, unsigned cpus, enum isa_level level, struct console *con)
{
    struct papr_config cfg = {
        .kernel = "/nonexistent",
        .memory_bytes = RIG_MEMORY,
        .max_memory_bytes = RIG_CEILING,
        .cpus = cpus,
        .level = level,
        .console = con,
    };
    struct error err = { 0 };

    *r = (struct rig){ .p = papr_new(&cfg, &err) };
    if (!r->p)
        fail_msg("%s", err.msg);
    r->v = papr_vcpu(r->p, 0);
}

void rig_up(struct rig *r, unsigned cpus, enum isa_level level, struct console *con)
{
    rcu_register_thread();
    rig_new(r, cpus, level, con);
}

void rig_down(struct rig *r)
{
    papr_free(r->p);
    rcu_barrier();
    rcu_unregister_thread();
}

int rig_begin(void **state, unsigned cpus, enum isa_level level)
{
    static struct rig rig;

    rig_up(&rig, cpus, level, NULL);
    *state = &rig;
    return 0;
}

int rig_end(void **state)
{
    rig_down(*state);
    return 0;
}

int64_t rig_call(struct rig *r, uint64_t opcode, unsigned n, const uint64_t *arg)
{
    struct cpu *c = &r->v->cpu;

    c->gpr[3] = opcode;
    for (unsigned i = 0; i < 9; i++)
        c->gpr[4 + i] = i < n ? arg[i] : 0xdead0000deadull + i;
    hcall_dispatch(r->v);
    memcpy(&r->r4, &c->gpr[4], 9 * sizeof(uint64_t));
    return (int64_t)c->gpr[3];
}

void rig_put32(struct rig *r, uint64_t addr, uint32_t v)
{
    uint8_t be[4];

    be32_put(be, v);
    assert_true(papr_write(r->p, addr, be, 4));
}

uint32_t rig_get32(struct rig *r, uint64_t addr)
{
    uint8_t be[4];

    assert_true(papr_read(r->p, addr, be, 4));
    return be32_get(be);
}
