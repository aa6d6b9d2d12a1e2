/* SPDX-License-Identifier: Apache-2.0 */
/* base/state_save.c - one object to one section: the schema, then the values (format: base/state.h). */
#include "base/state_int.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static void put_name(struct buf *out, const char *name)
{
    size_t len = strlen(name);

    assert(len > 0 && len < STATE_NAME_MAX);
    buf_append_u8(out, (uint8_t)len);
    buf_append(out, name, len);
}

/* Tests without hooks have no CUSTOM fields either: those may follow pointers that the test cannot fill. */
static bool field_written(const struct state_writer *w, const struct state_field *f)
{
    return !(w->raw && f->type == STATE_T_CUSTOM);
}

static void put_schema(struct state_writer *w, const struct state_list *list)
{
    uint16_t n = 0;

    for (unsigned i = 0; i < list->nfields; i++)
        n += field_written(w, &list->fields[i]);
    put_name(&w->out, list->name);
    buf_append_le16(&w->out, list->version);
    buf_append_le16(&w->out, n);
    for (unsigned i = 0; i < list->nfields; i++) {
        const struct state_field *f = &list->fields[i];

        if (!field_written(w, f))
            continue;
        put_name(&w->out, f->name);
        buf_append_u8(&w->out, f->type);
        buf_append_u8(&w->out, f->flags);
        buf_append_le32(&w->out, f->count);
        if (f->type == STATE_T_STRUCT)
            put_schema(w, f->nested);
    }
}

static void put_numbers(struct buf *out, const uint8_t *p, const struct state_field *f)
{
    size_t width = state_number_bytes(f->type);

    if (width == 1) {
        buf_append(out, p, f->count);
        return;
    }
    for (uint32_t i = 0; i < f->count; i++, p += width) {
        uint64_t v = state_number_get(p, f->type);

        if (width == 2)
            buf_append_le16(out, (uint16_t)v);
        else if (width == 4)
            buf_append_le32(out, (uint32_t)v);
        else
            buf_append_le64(out, v);
    }
}

static void put_bytes_ptr(struct buf *out, const uint8_t *obj, const struct state_field *f)
{
    const void *data;
    uint64_t len = state_number_get(obj + f->len_offset, STATE_T_U64);

    memcpy(&data, obj + f->offset, sizeof(data));
    buf_append_le64(out, len);
    buf_append(out, data, len);
}

/* The length is known only afterwards: leave room for it, then fill it in. */
static int put_custom(struct buf *out, const void *obj, const struct state_field *f, struct error *err)
{
    size_t at = out->len_bytes;
    int rc;

    buf_append_le64(out, 0);
    rc = f->custom->save(obj, out, err);
    if (rc < 0 || out->failed)
        return rc;
    for (unsigned i = 0; i < 8; i++)
        out->data[at + i] = (uint8_t)((out->len_bytes - at - 8) >> (8 * i));
    return 0;
}

static int put_object(struct state_writer *w, const struct state_list *list, uint8_t *obj, struct error *err)
{
    int rc = 0;

    if (list->pre_save && !w->raw)
        list->pre_save(obj);
    for (unsigned i = 0; i < list->nfields && rc == 0; i++) {
        const struct state_field *f = &list->fields[i];

        switch (f->type) {
        case STATE_T_STRUCT:
            for (uint32_t e = 0; e < f->count && rc == 0; e++)
                rc = put_object(w, f->nested, obj + f->offset + e * f->nested->size, err);
            break;
        case STATE_T_BYTES_PTR:
            put_bytes_ptr(&w->out, obj, f);
            break;
        case STATE_T_CUSTOM:
            if (field_written(w, f))
                rc = put_custom(&w->out, obj, f, err);
            break;
        default:
            put_numbers(&w->out, obj + f->offset, f);
            break;
        }
    }
    return rc;
}

int state_save(const struct state_list *list, void *obj, uint32_t instance, struct state_writer *w, struct error *err)
{
    size_t start = w->out.len_bytes;
    size_t body;
    int rc;

    buf_append_le32(&w->out, STATE_MAGIC);
    buf_append_le32(&w->out, 0);
    buf_append_le32(&w->out, instance);
    put_schema(w, list);
    rc = put_object(w, list, obj, err);
    if (rc == 0 && w->out.failed)
        rc = error_set(err, ENOMEM, "no memory to save %s", list->name);
    body = w->out.len_bytes - start - STATE_HEAD_BYTES;
    if (rc == 0 && body > UINT32_MAX)
        rc = error_set(err, EFBIG, "the state of %s is too long for one section", list->name);
    if (rc < 0) {
        w->out.len_bytes = start;
        w->out.failed = false;
        return rc;
    }
    for (unsigned i = 0; i < 4; i++)
        w->out.data[start + 4 + i] = (uint8_t)(body >> (8 * i));
    return 0;
}
