/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/limits.h - the engine's sizes, in one place.
 *
 * A torture build (meson -Dtorture=true) makes rare things constant: a soft TLB that holds next to nothing, a block
 * cache and translator that run full all the time, a budget of a few instructions, everything translated at its first
 * start. It must behave the same and is some hundred times slower. Numbers only: no code asks which build this is. */
#ifndef CPU_LIMITS_H
#define CPU_LIMITS_H

/* What the numbers must keep: two neighbouring granules have different places in the first level, neighbouring pages in
 * the side tables; a block fits a part of its pool; a region's C calls fit a chunk, with jit.c's room() to spare. */
enum {
    REGION_MAX_PAGES = 6,
    JIT_REGION_BYTES_MAX = 1 << 16,     /* of host code */
    BLOCK_MAX_OPS = 64,
    JIT_THUNK_BYTES = 1 << 14,          /* what all translations share, before the first chunk */
};

#ifndef PAPRIKA_TORTURE
enum {
    TLB_BITS = 12,                      /* first level, data: log2 of entries per mode */
    TLB_FETCH_BITS = 10,
    TLB_MID_BITS = 13,                  /* side tables of whole pages: 64 KiB, 16 MiB */
    TLB_HUGE_BITS = 11,
    TLB_64K_BITS = 18,                  /* second level, by page size */
    TLB_16M_BITS = 12,
    TLB_4K_BITS = 14,
    TLB_CONTEXTS = 16,                  /* sets of segments whose pages are remembered, for each half */
    POOL_BLOCKS = 1 << 17,
    POOL_OPS = 1 << 19,
    POOL_PARTS = 32,                    /* used again one after the other */
    POOL_FIRST_PARTS = 8,               /* in use before it shows that more are worth their memory */
    CODE_SETS = 1 << 10,                /* pages known to hold code: sets, ways */
    CODE_WAYS = 8,
    REGION_MAX_ITEMS = 160,             /* instructions and guards translated together */
    REGION_JOIN_OPS = 1,                /* with so many instructions it ends where another region starts */
    BUDGET_MIN = REGION_MAX_ITEMS,      /* instructions between two looks at the clock: a region must fit */
    BUDGET_MAX = 32768,
    JIT_HOT = 40,                       /* starts of a block before it is translated */
    JIT_AGAIN = 256,                    /* and between further attempts, at other addresses for example */
    JIT_SAMPLES = 4,                    /* times the budget ends in a translation until it is made longer */
    JIT_CHUNKS = 64,                    /* of translated code */
    JIT_SPARE_CHUNKS = 2,               /* when there are fewer empty ones the oldest full one goes */
    JIT_CHUNK_BYTES = 1 << 20,          /* of each */
    JIT_CHUNK_TRACES = 1 << 11,
    JIT_CHUNK_LINKS = 1 << 14,
    JIT_CHUNK_OPS = 1 << 13,
    JIT_INDEX_BITS = 17,                /* translations found by address */
    JUMP_CACHE = 32768,                 /* remembered indirect targets */
    EXIT_FLUSHES = 0,                   /* 1: each return to the machine empties all caches */
    TRACKED_EXITS = 0,                  /* 2^n: between every other 2^n hypercalls no store goes unseen */
    CLOCK_SLOWDOWN = 1,                 /* of guest time: no less is done between two ticks because we are slow */
};
#else
enum {
    TLB_BITS = 1,                       /* the least: an access that crosses a granule must not find its tag */
    TLB_MID_BITS = 1,
    TLB_HUGE_BITS = 1,
    TLB_FETCH_BITS = 0,                 /* one entry in each of the others */
    TLB_64K_BITS = 0,
    TLB_16M_BITS = 0,
    TLB_4K_BITS = 0,
    TLB_CONTEXTS = 2,
    POOL_BLOCKS = 36,
    POOL_OPS = 6 * BLOCK_MAX_OPS,
    POOL_PARTS = 3,
    POOL_FIRST_PARTS = 2,
    CODE_SETS = 2,
    CODE_WAYS = 2,
    REGION_MAX_ITEMS = 24,
    REGION_JOIN_OPS = 4,
    BUDGET_MIN = REGION_MAX_ITEMS,
    BUDGET_MAX = REGION_MAX_ITEMS + 7,
    JIT_HOT = 1,
    JIT_AGAIN = 4,
    JIT_SAMPLES = 2,
    JIT_CHUNKS = 4,
    JIT_SPARE_CHUNKS = 2,
    JIT_CHUNK_BYTES = 2 * JIT_REGION_BYTES_MAX,
    JIT_CHUNK_TRACES = 2,
    JIT_CHUNK_LINKS = 16,
    JIT_CHUNK_OPS = 2 * REGION_MAX_ITEMS + 32,
    JIT_INDEX_BITS = 2,
    JUMP_CACHE = 64,                    /* the least: jump_tag() */
    EXIT_FLUSHES = 1,
    TRACKED_EXITS = 256,
    CLOCK_SLOWDOWN = 256,
};
#endif

#endif
