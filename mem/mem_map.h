/* SPDX-License-Identifier: Apache-2.0 */
/* mem/mem_map.h - what answers at each real address: regions in, an immutable ordered view out.
 *
 * Writers change regions under one lock, inside transactions; the outermost mem_map_commit() publishes the next view
 * with one pointer store and never waits for readers.  Readers see one whole view for as long as they stay in their
 * read section and never wait.  Listeners are told exactly what changed.
 *
 * Promises (tests cite the numbers):
 *  M1  A reader inside one read section that loads the view once sees all of a transaction or nothing of it.
 *  M2  Commit waits for no reader; a look-up waits for nobody.
 *  M3  A view and all that a hit points at stay valid until the read section ends.
 *  M4  Listeners get, in address order, disjoint maximal ranges that cover exactly the addresses whose answer changed.
 *  M5  A commit that fails (-ENOMEM) leaves regions and view as they were before the transaction began.
 *
 * Threads: any; functions ending in _rcu need the caller's read section; the others take what they need.  The calling
 * thread must be registered with RCU for every reader function. */
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
struct dirty_log;

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

struct mem_map *mem_map_new(void);      /* empty; NULL: no memory */
void mem_map_free(struct mem_map *m);   /* no reader or writer may be left */

/* Inside an RCU read section.  False: nothing (or a reserved range) there. */
bool mem_map_find_rcu(const struct mem_map *m, ra_t ra, struct mem_hit *hit);

/* RAM and ROM only.  Everything is checked first: false = not all of it, and nothing was copied. */
bool mem_map_read(const struct mem_map *m, ra_t ra, void *buf, size_t len);
/* RAM only; stores, then marks the dirty logs (DMA, hypervisor stores). */
bool mem_map_write(struct mem_map *m, ra_t ra, const void *buf, size_t len);

/* MMIO: finds the region and calls it, inside a read section.  False: not MMIO there, or the region refused. */
bool mem_map_mmio_read(const struct mem_map *m, ra_t ra, unsigned size, uint64_t *val);
bool mem_map_mmio_write(const struct mem_map *m, ra_t ra, unsigned size, uint64_t val);

/* Opens [start, start + len) of the window and maps it as RAM.  -EEXIST: part of it is RAM already. */
int mem_map_add_ram(struct mem_map *m, struct ram_window *w, ra_t start, uint64_t len, struct error *err);
/* Unmaps RAM of the window, any part of what was added; the pages go back to the host once no read section can hold
 * their address.  -ENOENT: part of it is not RAM. */
int mem_map_remove_ram(struct mem_map *m, struct ram_window *w, ra_t start, uint64_t len, struct error *err);

/* Regions.  Each may be mapped once (use aliases for more).  Where regions overlap the highest priority answers, and
 * of equals the one added last.  A call outside begin/commit is a transaction of its own. */
int mem_map_add(struct mem_map *m, struct mem_region *r, ra_t start, int priority, struct error *err);
int mem_map_del(struct mem_map *m, struct mem_region *r);

#endif
