/* SPDX-License-Identifier: Apache-2.0 */
/* mem/mem_map_int.h - the map's inside: mem_map.c (regions, transactions), map_diff.c (what changes), map_commit.c (the
 * next view), map_access.c (readers),
 * map_ram.c (RAM of a window). */
#ifndef MEM_MEM_MAP_INT_H
#define MEM_MEM_MAP_INT_H

#include "base/lock.h"
#include "mem/flat_pool.h"
#include "mem/interval_sort.h"
#include "mem/mem_map.h"
#include "mem/mem_region_int.h"
#include "mem/region_index.h"
#include "mem/sweep.h"

/* A window whose RAM is mapped here. */
struct map_window {
    struct ram_window *window;
    struct ram_block *block;
    struct map_window *next;
};

/* What must happen to a window's pages when the transaction ends: opened pages close if it fails,
 * removed ones if it succeeds. */
struct map_step {
    struct ram_window *window;
    ra_t start;
    uint64_t len;
    bool opened;
    struct map_step *next;
};

/* Memory that commits use again. */
struct map_scratch {
    struct sweep sweep;
    struct flat_vec fresh;              /* answers in the interval at hand */
    struct flat_vec run;                /* those of the differing stretch at hand */
    struct map_interval *interval, *spare;      /* spare: room for as many, to sort */
    size_t n_intervals, room_intervals, room_spare;
    bool ram;                           /* some touched region is of a block */
    struct mem_change *change;
    size_t n_changes, room_changes;
};

struct mem_map {
    _Atomic(struct flat_node *) root;   /* the view; written under lock */

    struct lock lock;                   /* guards all below; held by the owner of a transaction */
    _Atomic(pthread_t) owner;           /* meaningful while depth > 0 */
    atomic_uint depth;
    bool doomed;                        /* a nested abort */
    struct mem_region *touched;
    struct map_step *steps;
    struct flat_pool pool;
    struct region_index index;
    uint64_t last_edit, last_seq;
    struct mem_listener *listeners;
    struct map_window *windows;
    struct map_scratch scratch;
    struct mem_map_stats stats;
};

/* Publishes the view that fits the touched regions and tells the listeners. */
int map_publish(struct mem_map *m) REQUIRES(m->lock);
/* Edits into e what the touched regions change; scratch.change is the difference.  0 or -ENOMEM: abort e. */
int map_edit_view(struct mem_map *m, struct flat_edit *e) REQUIRES(m->lock);
/* Makes scratch.change the whole view, as a difference from nothing.  0 or -ENOMEM. */
int map_whole_view(struct mem_map *m) REQUIRES(m->lock);
void map_scratch_fini(struct map_scratch *s);
/* Carries out (or drops) what a finished transaction owes its windows. */
void map_run_steps(struct mem_map *m, bool success) REQUIRES(m->lock);
void map_free_windows(struct mem_map *m);

#endif
