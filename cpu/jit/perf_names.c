/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/perf_names.c - what translated code is called in a profile: guest:ADDRESS:KIND:MODE. */
#include "cpu/jit/jit_int.h"

#include <inttypes.h>
#include <stdio.h>

#include "cpu/perf_log.h"

void jit_name_region(const struct jit *j, const struct region *r, uint8_t *from, const uint8_t *to)
{
    static const char *const modes[] = { "real", "kernel", "user" };
    char name[64];

    if (!j->cpu->perf)
        return;
    snprintf(name, sizeof(name), "guest:%016" PRIx64 ":%s:%s", r->ea, r->loops ? "loop" : "trace",
             modes[j->cpu->imode]);
    perf_log_add(j->cpu->perf, code_cache_rx(&j->space->cache, from), from, (size_t)(to - from), name);
}

void jit_name_shared(const struct jit *j)
{
    const struct code_cache *cc = &j->space->cache;

    if (j->cpu->perf)
        perf_log_add(j->cpu->perf, code_cache_rx(cc, cc->rw), cc->rw, JIT_THUNK_BYTES, "paprika:shared");
}
