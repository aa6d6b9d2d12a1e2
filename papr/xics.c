/* SPDX-License-Identifier: Apache-2.0 */
/* papr/xics.c - the XICS as a part of the machine: made, reset, saved. */
#include "papr/xics_int.h"

#include <errno.h>
#include <stdlib.h>

struct xics *xics_new(struct papr *p, unsigned n_servers, struct error *err)
{
    struct xics *x;

    if (n_servers > XICS_SERVERS_MAX) {
        error_set(err, EINVAL, "%u processors: the interrupt controller serves at most %d", n_servers,
                  XICS_SERVERS_MAX);
        return NULL;
    }
    x = calloc(1, sizeof(*x));
    if (!x) {
        error_set(err, ENOMEM, "no memory for the interrupt controller");
        return NULL;
    }
    x->papr = p;
    x->n_servers = n_servers;
    lock_init(&x->lock);
    for (unsigned i = 0; i < XICS_SERVERS_MAX; i++)
        icp_reset(&x->icp[i]);
    return x;
}

void xics_free(struct xics *x)
{
    if (!x)
        return;
    lock_fini(&x->lock);
    free(x);
}

void xics_reset(struct xics *x)
{
    lock_take(&x->lock);
    for (uint32_t i = 0; i < x->n_servers; i++) {
        icp_reset(&x->icp[i]);
        icp_drive(x, i);
    }
    for (uint32_t irq = IRQ_FIRST; irq < IRQ_END; irq++) {
        source_reset(&x->source[irq - IRQ_FIRST]);
        source_update(x, irq);
    }
    lock_drop(&x->lock);
}

unsigned xics_servers(const struct xics *x)
{
    return x->n_servers;
}

/* ---- saved state ---- */
#define RECORD_BYTES 10 /* u16 source, u32 server, u8 priority, u8 saved priority, u8 status, u8 level */

static bool at_rest(const struct source *s)
{
    return !s->claimed || (s->server == 0 && s->priority == XICS_PRIORITY_NONE &&
                           s->saved_priority == XICS_PRIORITY_NONE && s->status == 0);
}

/* Sources that differ from reset; of MSIs, which the guest has allocated, all that are claimed. */
static int save_sources(const void *obj, struct buf *out, struct error *err)
{
    const struct xics *x = obj;

    (void)err;
    for (uint32_t irq = IRQ_FIRST; irq < IRQ_END; irq++) {
        const struct source *s = &x->source[irq - IRQ_FIRST];

        if (at_rest(s) && !(s->claimed && irq >= IRQ_MSI))
            continue;
        buf_append_le16(out, (uint16_t)irq);
        buf_append_le32(out, s->server);
        buf_append_u8(out, s->priority);
        buf_append_u8(out, s->saved_priority);
        buf_append_u8(out, s->status);
        buf_append_u8(out, s->level);
    }
    return 0;
}

static int load_source(struct xics *x, const uint8_t *d, struct error *err) REQUIRES(x->lock)
{
    uint32_t irq = d[0] | (uint32_t)d[1] << 8;
    uint32_t server = d[2] | (uint32_t)d[3] << 8 | (uint32_t)d[4] << 16 | (uint32_t)d[5] << 24;
    struct source *s = irq >= IRQ_FIRST && irq < IRQ_END ? &x->source[irq - IRQ_FIRST] : NULL;

    if (!s || server >= x->n_servers || d[8] > 7 || d[9] > 1)
        return error_set(err, EBADMSG, "saved interrupt source %#x: bad values", irq);
    if (irq >= IRQ_MSI)
        *s = (struct source){ .claimed = true, .level = d[9] };
    if (!s->claimed || s->level != d[9])
        return error_set(err, EBADMSG, "saved interrupt source %#x: this machine has no such source", irq);
    s->server = server;
    s->priority = d[6];
    s->saved_priority = d[7];
    s->status = d[8];
    return 0;
}

static int load_sources(void *obj, const uint8_t *data, size_t len_bytes, struct error *err)
{
    struct xics *x = obj;
    int rc = 0;

    if (len_bytes % RECORD_BYTES)
        return error_set(err, EBADMSG, "saved interrupt sources: %zu bytes is no whole number of records", len_bytes);
    lock_take(&x->lock);
    for (uint32_t i = 0; i < XICS_SOURCES; i++) {
        source_reset(&x->source[i]);
        if (IRQ_FIRST + i >= IRQ_MSI)
            x->source[i].claimed = false;
    }
    for (size_t at = 0; at < len_bytes && rc == 0; at += RECORD_BYTES)
        rc = load_source(x, data + at, err);
    lock_drop(&x->lock);
    return rc;
}

static int check(const void *obj, struct error *err)
{
    const struct xics *x = obj;

    for (unsigned i = 0; i < XICS_SERVERS_MAX; i++) {
        if ((x->icp[i].xisr == 0) != (x->icp[i].pending == XICS_PRIORITY_NONE))
            return error_set(err, EBADMSG, "saved interrupt server %u: priority and source do not agree", i);
    }
    return 0;
}

static int drive_all(void *obj, struct error *err)
{
    struct xics *x = obj;

    (void)err;
    lock_take(&x->lock);
    for (uint32_t irq = IRQ_FIRST; irq < IRQ_END; irq++)
        source_update(x, irq);
    for (uint32_t i = 0; i < x->n_servers; i++)
        icp_drive(x, i);
    lock_drop(&x->lock);
    return 0;
}

static const struct state_field icp_fields[] = {
    STATE_U32_MAX(struct icp, xisr, 1, 0xffffff),
    STATE_U8(struct icp, cppr, 1),
    STATE_U8(struct icp, pending, 1),
    STATE_U8(struct icp, mfrr, 1),
};
static const struct state_list icp_state = STATE_LIST("icp", struct icp, 1, icp_fields);
static const struct state_custom sources = { save_sources, load_sources };

static const struct state_field xics_fields[] = {
    STATE_ARRAY_STRUCT(struct xics, icp, 1, &icp_state),
    STATE_CUSTOM("sources", 1, &sources),
};
const struct state_list xics_state =
    STATE_LIST("xics", struct xics, 1, xics_fields, .check = check, .post_load = drive_all);
