/* SPDX-License-Identifier: Apache-2.0 */
/* papr/xics_ics.c - the sources: edges remembered until a server takes them, levels sent once until EOI.
 * Spec: LoPAR, interrupt source layer, and the RTAS calls ibm,set-xive, ibm,get-xive, ibm,int-off, ibm,int-on;
 * docs/xics.md. */
#include "papr/xics_int.h"

void source_reset(struct source *s)
{
    s->server = 0;
    s->priority = s->saved_priority = XICS_PRIORITY_NONE;
    s->status = 0;
}

static bool wants_to_fire(const struct source *s)
{
    if (!s->claimed || s->priority == XICS_PRIORITY_NONE)
        return false;
    return s->level ? (s->status & (SOURCE_ASSERTED | SOURCE_SENT)) == SOURCE_ASSERTED : s->status & SOURCE_PENDING;
}

void source_update(struct xics *x, uint32_t irq)
{
    unsigned i = irq - IRQ_FIRST;
    uint64_t bit = 1ull << (i % 64);
    bool is = wants_to_fire(&x->source[i]);
    bool was = x->waiting[i / 64] & bit;

    if (is == was)
        return;
    x->waiting[i / 64] ^= bit;
    x->n_waiting += is ? 1 : -1u;
}

/* Fires if there is cause to. */
static void source_send(struct xics *x, uint32_t irq) REQUIRES(x->lock)
{
    struct source *s = &x->source[irq - IRQ_FIRST];

    if (wants_to_fire(s)) {
        if (s->level)
            s->status |= SOURCE_SENT;
        else
            s->status &= (uint8_t)~SOURCE_PENDING;
        icp_offer(x, s->server, irq, s->priority);
    }
    source_update(x, irq);
}

void source_reject(struct xics *x, uint32_t irq)
{
    struct source *s = source_of(x, irq);

    if (!s)
        return;
    if (s->level)
        s->status &= (uint8_t)~SOURCE_SENT;
    else
        s->status |= SOURCE_PENDING;
    source_update(x, irq);
}

void source_return(struct xics *x, uint32_t irq)
{
    source_reject(x, irq);
    if (source_of(x, irq))
        source_send(x, irq);
}

void source_eoi(struct xics *x, uint32_t irq)
{
    struct source *s = source_of(x, irq);

    if (!s || !s->level)
        return;
    s->status &= (uint8_t)~SOURCE_SENT;
    source_send(x, irq);
}

void source_resend_all(struct xics *x, uint32_t server)
{
    for (unsigned w = 0; x->n_waiting && w < XICS_SOURCES / 64; w++) {
        for (uint64_t left = x->waiting[w]; left; left &= left - 1) {
            uint32_t irq = IRQ_FIRST + w * 64 + (unsigned)__builtin_ctzll(left);

            if (x->source[irq - IRQ_FIRST].server == server)
                source_send(x, irq);
        }
    }
}

void xics_set_irq(struct xics *x, uint32_t irq, bool on)
{
    struct source *s;

    lock_take(&x->lock);
    s = source_of(x, irq);
    if (s && s->level)
        s->status = (uint8_t)(on ? s->status | SOURCE_ASSERTED : s->status & ~SOURCE_ASSERTED);
    else if (s && on)
        s->status |= SOURCE_PENDING;
    if (s)
        source_send(x, irq);
    lock_drop(&x->lock);
}

bool xics_source_get(struct xics *x, uint32_t irq, struct xive_setting *out)
{
    struct source *s;

    lock_take(&x->lock);
    s = source_of(x, irq);
    if (s)
        *out = (struct xive_setting){ s->server, s->priority, s->saved_priority };
    lock_drop(&x->lock);
    return s;
}

bool xics_source_set(struct xics *x, uint32_t irq, struct xive_setting set)
{
    struct source *s;

    lock_take(&x->lock);
    s = set.server < x->n_servers ? source_of(x, irq) : NULL;
    if (s) {
        s->server = set.server;
        s->priority = set.priority;
        s->saved_priority = set.saved_priority;
        source_send(x, irq);
    }
    lock_drop(&x->lock);
    return s;
}

/* ---- who owns which numbers ---- */
static bool range_free(const struct xics *x, uint32_t first, unsigned n)
{
    if (first < IRQ_FIRST || first >= IRQ_END || n == 0 || n > IRQ_END - first)
        return false;
    for (uint32_t irq = first; irq < first + n; irq++) {
        if (x->source[irq - IRQ_FIRST].claimed)
            return false;
    }
    return true;
}

bool xics_claim(struct xics *x, uint32_t first, unsigned n, bool level)
{
    bool ok;

    lock_take(&x->lock);
    ok = range_free(x, first, n);
    for (uint32_t irq = first; ok && irq < first + n; irq++) {
        struct source *s = &x->source[irq - IRQ_FIRST];

        source_reset(s);
        s->claimed = true;
        s->level = level;
    }
    lock_drop(&x->lock);
    return ok;
}
