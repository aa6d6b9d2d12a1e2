/* SPDX-License-Identifier: Apache-2.0 */
/* mem/dirty_log.h - which pages of one RAM block changed since a client last asked.
 *
 * An offset counts bytes from the block's start; for the RAM window it is the real address.  Per client an
 * RCU-published array points to fixed-size bitmap blocks; each block has two halves and a summary line.  Markers set
 * bits in the active half; a collector turns the halves round, waits for the markers and stores that may still be under
 * way, and then owns the other half: it is scanned with plain vector loads, without one atomic operation.
 *
 * Promises (tests cite the numbers):
 *  D1  A page stored to, then marked, is reported by the collection under way or by the next one, never by neither.
 *      Collected pages may be read as soon as the collection returned: they show at least the stores it reports.
 *  D2  A page is reported only when it was marked since the client was armed (or reported last).
 *  D3  Marking never waits: not for collectors, growth or arming.  Growth and shrinking wait for nobody's read section.
 *  D4  A growing log never moves a block: marks and growth may overlap in any way and no mark is lost.
 *  D5  Memory follows the pages present: a block without pages present is freed after the readers.  Marks of removed
 *      pages inside a block that stays may still be reported once.
 *  D6  While no client is armed, marking is one load and branch, and no bitmap memory exists.
 *  D7  Every store that begins after dirty_log_arm() returned is covered by D1, soft-TLB stores included (rules below).
 *
 * Soft TLBs.  An engine stores through cached host pointers without marking where dirty_log_settled_rcu() said that
 * nothing would be gained: the page is marked already for every armed client and holds no watched code.  Rules:
 *  E1  Cached pointers are used only inside an RCU read section.
 *  E2  A new section first compares dirty_log_epoch() with the value seen last; if it differs all cached permission to
 *      store without marking is dropped, before the first store.
 *  E3  The slow path stores, marks, then asks settled, and only then caches the permission, all in one section.
 *  E4  kick() makes the processor leave its section soon; collections wait for that.
 *  E5  Marks may be put together (mem/dirty_batch.h) if they are made before the section ends; D1 counts from then.
 * Why it holds: a collection turns the halves, then raises the epoch, then waits for a grace period.  Stores of a
 * section that began before the wait are over when the wait is, and their pages are in the half collected; later
 * sections see the new epoch (E2), and settled then speaks of the new half.
 *
 * Threads: marking and asking from any registered thread.  Collections of one log are serialised by it. */
#ifndef MEM_DIRTY_LOG_H
#define MEM_DIRTY_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dirty_client {
    DIRTY_MIGRATION,
    DIRTY_DISPLAY,
    DIRTY_NR_CLIENTS,
};

struct dirty_log;

/* All pages of [0, bytes) present (0: none yet), nothing armed.  Pages are 2^page_shift bytes.  NULL: no memory. */
struct dirty_log *dirty_log_new(uint64_t bytes, unsigned page_shift);
/* No thread may use the log any more. */
void dirty_log_free(struct dirty_log *log);

/* Adds or removes pages (RAM plugged and unplugged); off and len are multiples of the page.  New pages are clean.
 * Pages may be added twice (two mappings of one range) and are then removed twice.
 * -ENOMEM: nothing changed.  -EINVAL: unaligned, wraps, or (removing) more than is present. */
int dirty_log_grow(struct dirty_log *log, uint64_t off, uint64_t len);
int dirty_log_shrink(struct dirty_log *log, uint64_t off, uint64_t len);

/* Starts tracking for a client, all pages clean; waits for a grace period.  Not inside a read section.  -ENOMEM;
 * -EBUSY: armed already.  Disarming waits for nobody: marks not collected are lost, bitmaps go after the readers. */
int dirty_log_arm(struct dirty_log *log, enum dirty_client client);
void dirty_log_disarm(struct dirty_log *log, enum dirty_client client);
bool dirty_log_armed(const struct dirty_log *log, enum dirty_client client);

/* Marks every page touched by bytes [off, off + len) for all armed clients, and tells engines about watched code.
 * Store the data first, then mark.  Pages not present are ignored.  The first takes its own read section. */
void dirty_log_mark(struct dirty_log *log, uint64_t off, uint64_t len);
void dirty_log_mark_rcu(struct dirty_log *log, uint64_t off, uint64_t len);

/* ORs the marks of [off, off + len) into out (bit 0 of out[0] = page of off; NULL: only count) and clears them.  off is
 * a multiple of 64 pages.  Returns the pages moved.
 * Waits for a grace period if anything was marked; not inside a read section. */
uint64_t dirty_log_collect(struct dirty_log *log, enum dirty_client client, uint64_t off, uint64_t len, uint64_t *out);
/* The same without clearing, without waiting; a snapshot while markers run. */
uint64_t dirty_log_snapshot(struct dirty_log *log, enum dirty_client client, uint64_t off, uint64_t len,
                            uint64_t *out);

/* ---- engines ---- */
struct dirty_engine {
    void (*kick)(void *opaque);         /* any thread, must not wait; NULL: none needed */
    /* Bytes of a page that holds watched code were stored to and marked; inside the marker's read section. */
    void (*code_written)(void *opaque, uint64_t off, uint64_t len);
    void *opaque;
    struct dirty_engine *next;          /* the log's */
};
/* The engine is the caller's and stays until detached.  Any thread; the log's lock inside. */
void dirty_log_attach(struct dirty_log *log, struct dirty_engine *engine);
/* Waits for a grace period: no callback runs after it. */
void dirty_log_detach(struct dirty_log *log, struct dirty_engine *engine);

/* True: a store to this page needs no mark until the epoch changes. */
bool dirty_log_settled_rcu(const struct dirty_log *log, uint64_t off);
uint64_t dirty_log_epoch(const struct dirty_log *log);

/* Pages touched by [off, off + len) hold translated code from now on (or no longer).  Other engines' stores without
 * marking may go on until their sections end: dirty_log_sync() waits for that.  -ENOMEM. */
int dirty_log_watch_code(struct dirty_log *log, uint64_t off, uint64_t len);
void dirty_log_unwatch_code(struct dirty_log *log, uint64_t off, uint64_t len);
/* Raises the epoch, kicks all engines and waits for a grace period.  Not inside a read section. */
void dirty_log_sync(struct dirty_log *log);

/* Host memory the bitmaps may grow to right now, and blocks alive: 0 and 0 when nothing is armed or watched. */
struct dirty_log_usage {
    uint64_t bitmap_bytes;
    uint64_t blocks;
};
void dirty_log_usage(struct dirty_log *log, struct dirty_log_usage *out);

#endif
