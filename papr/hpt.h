/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hpt.h - the hash page table of the partition, as hypercalls change it and processors walk it.
 *
 * The table is host-endian (cpu/run.h, struct cpu_hpt), lazily zeroed, with one occupancy byte and one bolted byte per
 * group of eight entries beside it, so that nothing here costs what the table's size costs.
 *
 * Rules between one writer and any number of walkers (processors in cpu_run(), without a lock):
 *  H1  An entry is stored r first, then v with V=1 (release).  A walker loads v (acquire), then r.
 *  H2  A walker sets R and C by atomic OR into r, and installs what it found before it next answers a flush.
 *  H3  An entry goes away by V=0, then a flush on every processor; only then is its r final and its slot free: between
 *      the two, hpt_detach() and hpt_release(), the slot stays occupied.
 *  H4  r of a valid entry changes by one atomic exchange, then a flush; v of a valid entry never changes otherwise.
 *
 * Threads: functions on one entry: any, they take the group's lock.  Functions on the whole table say "stopped": no
 * processor in cpu_run() or in another hypercall (papr_for_all_stopped). */
#ifndef PAPR_HPT_H
#define PAPR_HPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/error.h"
#include "base/state.h"
#include "cpu/run.h"

#define HPT_SHIFT_MIN 18
#define HPT_SHIFT_MAX 46

#define HPTE_V_B 0xC000000000000000ull
#define HPTE_V_B_1T 0x4000000000000000ull
#define HPTE_V_AVPN 0x3FFFFFFFFFFFFF80ull
#define HPTE_V_BOLTED 0x10ull
#define HPTE_V_L 0x4ull
#define HPTE_V_H 0x2ull
#define HPTE_V_V 0x1ull
#define HPTE_V_RESERVED 0x60ull /* never stored */

#define HPTE_R_PP0 0x8000000000000000ull
#define HPTE_R_KEY_HI 0x3000000000000000ull
#define HPTE_R_RPN 0x0FFFFFFFFFFFF000ull
#define HPTE_R_KEY_LO 0xE00ull
#define HPTE_R_R 0x100ull
#define HPTE_R_C 0x80ull
#define HPTE_R_WIMG 0x78ull
#define HPTE_R_W 0x40ull
#define HPTE_R_I 0x20ull
#define HPTE_R_M 0x10ull
#define HPTE_R_G 0x8ull
#define HPTE_R_SAO (HPTE_R_W | HPTE_R_I | HPTE_R_M)
#define HPTE_R_N 0x4ull
#define HPTE_R_PP 0x3ull

struct hpt;

/* An empty table of 2^shift bytes. ceiling_bytes bounds the RAM that entries can map (for hpt_maps_ra). NULL: *err. */
struct hpt *hpt_new(unsigned shift, uint64_t ceiling_bytes, struct error *err);
void hpt_free(struct hpt *h);

/* What to give to cpu_set_hpt(); fixed address, contents change with hpt_reset(), a commit and a load: call
 * cpu_set_hpt() on every processor afterwards (H_RESIZE_HPT_COMMIT does so itself). */
const struct cpu_hpt *hpt_table(const struct hpt *h);
unsigned hpt_shift(const struct hpt *h);

/* Stopped. Empties the table, makes it 2^shift bytes, drops a pending resize. -ENOMEM: it is empty, of the old size. */
int hpt_reset(struct hpt *h, unsigned shift, struct error *err);
/* Stopped. Empties it, keeps size and pending resize (H_CLEAR_HPT). */
void hpt_clear(struct hpt *h);

/* The size a guest with pages of 2^guest_page_shift bytes is best started with: what Linux will ask for, with
 * one step of slack, so that it neither shrinks nor at once grows it (docs/hpt.md).  0: unknown; it gets what one with
 * 4 KiB pages needs, which may map all of its memory by bolted entries of that size. */
