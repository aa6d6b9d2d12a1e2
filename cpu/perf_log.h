/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/perf_log.h - translated code as Linux perf wants to hear of it: a map and a jitdump file.
 *
 * /tmp/perf-PID.map gives `perf report` the names at once; /tmp/jit-PID.dump has the code, too, and knows when an
 * address got a new meaning (perf record -k mono; perf inject --jit). Format:
 * tools/perf/Documentation/jitdump-specification.txt of Linux. One log for a process. Any thread. */
#ifndef CPU_PERF_LOG_H
#define CPU_PERF_LOG_H

#include <stddef.h>

#include "base/error.h"

struct perf_log;

/* NULL and *err: the files cannot be made. */
struct perf_log *perf_log_new(struct error *err);
void perf_log_free(struct perf_log *log);       /* NULL: nothing happens */

/* len bytes of code run at rx from now on; bytes: where they can be read. name: no spaces. */
void perf_log_add(struct perf_log *log, const void *rx, const void *bytes, size_t len, const char *name);

#endif
