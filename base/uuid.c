/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int uuid_parse(const char *text, uint8_t out[UUID_BYTES], struct error *err)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    bool good = strlen(text) == sizeof(form) - 1;
    const char *at = text;

    for (unsigned i = 0; good && form[i]; i++)
        good = form[i] == 'x' ? isxdigit((unsigned char)text[i]) : text[i] == '-';
    if (!good)
        return error_set(err, EINVAL, "'%s' is not a UUID; write it like 01234567-89ab-cdef-0123-456789abcdef", text);
    for (unsigned i = 0; i < UUID_BYTES; i++) {
        at += *at == '-';
        sscanf(at, "%2hhx", &out[i]);
        at += 2;
    }
    return 0;
}
