/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/log.h"

struct seen {
    unsigned lines[LOG_LEVELS];
    char last[1024], before[1024];
};

static int64_t fake_ns;     /* a test's clock */

static int64_t fake_now(void)
{
    return fake_ns;
}

static void sink(void *opaque, enum log_level level, const char *line)
{
    struct seen *s = opaque;

    s->lines[level]++;
    memcpy(s->before, s->last, sizeof(s->last));
    strcpy(s->last, line);
}

static void levels_filter_and_two_logs_do_not_mix(void **unused)
{
    struct seen a = { 0 }, b = { 0 };
    struct log la, lb;

    (void)unused;
    log_init(&la, LOG_WARN, sink, &a);
    log_init(&lb, LOG_DEBUG, sink, &b);
    log_info(&la, "quiet");
    log_warn(&la, "value %d", 7);
    log_debug(&lb, "deep");
    log_error(NULL, "nobody hears");
    assert_string_equal(a.last, "value 7");
    assert_int_equal(a.lines[LOG_INFO], 0);
    assert_string_equal(b.last, "deep");
    log_set_level(&la, LOG_INFO);
    log_info(&la, "heard");
    assert_string_equal(a.last, "heard");
    log_fini(&la);
    log_fini(&lb);
}

static void a_flood_is_cut_and_counted(void **unused)
{
    struct seen s = { 0 };
    struct log log;

    (void)unused;
    log_init(&log, LOG_INFO, sink, &s);
    log.now_ns = fake_now;
    fake_ns = 1000000000;
    for (unsigned i = 0; i < 10000; i++)
        log_warn(&log, "line %u", i);
    assert_int_equal(s.lines[LOG_WARN], LOG_BURST);
    log_error(&log, "another level has its own budget");
    assert_int_equal(s.lines[LOG_ERROR], 1);
    fake_ns += 1000000000;
    for (unsigned i = 0; i < 10000; i++)
        log_warn(&log, "later %u", i);
    assert_int_equal(s.lines[LOG_WARN], LOG_BURST + LOG_PER_SECOND + 1);
    fake_ns += 1000000000;
    log_warn(&log, "after");
    assert_string_equal(s.before, "(9984 messages like the next were dropped)");
    assert_string_equal(s.last, "after");
    log_fini(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_filter_and_two_logs_do_not_mix),
        cmocka_unit_test(a_flood_is_cut_and_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
