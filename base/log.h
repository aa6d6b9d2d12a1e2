/* SPDX-License-Identifier: Apache-2.0 */
/* base/log.h - messages of one machine, to its own sink, at a bounded rate.
 *
 * A guest can provoke messages, so each level has a budget: LOG_BURST lines at once, LOG_PER_SECOND lasting.  Lines beyond
 * it are counted, and the count is told with the next line that passes.  Any thread may write; the sink runs with the
 * log's lock held and must not log. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/lock.h"

#include <stdatomic.h>
#include <stdint.h>

#define LOG_BURST 64
#define LOG_PER_SECOND 16

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_LEVELS };

/* line: one line without newline. */
typedef void (*log_sink)(void *opaque, enum log_level level, const char *line);

struct log_budget {
    int64_t full_at_ns;     /* when the budget will be whole again */
    uint64_t dropped;
};

struct log {
    _Atomic int level;      /* messages above it are not even formatted */
    struct lock lock;
    struct log_budget budget[LOG_LEVELS] GUARDED_BY(lock);
    log_sink sink;
    void *opaque;
    int64_t (*now_ns)(void);    /* CLOCK_MONOTONIC; tests replace it */
};

/* sink NULL: standard error. */
void log_init(struct log *log, enum log_level level, log_sink sink, void *opaque);
void log_fini(struct log *log);
void log_set_level(struct log *log, enum log_level level);

/* log may be NULL: nothing happens. */
void log_write(struct log *log, enum log_level level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
#define log_error(log, ...) log_write(log, LOG_ERROR, __VA_ARGS__)
#define log_warn(log, ...) log_write(log, LOG_WARN, __VA_ARGS__)
#define log_info(log, ...) log_write(log, LOG_INFO, __VA_ARGS__)
#define log_debug(log, ...) log_write(log, LOG_DEBUG, __VA_ARGS__)

/* "error", "warning", "info", "debug". */
const char *log_level_name(enum log_level level);

#endif
