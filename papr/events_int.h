/* SPDX-License-Identifier: Apache-2.0 */
/* papr/events_int.h - what the RTAS calls ask of the event queue. */
#ifndef PAPR_EVENTS_INT_H
#define PAPR_EVENTS_INT_H

#include "papr/events.h"

enum events_fetch {
    EVENTS_FETCHED,
    EVENTS_NONE,
    EVENTS_BAD_BUFFER, /* not guest RAM: the record stays */
};

/* Hands out the oldest record of the classes in mask, cut to room_bytes. */
enum events_fetch events_fetch(struct events *e, uint32_t mask, uint64_t buffer, uint32_t room_bytes);

/* The head of a record, of EVENT_HEAD_BYTES, all of which are 0 before: summary, length of what follows, version 6. */
enum { EVENT_HEAD_BYTES = 24 };
void event_put_head(uint8_t *out, uint32_t summary, size_t total_bytes);

#endif
