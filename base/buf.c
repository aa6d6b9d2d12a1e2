/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST_BYTES 64

void buf_init(struct buf *b)
{
    *b = (struct buf){ 0 };
}

void buf_fini(struct buf *b)
{
    free(b->data);
    buf_init(b);
}

void buf_reset(struct buf *b)
{
    b->len_bytes = 0;
    b->failed = false;
}

static int buf_fail(struct buf *b)
{
    b->failed = true;
    return -ENOMEM;
}

static int buf_reserve(struct buf *b, size_t more_bytes)
{
    size_t want, cap;
    uint8_t *data;

    if (b->failed || more_bytes > SIZE_MAX / 2 - b->len_bytes)
        return buf_fail(b);
    want = b->len_bytes + more_bytes;
    if (want <= b->cap_bytes)
        return 0;
    cap = b->cap_bytes ? b->cap_bytes : BUF_FIRST_BYTES;
    while (cap < want)
        cap *= 2;
    data = realloc(b->data, cap);
    if (!data)
        return buf_fail(b);
    b->data = data;
    b->cap_bytes = cap;
    return 0;
}

int buf_append(struct buf *b, const void *data, size_t len_bytes)
{
    int rc = buf_reserve(b, len_bytes);

    if (rc < 0 || len_bytes == 0)
        return rc;
    memcpy(b->data + b->len_bytes, data, len_bytes);
    b->len_bytes += len_bytes;
    return 0;
}

int buf_append_u8(struct buf *b, uint8_t v)
{
    return buf_append(b, &v, sizeof(v));
}

int buf_append_le16(struct buf *b, uint16_t v)
{
    v = htole16(v);
    return buf_append(b, &v, sizeof(v));
}

int buf_append_le32(struct buf *b, uint32_t v)
{
    v = htole32(v);
    return buf_append(b, &v, sizeof(v));
}

int buf_append_le64(struct buf *b, uint64_t v)
{
    v = htole64(v);
    return buf_append(b, &v, sizeof(v));
}

int buf_append_str(struct buf *b, const char *s)
{
    return buf_append(b, s, strlen(s));
}

void buf_consume(struct buf *b, size_t len_bytes)
{
    assert(len_bytes <= b->len_bytes);
    if (len_bytes == 0)
        return;
    memmove(b->data, b->data + len_bytes, b->len_bytes - len_bytes);
    b->len_bytes -= len_bytes;
}
