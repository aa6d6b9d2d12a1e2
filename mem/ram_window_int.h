/* SPDX-License-Identifier: Apache-2.0 */
/* mem/ram_window_int.h - the window's inside, shared by ram_window.c and ram_policy.c. */
#ifndef MEM_RAM_WINDOW_INT_H
#define MEM_RAM_WINDOW_INT_H

#include "base/lock.h"
#include "base/rcu.h"
#include "mem/ram_window.h"

#include <stdbool.h>

/* Pages to close after the readers; guarded by the window's lock. */
struct retired {
    struct rcu_head rcu;
    struct ram_window *window;
    uint64_t start, len;        /* len 0: opened again meanwhile, nothing is left to do */
    struct retired *next;
};

/* A range opened by a policy: not part of the reservation's own mapping until it is closed. */
struct special {
    uint64_t start, len;
    int fd;                     /* -1: anonymous */
    uint64_t fd_off;
    struct special *next;
};

struct ram_window {
    uint8_t *base;              /* of real address 0; aligned for huge pages; constant */
    uint64_t size;              /* usable bytes, a multiple of page; constant */
    uint64_t page;              /* host page size; constant */
    uint8_t *mapping;           /* what munmap needs; constant */
    uint64_t mapping_size;
    struct lock lock;           /* one opening, closing or clearing at a time; guards what follows */
    struct retired *retired;
    struct special *special;
};

bool window_range_ok(const struct ram_window *w, ra_t start, uint64_t len);
int window_bad_range(ra_t start, uint64_t len, struct error *err);
/* Takes [start, start + len) out of what is still to be closed; those pages are emptied now. */
int window_reclaim(struct ram_window *w, uint64_t start, uint64_t len) REQUIRES(w->lock);

/* Special ranges that overlap become the reservation's again (0 or -errno); the rest of each stays special. */
int special_close(struct ram_window *w, uint64_t start, uint64_t len) REQUIRES(w->lock);
/* Those backed by files are emptied there; madvise() does the others. */
int special_clear(struct ram_window *w, uint64_t start, uint64_t len) REQUIRES(w->lock);
void special_free_all(struct ram_window *w);

#endif
