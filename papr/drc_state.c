/* SPDX-License-Identifier: Apache-2.0 */
/* papr/drc_state.c - connectors as saved state: those away from rest, in runs of equal ones.
 *
 * Per class that has any, in order of types: u8 type, number of runs, then per run: number (gap after the run before,
 * the first: after 0), number (connectors), u8 (condition).
 * A number is in groups of 7 bits, low first, with 0x80 on all but the last. */
#include "papr/drc_int.h"

#include <errno.h>

#include "base/taker.h"

static void put_number(struct buf *out, uint32_t v)
{
    for (; v >= 0x80; v >>= 7)
        buf_append_u8(out, (uint8_t)(v | 0x80));
    buf_append_u8(out, (uint8_t)v);
}

static uint32_t run_end(const struct drc_class *c, uint32_t slot)
{
    uint32_t end = slot + 1;

    while (end < c->n && c->byte[end] && drc_load(c, end) == drc_load(c, slot))
        end++;
    return end;
}

static uint32_t count_runs(const struct drc_class *c)
{
    uint32_t n = 0;

    for (uint32_t slot = drc_next_touched(c, 0); slot < c->n; slot = drc_next_touched(c, run_end(c, slot)))
        n++;
    return n;
}

static void save_class(const struct drc_class *c, unsigned type, struct buf *out)
{
    uint32_t at = 0, runs = count_runs(c);

    if (!runs)
        return;
    buf_append_u8(out, (uint8_t)type);
    put_number(out, runs);
    for (uint32_t slot = drc_next_touched(c, 0); slot < c->n; slot = drc_next_touched(c, at)) {
        put_number(out, slot - at);
        at = run_end(c, slot);
        put_number(out, at - slot);
        buf_append_u8(out, drc_load(c, slot) & ~DRC_BIT_WORKING);
    }
}

static int save(const void *obj, struct buf *out, struct error *err)
{
    const struct drcs *d = obj;

    (void)err;
    for (unsigned t = 0; t < DRC_TYPES; t++)
        if (d->class[t].byte)
            save_class(&d->class[t], t, out);
    return 0;
}

static uint32_t take_number(struct taker *t)
{
    uint64_t v = 0;
    uint8_t b;
    unsigned shift = 0;

    do {
        b = take_u8(t);
        v |= (uint64_t)(b & 0x7f) << shift;
        shift += 7;
    } while ((b & 0x80) && shift < 35);
    t->bad |= v > DRC_ID_MASK || (b & 0x80);
    return (uint32_t)v;
}

/* D1, and bits that mean something. */
static bool valid(const struct drc_class *c, uint8_t bits)
{
    if (bits & (0x20 | DRC_BIT_WORKING) || (!c->kind->physical && (bits & DRC_BITS_LED)))
        return false;
    if (c->kind->physical && (bits & DRC_BITS_STATE) == DRC_AVAILABLE)
        return false;
    return (bits & DRC_BIT_ATTACHED) || !(bits & (DRC_BITS_STATE | DRC_BIT_UNPLUG));
}

static int load_run(struct drcs *d, struct drc_class *c, uint32_t first, uint32_t n, uint8_t bits, struct error *err)
{
    for (uint32_t slot = first; slot < first + n; slot++) {
        bool held = drc_load(c, slot) & DRC_BITS_STATE, hold = bits & DRC_BITS_STATE;
        int rc = 0;

        if (hold && !held && c->kind->take)
            rc = c->kind->take(d->papr, NULL, slot, err);
        else if (held && !hold && c->kind->give)
            rc = c->kind->give(d->papr, NULL, slot, err);
        if (rc)
            return rc;
        drc_store(c, slot, bits);
    }
    return 0;
}

static bool all_exist(const struct drc_class *c, uint64_t first, uint64_t n)
{
    return n && first + n <= c->n && drc_exists(c, (uint32_t)first) && drc_exists(c, (uint32_t)(first + n - 1)) &&
           (first >= c->absent_first || first + n <= c->present_end || c->present_end == c->absent_first);
}

static int damaged(struct error *err)
{
    return error_set(err, EBADMSG, "saved connectors are damaged, or of a machine with other memory or processors");
}

static int load_class(struct drcs *d, struct taker *t, struct error *err)
{
    uint8_t type = take_u8(t);
    struct drc_class *c = type < DRC_TYPES && d->class[type].kind ? &d->class[type] : NULL;
    uint32_t runs = take_number(t);
    uint64_t at = 0;

    while (runs--) {
        uint64_t first = at + take_number(t);
        uint32_t n = take_number(t);
        uint8_t bits = take_u8(t);
        int rc;

        if (t->bad || !c || !all_exist(c, first, n) || !valid(c, bits))
            return damaged(err);
        rc = load_run(d, c, (uint32_t)first, n, bits, err);
        if (rc)
            return rc;
        at = first + n;
    }
    return t->bad ? damaged(err) : 0;
}

/* Onto a machine at rest. */
static int load(void *obj, const uint8_t *data, size_t len_bytes, struct error *err)
{
    struct taker t = taker_of(data, len_bytes);
    int rc = 0;

    if (((struct drcs *)obj)->saved_blocks != ((struct drcs *)obj)->class[DRC_LMB].n)
        return error_set(err, EINVAL, "the saved machine has another memory ceiling");
    drc_reset_to_rest(obj);
    while (!rc && t.at < t.end)
        rc = load_class(obj, &t, err);
    return rc;
}

static void fill_saved(void *obj)
{
    struct drcs *d = obj;

    d->saved_blocks = d->class[DRC_LMB].n;
}

static const struct state_custom runs = { save, load };
static const struct state_field fields[] = {
    STATE_U32(struct drcs, saved_blocks, 1),
    STATE_CUSTOM("runs", 1, &runs),
};
const struct state_list drc_state = STATE_LIST("drc", struct drcs, 1, fields, .pre_save = fill_saved);
