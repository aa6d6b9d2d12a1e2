/* SPDX-License-Identifier: Apache-2.0 */
/* base/uuid.h - UUIDs as people write them: 01234567-89ab-cdef-0123-456789abcdef (RFC 9562, section 4). */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdint.h>

#include "base/error.h"

#define UUID_BYTES 16

/* out: in the order of the text. 0 or -EINVAL. */
int uuid_parse(const char *text, uint8_t out[UUID_BYTES], struct error *err);

#endif
