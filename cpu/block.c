/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/block.c - the cache of predecoded blocks.
 *
 * Fixed pools, filled front to back; when one is full everything is dropped, which costs a few milliseconds of decoding again and
 * keeps memory bounded. A page record holds which 64-byte lines were decoded, so that data beside code does not drop the code. */
#include "cpu/block.h"

#include <stdlib.h>
#include <string.h>

#include "base/counter.h"
#include "cpu/cpu_int.h"
#include "cpu/isa.h"
#include "cpu/tlb.h"

enum {
    HASH_BLOCKS = 1 << 15,
    HASH_PAGES = 1 << 13,
    CHUNK_SHIFT = 16,           /* code is remembered by page, and by chunk for larger questions */
    CHUNKS = 1 << 16,
};

struct page {
    uintptr_t host;             /* page address */
    uint64_t lines;             /* which 64-byte lines hold decoded instructions */
    uint32_t blocks;            /* list of blocks, number + 1 */
    uint32_t hash_next;
};

struct block_cache {
    uint64_t epoch;
    uint32_t n_ops, n_blocks, n_pages;
    struct block_counts counts;
    void (*dropped)(void *opaque, uintptr_t page);
    void *opaque;
    uint32_t block_hash[HASH_BLOCKS];
    uint32_t page_hash[HASH_PAGES];
    uint8_t chunks[CHUNKS / 8];         /* chunks, by hash, with a page of code since the last flush */
    struct block blocks[POOL_BLOCKS];
    struct page pages[POOL_PAGES];
    struct op ops[POOL_OPS];
};

static unsigned hash_block(const uint8_t *host, uint8_t mode)
{
    uintptr_t h = (uintptr_t)host >> 2;

    return (unsigned)(h ^ h >> 15 ^ (unsigned)mode << 9) & (HASH_BLOCKS - 1);
}

static unsigned hash_page(uintptr_t page)
{
    return (unsigned)(page >> 12 ^ page >> 25) & (HASH_PAGES - 1);
}

static uintptr_t page_of(const uint8_t *host)
{
    return (uintptr_t)host & ~(uintptr_t)(TLB_PAGE - 1);
}

static unsigned chunk_bit(uintptr_t host)
{
    uintptr_t chunk = host >> CHUNK_SHIFT;

    return (unsigned)(chunk ^ chunk >> 16) & (CHUNKS - 1);
}

struct block_cache *block_cache_new(void (*dropped)(void *opaque, uintptr_t page), void *opaque)
{
    struct block_cache *bc = calloc(1, sizeof(*bc));

    if (bc) {
        bc->dropped = dropped;
        bc->opaque = opaque;
    }
    return bc;
}

void block_cache_free(struct block_cache *bc)
{
    free(bc);
}

