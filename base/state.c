/* SPDX-License-Identifier: Apache-2.0 */
/* base/state.c - sections, cursors and the check of the tables themselves; state_save.c writes, state_load.c reads. */
#include "base/state_int.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

size_t state_number_bytes(uint8_t type)
{
    switch (type) {
    case STATE_T_BOOL:
    case STATE_T_U8:
        return 1;
    case STATE_T_U16:
        return 2;
    case STATE_T_U32:
        return 4;
    case STATE_T_U64:
        return 8;
    default:
        return 0;
    }
}

uint64_t state_number_get(const void *p, uint8_t type)
{
    uint8_t v8;
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;

    switch (state_number_bytes(type)) {
    case 1:
        memcpy(&v8, p, 1);
        return v8;
    case 2:
        memcpy(&v16, p, 2);
        return v16;
    case 4:
        memcpy(&v32, p, 4);
        return v32;
    default:
        memcpy(&v64, p, 8);
        return v64;
    }
}

void state_number_put(void *p, uint8_t type, uint64_t v)
{
    uint8_t v8 = (uint8_t)v;
    uint16_t v16 = (uint16_t)v;
    uint32_t v32 = (uint32_t)v;

    switch (state_number_bytes(type)) {
    case 1:
        memcpy(p, &v8, 1);
        break;
    case 2:
        memcpy(p, &v16, 2);
        break;
    case 4:
        memcpy(p, &v32, 4);
        break;
    default:
        memcpy(p, &v, 8);
        break;
    }
}

int state_take(struct state_cursor *c, size_t len_bytes, const uint8_t **out, struct error *err)
{
    if (len_bytes > c->left)
        return error_set(err, EBADMSG, "saved state ends %zu bytes too early", len_bytes - c->left);
    *out = c->p;
    c->p += len_bytes;
    c->left -= len_bytes;
    return 0;
}

int state_take_uint(struct state_cursor *c, size_t width, uint64_t *v, struct error *err)
{
    const uint8_t *p;
    int rc = state_take(c, width, &p, err);

    if (rc < 0)
        return rc;
    *v = 0;
    for (size_t i = width; i-- > 0;)
        *v = *v << 8 | p[i];
    return 0;
}

int state_take_name(struct state_cursor *c, char name[STATE_NAME_MAX], struct error *err)
{
    const uint8_t *p;
    uint64_t len;
    int rc = state_take_uint(c, 1, &len, err);

    if (rc < 0)
        return rc;
    if (len == 0 || len >= STATE_NAME_MAX)
        return error_set(err, EBADMSG, "saved state has a name of %u bytes", (unsigned)len);
    rc = state_take(c, len, &p, err);
    if (rc < 0)
        return rc;
    for (uint64_t i = 0; i < len; i++) {
        if (p[i] <= ' ' || p[i] > '~')
            return error_set(err, EBADMSG, "saved state has an unprintable name");
    }
    memcpy(name, p, len);
    name[len] = 0;
    return 0;
}

void state_writer_init(struct state_writer *w)
{
    *w = (struct state_writer){ 0 };
    buf_init(&w->out);
}

void state_writer_fini(struct state_writer *w)
{
    buf_fini(&w->out);
}

void state_reader_init(struct state_reader *r, const void *data, size_t len_bytes)
{
    *r = (struct state_reader){ .data = data, .len_bytes = len_bytes };
}

int state_section_open(const struct state_reader *r, struct state_cursor *body, uint32_t *instance,
                       size_t *section_bytes, struct error *err)
{
    struct state_cursor c = { r->data + r->pos, r->len_bytes - r->pos };
    uint64_t magic, bytes, inst;
    int rc;

    if (c.left == 0)
        return 0;
    if ((rc = state_take_uint(&c, 4, &magic, err)) < 0 || (rc = state_take_uint(&c, 4, &bytes, err)) < 0 ||
        (rc = state_take_uint(&c, 4, &inst, err)) < 0)
        return rc;
    if (magic != STATE_MAGIC)
        return error_set(err, EBADMSG, "this is no saved state: the section's mark is missing");
    if (bytes > c.left)
        return error_set(err, EBADMSG, "saved state is cut short: a section of %llu bytes, %zu left",
                         (unsigned long long)bytes, c.left);
    *body = (struct state_cursor){ c.p, bytes };
    *instance = (uint32_t)inst;
    *section_bytes = STATE_HEAD_BYTES + bytes;
    return 1;
}

