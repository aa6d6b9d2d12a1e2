/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/lockstep.c - see lockstep.h. */
#include "cpu/lockstep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu_int.h"
#include "cpu/disasm.h"
#include "cpu/jit/jit.h"

enum { MAX_STORES = 4096, BUDGET = 300 };

struct old_bytes {
    uint8_t *host;
    uint32_t len;
    uint8_t before[256], after[256];
};

struct lockstep {
    bool recording;
    unsigned n;
    struct old_bytes stores[MAX_STORES];
    struct cpu start, translated;
};

struct lockstep *lockstep_new(void)
{
    return calloc(1, sizeof(struct lockstep));
}

void lockstep_free(struct lockstep *l)
{
    free(l);
}

void lockstep_journal(struct lockstep *l, const uint8_t *host, unsigned len)
{
    struct old_bytes *s;

    if (!l->recording || l->n == MAX_STORES)
        return;
    s = &l->stores[l->n++];
    s->host = (uint8_t *)host;
    s->len = len;
    memcpy(s->before, host, len);
}

/* Puts the journalled bytes back, newest first, keeping what the trace had stored. */
static void take_back(struct lockstep *l)
{
    for (unsigned i = l->n; i-- > 0;)
        memcpy(l->stores[i].after, l->stores[i].host, l->stores[i].len);
    for (unsigned i = l->n; i-- > 0;)
        memcpy(l->stores[i].host, l->stores[i].before, l->stores[i].len);
}

/* Registers as they were, without what other threads and the engine keep in the struct. */
static void restore(struct cpu *c, const struct cpu *from)
{
    memcpy(c, from, offsetof(struct cpu, id));
    c->stop = STOP_NONE;
    cpu_set_msr(c, from->msr);
}

static bool differ(const struct cpu *jit, const struct cpu *interp)
{
    return memcmp(jit, interp, offsetof(struct cpu, id)) || jit->stop != interp->stop ||
           ((jit->stop & STOP_EXCEPTION) &&
            (jit->exc_vector != interp->exc_vector || jit->exc_srr1 != interp->exc_srr1));
}

static bool stores_differ(const struct lockstep *l)
{
    for (unsigned i = 0; i < l->n; i++)
        if (memcmp(l->stores[i].after, l->stores[i].host, l->stores[i].len))
            return true;
    return false;
}

static void show(const char *name, uint64_t jit, uint64_t interp)
{
    if (jit != interp)
        fprintf(stderr, "  %-6s translated %016" PRIx64 " interpreted %016" PRIx64 "\n", name, jit, interp);
}

static void show_registers(const struct cpu *j, const struct cpu *i)
{
    char name[16];

    show("nip", j->nip, i->nip);
    show("msr", j->msr, i->msr);
    show("lr", j->lr, i->lr);
    show("ctr", j->ctr, i->ctr);
    show("cr", cpu_cr(j), cpu_cr(i));
    show("ca", (uint64_t)j->ca << 8 | j->ca32, (uint64_t)i->ca << 8 | i->ca32);
    show("ov", (uint64_t)j->ov << 8 | j->ov32, (uint64_t)i->ov << 8 | i->ov32);
    show("fpscr", j->fpscr, i->fpscr);
    show("vscr", j->vscr, i->vscr);
    show("stop", j->stop, i->stop);
    for (unsigned n = 0; n < 32; n++) {
        snprintf(name, sizeof(name), "r%u", n);
        show(name, j->gpr[n], i->gpr[n]);
    }
    for (unsigned n = 0; n < 64; n++)
        for (unsigned h = 0; h < 2; h++) {
            snprintf(name, sizeof(name), "vs%u.%u", n, h);
            show(name, VSR_D(j->vsr[n], h), VSR_D(i->vsr[n], h));
        }
    for (unsigned n = 0; n < SPR_COUNT; n++) {
        snprintf(name, sizeof(name), "spr%u", n);
        show(name, j->spr[n], i->spr[n]);
    }
}

static void show_code(struct cpu *c, const struct cpu *start, uint64_t insns)
{
    restore(c, start);
    for (uint64_t n = 0; n <= insns && n < 200; n++) {
        const uint8_t *host = cpu_fetch_ptr(c, ea(c->nip));
        char text[DISASM_MAX];
        uint32_t word;

        if (!host || (c->stop & STOP_EXCEPTION))
            break;
        memcpy(&word, host, 4);
        word = c->le ? word : __builtin_bswap32(word);
        disasm(c->isa, word, c->nip, text);
        fprintf(stderr, "  %016" PRIx64 " %08x %s\n", c->nip, word, text);
        cpu_interpret_one(c);
    }
}

static void report(struct cpu *c, struct lockstep *l, uint64_t insns)
{
    struct cpu interp = *c;

    fprintf(stderr, "lockstep: translated code and interpreter differ after "
                    "%" PRIu64 " instructions from %016" PRIx64 "\n", insns,
            l->start.nip);
    show_registers(&l->translated, c);
    if (stores_differ(l))
        fprintf(stderr, "  stored bytes differ\n");
    l->recording = false;
    show_code(c, &l->start, insns);
    *c = interp;
}

bool lockstep_run(struct cpu *c, const uint8_t *code)
{
    struct lockstep *l = c->journal;
    uint64_t before = c->insns, insns;
    int64_t budget = c->budget;

    memcpy(&l->start, c, sizeof(*c));
    c->frozen_tb = c->timebase(c->timebase_opaque);
    c->alone = true;
    c->budget = BUDGET;         /* a few rounds of a loop at most */
    l->recording = true;
    l->n = 0;
    jit_enter(c, code);
    insns = c->insns - before;
    memcpy(&l->translated, c, sizeof(*c));
    take_back(l);
    l->recording = false;
    restore(c, &l->start);
    for (uint64_t i = 0; i < insns && !(c->stop & STOP_EXCEPTION); i++)
        cpu_interpret_one(c);
    if ((l->translated.stop & STOP_EXCEPTION) && !c->stop)
        cpu_interpret_one(c);
    c->frozen_tb = 0;
    c->alone = false;
    c->budget = budget - (int64_t)insns;
    if (!differ(&l->translated, c) && !stores_differ(l))
        return true;
    report(c, l, insns);
    return false;
}
