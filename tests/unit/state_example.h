/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/state_example.h - a struct with a saved field of every type, for the
 * test and the fuzzer of base/state.h. */
#ifndef TESTS_UNIT_STATE_EXAMPLE_H
#define TESTS_UNIT_STATE_EXAMPLE_H

#include "base/state.h"

#include <errno.h>
#include <stdio.h>

struct inner {
    uint16_t a;
    bool on;
};

struct outer {
    uint64_t big;
    uint32_t words[5];
    uint8_t bytes[7];
    uint8_t mode;
    struct inner one, many[3];
    uint8_t *blob;
    uint64_t blob_bytes;
    unsigned derived;       /* saved in words of its own: digits */
};

static const struct state_field inner_fields[] = {
    STATE_U16(struct inner, a, 1),
    STATE_BOOL(struct inner, on, 1),
};
static const struct state_list inner_list = STATE_LIST("inner", struct inner, 1, inner_fields);

static int digits_save(const void *obj, struct buf *out, struct error *err)
{
    char text[12];

    (void)err;
    snprintf(text, sizeof(text), "%u", ((const struct outer *)obj)->derived);
    return buf_append_str(out, text);
}

static int digits_load(void *obj, const uint8_t *data, size_t len_bytes, struct error *err)
{
    struct outer *o = obj;

    o->derived = 0;
    for (size_t i = 0; i < len_bytes; i++) {
        if (data[i] < '0' || data[i] > '9' || i > 8)
            return error_set(err, EBADMSG, "a custom field that is no number");
        o->derived = o->derived * 10 + (data[i] - '0');
    }
    return 0;
}

static const struct state_custom digits = { digits_save, digits_load };

static const struct state_field outer_fields[] = {
    STATE_U64(struct outer, big, 1),
    STATE_ARRAY_U32(struct outer, words, 1),
    STATE_BYTES(struct outer, bytes, 1),
    STATE_U8_MAX(struct outer, mode, 2, 3),
    STATE_STRUCT(struct outer, one, 1, &inner_list),
    STATE_ARRAY_STRUCT(struct outer, many, 1, &inner_list),
    STATE_BYTES_PTR(struct outer, blob, blob_bytes, 1),
    STATE_CUSTOM("digits", 2, &digits),
};
static const struct state_list outer_list = STATE_LIST("outer", struct outer, 2, outer_fields);

#endif
