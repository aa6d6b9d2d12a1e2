/* SPDX-License-Identifier: Apache-2.0 */
#include "base/taker.h"

#include <string.h>

const uint8_t *take_bytes(struct taker *t, size_t len_bytes)
{
    const uint8_t *p = t->at;

    if (t->bad || (size_t)(t->end - t->at) < len_bytes) {
        t->bad = true;
        t->at = t->end;         /* so that a loop until the end ends */
        return NULL;
    }
    t->at += len_bytes;
    return p;
}

uint64_t take_le(struct taker *t, unsigned width_bytes)
{
    const uint8_t *p = take_bytes(t, width_bytes);
    uint64_t v = 0;

    for (unsigned i = 0; p && i < width_bytes; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

void take_str(struct taker *t, size_t len_bytes, char *out, size_t room_bytes)
{
    const uint8_t *p = take_bytes(t, len_bytes);

    out[0] = '\0';
    if (!p || len_bytes >= room_bytes || memchr(p, '\0', len_bytes)) {
        t->bad = true;
        return;
    }
    memcpy(out, p, len_bytes);
    out[len_bytes] = '\0';
}
