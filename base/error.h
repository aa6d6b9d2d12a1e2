/* SPDX-License-Identifier: Apache-2.0 */
/* base/error.h - a host or user mistake, told where it happened.
 *
 * Functions that can fail because of the host or the user return 0 or a negative errno and fill a
 * struct error with one line that names the option or file and what to do.  Guest mistakes never use this:
 * they get the architected answer.  Our own mistakes are asserts. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdarg.h>

struct error {
    int code;           /* negative errno; 0 = nothing happened */
    char msg[512];      /* one line, no newline at its end */
};

/* Stores the message and returns -errnum.  err may be NULL: then only the code is returned.  Any thread; the
 * struct belongs to the caller. */
int error_set(struct error *err, int errnum, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the message already in err. Returns err->code. */
int error_prefix(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
