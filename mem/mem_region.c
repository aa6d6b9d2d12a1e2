/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/mem_region_int.h"

#include "mem/dirty_log.h"

#include <stdlib.h>
#include <string.h>

#define LOG_PAGE_SHIFT 12

static struct ram_block *block_new(void *host, uint64_t len, uint64_t present)
{
    struct ram_block *b = calloc(1, sizeof(*b));

    if (!b)
        return NULL;
    b->ram = (struct mem_source){ .kind = MEM_RAM, .host = host, .log = dirty_log_new(present, LOG_PAGE_SHIFT),
                                  .block = b };
    if (!b->ram.log) {
        free(b);
        return NULL;
    }
    b->rom = (struct mem_source){ .kind = MEM_ROM, .host = host, .block = b };
    b->len = len;
    b->refs = 1;
    return b;
}

struct ram_block *ram_block_new(void *host, uint64_t len, void (*gone)(void *opaque), void *opaque)
{
    struct ram_block *b = len ? block_new(host, len, len) : NULL;

    if (b) {
        b->gone = gone;
        b->opaque = opaque;
    }
    return b;
}

struct ram_block *ram_block_new_empty(void *host, uint64_t len)
{
    struct ram_block *b = block_new(host, len, 0);

    if (b)
        b->log_follows = true;
    return b;
}

struct dirty_log *ram_block_log(struct ram_block *b)
{
    return b->ram.log;
}

static void reclaim_block(struct rcu_head *head)
{
    struct ram_block *b = caa_container_of(head, struct ram_block, rcu);

    rcu_grace_passed();
    if (b->gone)
        b->gone(b->opaque);
    dirty_log_free(b->ram.log);
    free(b);
}

void ram_block_put(struct ram_block *b)
{
    if (b && atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1)
        call_rcu(&b->rcu, reclaim_block);
}

static struct mem_region *region_new(uint64_t len)
{
    struct mem_region *r = len ? aligned_alloc(_Alignof(struct mem_region), sizeof(*r)) : NULL;

    if (!r)
        return NULL;
    memset(r, 0, sizeof(*r));
    r->len = len;
    r->refs = 1;
    r->now.enabled = true;
    return r;
}

static struct mem_region *block_region(struct ram_block *b, const struct mem_source *src, uint64_t off, uint64_t len)
{
    struct mem_region *r;

    if (off > b->len || len > b->len - off)
        return NULL;
    r = region_new(len);
    if (!r)
        return NULL;
    r->src = src;
    r->src_off = off;
    r->block = b;
    atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    return r;
}

struct mem_region *mem_region_new_ram(struct ram_block *b, uint64_t off, uint64_t len)
{
    return block_region(b, &b->ram, off, len);
}

struct mem_region *mem_region_new_rom(struct ram_block *b, uint64_t off, uint64_t len)
{
    return block_region(b, &b->rom, off, len);
}

static struct mem_region *own_region(enum mem_kind kind, const struct mem_ops *ops, void *opaque, uint64_t len)
{
    struct mem_region *r = region_new(len);

    if (!r)
        return NULL;
    r->own = (struct mem_source){ .kind = kind, .ops = ops, .opaque = opaque };
    r->src = &r->own;
    return r;
}

struct mem_region *mem_region_new_mmio(const struct mem_ops *ops, void *opaque, uint64_t len)
{
    return own_region(MEM_MMIO, ops, opaque, len);
}

struct mem_region *mem_region_new_reserved(uint64_t len)
{
    return own_region(MEM_RESERVED, NULL, NULL, len);
}

struct mem_region *mem_region_new_alias(struct mem_region *target, uint64_t off, uint64_t len)
{
    struct mem_region *r;

    if (off > target->len || len > target->len - off)
        return NULL;
    r = region_new(len);
    if (!r)
        return NULL;
    r->target = target->target ? target->target : target;
    r->src_off = off + (target->target ? target->src_off : 0);
    mem_region_get(r->target);
    return r;
}

static void reclaim_region(struct rcu_head *head)
{
    struct mem_region *r = caa_container_of(head, struct mem_region, rcu);

    rcu_grace_passed();
    ram_block_put(r->block);
    mem_region_put(r->target);
    free(r);
}

void mem_region_put(struct mem_region *r)
{
    if (r && atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) == 1)
        call_rcu(&r->rcu, reclaim_region);
}
