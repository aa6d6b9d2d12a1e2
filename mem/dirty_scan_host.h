/* SPDX-License-Identifier: Apache-2.0 */
/* mem/dirty_scan_host.h - the loops this kind of host adds; meson picks dirty_scan_x86.c or dirty_scan_other.c. */
#ifndef MEM_DIRTY_SCAN_HOST_H
#define MEM_DIRTY_SCAN_HOST_H

#include "mem/dirty_scan.h"

/* The i-th that the running processor supports, best first; NULL: no more. */
const struct dirty_scan *dirty_scan_host_nth(unsigned i);

#endif