unsigned hpt_boot_shift(uint64_t memory_bytes, unsigned guest_page_shift);
/* The largest size the partition may ask for. */
unsigned hpt_limit_shift(uint64_t memory_bytes);

/* log2 of the actual page size that v and r encode (12, 16, 24, 34); 0: not an encoding the partition may use. */
unsigned hpte_page_shift(uint64_t v, uint64_t r);
static inline uint64_t hpte_page_ra(uint64_t r, unsigned page_shift)
{
    return r & HPTE_R_RPN & ~((1ull << page_shift) - 1);
}

static inline bool hpt_has(const struct hpt *h, uint64_t ptex)
{
    return ptex >> (hpt_shift(h) - 4) == 0;
}

/* ---- one entry; ptex must satisfy hpt_has() ---- */
struct hpte {
    uint64_t v, r;
};
/* Which entry hpt_detach(), hpt_change() accept: valid, and as asked. */
struct hpte_match {
    bool avpn;    /* (v & ~0x7f) == value */
    bool andcond; /* (v & value) == 0 */
    uint64_t value;
};
struct hpte hpt_read(struct hpt *h, uint64_t ptex);
/* Stores e (V=1, a known page size) into a free slot: ptex itself if exact, else the first free one of its group.
 * False: none free. */
bool hpt_insert(struct hpt *h, uint64_t ptex, bool exact, struct hpte e, uint64_t *ptex_used);
/* Makes a matching entry invalid and keeps its slot. The caller flushes *old, then calls hpt_release(). False: no
 * match. */
bool hpt_detach(struct hpt *h, uint64_t ptex, struct hpte_match match, struct hpte *old);
/* Frees the slot of a detached entry (what hpt_detach() put into *old); returns its final r. */
uint64_t hpt_release(struct hpt *h, uint64_t ptex, struct hpte old);
/* r := (r & ~clear) | set of a matching entry; the caller flushes *old. False: no match. */
bool hpt_change(struct hpt *h, uint64_t ptex, struct hpte_match match, uint64_t clear, uint64_t set, struct hpte *old);

/* ---- entries that map guest RAM ---- */
/* How many valid entries map a page in [start, start + len), both multiples of 256 MiB. Any thread; O(len / 256 MiB).
 */
uint64_t hpt_maps_ra(struct hpt *h, ra_t start, uint64_t len);
/* Stopped. Drops those entries; costs nothing when there are none, else one look at each occupied group. The caller
 * flushes all processors if it returns more than 0 (the number dropped). */
uint64_t hpt_drop_ra(struct hpt *h, ra_t start, uint64_t len);

/* ---- resize (papr/hcall_resize.c is its only user besides tests) ---- */
enum hpt_resize {
    HPT_RESIZE_OK,
    HPT_RESIZE_NO_MEMORY,
    HPT_RESIZE_FULL, /* two bolted entries would need one slot */
    HPT_RESIZE_NONE, /* commit: no pending table of that size */
};
/* Any thread. Makes a pending table of 2^shift bytes (18..46), replacing another pending one; the same one again is OK.
 * FULL in O(1) while the witness of an earlier refusal of this size still stands. */
enum hpt_resize hpt_prepare(struct hpt *h, unsigned shift);
void hpt_cancel(struct hpt *h);
unsigned hpt_pending_shift(struct hpt *h); /* 0: none */
/* Stopped. Moves the bolted entries into the pending table and makes it the table. On anything but OK the old one stays
 * and nothing is pending. */
enum hpt_resize hpt_commit(struct hpt *h, unsigned shift);

struct hpt_stats {
    uint64_t commits, commits_full, prepares, witness_refusals;
    uint64_t groups_visited, entries_moved, entries_misplaced; /* by the last commit */
};
void hpt_stats(struct hpt *h, struct hpt_stats *out);
/* Host memory of the table that is in use: what the guest's entries touched. Any thread. */
uint64_t hpt_resident_bytes(struct hpt *h);

extern const struct state_list hpt_state; /* saves occupied groups only; stopped */

#endif