int state_peek(const struct state_reader *r, struct state_section *s, struct error *err)
{
    struct state_cursor body;
    size_t bytes;
    uint64_t version;
    int rc = state_section_open(r, &body, &s->instance, &bytes, err);

    if (rc <= 0)
        return rc;
    if ((rc = state_take_name(&body, s->name, err)) < 0 || (rc = state_take_uint(&body, 2, &version, err)) < 0)
        return rc;
    s->version = (uint16_t)version;
    return 1;
}

int state_skip(struct state_reader *r, struct error *err)
{
    struct state_cursor body;
    uint32_t instance;
    size_t bytes;
    int rc = state_section_open(r, &body, &instance, &bytes, err);

    if (rc == 0)
        return error_set(err, EBADMSG, "saved state ends where a section was expected");
    if (rc > 0)
        r->pos += bytes;
    return rc < 0 ? rc : 0;
}

static int field_check(const struct state_list *list, const struct state_field *f, unsigned depth, unsigned *total,
                       struct error *err);

static int list_check(const struct state_list *list, unsigned depth, unsigned *total, struct error *err)
{
    if (!list->name || !list->name[0] || strlen(list->name) >= STATE_NAME_MAX)
        return error_set(err, EINVAL, "a state list needs a name shorter than %d", STATE_NAME_MAX);
    if (depth >= STATE_DEPTH_MAX || !list->fields || list->nfields == 0 || list->size == 0 || list->version == 0)
        return error_set(err, EINVAL, "state list %s: nested too deep, or without fields, size or version", list->name);
    for (unsigned i = 0; i < list->nfields; i++) {
        int rc = field_check(list, &list->fields[i], depth, total, err);

        if (rc < 0)
            return rc;
        for (unsigned j = 0; j < i; j++) {
            if (!strcmp(list->fields[i].name, list->fields[j].name))
                return error_set(err, EINVAL, "state list %s: field %s twice", list->name, list->fields[i].name);
        }
    }
    return 0;
}

static int field_check(const struct state_list *list, const struct state_field *f, unsigned depth, unsigned *total,
                       struct error *err)
{
    size_t bytes = state_number_bytes(f->type) * f->count;

    if (!f->name || !f->name[0] || strlen(f->name) >= STATE_NAME_MAX)
        return error_set(err, EINVAL, "state list %s: a field needs a name shorter than %d", list->name,
                         STATE_NAME_MAX);
    if (++*total > STATE_FIELDS_MAX || f->count == 0 || f->since == 0 || f->since > list->version)
        return error_set(err, EINVAL, "state list %s, field %s: bad count or version", list->name, f->name);
    if (f->type == STATE_T_STRUCT && f->nested)
        bytes = f->nested->size * f->count;
    else if (f->type == STATE_T_BYTES_PTR && f->count == 1)
        bytes = sizeof(void *);
    else if (f->type == STATE_T_CUSTOM && f->count == 1 && f->custom && f->custom->save && f->custom->load)
        return 0;
    if (bytes == 0 || f->offset > list->size || bytes > list->size - f->offset)
        return error_set(err, EINVAL, "state list %s, field %s: not inside the struct", list->name, f->name);
    return f->type == STATE_T_STRUCT ? list_check(f->nested, depth + 1, total, err) : 0;
}

int state_list_check(const struct state_list *list, struct error *err)
{
    unsigned total = 0;

    return list_check(list, 0, &total, err);
}
