/* SPDX-License-Identifier: Apache-2.0 */
/* base/ring.h - bytes in, bytes out, in a fixed buffer.  The caller holds whatever lock guards it. */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct ring {
    uint8_t *data;
    size_t size_bytes;
    size_t head;        /* next byte out */
    size_t used_bytes;
};

static inline size_t ring_room(const struct ring *r)
{
    return r->size_bytes - r->used_bytes;
}

/* The longest piece at the front that lies in one run; NULL-free even when empty (then *len_bytes is 0). */
static inline const uint8_t *ring_front(const struct ring *r, size_t *len_bytes)
{
    size_t run = r->size_bytes - r->head;

    *len_bytes = run < r->used_bytes ? run : r->used_bytes;
    return r->data + r->head;
}

static inline void ring_drop(struct ring *r, size_t len_bytes)
{
    r->head = (r->head + len_bytes) % r->size_bytes;
    r->used_bytes -= len_bytes;
}

/* How many bytes fitted. */
static inline size_t ring_put(struct ring *r, const void *data, size_t len_bytes)
{
    size_t n = len_bytes < ring_room(r) ? len_bytes : ring_room(r);
    size_t at = (r->head + r->used_bytes) % r->size_bytes;
    size_t first = n < r->size_bytes - at ? n : r->size_bytes - at;

    memcpy(r->data + at, data, first);
    memcpy(r->data, (const uint8_t *)data + first, n - first);
    r->used_bytes += n;
    return n;
}

static inline size_t ring_get(struct ring *r, void *data, size_t len_bytes)
{
    size_t n = 0;

    while (n < len_bytes && r->used_bytes) {
        size_t run;
        const uint8_t *from = ring_front(r, &run);

        run = run < len_bytes - n ? run : len_bytes - n;
        memcpy((uint8_t *)data + n, from, run);
        ring_drop(r, run);
        n += run;
    }
    return n;
}

#endif
