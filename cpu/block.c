/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/block.c - the cache of predecoded blocks.
 *
 * The pool has parts that are filled one after the other; when the last is full the first is emptied and used again. At
 * first only some parts are in use, as a boot runs much code once and never again; twice as many come into use when as
 * many blocks as two rounds of them had to be decoded again although the pool had them within the round. A page of code
 * that another processor could still change unseen gets no block of the pool: it is decoded each time it runs
 * (code_map.h, C2). */
#include "cpu/block.h"

#include <string.h>
#include <sys/mman.h>

#include "base/counter.h"
#include "cpu/access.h"
#include "cpu/cpu_int.h"
#include "cpu/isa.h"
#include "cpu/tlb.h"

enum {
    HASH_BLOCKS = 1 << 17,
    PART_BLOCKS = POOL_BLOCKS / POOL_PARTS,
    PART_OPS = POOL_OPS / POOL_PARTS,
    NO_MODE = 0xff,
    GHOST_BITS = 18,
};

struct block_cache {
    uint64_t epoch;
    uint32_t parts;                         /* in use */
    uint32_t part, n_blocks, n_ops;         /* the part being filled, and how far */
    uint32_t decoded;                       /* in this round */
    uint32_t again;                         /* with so many parts in use, though emptied in the same round */
    struct block_counts counts;
    struct block unkept;                    /* the block of a page that is not settled yet */
    struct op unkept_ops[BLOCK_MAX_OPS];
    uint64_t ghosts[(1u << GHOST_BITS) / 64];       /* by hash: blocks emptied in this round */
    uint32_t hash[HASH_BLOCKS];
    _Alignas(64) struct block blocks[POOL_BLOCKS];
    struct op ops[POOL_OPS];
};

static uint32_t *bucket(struct block_cache *bc, const uint8_t *host, uint8_t mode)
{
    uintptr_t h = (uintptr_t)host >> 2;

    return &bc->hash[(h ^ h >> 17 ^ (unsigned)mode << 9) & (HASH_BLOCKS - 1)];
}

/* A word of ghosts and the bit in it. */
static uint64_t *ghost(struct block_cache *bc, const struct block *b, uint64_t *bit)
{
    uint64_t h = ((uintptr_t)b->host >> 2 ^ (uint64_t)b->mode << 48) * 0x9e3779b97f4a7c15;

    *bit = 1ull << (h >> 58);
    return &bc->ghosts[h << 6 >> (64 - GHOST_BITS + 6)];
}

