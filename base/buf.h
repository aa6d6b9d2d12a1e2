/* SPDX-License-Identifier: Apache-2.0 */
/* base/buf.h - a byte buffer that grows, and remembers that it once could not.
 *
 * Appending never aborts: after a failed allocation the buffer is marked failed, keeps what it had, and every
 * later append is refused with -ENOMEM, so a writer may check once at its end.  One thread at a time. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *data;      /* NULL while cap is 0 */
    size_t len_bytes;
    size_t cap_bytes;
    bool failed;        /* an allocation failed since buf_init() or buf_reset() */
};

void buf_init(struct buf *b);
void buf_fini(struct buf *b);
/* Empties the buffer, keeps its memory, and forgets a failure. */
void buf_reset(struct buf *b);

/* All return 0 or -ENOMEM. */
int buf_append(struct buf *b, const void *data, size_t len_bytes);
int buf_append_u8(struct buf *b, uint8_t v);
int buf_append_le16(struct buf *b, uint16_t v);
int buf_append_le32(struct buf *b, uint32_t v);
int buf_append_le64(struct buf *b, uint64_t v);
int buf_append_str(struct buf *b, const char *s);   /* without its NUL */

/* Drops the first len_bytes bytes; len_bytes must not exceed what is there. */
void buf_consume(struct buf *b, size_t len_bytes);

#endif
