/* SPDX-License-Identifier: Apache-2.0 */
#include "base/size.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char suffixes[] = "KMGTPE";

/* Reads digits of the given base; returns where they end, NULL when the number does not fit in 64 bits. */
static const char *take_digits(const char *p, unsigned base, uint64_t *v)
{
    *v = 0;
    for (; isxdigit((unsigned char)*p); p++) {
        unsigned digit = isdigit((unsigned char)*p) ? (unsigned)(*p - '0')
                                                    : (unsigned)(tolower((unsigned char)*p) - 'a') + 10;

        if (digit >= base)
            break;
        if (__builtin_mul_overflow(*v, base, v) || __builtin_add_overflow(*v, digit, v))
            return NULL;
    }
    return p;
}

static int take_number(const char *text, const char **rest, uint64_t *v, struct error *err)
{
    unsigned base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
    const char *from = base == 16 ? text + 2 : text;

    *rest = take_digits(from, base, v);
    if (!*rest)
        return error_set(err, ERANGE, "'%s' does not fit in 64 bits", text);
    if (*rest == from)
        return error_set(err, EINVAL, text[0] == '-' ? "'%s' is negative" : "'%s' does not start with a number", text);
    return 0;
}

int number_parse(const char *text, uint64_t *v, struct error *err)
{
    const char *rest;
    int rc = take_number(text, &rest, v, err);

    if (rc == 0 && *rest)
        return error_set(err, EINVAL, "'%s' is not a whole number: '%s' follows it", text, rest);
    return rc;
}

int size_parse(const char *text, uint64_t *bytes, struct error *err)
{
    const char *rest, *suffix;
    unsigned shift = 0;
    int rc = take_number(text, &rest, bytes, err);

    if (rc < 0)
        return rc;
    if (*rest == '.')
        return error_set(err, EINVAL, "'%s' is a fraction; write a whole number with a smaller suffix", text);
    suffix = *rest ? strchr(suffixes, toupper((unsigned char)*rest)) : NULL;
    if (suffix && *suffix) {
        shift = 10 * (unsigned)(suffix - suffixes + 1);
        rest++;
        if (!strcasecmp(rest, "iB"))
            rest += 2;
    }
    if (!strcasecmp(rest, "B"))
        rest++;
    if (*rest)
        return error_set(err, EINVAL, "'%s' has an unknown suffix; use K, M, G, T, P or E", text);
    if (shift && *bytes >> (64 - shift))
        return error_set(err, ERANGE, "'%s' is more than 16 EiB", text);
    *bytes <<= shift;
    return 0;
}

const char *size_format(uint64_t bytes, char text[SIZE_TEXT_BYTES])
{
    int n = 0;

    while (n < 6 && bytes && !(bytes & 1023)) {
        bytes >>= 10;
        n++;
    }
    snprintf(text, SIZE_TEXT_BYTES, n ? "%llu%c" : "%llu", (unsigned long long)bytes, n ? suffixes[n - 1] : 0);
    return text;
}

const char *size_format_rounded(uint64_t bytes, char text[SIZE_TEXT_BYTES])
{
    double v = (double)bytes;
    int n = 0;

    for (; n < 6 && v >= 1024; n++)
        v /= 1024;
    if (n == 0)
        snprintf(text, SIZE_TEXT_BYTES, "%llu bytes", (unsigned long long)bytes);
    else
        snprintf(text, SIZE_TEXT_BYTES, "%.*f %ciB", v < 10 ? 2 : v < 100 ? 1 : 0, v, suffixes[n - 1]);
    return text;
}