void block_cache_flush(struct block_cache *bc)
{
    bc->dropped(bc->opaque, 0);
    bc->epoch++;
    counter_add(&bc->counts.flushes, 1);
    bc->n_ops = bc->n_blocks = bc->n_pages = 0;
    memset(bc->block_hash, 0, sizeof(bc->block_hash));
    memset(bc->page_hash, 0, sizeof(bc->page_hash));
    memset(bc->chunks, 0, sizeof(bc->chunks));
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

static struct page *find_page(const struct block_cache *bc, uintptr_t host)
{
    for (uint32_t i = bc->page_hash[hash_page(host)]; i; i = bc->pages[i - 1].hash_next)
        if (bc->pages[i - 1].host == host)
            return (struct page *)&bc->pages[i - 1];
    return NULL;
}

bool block_range_has_code(const struct block_cache *bc, const uint8_t *host, uint64_t len)
{
    const struct page *p;

    if (len <= TLB_PAGE) {
        p = find_page(bc, page_of(host));
        return p && p->lines;
    }
    for (uint64_t off = 0; off < len; off += 1u << CHUNK_SHIFT) {
        unsigned bit = chunk_bit((uintptr_t)host + off), next = chunk_bit((uintptr_t)host + off + (1u << CHUNK_SHIFT) - 1);

        if ((bc->chunks[bit / 8] >> bit % 8 & 1) || (bc->chunks[next / 8] >> next % 8 & 1))
            return true;
    }
    return false;
}

/* The page gets its first block: no store may pass unseen from now on. */
static void protect_page(struct cpu *c, uintptr_t host)
{
    const struct tlb_fetch *f = tlb_fetch(c->tlb, c->imode, ea(c->nip));
    unsigned bit = chunk_bit(host);

    c->blocks->chunks[bit / 8] |= (uint8_t)(1u << bit % 8);
    tlb_protect(c->tlb, ra((f->ra_delta + c->nip) & ~(TLB_PAGE - 1)), TLB_PAGE, false);
}

static struct page *get_page(struct cpu *c, uintptr_t host)
{
    struct block_cache *bc = c->blocks;
    struct page *p = find_page(bc, host);
    uint32_t *head = &bc->page_hash[hash_page(host)];

    if (p)
        return p;
    p = &bc->pages[bc->n_pages++];
    *p = (struct page){ .host = host, .hash_next = *head };
    *head = bc->n_pages;
    return p;
}

static uint64_t lines_of(const uint8_t *host, uint64_t len)
{
    unsigned first = (unsigned)((uintptr_t)host & (TLB_PAGE - 1)) / 64;
    unsigned last = (unsigned)(((uintptr_t)host & (TLB_PAGE - 1)) + len - 1) / 64;

    return (last >= 63 ? ~0ull : (1ull << (last + 1)) - 1) & ~((1ull << first) - 1);
}

static void unhash_block(struct block_cache *bc, uint32_t number)
{
    struct block *b = &bc->blocks[number];
    uint32_t *at = &bc->block_hash[hash_block(b->host, b->mode)];

    while (*at && *at != number + 1)
        at = &bc->blocks[*at - 1].hash_next;
    if (*at)
        *at = b->hash_next;
}

static void drop_page(struct block_cache *bc, struct page *p)
{
    for (uint32_t i = p->blocks; i; i = bc->blocks[i - 1].page_next) {
        unhash_block(bc, i - 1);
        bc->blocks[i - 1].link_off[0] = bc->blocks[i - 1].link_off[1] = 0xffff;
        bc->blocks[i - 1].mode = 0xff;      /* no mode matches: links from a block still running lead nowhere */
    }
    bc->dropped(bc->opaque, p->host);
    p->blocks = 0;
    p->lines = 0;
    counter_add(&bc->counts.dropped_pages, 1);
}

void block_stored(struct block_cache *bc, const uint8_t *host, uint64_t len)
{
    while (len) {
        uint64_t room = TLB_PAGE - ((uintptr_t)host & (TLB_PAGE - 1));
        uint64_t part = len < room ? len : room;
        struct page *p = find_page(bc, page_of(host));

        if (p && (p->lines & lines_of(host, part)))
            drop_page(bc, p);
        host += part;
        len -= part;
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
    uint32_t w = __atomic_load_n((const uint32_t *)host, __ATOMIC_RELAXED);

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

static struct block *decode_block(struct cpu *c, const uint8_t *host)
{
    struct block_cache *bc = c->blocks;
    unsigned room = (unsigned)(TLB_PAGE - ((uintptr_t)host & (TLB_PAGE - 1))) / 4;
    struct op *ops = &bc->ops[bc->n_ops];
    struct block *b = &bc->blocks[bc->n_blocks++];
    struct page *p = get_page(c, page_of(host));
    uint32_t *head = &bc->block_hash[hash_block(host, c->block_mode)];
    unsigned n = 0;
    bool ends = false;

    if (!p->lines)
        protect_page(c, p->host);
    while (!ends && n < room && n < BLOCK_MAX_OPS) {
        ends = block_decode_one(c, fetch(c, host + 4 * n), &ops[n]);
        ops[n].index = (uint8_t)n;
        n++;
    }
    bc->n_ops += n;
    counter_add(&bc->counts.decoded, 1);
    *b = (struct block){ .host = host, .ops = ops, .n_ops = (uint16_t)n, .mode = c->block_mode, .link_off = { 0xffff, 0xffff },
                         .hash_next = *head, .page_next = p->blocks };
    *head = p->blocks = bc->n_blocks;
    p->lines |= lines_of(host, 4ull * n);
    return b;
}

struct block *block_find(struct cpu *c, const uint8_t *host)
{
    struct block_cache *bc = c->blocks;

    for (uint32_t i = bc->block_hash[hash_block(host, c->block_mode)]; i; i = bc->blocks[i - 1].hash_next) {
        struct block *b = &bc->blocks[i - 1];

        if (b->host == host && b->mode == c->block_mode)
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
    if (bc->n_blocks == POOL_BLOCKS || bc->n_pages == POOL_PAGES || bc->n_ops > POOL_OPS - BLOCK_MAX_OPS)
        block_cache_flush(bc);
    return decode_block(c, host);
}

struct block_counts block_cache_counts(const struct block_cache *bc)
{
    return (struct block_counts){
        .decoded = counter_get(&bc->counts.decoded),
        .flushes = counter_get(&bc->counts.flushes),
        .dropped_pages = counter_get(&bc->counts.dropped_pages),
    };
}
