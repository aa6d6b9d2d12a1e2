/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/size.h"

static void sizes_with_binary_suffixes(void **unused)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {
        { "0", 0 }, { "1", 1 }, { "512M", 512ULL << 20 }, { "2G", 2ULL << 30 }, { "2g", 2ULL << 30 },
        { "8T", 8ULL << 40 }, { "8TiB", 8ULL << 40 }, { "8TB", 8ULL << 40 }, { "64k", 65536 }, { "3P", 3ULL << 50 },
        { "15E", 15ULL << 60 }, { "0x10000", 65536 }, { "0x10M", 16 << 20 }, { "17B", 17 },
        { "18446744073709551615", UINT64_MAX },
    };
    struct error err;
    uint64_t v;

    (void)unused;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(size_parse(good[i].text, &v, &err), 0);
        assert_true(v == good[i].bytes);
    }
}

static void a_wrong_size_is_told_by_what_is_wrong(void **unused)
{
    static const struct {
        const char *text, *part;
        int rc;
    } bad[] = {
        { "", "start with a number", -EINVAL },      { "G", "start with a number", -EINVAL },
        { "-1", "negative", -EINVAL },               { "1.5G", "fraction", -EINVAL },
        { "2X", "suffix", -EINVAL },                 { "2GG", "suffix", -EINVAL },
        { "2 G", "suffix", -EINVAL },                { "16E", "16 EiB", -ERANGE },
        { "18446744073709551616", "64 bits", -ERANGE }, { "0x", "start with a number", -EINVAL },
        { "99999999999999999999G", "64 bits", -ERANGE }, { "2iB", "suffix", -EINVAL },
    };
    struct error err;
    uint64_t v;

    (void)unused;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(size_parse(bad[i].text, &v, &err), bad[i].rc);
        assert_non_null(strstr(err.msg, bad[i].part));
    }
    assert_int_equal(number_parse("12k", &v, &err), -EINVAL);
    assert_int_equal(number_parse("12", &v, &err), 0);
}

static void formatted_sizes_parse_back(void **unused)
{
    static const uint64_t values[] = { 0, 1, 1023, 1024, 1536, 2ULL << 30, 8ULL << 40, (8ULL << 40) + 1, UINT64_MAX,
                                       1ULL << 63 };
    char text[SIZE_TEXT_BYTES];
    uint64_t v;

    (void)unused;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        assert_int_equal(size_parse(size_format(values[i], text), &v, NULL), 0);
        assert_true(v == values[i]);
    }
    assert_string_equal(size_format(8ULL << 40, text), "8T");
    assert_string_equal(size_format_rounded(1536, text), "1.50 KiB");
    assert_string_equal(size_format_rounded(385ULL << 30, text), "385 GiB");
    assert_string_equal(size_format_rounded(5, text), "5 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_with_binary_suffixes),
        cmocka_unit_test(a_wrong_size_is_told_by_what_is_wrong),
        cmocka_unit_test(formatted_sizes_parse_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
