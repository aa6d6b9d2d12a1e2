/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

int error_set(struct error *err, int errnum, const char *fmt, ...)
{
    va_list ap;

    if (!err)
        return -errnum;
    err->code = -errnum;
    va_start(ap, fmt);
    vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
    va_end(ap);
    return -errnum;
}

int error_prefix(struct error *err, const char *fmt, ...)
{
    char tail[sizeof(err->msg)];
    va_list ap;
    int used;

    if (!err)
        return 0;
    memcpy(tail, err->msg, sizeof(tail));
    va_start(ap, fmt);
    used = vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
    va_end(ap);
    if (used >= 0 && (size_t)used < sizeof(err->msg))
        snprintf(err->msg + used, sizeof(err->msg) - (size_t)used, ": %.400s", tail);
    return err->code;
}
