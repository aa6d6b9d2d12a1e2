/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/opt.h"

struct values {
    const char *kernel;
    uint64_t memory, cpus;
    unsigned cpu;
    bool json;
    struct opt_list trace;
};

static const char *const cpus[] = { "power9", "power8", NULL };
static const struct opt opts[] = {
    { "kernel", 'k', OPT_FILE, "FILE", "Kernel to start.", offsetof(struct values, kernel), .required = true,
      .fix = "give --kernel FILE" },
    { "memory", 'm', OPT_SIZE, "SIZE", "Memory at start.", offsetof(struct values, memory), .min = 256 << 20,
      .max = 64ULL << 40, .fix = "for example --memory 2G" },
    { "cpus", 0, OPT_NUMBER, "N", "Processors.", offsetof(struct values, cpus), .min = 1, .max = 1 },
    { "cpu", 0, OPT_CHOICE, NULL, "Processor model.", offsetof(struct values, cpu), .choices = cpus },
    { "json", 0, OPT_FLAG, NULL, "Report as JSON.", offsetof(struct values, json) },
    { "trace", 0, OPT_LIST, "WHAT", "What to trace - really.", offsetof(struct values, trace) },
};
static const struct opt_table table = { opts, sizeof(opts) / sizeof(opts[0]) };

#define ARGS(...) ((char *[]){ __VA_ARGS__ })
#define PARSE(v, help, err, ...) \
    opt_parse(&table, sizeof(ARGS(__VA_ARGS__)) / sizeof(char *), ARGS(__VA_ARGS__), v, help, err)

static void values_land_where_the_table_says(void **unused)
{
    struct values v = { 0 };
    struct error err = { 0 };
    bool help = false;

    (void)unused;
    assert_int_equal(PARSE(&v, &help, &err, "--kernel", "vmlinux", "--memory=3G", "--cpu", "power8", "--json",
                           "--trace", "a", "--trace=b", "rest"), 9);
    assert_string_equal(v.kernel, "vmlinux");
    assert_true(v.memory == 3ULL << 30);
    assert_int_equal(v.cpu, 1);
    assert_true(v.json && !help);
    assert_int_equal(v.trace.n, 2);
    assert_string_equal(v.trace.v[1], "b");
    assert_int_equal(PARSE(&v, &help, &err, "-k", "x", "--", "--json"), 3);
}

static void errors_name_option_value_and_fix(void **unused)
{
    struct values v;
    struct error err;
    bool help = false;

    (void)unused;
#define BAD(text, ...) \
    do { \
        assert_int_equal(PARSE(&v, &help, &err, __VA_ARGS__), -EINVAL); \
        assert_string_equal(err.msg, text); \
    } while (0)
    BAD("--memory 2X: '2X' has an unknown suffix; use K, M, G, T, P or E; for example --memory 2G", "--memory", "2X");
    BAD("--memory 1M: the least possible is 256M; for example --memory 2G", "--memory", "1M");
    BAD("--memory 65T: the most possible is 64T; for example --memory 2G", "--memory", "65T");
    BAD("--cpus 2: the most possible is 1", "--cpus", "2");
    BAD("--cpu z80: must be one of power9|power8", "--cpu=z80");
    BAD("--json takes no value, but 'yes' was given", "--json=yes");
    BAD("unknown option --kernal; did you mean --kernel?", "--kernal", "x");
    BAD("unknown option --foo; --help lists the options", "--foo");
    BAD("unknown option --jsn; did you mean --json?", "--jsn");
    BAD("unknown option --xyzzyplugh; --help lists the options", "--xyzzyplugh=1");
    BAD("unknown option -z; --help lists the options", "-z");
    BAD("unknown option -kernel; did you mean --kernel?", "-kernel", "x");
    BAD("--kernel needs a value: --kernel FILE", "--kernel");
    BAD("--kernel is missing; give --kernel FILE", "--json");
    BAD("--cpus is given twice; leave one out", "--cpus", "1", "--cpus", "1");
    BAD("--kernel '': an empty file name; give --kernel FILE", "--kernel", "");
}

static char *printed(void (*print)(const struct opt_table *, FILE *))
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    print(&table, f);
    fclose(f);
    return text;
}

static void every_option_is_in_help_man_page_and_completion(void **unused)
{
    char *help = printed(opt_help), *man = printed(opt_man), *names = printed(opt_names);

    (void)unused;
    for (unsigned i = 0; i < table.n; i++) {
        char want[64];

        snprintf(want, sizeof(want), "--%s", opts[i].name);
        assert_non_null(strstr(help, want));
        assert_non_null(strstr(names, want));
        snprintf(want, sizeof(want), "\\-\\-\\fR");
        assert_non_null(strstr(help, opts[i].help));
        assert_non_null(strstr(man, opts[i].name));
    }
    assert_non_null(strstr(help, "--cpu power9|power8"));
    assert_non_null(strstr(help, "  -m, --memory SIZE"));
    assert_non_null(strstr(man, "trace \\- really"));
    free(help);
    free(man);
    free(names);
}

static void help_wins_over_errors(void **unused)
{
    struct values v;
    struct error err;
    bool help = false;

    (void)unused;
    assert_int_equal(PARSE(&v, &help, &err, "--nonsense", "--help"), 0);
    assert_true(help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_land_where_the_table_says),
        cmocka_unit_test(errors_name_option_value_and_fix),
        cmocka_unit_test(every_option_is_in_help_man_page_and_completion),
        cmocka_unit_test(help_wins_over_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
