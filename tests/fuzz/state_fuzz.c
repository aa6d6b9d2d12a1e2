/* SPDX-License-Identifier: Apache-2.0 */
/* Saved state from an untrusted file, into lists of every field type: nothing is read or written out of bounds, and what loads
 * saves and loads again. */
#include "base/state.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct inner {
    uint16_t a;
    bool on;
};

struct outer {
    uint64_t big;
    uint32_t words[3];
    uint8_t bytes[5];
    uint8_t mode;
    struct inner one, many[2];
    uint8_t *blob;
    uint64_t blob_bytes;
    unsigned digits;
};

static int digits_save(const void *obj, struct buf *out, struct error *err)
{
    (void)err;
    return buf_printf(out, "%u", ((const struct outer *)obj)->digits);
}

static int digits_load(void *obj, const uint8_t *data, size_t len, struct error *err)
{
    struct outer *o = obj;

    o->digits = 0;
    for (size_t i = 0; i < len; i++) {
        if (data[i] < '0' || data[i] > '9' || i > 8)
            return error_set(err, 22, "no number");
        o->digits = o->digits * 10 + (data[i] - '0');
    }
    return 0;
}

static const struct state_custom digits = { digits_save, digits_load };

static const struct state_field inner_fields[] = {
    STATE_U16(struct inner, a, 1),
    STATE_BOOL(struct inner, on, 1),
};
static const struct state_list inner_list = STATE_LIST("inner", struct inner, 1, inner_fields);

static const struct state_field outer_fields[] = {
    STATE_U64(struct outer, big, 1),
    STATE_ARRAY_U32(struct outer, words, 1),
    STATE_BYTES(struct outer, bytes, 1),
    STATE_U8_MAX(struct outer, mode, 2, 3),
    STATE_STRUCT(struct outer, one, 1, &inner_list),
    STATE_ARRAY_STRUCT(struct outer, many, 1, &inner_list),
    STATE_BYTES_PTR(struct outer, blob, blob_bytes, 2),
    STATE_CUSTOM("digits", 2, &digits),
};
static const struct state_list outer_list = STATE_LIST("outer", struct outer, 2, outer_fields);

static int load(struct outer *o, const uint8_t *data, size_t len)
{
    struct state_section s;
    struct state_reader r;
    struct error err;
    int rc;

    state_reader_init(&r, data, len);
    rc = state_peek(&r, &s, &err);
    return rc == 1 ? state_load(&outer_list, o, s.instance, &r, &err) : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t blob[9] = "12345678", blob2[9] = "";
    struct outer o = { .blob = blob, .blob_bytes = 8 }, o2 = { .blob = blob2, .blob_bytes = 8 };
    struct state_writer w;
    struct error err;

    state_writer_init(&w);
    if (load(&o, data, len) < 0) {
        /* Use the input as a list of changes to a good section. */
        assert(state_save(&outer_list, &o, 0, &w, &err) == 0);
        for (size_t i = 0; i + 2 < len; i += 3)
            w.out.data[(data[i] << 8 | data[i + 1]) % w.out.len_bytes] ^= data[i + 2];
        (void)load(&o, w.out.data, w.out.len_bytes);
        buf_reset(&w.out);
    }
    assert(state_save(&outer_list, &o, 0, &w, &err) == 0);
    assert(load(&o2, w.out.data, w.out.len_bytes) == 0);
    assert(o2.big == o.big && o2.mode == o.mode && !memcmp(blob, blob2, 8) && o2.digits == o.digits);
    state_writer_fini(&w);
    return 0;
}
