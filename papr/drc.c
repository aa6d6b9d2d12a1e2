/* SPDX-License-Identifier: Apache-2.0 */
/* papr/drc.c - requests on connectors: the guest's, the host's, and those of a reset.  Rules: papr/drc_rules.c.
 *
 * A transition that maps or unmaps memory leaves the lock meanwhile; the connector is marked WORKING, which everybody
 * else is answered "busy, ask again". */
#include "papr/drc_int.h"

#include <errno.h>

#include "papr/rtas.h"

/* ---- the guest's side ---- */

static struct drc_class *find(struct drcs *d, uint32_t index, uint32_t *slot)
{
    enum drc_type type = index >> DRC_TYPE_SHIFT;
    struct drc_class *c = &d->class[type];

    *slot = drc_slot_of_id(type, index & DRC_ID_MASK);
    return drc_exists(c, *slot) ? c : NULL;
}

/* The connector and its condition now. */
static struct drc_class *look_up(struct drcs *d, uint32_t index, uint32_t *slot, uint8_t *bits)
{
    struct drc_class *c = find(d, index, slot);

    if (!c)
        return NULL;
    lock_take(&d->lock);
    *bits = drc_load(c, *slot);
    lock_drop(&d->lock);
    return c;
}

static void tell(struct drcs *d, const struct drc_class *c, uint32_t slot, enum drc_news news)
{
    if (c->listener)
        c->listener(c->opaque, drc_id_of_slot((enum drc_type)(c - d->class), slot), news);
}

static bool need_met(uint8_t bits, enum drc_need need)
{
    switch (need) {
    case DRC_NEED_ATTACHED:
        return bits & DRC_BIT_ATTACHED;
    case DRC_NEED_OFFERED:
        return (bits & DRC_BIT_ATTACHED) && !(bits & DRC_BIT_UNPLUG);
    default:
        return true;
    }
}

/* 0 if the rule applies, else the answer. */
static int32_t check(struct drcs *d, const struct drc_class *c, uint32_t slot, uint8_t bits,
                     const struct drc_rule *rule)
{
    if (rule->status)
        return rule->status;
    if (!need_met(bits, rule->need))
        return RTAS_PARAMETER_ERROR;
    if (rule->need == DRC_NEED_IDLE && c->kind->may_isolate)
        return c->kind->may_isolate(d, slot);
    return 0;
}

/* Maps or unmaps, without the lock. */
static int work(struct drcs *d, struct vcpu *caller, struct drc_class *c, uint32_t slot, enum drc_effect effect)
    REQUIRES(d->lock)
{
    struct error err = { 0 };
    uint8_t bits = drc_load(c, slot);
    int rc = 0;

    if ((effect == DRC_EFFECT_TAKE && !c->kind->take) || (effect == DRC_EFFECT_GIVE && !c->kind->give) ||
        effect == DRC_EFFECT_KEEP || effect == DRC_EFFECT_NONE)
        return 0;
    drc_store(c, slot, bits | DRC_BIT_WORKING);
    lock_drop(&d->lock);
    rc = effect == DRC_EFFECT_TAKE ? c->kind->take(d->papr, caller, slot, &err)
                                   : c->kind->give(d->papr, caller, slot, &err);
    lock_take(&d->lock);
    /* The host may have asked for it back, or no longer, meanwhile. */
    drc_store(c, slot, drc_load(c, slot) & ~DRC_BIT_WORKING);
    return rc;
}

