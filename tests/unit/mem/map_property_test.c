/* SPDX-License-Identifier: Apache-2.0 */
/* Random transactions on the memory map, compared with the naive model at every address after every commit (M4, M5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/unit/mem/map_model.h"
#include "tests/unit/rcu_group.h"

static uint64_t rnd(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    return *s ^= *s << 17;
}

static void m4_m5_the_view_and_the_differences_agree_with_the_model(void **state)
{
    uint64_t seed = getenv("SEED") ? strtoull(getenv("SEED"), NULL, 0) : 1;
    unsigned worlds = getenv("WORLDS") ? (unsigned)atoi(getenv("WORLDS")) : 12;

    (void)state;
    for (unsigned i = 0; i < worlds; i++) {
        struct map_model *w = map_model_new();
        uint64_t s = seed * 0x9e3779b97f4a7c15u + i + 1;
        uint8_t bytes[16];

        assert_non_null(w);
        for (unsigned step = 0; step < 300; step++) {
            const uint8_t *p = bytes;

            for (unsigned k = 0; k < sizeof(bytes); k++)
                bytes[k] = (uint8_t)(rnd(&s) >> 24);
            map_model_step(w, &p, bytes + sizeof(bytes));
            if (step % 8 == 7)
                map_model_check(w);
        }
        map_model_check(w);
        map_model_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(m4_m5_the_view_and_the_differences_agree_with_the_model),
    };

    return cmocka_run_group_tests(tests, rcu_group_begin, rcu_group_end);
}
