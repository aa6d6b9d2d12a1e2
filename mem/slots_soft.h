/* SPDX-License-Identifier: Apache-2.0 */
/* mem/slots_soft.h - a back end of mem/slots.h that only remembers: what an engine without
 * slots reports, and what tests check. */
#ifndef MEM_SLOTS_SOFT_H
#define MEM_SLOTS_SOFT_H

#include "mem/slots.h"

struct slots_soft;

struct slots_soft *slots_soft_new(unsigned max_slots);  /* NULL: no memory */
void slots_soft_free(struct slots_soft *s);
/* For slots_new(); add and del check that no slot overlaps, is added twice or deleted
 * without having been added (-EEXIST, -ENOENT). */
struct slots_backend slots_soft_backend(struct slots_soft *s);
/* The host byte behind an address; NULL: no slot there. */
uint8_t *slots_soft_at(const struct slots_soft *s, ra_t ra);

#endif