/* The new bits, and what there is to tell; *told says whether there is. */
static uint8_t apply(const struct drc_class *c, uint8_t bits, const struct drc_rule *rule, enum drc_news *news,
                     bool *told)
{
    uint8_t next = (bits & ~DRC_BITS_STATE) | rule->next;

    *told = true;
    if (rule->effect == DRC_EFFECT_GIVE && (bits & DRC_BIT_UNPLUG)) {
        *news = DRC_NEWS_REMOVED;
        return 0;
    }
    if (rule->effect == DRC_EFFECT_GIVE && !c->kind->physical) {
        *news = DRC_NEWS_GIVEN;
        return next;
    }
    if (rule->effect == DRC_EFFECT_KEEP && (bits & DRC_BIT_UNPLUG)) {
        *news = DRC_NEWS_KEPT;
        return next & ~DRC_BIT_UNPLUG;
    }
    *news = DRC_NEWS_CONFIGURED;
    *told = rule->next == DRC_CONFIGURED && (bits & DRC_BITS_STATE) != DRC_CONFIGURED;
    return next;
}

int32_t drc_ask(struct drcs *d, struct vcpu *caller, uint32_t index, enum drc_request what)
{
    const struct drc_rule *rule;
    struct drc_class *c;
    enum drc_news news = DRC_NEWS_CONFIGURED;
    bool told = false;
    uint32_t slot;
    int32_t status;

    c = find(d, index, &slot);
    if (!c)
        return RTAS_PARAMETER_ERROR;
    lock_take(&d->lock);
    rule = &drc_rules[c->kind->physical][drc_load(c, slot) & DRC_BITS_STATE][what];
    status = drc_load(c, slot) & DRC_BIT_WORKING ? RTAS_BUSY : check(d, c, slot, drc_load(c, slot), rule);
    if (!status && work(d, caller, c, slot, rule->effect)) {
        status = RTAS_HARDWARE_ERROR;
        news = DRC_NEWS_FAILED;
        told = true;
    } else if (!status) {
        drc_store(c, slot, apply(c, drc_load(c, slot), rule, &news, &told));
    }
    lock_drop(&d->lock);
    if (told)
        tell(d, c, slot, news);
    return status;
}

int32_t drc_sense(struct drcs *d, uint32_t index, uint32_t *sense)
{
    uint32_t slot;
    uint8_t bits;
    struct drc_class *c = look_up(d, index, &slot, &bits);

    if (!c)
        return RTAS_PARAMETER_ERROR;
    if (c->kind->physical)
        *sense = bits & DRC_BIT_ATTACHED ? DRC_SENSE_PRESENT : DRC_SENSE_EMPTY;
    else
        *sense = (bits & DRC_BITS_STATE) == DRC_UNUSABLE ? DRC_SENSE_UNUSABLE : DRC_SENSE_PRESENT;
    if (!(bits & DRC_BIT_ATTACHED))
        tell(d, c, slot, DRC_NEWS_SENSED);
    return RTAS_SUCCESS;
}

int32_t drc_set_led(struct drcs *d, uint32_t index, uint32_t value)
{
    uint32_t slot;
    struct drc_class *c = find(d, index, &slot);

    if (!c || !c->kind->physical || value > 3)
        return RTAS_PARAMETER_ERROR;
    lock_take(&d->lock);
    drc_store(c, slot, (drc_load(c, slot) & ~DRC_BITS_LED) | (uint8_t)(value << DRC_LED_SHIFT));
    lock_drop(&d->lock);
    return RTAS_SUCCESS;
}

int32_t drc_may_configure(struct drcs *d, uint32_t index)
{
    uint32_t slot;
    uint8_t bits;
    struct drc_class *c = look_up(d, index, &slot, &bits);

    if (!c)
        return RTAS_PARAMETER_ERROR;
    return bits & DRC_BIT_WORKING ? RTAS_BUSY
                                  : drc_rules[c->kind->physical][bits & DRC_BITS_STATE][DRC_CONFIGURE].status;
}

int32_t drc_if_configured(struct drcs *d, uint32_t index, int32_t (*fn)(void *arg), void *arg)
{
    int32_t answer = RTAS_PARAMETER_ERROR;
    uint32_t slot;
    struct drc_class *c = find(d, index, &slot);

    if (!c)
        return answer;
    lock_take(&d->lock);
    if ((drc_load(c, slot) & DRC_BITS_STATE) == DRC_CONFIGURED)
        answer = fn(arg);
    lock_drop(&d->lock);
    return answer;
}

