/* SPDX-License-Identifier: Apache-2.0 */
/* papr/loader.h - kernel and initrd files, checked once when opened and copied into guest RAM at every start and reset.
 *
 * The files stay open, so that a reset boots what the first start booted even when they were replaced meanwhile.  Their
 * contents are not trusted: every number is checked before use.  One thread at a time. */
#ifndef PAPR_LOADER_H
#define PAPR_LOADER_H

#include <stdint.h>

#include "base/error.h"

#define LOADER_LOW_END 0x10000ull           /* below: call gates and first stack (papr/boot.c); no image may want it */
#define LOADER_VMLINUX_BASE 0x400000ull     /* where a kernel linked into the linear map is put */

struct loader;

/* Where things are in guest RAM. */
struct loader_layout {
    uint64_t entry;
    uint64_t kernel_start, kernel_end;      /* with its BSS */
    uint64_t initrd_start, initrd_bytes;    /* 0: none */
    unsigned page_shift;                    /* log2 of the kernel's page size; 0: its file does not tell */
};

/* initrd may be NULL. NULL with err that names --kernel or --initrd and the fix. */
struct loader *loader_open(const char *kernel, const char *initrd, struct error *err);
void loader_free(struct loader *l);

/* Places and copies; ram is the host address of real address 0, and reads as zero where nothing is copied. */
int loader_load(const struct loader *l, uint8_t *ram, uint64_t ram_bytes, struct loader_layout *out, struct error *err);

#endif
