/* SPDX-License-Identifier: Apache-2.0 */
/* papr/drc_int.h - the inside of the connector arrays, for papr/drc*.c only. */
#ifndef PAPR_DRC_INT_H
#define PAPR_DRC_INT_H

#include "papr/drc.h"

/* A connector's byte. The stored byte is this, XOR the byte at rest. Saved: do not renumber. */
enum {
    DRC_BITS_STATE = 0x03,
    DRC_BIT_ATTACHED = 0x04,
    DRC_BIT_UNPLUG = 0x08,
    DRC_BIT_WORKING = 0x10,     /* between states: memory is being mapped or unmapped; never saved */
    DRC_BITS_LED = 0xc0,
    DRC_BITS_AT_REST = DRC_BIT_ATTACHED | DRC_CONFIGURED,
};
enum { DRC_LED_SHIFT = 6, DRC_CHUNK = 64 };

/* What a class does when one of its connectors is taken and given back; all may be NULL. */
struct drc_kind {
    const char *type_name, *name_prefix;
    bool physical;
    /* Under the lock. The status that forbids isolating, or 0. */
    int32_t (*may_isolate)(struct drcs *d, uint32_t id);
    int (*take)(struct papr *p, struct vcpu *caller, uint32_t id, struct error *err);
    int (*give)(struct papr *p, struct vcpu *caller, uint32_t id, struct error *err);
};

/* Slots [first, present_end) are CONFIGURED at rest, [absent_first, n) absent; there are no connectors elsewhere. */
struct drc_class {
    const struct drc_kind *kind;        /* NULL: no such class */
    uint32_t first, present_end, absent_first, n;
    uint8_t *byte;                      /* n of them, lazily zeroed */
    uint64_t *touched;                  /* a bit per DRC_CHUNK: its bytes may not be zero */
    uint32_t attached, held;            /* connectors that are present; that are not UNUSABLE */
    drc_listener *listener;
    void *opaque;
};

struct drcs {
    struct papr *papr;
    struct lock lock;                   /* guards the bytes and counts */
    struct drc_class class[DRC_TYPES];
    _Atomic int64_t busy_ns;
    uint32_t saved_blocks;              /* ends of LMB ids, between the state list and the arrays */
};

static inline bool drc_exists(const struct drc_class *c, uint32_t slot)
{
    return c->kind && slot < c->n && slot >= c->first && (slot < c->present_end || slot >= c->absent_first);
}

static inline uint8_t drc_rest(const struct drc_class *c, uint32_t slot)
{
    return slot < c->present_end ? DRC_BITS_AT_REST : 0;
}

static inline uint8_t drc_load(const struct drc_class *c, uint32_t slot)
{
    return c->byte[slot] ^ drc_rest(c, slot);
}

/* An id is what an index holds; a slot, a place in the array. UINT32_MAX: the id has none. */
uint32_t drc_slot_of_id(enum drc_type type, uint32_t id);
uint32_t drc_id_of_slot(enum drc_type type, uint32_t slot);
struct drc_view drc_view_of(uint8_t bits);
/* Under the lock; keeps the count. */
void drc_store(struct drc_class *c, uint32_t slot, uint8_t bits);
/* The first slot at or after `from` that may be away from rest; n: none. */
uint32_t drc_next_touched(const struct drc_class *c, uint32_t from);

/* One row and column of the table of transitions. */
enum drc_need { DRC_NEED_NOTHING, DRC_NEED_ATTACHED, DRC_NEED_OFFERED, DRC_NEED_IDLE };
enum drc_effect { DRC_EFFECT_NONE, DRC_EFFECT_TAKE, DRC_EFFECT_GIVE, DRC_EFFECT_KEEP };
struct drc_rule {
    int16_t status;             /* when the need is met */
    uint8_t next;               /* enum drc_state */
    uint8_t need, effect;
};
extern const struct drc_rule drc_rules[2][DRC_STATES][DRC_REQUESTS];    /* [physical] */

#endif
