/* SPDX-License-Identifier: Apache-2.0 */
/* papr/rtas_drc.c - set-indicator, get-sensor-state, ibm,configure-connector.
 * Spec: LoPAR, "RTAS call definition"; docs/hotplug.md.
 *
 * configure-connector keeps its place in the guest's work area (second word: how many steps of the walk were handed
 * out), so any number of walks may interleave, be abandoned, and survive saving.  A guest that forges the word gets
 * another step of the same walk.  Work area: index, place, offset of the name, length of the value, offset of the
 * value; then the texts. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "base/thread.h"
#include "papr/drc_tree.h"
#include "papr/rtas.h"

enum { ISOLATION_STATE = 9001, DR_INDICATOR = 9002, ALLOCATION_STATE = 9003, ENTITY_SENSE = 9003 };

static int32_t set_indicator(struct vcpu *v, const uint32_t *arg)
{
    struct drcs *d = papr_drcs(v->papr);

    if (arg[0] == ISOLATION_STATE && arg[2] <= 1)
        return drc_ask(d, v, arg[1], arg[2] ? DRC_UNISOLATE : DRC_ISOLATE);
    if (arg[0] == ALLOCATION_STATE && arg[2] <= 1)
        return drc_ask(d, v, arg[1], arg[2] ? DRC_MAKE_USABLE : DRC_MAKE_UNUSABLE);
    if (arg[0] == DR_INDICATOR)
        return drc_set_led(d, arg[1], arg[2]);
    return RTAS_PARAMETER_ERROR;
}

/* Counts the CPU time of a call that moves connectors: a busy host does not count. */
static int32_t timed(struct vcpu *v, const uint32_t *arg, int32_t (*call)(struct vcpu *v, const uint32_t *arg))
{
    int64_t start_ns = time_read_ns(CLOCK_THREAD_CPUTIME_ID);
    int32_t status = call(v, arg);

    drc_add_busy_ns(papr_drcs(v->papr), time_read_ns(CLOCK_THREAD_CPUTIME_ID) - start_ns);
    return status;
}

/* type, index, value -> status */
int32_t rtas_set_indicator(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    (void)ret;
    return timed(v, arg, set_indicator);
}

/* sensor, index -> status, state */
int32_t rtas_get_sensor_state(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    if (arg[0] != ENTITY_SENSE)
        return RTAS_PARAMETER_ERROR;
    return drc_sense(papr_drcs(v->papr), arg[1], &ret[1]);
}

/* ---- ibm,configure-connector ---- */

enum { STEP_DONE = 0, STEP_SIBLING = 1, STEP_CHILD = 2, STEP_PROPERTY = 3, STEP_PARENT = 4 };
enum { AREA_BYTES = 4096, TEXTS = 20 };

struct step {
    int32_t answer;
    const char *name;
    const void *value;
    int value_bytes;
};

/* One step of the walk at offset *at, which moves on; depth counts open nodes. */
static struct step next_step(const void *fdt, int *at, int *depth)
{
    int next = 0, after = 0;

    switch (fdt_next_tag(fdt, *at, &next)) {
    case FDT_BEGIN_NODE: {
        struct step s = { .answer = STEP_CHILD, .name = fdt_get_name(fdt, *at, NULL) };

        ++*depth;
        *at = next;
        return s;
    }
    case FDT_PROP: {
        struct step s = { .answer = STEP_PROPERTY };

        s.value = fdt_getprop_by_offset(fdt, *at, &s.name, &s.value_bytes);
        *at = next;
        return s;
    }
    case FDT_END_NODE:
        if (--*depth == 0)
            return (struct step){ .answer = STEP_DONE };
        *at = next;
        if (fdt_next_tag(fdt, *at, &after) == FDT_BEGIN_NODE) {
            struct step s = { .answer = STEP_SIBLING, .name = fdt_get_name(fdt, *at, NULL) };

            ++*depth;
            *at = after;
            return s;
        }
        return (struct step){ .answer = STEP_PARENT };
    default:
        return (struct step){ .answer = RTAS_HARDWARE_ERROR };
    }
}

/* The step with this number; past the end, the end. */
static struct step find_step(const void *fdt, uint32_t number)
{
    int at = 0, depth = 0;
    struct step s;

    do
        s = next_step(fdt, &at, &depth);
    while (number-- > 0 && s.answer > STEP_DONE);
    return s;
}

static size_t put_texts(uint8_t area[AREA_BYTES], const struct step *s)
{
    size_t name_bytes = strlen(s->name) + 1, at = TEXTS;

    if (at + name_bytes + 3 + (size_t)s->value_bytes > AREA_BYTES)
        return 0;
    be32_put(area + 8, (uint32_t)at);
    memcpy(area + at, s->name, name_bytes);
    at = (at + name_bytes + 3) & ~3ul;
    be32_put(area + 12, (uint32_t)s->value_bytes);
    be32_put(area + 16, s->value_bytes ? (uint32_t)at : 0);
    if (s->value_bytes)
        memcpy(area + at, s->value, (size_t)s->value_bytes);
    return at + (size_t)s->value_bytes;
}

static int32_t hand_out(struct vcpu *v, uint64_t to, uint32_t index, uint32_t number, const void *fdt)
{
    struct step s = find_step(fdt, number);
    uint8_t area[AREA_BYTES] = { 0 };
    size_t bytes = TEXTS;

    if (s.answer == STEP_DONE)
        return drc_ask(papr_drcs(v->papr), v, index, DRC_CONFIGURE);
    if (s.answer < 0)
        return s.answer;
    be32_put(area, index);
    be32_put(area + 4, number + 1);
    if (s.name)
        bytes = put_texts(area, &s);
    if (!bytes || !papr_write(v->papr, to, area, bytes))
        return RTAS_HARDWARE_ERROR;
    return s.answer;
}

static int32_t configure_connector(struct vcpu *v, const uint32_t *arg)
{
    uint8_t head[8];
    int32_t status;
    uint32_t index;
    void *fdt;

    if (!papr_is_ram(v->papr, arg[0], AREA_BYTES) || !papr_read(v->papr, arg[0], head, sizeof(head)))
        return RTAS_PARAMETER_ERROR;
    index = be32_get(head);
    status = drc_may_configure(papr_drcs(v->papr), index);
    if (status)
        return status;
    fdt = drc_tree_make(v->papr, index, NULL);
    if (!fdt)
        return RTAS_HARDWARE_ERROR;
    status = hand_out(v, arg[0], index, be32_get(head + 4), fdt);
    free(fdt);
    return status;
}

/* work area, more memory -> status */
int32_t rtas_configure_connector(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    (void)ret;
    return timed(v, arg, configure_connector);
}
