/* SPDX-License-Identifier: Apache-2.0 */
/* papr/trace_open.h - the machine's trace, from the names people give. */
#ifndef PAPR_TRACE_OPEN_H
#define PAPR_TRACE_OPEN_H

#include "base/error.h"
#include "cpu/trace.h"

/* classes: names with commas between, or NULL (no trace: *out becomes NULL). file NULL: standard error. 0 or -errno. */
int trace_open(const char *classes, const char *file, struct trace **out, struct error *err);
void trace_close(struct trace *t);

#endif
