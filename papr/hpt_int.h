/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hpt_int.h - the inside of struct hpt, for papr/hpt*.c only. */
#ifndef PAPR_HPT_INT_H
#define PAPR_HPT_INT_H

#include "base/lock.h"
#include "base/rcu.h"
#include "papr/hpt.h"
#include "papr/pteg_map.h"

#define HPT_STRIPES 64
#define LMB_SHIFT 28

/* One table and what stands beside it, all in one lazily zeroed mapping. */
struct hpt_mem {
    struct cpu_hpt t;           /* e == NULL: no table */
    struct pteg_map used;       /* occupied slots: valid, or detached and not yet released */
    struct pteg_map bolted;     /* valid slots with HPTE_V_BOLTED */
    _Atomic uint32_t *lmb_refs; /* entries that map a page of each 256 MiB; added before V=1, dropped at release */
    uint64_t n_lmbs;
    void *map;
    size_t map_bytes;
    struct rcu_head rcu; /* for its deferred unmapping */
};

/* Why a size was refused: two bolted entries of the present table that would meet in one slot. */
struct hpt_witness {
    unsigned shift; /* 0: none */
    uint64_t ptex[2], v[2];
};

struct stripe {
    struct lock lock;
} __attribute__((aligned(64)));

struct hpt {
    struct cpu_hpt shown; /* copy of cur->t at a fixed address */
    struct hpt_mem *cur;  /* changes while everything is stopped */
    struct stripe
        stripe[HPT_STRIPES]; /* guards the groups with (group % HPT_STRIPES): used, bolted, writing of entries */

    uint64_t n_lmbs;

    struct lock resize_lock; /* guards what follows; taken before a stripe */
    struct hpt_mem *pending; /* NULL: none */
    struct hpt_witness witness[HPT_SHIFT_MAX + 1];
    struct hpt_stats stats;

    struct { /* between the state list and the table */
        uint8_t shift, pending_shift;
    } saved;
};

static inline uint64_t hpt_mem_groups(const struct hpt_mem *m)
{
    return 1ull << (m->t.shift - 7);
}

/* An empty table; NULL: no memory. */
struct hpt_mem *hpt_mem_new(unsigned shift, uint64_t n_lmbs);
void hpt_mem_free(struct hpt_mem *m);       /* NULL is fine */
void hpt_mem_free_later(struct hpt_mem *m); /* by the RCU thread: unmapping what was touched takes time */
bool hpt_mem_clear(struct hpt_mem *m);      /* false: the host refused; then nothing changed */

static inline uint64_t hpte_load_v(const struct hpt_mem *m, uint64_t ptex)
{
    return atomic_load_explicit(&m->t.e[2 * ptex], memory_order_acquire);
}

static inline uint64_t hpte_load_r(const struct hpt_mem *m, uint64_t ptex)
{
    return atomic_load_explicit(&m->t.e[2 * ptex + 1], memory_order_acquire);
}

/* Rule H1. */
static inline void hpte_store(struct hpt_mem *m, uint64_t ptex, uint64_t v, uint64_t r)
{
    atomic_store_explicit(&m->t.e[2 * ptex + 1], r, memory_order_relaxed);
    atomic_store_explicit(&m->t.e[2 * ptex], v, memory_order_release);
}

/* Makes m the table; witnesses spoke of the old one. The caller frees that. */
void hpt_show(struct hpt *h, struct hpt_mem *m);

/* Puts e into a slot that is free, keeping byte maps and counts. Under the stripe, or stopped. */
void hpt_mem_place(struct hpt_mem *m, uint64_t ptex, struct hpte e);
/* Adds `by` to the count of every 256 MiB that e's page touches. */
void hpt_mem_count(struct hpt_mem *m, struct hpte e, int by);

/* The group that e of group `group` belongs to in a table of 2^new_shift bytes; false: it does not belong where it is.
 */
bool hpte_rehash(struct hpte e, uint64_t group, unsigned old_shift, unsigned new_shift, uint64_t *new_group);

#endif
