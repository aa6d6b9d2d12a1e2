/* SPDX-License-Identifier: Apache-2.0 */
/* papr/nvram.h - 64 KiB of non-volatile memory, laid out in CHRP partitions, reached by nvram-fetch and nvram-store.
 * It lives as long as the machine: resets keep it.  Threads: any; one lock inside. */
#ifndef PAPR_NVRAM_H
#define PAPR_NVRAM_H

#include <stdbool.h>

#include "base/state.h"
#include "papr/papr_int.h"

enum { NVRAM_BYTES = 64 << 10 };
#define NVRAM_REG 0x71000001u           /* unit address under /vdevice */

struct nvram;

/* An empty "common" partition, then free space. */
struct nvram *nvram_new(struct error *err);
void nvram_free(struct nvram *n);

/* False: not inside. */
bool nvram_read(struct nvram *n, uint32_t at, void *buf, uint32_t len);
bool nvram_write(struct nvram *n, uint32_t at, const void *buf, uint32_t len);

extern const struct state_list nvram_state;

#endif