/* ---- the host's side ---- */

bool drc_get(struct drcs *d, uint32_t index, struct drc_view *out)
{
    uint32_t slot;
    uint8_t bits;

    if (!look_up(d, index, &slot, &bits))
        return false;
    *out = drc_view_of(bits);
    return true;
}

/* The connector, with the lock held; NULL: none, not held. */
static struct drc_class *find_and_lock(struct drcs *d, enum drc_type type, uint32_t id, uint32_t *slot,
                                       struct error *err) NO_LOCK_ANALYSIS
{
    struct drc_class *c = find(d, DRC_INDEX(type, id), slot);

    if (c)
        lock_take(&d->lock);
    else
        error_set(err, ENOENT, "there is no connector %s%u", drc_name_prefix(type) ? drc_name_prefix(type) : "", id);
    return c;
}

int drc_attach(struct drcs *d, enum drc_type type, uint32_t id, struct error *err) NO_LOCK_ANALYSIS
{
    uint32_t slot;
    struct drc_class *c = find_and_lock(d, type, id, &slot, err);
    int rc = 0;

    if (!c)
        return -ENOENT;
    if (drc_load(c, slot) & DRC_BIT_ATTACHED)
        rc = error_set(err, EEXIST, "%s%u is there already", c->kind->name_prefix, id);
    else
        drc_store(c, slot, drc_load(c, slot) | DRC_BIT_ATTACHED);
    lock_drop(&d->lock);
    return rc;
}

static bool is_idle(uint8_t bits)
{
    return (bits & DRC_BITS_STATE) == DRC_UNUSABLE && !(bits & DRC_BIT_WORKING);
}

int drc_detach(struct drcs *d, enum drc_type type, uint32_t id, struct error *err) NO_LOCK_ANALYSIS
{
    uint32_t slot;
    struct drc_class *c = find_and_lock(d, type, id, &slot, err);
    int rc = 0;

    if (!c)
        return -ENOENT;
    if (is_idle(drc_load(c, slot)))
        drc_store(c, slot, 0);
    else
        rc = error_set(err, EBUSY, "the guest holds %s%u", c->kind->name_prefix, id);
    lock_drop(&d->lock);
    return rc;
}

int drc_settle(struct drcs *d, enum drc_type type, uint32_t id, struct error *err) NO_LOCK_ANALYSIS
{
    uint32_t slot;
    struct drc_class *c = find_and_lock(d, type, id, &slot, err);
    int rc = 0;

    if (!c)
        return -ENOENT;
    if (!(drc_load(c, slot) & DRC_BIT_ATTACHED))
        rc = error_set(err, ENOENT, "%s%u is absent", c->kind->name_prefix, id);
    else if (is_idle(drc_load(c, slot)))
        rc = work(d, NULL, c, slot, DRC_EFFECT_TAKE);
    if (!rc)
        drc_store(c, slot, (drc_load(c, slot) & ~DRC_BITS_STATE) | DRC_CONFIGURED);
    lock_drop(&d->lock);
    return rc;
}

int drc_ask_back(struct drcs *d, enum drc_type type, uint32_t id, bool *gone, struct error *err) NO_LOCK_ANALYSIS
{
    uint32_t slot;
    struct drc_class *c = find_and_lock(d, type, id, &slot, err);
    int rc = 0;

    *gone = false;
    if (!c)
        return -ENOENT;
    if (!(drc_load(c, slot) & DRC_BIT_ATTACHED)) {
        rc = error_set(err, ENOENT, "%s%u is absent", c->kind->name_prefix, id);
    } else if (is_idle(drc_load(c, slot))) {
        drc_store(c, slot, 0);
        *gone = true;
    } else {
        drc_store(c, slot, drc_load(c, slot) | DRC_BIT_UNPLUG);
    }
    lock_drop(&d->lock);
    return rc;
}

