/* SPDX-License-Identifier: Apache-2.0 */
/* papr/rtas.c - H_RTAS: checks the argument block, finds the row, runs it, stores the
 * results (LoPAR, "RTAS environment").
 *
 * The block: 32-bit big-endian cells token, nargs, nret, arguments, results.  Any processor at any time; services lock
 * for themselves.  A wrong token, count or pointer is answered -3 when there is a place for the answer. */
#include "papr/rtas_int.h"

#include <errno.h>
#include <stdlib.h>

#include "base/endian.h"
#include "cpu/trace.h"
#include "papr/hcalls.h"
#include "papr/of_gate.h"

struct rtas_call {
    uint32_t token, nargs, nret;
    uint32_t arg[RTAS_ARGUMENTS_MAX], ret[RTAS_ARGUMENTS_MAX];
};

static bool read_call(struct papr *p, uint64_t block, struct rtas_call *c)
{
    uint8_t head[12], cells[4 * RTAS_ARGUMENTS_MAX];

    if (!papr_read(p, block, head, sizeof(head)))
        return false;
    c->token = be32_get(head);
    c->nargs = be32_get(head + 4);
    c->nret = be32_get(head + 8);
    if (c->nargs > RTAS_ARGUMENTS_MAX || c->nret > RTAS_ARGUMENTS_MAX - c->nargs ||
        !papr_is_ram(p, block + 12, 4 * (c->nargs + c->nret)) || !papr_read(p, block + 12, cells, 4 * c->nargs))
        return false;
    for (uint32_t i = 0; i < c->nargs; i++)
        c->arg[i] = be32_get(cells + 4 * i);
    return true;
}

static void trace(const struct vcpu *v, const struct rtas_row *row, const struct rtas_call *c)
{
    FILE *out = v->cpu.trace->out;

    flockfile(out);
    fprintf(out, "rtas cpu%u %s(", v->id, row ? row->name : "?");
    for (uint32_t i = 0; i < c->nargs; i++)
        fprintf(out, "%s%#x", i ? ", " : "", c->arg[i]);
    fprintf(out, ") =");
    for (uint32_t i = 0; i < c->nret; i++)
        fprintf(out, i ? " %#x" : " %d", c->ret[i]);
    fputc('\n', out);
    funlockfile(out);
}

static const struct rtas_row *find_row(const struct rtas_call *c)
{
    uint32_t i = c->token - RTAS_TOKEN_BASE;
    const struct rtas_row *row = i < rtas_table_size ? &rtas_table[i] : NULL;

    if (!row || c->nargs < row->nargs || c->nargs > (row->nargs_max ? row->nargs_max : row->nargs) ||
        c->nret < row->nrets)
        return NULL;
    return row;
}

int64_t h_rtas(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    const struct rtas_row *row;
    struct rtas_call c = { 0 };
    uint8_t cells[4 * RTAS_ARGUMENTS_MAX];

    (void)ret;
    if (!read_call(v->papr, arg[0], &c))
        return H_PARAMETER;
    row = find_row(&c);
    c.ret[0] = row ? (uint32_t)row->run(v, c.arg, c.ret) : (uint32_t)RTAS_PARAMETER_ERROR;
    for (uint32_t i = 0; i < c.nret; i++)
        be32_put(cells + 4 * i, c.ret[i]);
    papr_write(v->papr, arg[0] + 12 + 4 * c.nargs, cells, 4 * c.nret);
    if (tracing(&v->cpu, TRACE_RTAS))
        trace(v, row, &c);
    return row ? H_SUCCESS : H_PARAMETER;
}

uint32_t rtas_instantiate(struct rtas *r, uint32_t base)
{
    if (!base || base % 16 || !papr_is_ram(r->papr, base, RTAS_AREA_BYTES) || !of_gate_write(r->papr, base, H_RTAS))
        return 0;
    lock_take(&r->lock);
    r->base = base;
    lock_drop(&r->lock);
    return base;
}

struct rtas *rtas_new(struct papr *p, struct error *err)
{
    struct rtas *r = calloc(1, sizeof(*r));

    if (!r) {
        error_set(err, ENOMEM, "out of memory");
        return NULL;
    }
    r->papr = p;
    lock_init(&r->lock);
    return r;
}

void rtas_free(struct rtas *r)
{
    if (!r)
        return;
    lock_fini(&r->lock);
    free(r);
}

void rtas_reset(struct rtas *r)
{
    r->base = r->sreset = r->machine_check = 0;
    r->interlocked = false;
}

static const struct state_field fields[] = {
    STATE_U32(struct rtas, base, 1),
    STATE_U32(struct rtas, sreset, 1),
    STATE_U32(struct rtas, machine_check, 1),
    STATE_BOOL(struct rtas, interlocked, 1),
    STATE_U32(struct rtas, log_owner, 1),
    STATE_U64(struct rtas, clock_offset_ns, 1),
};
const struct state_list rtas_state = STATE_LIST("rtas", struct rtas, 1, fields);
