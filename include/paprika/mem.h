/* SPDX-License-Identifier: Apache-2.0 */
/* paprika/mem.h - the memory core for any VMM: a memory map that changes under load, and dirty
 * tracking that grows under readers.
 *
 * The parts, each documented in its header: a window of host memory (mem/ram_window.h), the map (mem/mem_map.h) of
 * regions (mem/mem_region.h), the dirty log (mem/dirty_log.h), accelerator slots (mem/slots.h, mem/kvm_slots.h).
 * Guide: docs/memory-core.md.
 * Build with: cc prog.c $(pkg-config --cflags --libs paprika-mem) */
#ifndef PAPRIKA_MEM_H
#define PAPRIKA_MEM_H

#include "base/rcu.h"
#include "mem/dirty_batch.h"
#include "mem/dirty_log.h"
#include "mem/dirty_rate.h"
#include "mem/kvm_slots.h"
#include "mem/mem_map.h"
#include "mem/ram_policy.h"
#include "mem/ram_window.h"
#include "mem/slots.h"
#include "mem/slots_soft.h"

#endif