void drc_leave(struct drcs *d, enum drc_type type, uint32_t id) NO_LOCK_ANALYSIS
{
    uint32_t slot;
    struct drc_class *c = find_and_lock(d, type, id, &slot, NULL);

    if (!c)
        return;
    drc_store(c, slot, drc_load(c, slot) & ~DRC_BIT_UNPLUG);
    lock_drop(&d->lock);
}

uint32_t drc_attached(struct drcs *d, enum drc_type type)
{
    uint32_t n;

    lock_take(&d->lock);
    n = d->class[type].attached;
    lock_drop(&d->lock);
    return n;
}

uint32_t drc_held(struct drcs *d, enum drc_type type)
{
    uint32_t n;

    lock_take(&d->lock);
    n = d->class[type].held;
    lock_drop(&d->lock);
    return n;
}

int64_t drc_busy_ns(struct drcs *d)
{
    return atomic_load(&d->busy_ns);
}

void drc_add_busy_ns(struct drcs *d, int64_t ns)
{
    atomic_fetch_add(&d->busy_ns, ns);
}

/* ---- reset ---- */

/* Brings one connector to the condition `want`; memory follows its state.
 * False: the host refused; it stays as it was. */
static bool force(struct drcs *d, struct vcpu *caller, struct drc_class *c, uint32_t slot, uint8_t want)
    REQUIRES(d->lock)
{
    bool held = drc_load(c, slot) & DRC_BITS_STATE, hold = want & DRC_BITS_STATE;

    if (held != hold && work(d, caller, c, slot, hold ? DRC_EFFECT_TAKE : DRC_EFFECT_GIVE))
        return false;
    drc_store(c, slot, want);
    return true;
}

int drc_take_back(struct drcs *d, struct vcpu *caller, enum drc_type type, uint32_t id) NO_LOCK_ANALYSIS
{
    uint32_t slot;
    struct drc_class *c = find_and_lock(d, type, id, &slot, NULL);
    bool gone;

    if (!c)
        return -ENOENT;
    gone = force(d, caller, c, slot, 0);
    lock_drop(&d->lock);
    return gone ? 0 : -ENOMEM;
}

static void reset_slot(struct drcs *d, struct vcpu *caller, struct drc_class *c, uint32_t slot) REQUIRES(d->lock)
{
    uint8_t bits = drc_load(c, slot);

    if (bits & DRC_BIT_UNPLUG)
        force(d, caller, c, slot, 0);
    else if (bits & DRC_BIT_ATTACHED)
        force(d, caller, c, slot, DRC_BITS_AT_REST);
    else
        drc_store(c, slot, 0);
}

void drc_reset(struct drcs *d, struct vcpu *caller)
{
    for (unsigned t = 0; t < DRC_TYPES; t++) {
        struct drc_class *c = &d->class[t];

        for (uint32_t slot = drc_next_touched(c, 0); slot < c->n; slot = drc_next_touched(c, slot + 1)) {
            bool asked;

            lock_take(&d->lock);
            asked = drc_load(c, slot) & DRC_BIT_UNPLUG;
            reset_slot(d, caller, c, slot);
            lock_drop(&d->lock);
            if (asked)
                tell(d, c, slot, DRC_NEWS_REMOVED);
        }
    }
}

void drc_reset_to_rest(struct drcs *d)
{
    for (unsigned t = 0; t < DRC_TYPES; t++) {
        struct drc_class *c = &d->class[t];

        for (uint32_t slot = drc_next_touched(c, 0); slot < c->n; slot = drc_next_touched(c, slot + 1)) {
            lock_take(&d->lock);
            force(d, NULL, c, slot, drc_rest(c, slot));
            lock_drop(&d->lock);
        }
    }
}

bool drc_at_rest(struct drcs *d)
{
    bool rest = true;

    lock_take(&d->lock);
    for (unsigned t = 0; t < DRC_TYPES; t++)
        rest = rest && (!d->class[t].byte || drc_next_touched(&d->class[t], 0) == d->class[t].n);
    lock_drop(&d->lock);
    return rest;
}
