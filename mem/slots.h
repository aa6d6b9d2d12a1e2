/* SPDX-License-Identifier: Apache-2.0 */
/* mem/slots.h - the RAM part of a memory map as an accelerator's memory slots.
 *
 * A listener keeps the wanted slots: RAM and ROM, neighbours in one block joined into maximal slots.  Declared windows
 * (the plug window) are covered by slots of their own whether plugged or not, so that plugging changes no slot; what is
 * not plugged there has closed host pages and faults.  When a batch ends the wanted and the existing slots are
 * compared: slots that stay the same are left alone, all deletions come before all additions.
 *
 * Threads: changes arrive under the map's lock; the functions below may be called by any thread, not by listeners. */
#ifndef MEM_SLOTS_H
#define MEM_SLOTS_H

#include "base/addr.h"
#include "base/error.h"
#include "mem/mem_map.h"

struct slots;

struct slot {
    unsigned id;                /* below the back end's max_slots; reused */
    ra_t start;
    uint64_t len;
    struct ram_block *block;
    uint64_t off;               /* in the block */
    uint8_t *host;
    bool readonly;
};

/* Under the map's lock.  quiesce and resume (either may be NULL) surround batches that delete slots: processors must be
 * out of the accelerator meanwhile, as a slot is replaced by deleting and adding.
 * add and del return 0 or a negative errno. */
struct slots_backend {
    unsigned max_slots;
    uint64_t max_len;                   /* of one slot, a multiple of the page; 0: no limit */
    int (*add)(void *opaque, const struct slot *s);
    int (*del)(void *opaque, const struct slot *s);
    void (*quiesce)(void *opaque);
    void (*resume)(void *opaque);
    void *opaque;
};

struct slots_window {
    struct ram_block *block;
    ra_t start;
    uint64_t len, off;
};

/* Mirrors the map from now on.  The windows must not overlap.  NULL: err says why. */
struct slots *slots_new(struct mem_map *m, const struct slots_backend *b, const struct slots_window *window,
                        unsigned windows, struct error *err);
/* Deletes all slots. */
void slots_free(struct slots *s);

/* Between these, commits to the map only collect: slots change when the last hold is released.  Returns slots_status().
 * Releasing also learns the whole map anew if there was no memory for a change of it: not inside a transaction. */
void slots_hold(struct slots *s);
int slots_release(struct slots *s, struct error *err);
/* 0, or what the first call that failed since the last status returned;
 * the next batch tries again (-ENOMEM: the next release). */
int slots_status(struct slots *s, struct error *err);
/* Calls fn for every existing slot. */
void slots_for_each(struct slots *s, void (*fn)(const struct slot *slot, void *arg), void *arg);

/* Since slots_new(). */
struct slots_stats {
    uint64_t commits;           /* map commits that were seen */
    uint64_t batches;           /* of those or of releases, with something to do */
    uint64_t adds, dels;        /* calls of the back end */
    unsigned slots;             /* existing now */
};
void slots_stats(struct slots *s, struct slots_stats *out);

#endif
