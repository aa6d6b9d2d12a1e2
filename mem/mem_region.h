/* SPDX-License-Identifier: Apache-2.0 */
/* mem/mem_region.h - one thing that can answer at a range of real addresses: RAM, ROM, MMIO, reserved, or an alias. */
#ifndef MEM_MEM_REGION_H
#define MEM_MEM_REGION_H

#include <stdbool.h>
#include <stdint.h>

/* MMIO: off is the offset within the region, size 1, 2, 4 or 8 bytes.  False: the access is refused.  Called inside
 * a read section: changing the map is allowed, waiting for a grace period is not. */
struct mem_ops {
    bool (*read)(void *opaque, uint64_t off, unsigned size, uint64_t *val);
    bool (*write)(void *opaque, uint64_t off, unsigned size, uint64_t val);
};

struct mem_region;

/* Counted; the creator holds one reference and puts it when done, the map holds another while the region is mapped.
 * All return NULL when there is no memory. */
struct mem_region *mem_region_new_mmio(const struct mem_ops *ops, void *opaque, uint64_t len);
struct mem_region *mem_region_new_reserved(uint64_t len);
void mem_region_put(struct mem_region *r);

#endif
