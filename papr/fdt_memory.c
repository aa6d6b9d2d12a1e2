/* SPDX-License-Identifier: Apache-2.0 */
/* papr/fdt_memory.c - /memory@0 and /ibm,dynamic-reconfiguration-memory (LoPAR, "PAPR binding"; hot-plug window in whole LMBs).
 *
 * Boot memory is one node; the LMBs that cover it are listed as reserved, those up to the ceiling as absent.  With
 * dynamic-memory-v2 that is two entries whatever the ceiling; the old format, one entry per LMB, is for guests that know no other. */
#include <stdlib.h>

#include "base/endian.h"
#include "papr/cas.h"
#include "papr/fdt.h"
#include "papr/papr_int.h"

enum { LMB_DRC_INVALID = 0x20, LMB_RESERVED = 0x80 };
#define LMB_DRC_BASE 0x80000000u
#define NO_ASSOCIATIVITY 0xffffffffu

struct run {
    uint64_t first, n;          /* LMB numbers */
    uint32_t drc, flags;        /* drc of the first */
};
enum { RUNS = 2 };

static void make_runs(const struct papr_config *cfg, struct run run[RUNS])
{
    uint64_t boot = (cfg->memory_bytes + PAPR_LMB_SIZE - 1) >> PAPR_LMB_SHIFT, all = cfg->max_memory_bytes >> PAPR_LMB_SHIFT;

    run[0] = (struct run){ 0, boot, 0, LMB_DRC_INVALID | LMB_RESERVED };
    run[1] = (struct run){ boot, all - boot, LMB_DRC_BASE | (uint32_t)boot, 0 };
}

void fdt_write_memory(struct fdt_build *b)
{
    fdt_build_begin(b, "memory@0");
    fdt_build_str(b, "device_type", "memory");
    fdt_build_list(b, "reg", 0, 0, FDT_CELLS64(papr_config(b->papr)->memory_bytes));
    fdt_build_list(b, "ibm,associativity", 4, 0, 0, 0, 0);
    fdt_build_end(b);
}

static void write_v2(struct fdt_build *b, const struct run *run)
{
    uint32_t cells[1 + 6 * RUNS], *c = cells;

    *c++ = RUNS;
    for (unsigned i = 0; i < RUNS; i++) {
        *c++ = (uint32_t)run[i].n;
        *c++ = (uint32_t)(run[i].first << PAPR_LMB_SHIFT >> 32);
        *c++ = (uint32_t)(run[i].first << PAPR_LMB_SHIFT);
        *c++ = run[i].drc;
        *c++ = NO_ASSOCIATIVITY;
        *c++ = run[i].flags;
    }
    fdt_build_cells(b, "ibm,dynamic-memory-v2", cells, (size_t)(c - cells));
}

static uint32_t *put_v1(uint32_t *c, const struct run *run)
{
    for (uint64_t i = 0; i < run->n; i++) {
        uint64_t addr = (run->first + i) << PAPR_LMB_SHIFT;

        *c++ = (uint32_t)(addr >> 32);
        *c++ = (uint32_t)addr;
        *c++ = run->drc ? run->drc + (uint32_t)i : 0;
        *c++ = 0;
        *c++ = NO_ASSOCIATIVITY;
        *c++ = run->flags;
    }
    return c;
}

static void write_v1(struct fdt_build *b, const struct run *run)
{
    uint64_t n = run[0].n + run[1].n;
    uint32_t *cells = malloc((1 + 6 * n) * sizeof(*cells)), *c = cells;

    if (!cells) {
        b->error = b->error ? b->error : -1;
        return;
    }
    *c++ = (uint32_t)n;
    c = put_v1(c, &run[0]);
    c = put_v1(c, &run[1]);
    fdt_build_cells(b, "ibm,dynamic-memory", cells, (size_t)(c - cells));
    free(cells);
}

void fdt_write_drmem(struct fdt_build *b)
{
    const struct cas_state *cas = papr_cas(b->papr);
    struct run run[RUNS];

    make_runs(papr_config(b->papr), run);
    if (!run[1].n || !cas_has(cas, OV5_DRMEM))
        return;
    fdt_build_begin(b, "ibm,dynamic-reconfiguration-memory");
    fdt_build_u64(b, "ibm,lmb-size", PAPR_LMB_SIZE);
    fdt_build_u32(b, "ibm,memory-flags-mask", 0xff);
    fdt_build_u32(b, "ibm,memory-preservation-time", 0);
    if (cas_has(cas, OV5_DRMEM_V2))
        write_v2(b, run);
    else
        write_v1(b, run);
    fdt_build_list(b, "ibm,associativity-lookup-arrays", 1, 4, 0, 0, 0, 0);
    fdt_build_end(b);
}
