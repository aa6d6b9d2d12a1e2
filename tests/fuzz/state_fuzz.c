/* SPDX-License-Identifier: Apache-2.0 */
/* Saved state from an untrusted file, into lists of every field type: nothing is read or written out of bounds, and
 * what loads saves and loads again. */
#include "tests/unit/state_example.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

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
    assert(o2.big == o.big && o2.mode == o.mode && !memcmp(blob, blob2, 8) && o2.derived == o.derived);
    state_writer_fini(&w);
    return 0;
}
