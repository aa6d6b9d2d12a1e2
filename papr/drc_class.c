/* SPDX-License-Identifier: Apache-2.0 */
/* papr/drc_class.c - the arrays of connectors: which there are, their bytes, and runs of equal ones. */
#include "papr/drc_int.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "papr/lmb.h"
#include "papr/xics.h"

/* ---- classes ---- */

static int32_t lmb_may_isolate(struct drcs *d, uint32_t slot)
{
    return lmb_is_mapped(d->papr, slot) ? DRC_STILL_MAPPED : 0;
}

/* A host bridge goes after what is behind it. */
static int32_t phb_may_isolate(struct drcs *d, uint32_t slot)
{
    const struct drc_class *c = &d->class[DRC_PCI];

    for (uint32_t i = slot * DRC_PCI_PER_PHB; i < (slot + 1) * DRC_PCI_PER_PHB; i++)
        if ((drc_load(c, i) & DRC_BITS_STATE) == DRC_CONFIGURED)
            return DRC_MULTI_LEVEL;
    return 0;
}

/* A processor goes after the program that runs on it. */
static int32_t cpu_may_isolate(struct drcs *d, uint32_t slot)
{
    return vcpu_is_stopped(papr_vcpu(d->papr, slot)) ? 0 : DRC_MULTI_LEVEL;
}

static int cpu_take(struct papr *p, struct vcpu *caller, uint32_t id, struct error *err)
{
    (void)caller, (void)err;
    atomic_store(&papr_vcpu(p, id)->held, true);
    return 0;
}

static int cpu_give(struct papr *p, struct vcpu *caller, uint32_t id, struct error *err)
{
    (void)caller, (void)err;
    atomic_store(&papr_vcpu(p, id)->held, false);
    xics_server_gone(papr_xics(p), id);
    return 0;
}

static const struct drc_kind kinds[DRC_TYPES] = {
    [DRC_CPU] = { .type_name = "CPU", .name_prefix = "CPU ", .may_isolate = cpu_may_isolate, .take = cpu_take,
                  .give = cpu_give },
    [DRC_PHB] = { .type_name = "PHB", .name_prefix = "PHB ", .may_isolate = phb_may_isolate },
    [DRC_PCI] = { .type_name = "28", .name_prefix = "C", .physical = true },
    [DRC_LMB] = { .type_name = "MEM", .name_prefix = "LMB ", .may_isolate = lmb_may_isolate, .take = lmb_take,
                  .give = lmb_give },
};

/* Functions of bus 0 behind each host bridge; elsewhere ids are slots. */
uint32_t drc_slot_of_id(enum drc_type type, uint32_t id)
{
    if (type != DRC_PCI)
        return id;
    return id & 0xff00 ? UINT32_MAX : (id >> 16) * DRC_PCI_PER_PHB + (id & 0xff);
}

uint32_t drc_id_of_slot(enum drc_type type, uint32_t slot)
{
    return type == DRC_PCI ? slot / DRC_PCI_PER_PHB << 16 | slot % DRC_PCI_PER_PHB : slot;
}

static size_t touched_words(const struct drc_class *c)
{
    return (c->n + DRC_CHUNK * 64 - 1) / (DRC_CHUNK * 64);
}

static size_t class_bytes(const struct drc_class *c)
{
    return ((size_t)c->n + 7) / 8 * 8 + touched_words(c) * 8;
}

