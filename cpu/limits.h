/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/limits.h - the engine's sizes, in one place.
 *
 * A torture build (meson -Dtorture=true) makes rare things constant: a soft TLB that holds next to nothing, a block cache and
 * translator that empty themselves all the time, a budget of a few instructions, everything translated at its first start.
 * It must behave the same and is some hundred times slower. Numbers only: no code asks which build this is. */
#ifndef CPU_LIMITS_H
#define CPU_LIMITS_H

/* What the numbers must keep: two neighbouring granules have different places in the first level; a block fits its pool; a
 * region's exits and C calls fit theirs, with the margins of jit.c's room(). */
enum {
    REGION_MAX_PAGES = 6,
    JIT_REGION_BYTES_MAX = 1 << 16,     /* of host code */
    BLOCK_MAX_OPS = 64,
};

#ifndef PAPRIKA_TORTURE
enum {
    TLB_BITS = 12,                      /* first level, data: log2 of entries per mode */
    TLB_FETCH_BITS = 9,
    TLB_MID_BITS = 13,                  /* side tables of whole pages: 64 KiB, 16 MiB */
    TLB_HUGE_BITS = 11,
    TLB_64K_BITS = 18,                  /* second level, by page size */
    TLB_16M_BITS = 12,
    TLB_4K_BITS = 14,
    POOL_BLOCKS = 1 << 15,
    POOL_PAGES = 1 << 13,
    POOL_OPS = 1 << 17,
    REGION_MAX_ITEMS = 160,             /* instructions and guards translated together */
    BUDGET_MIN = REGION_MAX_ITEMS,      /* instructions between two looks at the clock: a region must fit */
    BUDGET_MAX = 32768,
    JIT_HOT = 40,                       /* starts of a block before it is translated */
    JIT_MAX_TRACES = 1 << 15,
    JIT_MAX_EXITS = 1 << 18,
    JIT_MAX_OPS = 1 << 18,
    JIT_CACHE_BYTES = 32 << 20,
    JUMP_CACHE = 1024,                  /* remembered indirect targets */
};
#else
enum {
    TLB_BITS = 1,
    TLB_FETCH_BITS = 1,
    TLB_MID_BITS = 1,
    TLB_HUGE_BITS = 1,
    TLB_64K_BITS = 2,
    TLB_16M_BITS = 1,
    TLB_4K_BITS = 2,
    POOL_BLOCKS = 24,
    POOL_PAGES = 4,
    POOL_OPS = 4 * BLOCK_MAX_OPS,
    REGION_MAX_ITEMS = 24,
    BUDGET_MIN = REGION_MAX_ITEMS,
    BUDGET_MAX = REGION_MAX_ITEMS + 7,
    JIT_HOT = 1,
    JIT_MAX_TRACES = 6,
    JIT_MAX_EXITS = 4 * REGION_MAX_ITEMS + 32,
    JIT_MAX_OPS = 2 * REGION_MAX_ITEMS + 64,
    JIT_CACHE_BYTES = 2 * JIT_REGION_BYTES_MAX + (1 << 15),
    JUMP_CACHE = 2,
};
#endif

#endif
