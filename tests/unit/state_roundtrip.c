/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/state_roundtrip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 8

static uint64_t next_random(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static uint64_t random_number(const struct state_field *f, uint64_t *seed)
{
    uint64_t v = next_random(seed);

    if (f->type == STATE_T_BOOL)
        return v & 1;
    return f->max && f->max != UINT64_MAX ? v % (f->max + 1) : v;
}

static void put_number(uint8_t *p, uint8_t type, uint64_t v)
{
    static const uint8_t width[] = { [STATE_T_BOOL] = 1, [STATE_T_U8] = 1, [STATE_T_U16] = 2, [STATE_T_U32] = 4,
                                     [STATE_T_U64] = 8 };

    memcpy(p, &v, width[type]);     /* little-endian hosts */
}

static size_t width_of(uint8_t type)
{
    return type <= STATE_T_U8 ? 1 : type == STATE_T_U16 ? 2 : type == STATE_T_U32 ? 4 : 8;
}

/* fill: random values and fresh buffers; otherwise zero values and zeroed buffers as long as those of other. */
static void fill(const struct state_list *list, uint8_t *obj, const uint8_t *other, uint64_t *seed)
{
    for (unsigned i = 0; i < list->nfields; i++) {
        const struct state_field *f = &list->fields[i];

        if (f->type == STATE_T_STRUCT) {
            for (uint32_t e = 0; e < f->count; e++) {
                size_t at = f->offset + e * f->nested->size;

                fill(f->nested, obj + at, other ? other + at : NULL, seed);
            }
        } else if (f->type == STATE_T_BYTES_PTR) {
            uint64_t len = next_random(seed) % 300;
            uint8_t *data;

            if (other)
                memcpy(&len, other + f->len_offset, sizeof(len));
            data = calloc(1, len + 1);
            for (uint64_t b = 0; !other && b < len; b++)
                data[b] = (uint8_t)next_random(seed);
            memcpy(obj + f->offset, &data, sizeof(data));
            memcpy(obj + f->len_offset, &len, sizeof(len));
        } else if (f->type != STATE_T_CUSTOM && !other) {
            for (uint32_t e = 0; e < f->count; e++)
                put_number(obj + f->offset + e * width_of(f->type), f->type, random_number(f, seed));
        }
    }
}

static void drop(const struct state_list *list, uint8_t *obj)
{
    for (unsigned i = 0; i < list->nfields; i++) {
        const struct state_field *f = &list->fields[i];
        void *data;

        for (uint32_t e = 0; f->type == STATE_T_STRUCT && e < f->count; e++)
            drop(f->nested, obj + f->offset + e * f->nested->size);
        if (f->type != STATE_T_BYTES_PTR)
            continue;
        memcpy(&data, obj + f->offset, sizeof(data));
        free(data);
    }
}

static int roundtrip(const struct state_list *list, uint64_t *seed, struct error *err)
{
    struct state_writer first, second;
    struct state_reader r;
    uint8_t *a = calloc(1, list->size), *b = calloc(1, list->size);
    int rc;

    state_writer_init(&first);
    state_writer_init(&second);
    first.raw = second.raw = true;
    fill(list, a, NULL, seed);
    fill(list, b, a, seed);
    rc = state_save(list, a, 7, &first, err);
    state_reader_init(&r, first.out.data, first.out.len_bytes);
    r.raw = true;
    if (rc == 0)
        rc = state_load(list, b, 7, &r, err);
    if (rc == 0)
        rc = state_save(list, b, 7, &second, err);
    if (rc == 0 && (r.pos != r.len_bytes || first.out.len_bytes != second.out.len_bytes ||
                    memcmp(first.out.data, second.out.data, first.out.len_bytes)))
        rc = error_set(err, EINVAL, "%s differs after save, load, save", list->name);
    drop(list, a);
    drop(list, b);
    free(a);
    free(b);
    state_writer_fini(&first);
    state_writer_fini(&second);
    return rc;
}

int state_roundtrip_all(const struct state_list *const *lists, unsigned n, uint64_t seed, struct error *err)
{
    uint64_t s = seed | 1;

    for (unsigned i = 0; i < n; i++) {
        int rc = state_list_check(lists[i], err);

        for (unsigned round = 0; round < ROUNDS && rc == 0; round++)
            rc = roundtrip(lists[i], &s, err);
        if (rc < 0) {
            error_prefix(err, "list %s", lists[i]->name);
            return rc;
        }
    }
    return 0;
}
