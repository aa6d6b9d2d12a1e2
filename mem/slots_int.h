/* SPDX-License-Identifier: Apache-2.0 */
/* mem/slots_int.h - the mirror's inside: slots.c (what is wanted), slots_batch.c (what exists). */
#ifndef MEM_SLOTS_INT_H
#define MEM_SLOTS_INT_H

#include "base/lock.h"
#include "mem/mem_region_int.h"
#include "mem/slot_want.h"
#include "mem/slots.h"

struct slots {
    struct mem_map *map;
    struct slots_backend back;
    struct mem_listener listener;
    struct lock lock;           /* guards all below; taken under the map's lock */
    struct slot_wants want;
    struct slot *have;          /* in order */
    size_t n_have, room_have;
    unsigned *free_id, n_free;
    struct slots_window *window;
    unsigned n_windows;
    unsigned held;
    bool stale;                 /* wanted and existing may differ */
    bool lost;                  /* no memory for what is wanted: it must be learned anew */
    int status;
    struct slots_stats stats;
};

/* Makes the existing slots those wanted, unless held; what fails is noted and tried again with the next batch. */
void slots_flush(struct slots *s);
void slots_note_error(struct slots *s, int rc);

#endif
