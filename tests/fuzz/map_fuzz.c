/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/map_fuzz.c - the input is a program for the memory map: regions, aliases,
 * transactions; compared with the naive model. */
#include <stddef.h>
#include <stdint.h>

#include "base/rcu.h"
#include "tests/unit/mem/map_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct map_model *w;         /* one map for all inputs: freeing one waits for grace periods */
    const uint8_t *p = data, *end = data + (size < 512 ? size : 512);

    if (!w) {
        rcu_register_thread();
        w = map_model_new();
    }
    while (w && p < end)
        map_model_step(w, &p, end);
    map_model_check(w);
    map_model_reset(w);
    return 0;
}
