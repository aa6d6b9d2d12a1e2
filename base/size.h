/* SPDX-License-Identifier: Apache-2.0 */
/* base/size.h - byte counts as people write them: 512M, 2G, 8T.  Suffixes are binary: K M G T P E, any case, optionally
 * followed by iB or B; none means bytes. */
#ifndef BASE_SIZE_H
#define BASE_SIZE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

#define SIZE_TEXT_BYTES 32

/* 0, or -EINVAL / -ERANGE with a message that says what is wrong with the text. */
int size_parse(const char *text, uint64_t *bytes, struct error *err);
/* A whole number below 2^64, decimal or 0x hexadecimal, without suffix. */
int number_parse(const char *text, uint64_t *v, struct error *err);
/* Exact and readable by size_parse(): the greatest suffix that divides. */
const char *size_format(uint64_t bytes, char text[SIZE_TEXT_BYTES]);
/* For people: rounded to three digits, "1.50 GiB". */
const char *size_format_rounded(uint64_t bytes, char text[SIZE_TEXT_BYTES]);

#endif
