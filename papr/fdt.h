/* SPDX-License-Identifier: Apache-2.0 */
/* papr/fdt.h - the machine's device tree, flattened, as it is now.  Its size does not depend on the memory ceiling once
 * the guest has negotiated dynamic-memory-v2.  Any thread while nothing of the machine changes (of_client's lock). */
#ifndef PAPR_FDT_H
#define PAPR_FDT_H

#include <stdint.h>

#include "base/error.h"
#include "papr/fdt_build.h"

struct papr;

enum { FDT_PHANDLE_INTC = 0x1111 };

/* To be freed with free(). NULL with *err. */
void *fdt_make(struct papr *p, struct error *err);

/* One processor's node under /cpus, complete (also what configure-connector walks when it is added). */
void fdt_write_cpu(struct fdt_build *b, unsigned id);
void fdt_write_phb(struct fdt_build *b, unsigned id);       /* one host bridge's node, below the root */
void fdt_write_cpus(struct fdt_build *b);
void fdt_write_memory(struct fdt_build *b);
void fdt_write_drmem(struct fdt_build *b);      /* /ibm,dynamic-reconfiguration-memory, if negotiated and useful */

#endif