/* Aligned, and memory that the host gives as the pool is filled. */
struct block_cache *block_cache_new(void)
{
    struct block_cache *bc = mmap(NULL, sizeof(struct block_cache), PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (bc == MAP_FAILED)
        return NULL;
    bc->parts = POOL_FIRST_PARTS;
    return bc;
}

void block_cache_free(struct block_cache *bc)
{
    if (bc)
        munmap(bc, sizeof(*bc));
}

struct block *block_at(struct block_cache *bc, uint32_t number)
{
    return &bc->blocks[number];
}

uint32_t block_number(const struct block_cache *bc, const struct block *b)
{
    return (uint32_t)(b - bc->blocks);
}

uint64_t block_cache_epoch(const struct block_cache *bc)
{
    return bc->epoch;
}

static void unhash(struct block_cache *bc, struct block *b)
{
    uint32_t *at = bucket(bc, b->host, b->mode);

    while (*at && &bc->blocks[*at - 1] != b)
        at = &bc->blocks[*at - 1].hash_next;
    if (*at)
        *at = b->hash_next;
}

static void end_round(struct block_cache *bc)
{
    if (bc->parts < POOL_PARTS && bc->again >= 2 * bc->decoded) {
        bc->parts = 2 * bc->parts < POOL_PARTS ? 2 * bc->parts : POOL_PARTS;
        bc->again = 0;
    }
    bc->decoded = 0;
    memset(bc->ghosts, 0, sizeof(bc->ghosts));
}

/* Goes on to the next part of the pool and empties it. */
static void next_part(struct block_cache *bc)
{
    uint64_t bit;

    if (bc->part == bc->parts - 1)
        end_round(bc);
    bc->part = (bc->part + 1) % bc->parts;
    bc->n_blocks = bc->n_ops = 0;
    bc->epoch++;
    counter_add(&bc->counts.evictions, 1);
    for (struct block *b = &bc->blocks[bc->part * PART_BLOCKS], *end = b + PART_BLOCKS; b < end && b->host; b++) {
        unhash(bc, b);
        *ghost(bc, b, &bit) |= bit;
        b->host = NULL;
        b->mode = NO_MODE;                  /* links from blocks that stay lead nowhere */
    }
}

/* ---- decoding ---- */

static void run_illegal(struct cpu *c, const struct op *o)
{
    (void)o;
    cpu_program(c, PROGRAM_ILLEGAL);
}

static void run_privileged(struct cpu *c, const struct op *o)
{
    (void)o;
    cpu_program(c, PROGRAM_PRIVILEGED);
}

static void run_no_fp(struct cpu *c, const struct op *o)
{
    (void)o;
    cpu_raise(c, VEC_FP_UNAVAILABLE, 0);
}

static void run_no_vec(struct cpu *c, const struct op *o)
{
    (void)o;
    cpu_raise(c, VEC_VMX_UNAVAILABLE, 0);
}

static void run_no_vsx(struct cpu *c, const struct op *o)
{
    (void)o;
    cpu_raise(c, VEC_VSX_UNAVAILABLE, 0);
}

static void run_no_tm(struct cpu *c, const struct op *o)
{
    (void)o;
    cpu_facility_unavailable(c, 5);
}

/* The function that takes the instruction's place when this state does not have it; NULL: it may run. */
static op_fn *denied(const struct cpu *c, const struct isa_row *row, const struct op *o)
{
    uint32_t f = row->flags;
    bool high = o->rt >= 32;

    if ((f & (ISA_PRIV | ISA_HV)) && (c->msr & MSR_PR))
        return run_privileged;
    if (f & ISA_HV)
        return run_privileged;
    if ((f & ISA_V3) && (c->msr & MSR_PR) && (c->spr[SPR_PCR] & PCR_V2_07))
        return run_illegal;
    if (f & ISA_TM)
        return run_no_tm;
    if (!(c->msr & MSR_FP) && ((f & ISA_FP) || ((f & ISA_FPVEC_T) && !high)))
        return run_no_fp;
    if (!(c->msr & MSR_VEC) && ((f & ISA_VEC) || ((f & (ISA_FPVEC_T | ISA_VSX_T)) && high)))
        return run_no_vec;
    if (!(c->msr & MSR_VSX) && ((f & ISA_VSX) || ((f & ISA_VSX_T) && !high)))
        return run_no_vsx;
    return NULL;
}

static uint32_t fetch(const struct cpu *c, const uint8_t *host)
{
    uint32_t w = cpu_guest_read32((uintptr_t)host);

    return c->le ? w : __builtin_bswap32(w);
}

bool block_decode_one(const struct cpu *c, uint32_t word, struct op *o)
{
    const struct isa_row *row = isa_decode(c->isa, word, o);
    op_fn *instead;

    if (!row) {
        *o = (struct op){ .run = run_illegal, .word = word, .row = UINT16_MAX };
        return true;
    }
    instead = denied(c, row, o);
    if (instead)
        o->run = instead;
    o->denied = instead;
    return instead || (row->flags & ISA_ENDS);
}

/* Decodes up to the end of the block; number of instructions. */
static unsigned decode(const struct cpu *c, const uint8_t *host, struct op *ops)
{
    unsigned room = (unsigned)(TLB_PAGE - ((uintptr_t)host & (TLB_PAGE - 1))) / 4, n = 0;
    bool ends = false;

    while (!ends && n < room && n < BLOCK_MAX_OPS) {
        ends = block_decode_one(c, fetch(c, host + 4 * n), &ops[n]);
        ops[n].index = (uint8_t)n;
        n++;
    }
    return n;
}

static bool still_there(const struct cpu *c, const uint8_t *host, const struct op *ops, unsigned n)
{
    while (n && fetch(c, host + 4 * (n - 1)) == ops[n - 1].word)
        n--;
    return !n;
}

/* Decodes, makes its lines known as code, and looks whether the bytes are the same now that no store passes unseen. */
static void fill_block(struct cpu *c, struct block *b, const uint8_t *host, struct op *ops)
{
    unsigned n;

    *b = (struct block){ .host = host, .ops = ops, .mode = c->block_mode, .link_off = { 0xffff, 0xffff } };
    do {
        n = decode(c, host, ops);
        b->page = code_map_mark(c, host, 4ull * n, &b->gen);
    } while (!still_there(c, host, ops, n));
    b->n_ops = (uint16_t)n;
    b->indirect = (ops[n - 1].word & 0xfc0003fe) == 0x4c000020;         /* bclr, bcctr */
    counter_add(&c->blocks->counts.decoded, 1);
}

/* What was void before goes out of the bucket, so that code that keeps changing does not make it long. */
static void put_in_bucket(struct block_cache *bc, struct block *b)
{
    uint32_t *head = bucket(bc, b->host, b->mode), *at = head;

    while (*at) {
        struct block *old = &bc->blocks[*at - 1];

        if (block_is_good(old))
            at = &old->hash_next;
        else
            *at = old->hash_next;
    }
    b->hash_next = *head;
    *head = block_number(bc, b) + 1;
}

static struct block *decode_block(struct cpu *c, const uint8_t *host)
{
    struct block_cache *bc = c->blocks;
    struct block *b = &bc->blocks[bc->part * PART_BLOCKS + bc->n_blocks];
    uint64_t bit;

    fill_block(c, b, host, &bc->ops[bc->part * PART_OPS + bc->n_ops]);
    if (!code_map_settled(c, b->page)) {
        memcpy(bc->unkept_ops, b->ops, b->n_ops * sizeof(struct op));
        bc->unkept = *b;
        bc->unkept.ops = bc->unkept_ops;
        bc->unkept.mode = b->mode = NO_MODE;
        b->host = NULL;
        return &bc->unkept;
    }
    bc->n_blocks++;
    bc->n_ops += b->n_ops;
    bc->decoded++;
    bc->again += (*ghost(bc, b, &bit) & bit) != 0;
    put_in_bucket(bc, b);
    return b;
}

struct block *block_find(struct cpu *c, const uint8_t *host)
{
    struct block_cache *bc = c->blocks;

    for (uint32_t i = *bucket(bc, host, c->block_mode); i; i = bc->blocks[i - 1].hash_next) {
        struct block *b = &bc->blocks[i - 1];

        if (b->host == host && b->mode == c->block_mode && block_is_good(b))
            return b;
    }
    return NULL;
}

struct block *block_get(struct cpu *c, const uint8_t *host)
{
    struct block_cache *bc = c->blocks;
    struct block *b = block_find(c, host);

    if (b)
        return b;
    if (bc->n_blocks == PART_BLOCKS || bc->n_ops > PART_OPS - BLOCK_MAX_OPS)
        next_part(bc);
    return decode_block(c, host);
}

struct block_counts block_cache_counts(const struct block_cache *bc)
{
    return (struct block_counts){ .decoded = counter_get(&bc->counts.decoded),
                                  .evictions = counter_get(&bc->counts.evictions) };
}
