/* SPDX-License-Identifier: Apache-2.0 */
/* papr/ram_usage.h - how much host memory a range of this process holds, as the host's kernel counts it. */
#ifndef PAPR_RAM_USAGE_H
#define PAPR_RAM_USAGE_H

#include <stdint.h>

/* Resident bytes of the mappings that start in [base, base + len); 0 when the host does not tell. Any thread. */
uint64_t ram_usage_bytes(const void *base, uint64_t len);

#endif
