/* SPDX-License-Identifier: Apache-2.0 */
/* base/taker.h - a cursor over untrusted bytes, for the loaders of saved state that no table
 * describes (base/state.h, CUSTOM).
 *
 * Taking never fails on the spot: running out marks the taker bad and yields zeros from then on, so a loader may check
 * once after several values, and may set bad itself for values that make no sense.  One thread at a time. */
#ifndef BASE_TAKER_H
#define BASE_TAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct taker {
    const uint8_t *at, *end;
    bool bad;
};

static inline struct taker taker_of(const uint8_t *data, size_t len_bytes)
{
    return (struct taker){ .at = data, .end = data + len_bytes };
}

/* The next len_bytes, which stay where they are; NULL if there are not that many or the taker is bad. */
const uint8_t *take_bytes(struct taker *t, size_t len_bytes);
/* A little-endian number of 1 to 8 bytes. */
uint64_t take_le(struct taker *t, unsigned width_bytes);
/* len_bytes as a string in out, whose room includes the NUL; a longer one, or one with a NUL in it, is bad. */
void take_str(struct taker *t, size_t len_bytes, char *out, size_t room_bytes);

static inline uint8_t take_u8(struct taker *t)
{
    return (uint8_t)take_le(t, 1);
}

static inline uint32_t take_le32(struct taker *t)
{
    return (uint32_t)take_le(t, 4);
}

static inline uint64_t take_le64(struct taker *t)
{
    return take_le(t, 8);
}

#endif
