/* SPDX-License-Identifier: Apache-2.0 */
/* mem/mem_region.h - one thing that can answer at a range of real addresses: RAM, ROM, MMIO, reserved, or an alias.
 *
 * Regions and blocks are counted.  The creator holds one reference and puts it when done; the map holds one while a
 * region is mapped, an alias one of its target, a region one of its block.
 * What the last reference frees is freed after the readers. */
#ifndef MEM_MEM_REGION_H
#define MEM_MEM_REGION_H

#include <stdbool.h>
#include <stdint.h>

struct dirty_log;
struct mem_region;
struct ram_block;

enum mem_kind {
    MEM_NONE,           /* nothing answers */
    MEM_RAM,
    MEM_ROM,
    MEM_MMIO,
    MEM_RESERVED,       /* nothing answers, and nothing of lower priority shows through */
};

/* MMIO: off is the offset within the region, size 1, 2, 4 or 8 bytes.  False: the access is refused.  Called inside
 * a read section: changing the map is allowed, waiting for a grace period is not. */
struct mem_ops {
    bool (*read)(void *opaque, uint64_t off, unsigned size, uint64_t *val);
    bool (*write)(void *opaque, uint64_t off, unsigned size, uint64_t val);
};

/* Host memory of the caller's, len bytes at host, with a dirty log over it.  It must stay until gone() (may be NULL) is
 * called, by any thread, when neither a region nor a reader is left.  NULL: no memory. */
struct ram_block *ram_block_new(void *host, uint64_t len, void (*gone)(void *opaque), void *opaque);
struct dirty_log *ram_block_log(struct ram_block *b);
void ram_block_put(struct ram_block *b);

/* NULL: no memory, an empty range, or one outside the block or target. */
struct mem_region *mem_region_new_ram(struct ram_block *b, uint64_t off, uint64_t len);
struct mem_region *mem_region_new_rom(struct ram_block *b, uint64_t off, uint64_t len);
struct mem_region *mem_region_new_mmio(const struct mem_ops *ops, void *opaque, uint64_t len);
struct mem_region *mem_region_new_reserved(uint64_t len);
/* Shows [off, off + len) of the target wherever it is mapped itself, or nowhere; disabling the target disables it.  An
 * alias of an alias shows the same final target. */
struct mem_region *mem_region_new_alias(struct mem_region *target, uint64_t off, uint64_t len);
void mem_region_put(struct mem_region *r);

#endif