static int class_init(struct drcs *d, enum drc_type type, struct drc_class init, struct error *err)
{
    struct drc_class *c = &d->class[type];
    void *at;

    *c = init;
    c->kind = &kinds[type];
    c->attached = c->held = c->present_end - c->first;
    if (!c->n)
        return 0;
    at = mmap(NULL, class_bytes(c), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        return error_set(err, ENOMEM, "no memory for connectors");
    c->byte = at;
    c->touched = (void *)(c->byte + ((size_t)c->n + 7) / 8 * 8);
    return 0;
}

/* A piece of a block at the end of boot memory has no connector either. */
static struct drc_class lmb_class(const struct papr_config *cfg)
{
    uint64_t whole = cfg->memory_bytes >> PAPR_LMB_SHIFT;
    uint64_t touched = (cfg->memory_bytes + PAPR_LMB_SIZE - 1) >> PAPR_LMB_SHIFT;
    uint64_t first = whole < DRC_LMBS_FIXED ? whole : DRC_LMBS_FIXED;

    return (struct drc_class){
        .first = (uint32_t)first, .present_end = (uint32_t)whole, .absent_first = (uint32_t)touched,
        .n = (uint32_t)(cfg->max_memory_bytes >> PAPR_LMB_SHIFT),
    };
}

struct drcs *drc_new(struct papr *p, struct error *err)
{
    struct drcs *d = calloc(1, sizeof(*d));
    uint32_t cpus = papr_config(p)->cpus, max = papr_vcpu_count(p);

    if (!d) {
        error_set(err, ENOMEM, "no memory for connectors");
        return NULL;
    }
    d->papr = p;
    lock_init(&d->lock);
    if (class_init(d, DRC_CPU, (struct drc_class){ .present_end = cpus, .absent_first = cpus, .n = max }, err) ||
        class_init(d, DRC_PHB, (struct drc_class){ .n = DRC_PHBS_MAX }, err) ||
        class_init(d, DRC_PCI, (struct drc_class){ .n = DRC_PHBS_MAX * DRC_PCI_PER_PHB }, err) ||
        class_init(d, DRC_LMB, lmb_class(papr_config(p)), err)) {
        drc_free(d);
        return NULL;
    }
    return d;
}

void drc_free(struct drcs *d)
{
    if (!d)
        return;
    for (unsigned t = 0; t < DRC_TYPES; t++)
        if (d->class[t].byte)
            munmap(d->class[t].byte, class_bytes(&d->class[t]));
    lock_fini(&d->lock);
    free(d);
}

void drc_listen(struct drcs *d, enum drc_type type, drc_listener *fn, void *opaque)
{
    d->class[type].listener = fn;
    d->class[type].opaque = opaque;
}

const char *drc_type_name(enum drc_type type)
{
    return kinds[type].type_name;
}

const char *drc_name_prefix(enum drc_type type)
{
    return kinds[type].name_prefix;
}

uint32_t drc_end(const struct drcs *d, enum drc_type type)
{
    return d->class[type].n;
}

/* ---- bytes ---- */

void drc_store(struct drc_class *c, uint32_t slot, uint8_t bits)
{
    uint8_t was = drc_load(c, slot);

    c->byte[slot] = bits ^ drc_rest(c, slot);
    if (c->byte[slot])
        c->touched[slot / DRC_CHUNK / 64] |= 1ull << (slot / DRC_CHUNK % 64);
    c->attached += (bits & DRC_BIT_ATTACHED ? 1u : 0u) - (was & DRC_BIT_ATTACHED ? 1u : 0u);
    c->held += (bits & DRC_BITS_STATE ? 1u : 0u) - (was & DRC_BITS_STATE ? 1u : 0u);
}

uint32_t drc_next_touched(const struct drc_class *c, uint32_t from)
{
    for (uint32_t slot = from; slot < c->n;) {
        uint32_t chunk = slot / DRC_CHUNK;
        uint64_t left = c->touched[chunk / 64] >> (chunk % 64);

        if (!left) {
            slot = (chunk / 64 + 1) * 64 * DRC_CHUNK;
        } else if (!(left & 1)) {
            slot = (chunk + (uint32_t)__builtin_ctzll(left)) * DRC_CHUNK;
        } else if (c->byte[slot]) {
            return slot;
        } else {
            slot++;
        }
    }
    return c->n;
}

/* Where the bytes at rest change, or a gap begins or ends, after `slot`. */
static uint32_t next_border(const struct drc_class *c, uint32_t slot)
{
    const uint32_t border[] = { c->first, c->present_end, c->absent_first };
    uint32_t next = c->n;

    for (unsigned i = 0; i < 3; i++)
        if (border[i] > slot && border[i] < next)
            next = border[i];
    return next;
}

/* The end of the stretch of equal stored bytes from `slot` on, at most `end`. */
static uint32_t equal_until(const struct drc_class *c, uint32_t slot, uint32_t end)
{
    uint8_t same = c->byte[slot];
    uint32_t at = slot;

    if (!same) {
        at = drc_next_touched(c, slot);
        return at < end ? at : end;
    }
    while (at < end && c->byte[at] == same)
        at++;
    return at;
}

struct drc_view drc_view_of(uint8_t bits)
{
    return (struct drc_view){
        .state = bits & DRC_BITS_STATE, .attached = bits & DRC_BIT_ATTACHED, .unplug = bits & DRC_BIT_UNPLUG,
    };
}

bool drc_next_run(struct drcs *d, enum drc_type type, uint32_t from, struct drc_run *run)
{
    struct drc_class *c = &d->class[type];
    uint32_t slot = from;

    if (slot < c->first)
        slot = c->first;
    if (slot >= c->present_end && slot < c->absent_first)
        slot = c->absent_first;
    if (!drc_exists(c, slot))
        return false;
    lock_take(&d->lock);
    *run = (struct drc_run){ slot, equal_until(c, slot, next_border(c, slot)) - slot, drc_view_of(drc_load(c, slot)) };
    lock_drop(&d->lock);
    return true;
}
