/* SPDX-License-Identifier: Apache-2.0 */
/* mem/mem_map.h - what answers at each real address: regions in, an immutable ordered view out.
 *
 * Writers change regions under one lock, inside transactions; the outermost mem_map_commit() publishes the next view
 * with one pointer store and never waits for readers.  Readers see one whole view for as long as they stay in their
 * read section and never wait.  Listeners are told exactly what changed.
 *
 * Promises (tests cite the numbers):
 *  M1  A look-up, and a read or write that spans ranges, sees all of a transaction or nothing of it.
 *  M2  Commit waits for no reader; a look-up waits for nobody.
 *  M3  A view and all that a hit points at stay valid until the read section ends.
 *  M4  Listeners get, in address order, disjoint maximal ranges that cover exactly the addresses whose answer changed.
 *  M5  A transaction that fails (-ENOMEM) or is aborted leaves regions and view as they were before it began.
 *  M6  A commit costs O(log n) per change: not the number of regions, not the size of the memory.
 *
 * Threads: any; functions ending in _rcu need the caller's read section; the others take what they need.  The calling
 * thread must be registered with RCU for every reader function.  Writers may be inside a read section. */
#ifndef MEM_MEM_MAP_H
#define MEM_MEM_MAP_H

#include "base/addr.h"
#include "base/error.h"
#include "mem/mem_region.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mem_map;
struct ram_window;

struct mem_map *mem_map_new(void);      /* empty; NULL: no memory */
void mem_map_free(struct mem_map *m);   /* no reader or writer may be left; waits for deferred work */

/* ---- readers ---- */

/* What answers at an address. */
struct mem_hit {
    uint8_t *host;              /* NULL: not RAM or ROM */
    uint64_t len;               /* bytes from ra to the end of this flat range */
    bool writable;              /* RAM */
    const struct mem_ops *ops;  /* NULL: not MMIO */
    void *opaque;
    uint64_t off;               /* offset within the MMIO region, or within the RAM block */
    struct dirty_log *log;      /* RAM: who must hear of stores, at the same off; NULL: nobody */
};

/* Inside an RCU read section.  False: nothing (or a reserved range) there. */
bool mem_map_find_rcu(const struct mem_map *m, ra_t ra, struct mem_hit *hit);

/* RAM and ROM only.  Everything is checked first: false = not all of it, and nothing was copied.  An aligned number of
 * 4 or 8 bytes is read, and below written, at once. */
bool mem_map_read(const struct mem_map *m, ra_t ra, void *buf, size_t len);
/* RAM only; stores, then marks the dirty logs (DMA, hypervisor stores). */
bool mem_map_write(struct mem_map *m, ra_t ra, const void *buf, size_t len);

/* MMIO: finds the region and calls it, inside a read section.  False: not MMIO there, or the region refused. */
bool mem_map_mmio_read(const struct mem_map *m, ra_t ra, unsigned size, uint64_t *val);
bool mem_map_mmio_write(const struct mem_map *m, ra_t ra, unsigned size, uint64_t val);

/* ---- RAM of a window: the simple front door ---- */

/* Opens [start, start + len) of the window and maps it as RAM, priority 0.  -EEXIST: part of it is RAM already. */
int mem_map_add_ram(struct mem_map *m, struct ram_window *w, ra_t start, uint64_t len, struct error *err);
/* Unmaps RAM of the window, any part of what was added; the pages go back to the host once no read section can hold
 * their address.  -ENOENT: part of it is not RAM. */
int mem_map_remove_ram(struct mem_map *m, struct ram_window *w, ra_t start, uint64_t len, struct error *err);
/* The log of a window's RAM, at real addresses; grows and shrinks with the two above.  NULL: nothing was added yet. */
struct dirty_log *mem_map_ram_log(struct mem_map *m, struct ram_window *w);

/* The window as a block, for slots that cover it (mem/slots.h); the map keeps it.  NULL: no memory. */
struct ram_block *mem_map_ram_block(struct mem_map *m, struct ram_window *w);

/* ---- regions ---- */

/* Transactions nest; the outermost commit publishes.  A change outside of one is a transaction of its own. */
void mem_map_begin(struct mem_map *m);
/* 0, or -ENOMEM or (a nested one was aborted) -ECANCELED with everything undone. */
int mem_map_commit(struct mem_map *m);
/* Undoes everything since the outermost begin (a nested abort makes the outermost commit do it). */
void mem_map_abort(struct mem_map *m);

/* Each region may be mapped once (use aliases for more).  Where regions overlap the highest priority answers, and
 * of equals the one added last.  -EBUSY: mapped already; -EINVAL: ends beyond 2^63; -ENOENT: not mapped; -ENOMEM: this
 * region stays unmapped, the transaction around it may go on. */
int mem_map_add(struct mem_map *m, struct mem_region *r, ra_t start, int priority, struct error *err);
int mem_map_del(struct mem_map *m, struct mem_region *r);
/* A disabled region stays mapped and answers nothing; what is below shows through. */
int mem_map_enable(struct mem_map *m, struct mem_region *r, bool enabled);

/* ---- listeners ---- */

struct mem_answer {
    enum mem_kind kind;
    uint8_t *host;              /* RAM and ROM */
    struct ram_block *block;    /* RAM and ROM */
    uint64_t off;               /* in the block or the MMIO region */
    const struct mem_ops *ops;  /* MMIO */
    void *opaque;
};

struct mem_change {
    ra_t start;
    uint64_t len;
    struct mem_answer was, now;
};

/* Called after the view was published, by the committing thread under the map's lock.  Must not change the map, must
 * not wait for readers.  The answers' pointers are valid during the call. */
struct mem_listener {
    void (*changed)(void *opaque, const struct mem_change *c, size_t n);
    void *opaque;
    struct mem_listener *next;          /* the map's */
};
/* First tells the whole view as changes from nothing.  -ENOMEM. */
int mem_map_listen(struct mem_map *m, struct mem_listener *l);
void mem_map_unlisten(struct mem_map *m, struct mem_listener *l);

/* Since the map was made. */
struct mem_map_stats {
    uint64_t commits;           /* outermost, that published */
    uint64_t changes;           /* ranges whose answer changed, joined */
    uint64_t nodes;             /* tree nodes copied */
};
void mem_map_stats(struct mem_map *m, struct mem_map_stats *out);

#endif
