/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "base/thread.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>


#define LINE_BYTES 1024
#define NS_PER_S 1000000000LL


static void stderr_sink(void *opaque, enum log_level level, const char *line)
{
    (void)opaque;
    fprintf(stderr, "paprika: %s: %s\n", log_level_name(level), line);
}

const char *log_level_name(enum log_level level)
{
    static const char *const names[LOG_LEVELS] = { "error", "warning", "info", "debug" };

    return names[level];
}

void log_init(struct log *log, enum log_level level, log_sink sink, void *opaque)
{
    *log = (struct log){ .level = level, .sink = sink ? sink : stderr_sink, .opaque = opaque, .now_ns = time_now_ns };
    lock_init(&log->lock);
}

void log_fini(struct log *log)
{
    lock_fini(&log->lock);
}

void log_set_level(struct log *log, enum log_level level)
{
    atomic_store_explicit(&log->level, (int)level, memory_order_relaxed);
}

/* Each line moves full_at by its share of a second; a budget that would be whole only LOG_BURST shares from now is empty. */
static bool budget_take(struct log_budget *b, int64_t now_ns)
{
    const int64_t share_ns = NS_PER_S / LOG_PER_SECOND;

    if (b->full_at_ns < now_ns)
        b->full_at_ns = now_ns;
    if (b->full_at_ns - now_ns > (LOG_BURST - 1) * share_ns) {
        b->dropped++;
        return false;
    }
    b->full_at_ns += share_ns;
    return true;
}

void log_write(struct log *log, enum log_level level, const char *fmt, ...)
{
    char line[LINE_BYTES], lost[64];
    struct log_budget *b;
    va_list ap;

    if (!log || (int)level > atomic_load_explicit(&log->level, memory_order_relaxed))
        return;
    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    lock_take(&log->lock);
    b = &log->budget[level];
    if (budget_take(b, log->now_ns())) {
        if (b->dropped) {
            snprintf(lost, sizeof(lost), "(%" PRIu64 " messages like the next were dropped)", b->dropped);
            b->dropped = 0;
            log->sink(log->opaque, level, lost);
        }
        log->sink(log->opaque, level, line);
    }
    lock_drop(&log->lock);
}
