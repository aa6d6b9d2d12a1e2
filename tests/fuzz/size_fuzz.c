/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes on a command line: whatever is accepted survives format and parse. */
#include "base/size.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char text[64], again[SIZE_TEXT_BYTES];
    struct error err;
    uint64_t v, w;

    if (len >= sizeof(text))
        return 0;
    memcpy(text, data, len);
    text[len] = 0;
    if (size_parse(text, &v, &err) == 0) {
        assert(size_parse(size_format(v, again), &w, &err) == 0);
        assert(v == w);
    }
    return 0;
}
