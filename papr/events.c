/* SPDX-License-Identifier: Apache-2.0 */
/* papr/events.c - the queue of event logs: filled by the machine, emptied by the guest in the order of filling.
 *
 * Each class's interrupt is a level: up while a record of the class waits.  So a guest that fetches one record per
 * interrupt never finds none (Linux's hot-plug handler does not look at the status of check-exception) and never misses
 * one.  The device tree calls them edges, as other hypervisors do; a guest cannot tell. */
#include "papr/events_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "papr/xics.h"

enum record_kind { RECORD_EPOW, RECORD_HOTPLUG };

#define RECORD_BYTES_MAX 116

struct record {
    uint8_t kind; /* enum record_kind */
    uint16_t len;
    uint8_t log[RECORD_BYTES_MAX];
};

struct events {
    struct papr *papr;
    struct lock lock;    /* guards what follows; xics's lock is taken under it */
    bool hotplug_source; /* hot-plug records have an interrupt of their own */
    uint32_t last_plid;
    uint32_t count;
    struct record queue[EVENT_QUEUE_MAX];
};

struct events *events_new(struct papr *p, struct error *err)
{
    struct events *e = calloc(1, sizeof(*e));

    if (!e) {
        error_set(err, ENOMEM, "no memory for event logs");
        return NULL;
    }
    e->papr = p;
    lock_init(&e->lock);
    xics_claim(papr_xics(p), IRQ_EPOW, 1, true);
    xics_claim(papr_xics(p), IRQ_HOTPLUG, 1, true);
    return e;
}

void events_free(struct events *e)
{
    if (!e)
        return;
    lock_fini(&e->lock);
    free(e);
}

static bool own_interrupt(const struct events *e, const struct record *r)
{
    return r->kind == RECORD_HOTPLUG && e->hotplug_source;
}

static uint32_t mask_of(const struct events *e, const struct record *r)
{
    return own_interrupt(e, r) ? EVENT_MASK_HOTPLUG : EVENT_MASK_EPOW;
}

static void set_lines(struct events *e) REQUIRES(e->lock)
{
    uint32_t waiting = 0;

    for (uint32_t i = 0; i < e->count; i++)
        waiting |= mask_of(e, &e->queue[i]);
    xics_set_irq(papr_xics(e->papr), IRQ_EPOW, waiting & EVENT_MASK_EPOW);
    xics_set_irq(papr_xics(e->papr), IRQ_HOTPLUG, waiting & EVENT_MASK_HOTPLUG);
}

void events_reset(struct events *e)
{
    lock_take(&e->lock);
    e->count = 0;
    e->hotplug_source = false;
    set_lines(e);
    lock_drop(&e->lock);
}

static void remove_at(struct events *e, uint32_t i) REQUIRES(e->lock)
{
    e->count--;
    memmove(&e->queue[i], &e->queue[i + 1], (e->count - i) * sizeof(e->queue[0]));
}

void events_cas(struct events *e, bool hotplug_source)
{
    lock_take(&e->lock);
    e->hotplug_source = hotplug_source;
    for (uint32_t i = e->count; i-- > 0;) {
        if (e->queue[i].kind == RECORD_HOTPLUG)
            remove_at(e, i);
    }
    set_lines(e);
    lock_drop(&e->lock);
}

bool events_hotplug_source(struct events *e)
{
    bool own;

    lock_take(&e->lock);
    own = e->hotplug_source;
    lock_drop(&e->lock);
    return own;
}

unsigned events_pending(struct events *e)
{
    unsigned n;

    lock_take(&e->lock);
    n = e->count;
    lock_drop(&e->lock);
    return n;
}

static struct record *new_record(struct events *e, enum record_kind kind) REQUIRES(e->lock)
{
    struct record *r;

    if (e->count == EVENT_QUEUE_MAX)
        return NULL;
    r = &e->queue[e->count++];
    r->kind = kind;
    e->last_plid++;
    return r;
}

int events_power_button(struct events *e)
{
    struct record *r;

    lock_take(&e->lock);
    r = new_record(e, RECORD_EPOW);
    if (r) {
        r->len = (uint16_t)event_build_epow_shutdown(r->log, time(NULL), e->last_plid);
        set_lines(e);
    }
    lock_drop(&e->lock);
    return r ? 0 : -ENOSPC;
}

int events_hotplug(struct events *e, const struct hotplug_event *ev)
{
    struct record *r;

    lock_take(&e->lock);
    r = new_record(e, RECORD_HOTPLUG);
    if (r) {
        r->len = (uint16_t)event_build_hotplug(r->log, ev, time(NULL), e->last_plid);
        set_lines(e);
    }
    lock_drop(&e->lock);
    return r ? 0 : -ENOSPC;
}

enum events_fetch events_fetch(struct events *e, uint32_t mask, uint64_t buffer, uint32_t room_bytes)
{
    enum events_fetch result = EVENTS_NONE;

    lock_take(&e->lock);
    for (uint32_t i = 0; i < e->count; i++) {
        const struct record *r = &e->queue[i];

        if (!(mask_of(e, r) & mask))
            continue;
        result = EVENTS_BAD_BUFFER;
        if (papr_write(e->papr, buffer, r->log, r->len < room_bytes ? r->len : room_bytes)) {
            result = EVENTS_FETCHED;
            remove_at(e, i);
            set_lines(e);
        }
        break;
    }
    lock_drop(&e->lock);
    return result;
}

/* ---- saved state: u8 kind, u16 length, the log; per record ---- */
static int save_queue(const void *obj, struct buf *out, struct error *err)
{
    const struct events *e = obj;

    (void)err;
    for (uint32_t i = 0; i < e->count; i++) {
        buf_append_u8(out, e->queue[i].kind);
        buf_append_le16(out, e->queue[i].len);
        buf_append(out, e->queue[i].log, e->queue[i].len);
    }
    return 0;
}

static int load_queue(void *obj, const uint8_t *data, size_t len_bytes, struct error *err)
{
    struct events *e = obj;
    const uint8_t *end = data + len_bytes;

    for (e->count = 0; data < end; e->count++) {
        struct record *r = &e->queue[e->count];
        size_t len = end - data >= 3 ? data[1] | (size_t)data[2] << 8 : 0;

        if (e->count == EVENT_QUEUE_MAX || len == 0 || len > RECORD_BYTES_MAX || (size_t)(end - data) < 3 + len ||
            data[0] > RECORD_HOTPLUG)
            return error_set(err, EBADMSG, "saved event logs: record %u is damaged", e->count);
        r->kind = data[0];
        r->len = (uint16_t)len;
        memcpy(r->log, data + 3, len);
        data += 3 + len;
    }
    return 0;
}

static const struct state_custom queue = { save_queue, load_queue };
static const struct state_field events_fields[] = {
    STATE_BOOL(struct events, hotplug_source, 1),
    STATE_U32(struct events, last_plid, 1),
    STATE_CUSTOM("queue", 1, &queue),
};
const struct state_list events_state = STATE_LIST("events", struct events, 1, events_fields);
