/* SPDX-License-Identifier: Apache-2.0 */
/* base/state_int.h - what the parts of base/state share. */
#ifndef BASE_STATE_INT_H
#define BASE_STATE_INT_H

#include "base/state.h"

#define STATE_MAGIC 0x31534b50u         /* "PKS1" */
#define STATE_HEAD_BYTES 12             /* magic, body_bytes, instance */
#define STATE_DEPTH_MAX 8               /* structs in structs */
#define STATE_FIELDS_MAX 4096           /* in one section's schema, all levels */

/* Bytes of one number in the section and in memory; 0 for what is not a number. */
size_t state_number_bytes(uint8_t type);
uint64_t state_number_get(const void *p, uint8_t type);
void state_number_put(void *p, uint8_t type, uint64_t v);

/* A cursor over untrusted bytes. */
struct state_cursor {
    const uint8_t *p;
    size_t left;
};

/* 0, or -EBADMSG with a message when fewer bytes are left. */
int state_take(struct state_cursor *c, size_t len_bytes, const uint8_t **out, struct error *err);
int state_take_uint(struct state_cursor *c, size_t width, uint64_t *v, struct error *err);
int state_take_name(struct state_cursor *c, char name[STATE_NAME_MAX], struct error *err);
/* The body of the section at the reader's position; *section_bytes is its whole length.
 * 1, 0 at the end of input, or -errno. */
int state_section_open(const struct state_reader *r, struct state_cursor *body, uint32_t *instance,
                       size_t *section_bytes, struct error *err);

#endif
