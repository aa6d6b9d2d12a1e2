/* SPDX-License-Identifier: Apache-2.0 */
/* papr/fdt_memory.c - memory nodes and /ibm,dynamic-reconfiguration-memory (LoPAR, "PAPR binding").
 *
 * A guest that has negotiated dynamic reconfiguration finds the first GiB (and the piece of a block at the end of boot
 * memory) as memory nodes, everything else as blocks: those it has are ASSIGNED, boot memory included, so that all of
 * it can be unplugged.  With dynamic-memory-v2 that is one entry per run of equal blocks, whatever the ceiling; the old
 * format, one entry per block, is for guests that know no other.
 * A guest that has negotiated nothing (yet) finds memory nodes only. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/endian.h"
#include "papr/cas.h"
#include "papr/drc.h"
#include "papr/fdt.h"
#include "papr/lmb.h"

enum {
    LMB_ASSIGNED = 0x08, LMB_DRC_INVALID = 0x20, LMB_RESERVED = 0x80, LMB_HOT_REMOVABLE = 0x100,
    NODE_OF_BOOT = 0,                       /* row of the associativity arrays */
    ENTRY_CELLS = 6,
};
#define NO_ASSOCIATIVITY 0xffffffffu

struct run {
    uint32_t first, n;                      /* LMB numbers */
    uint32_t drc, aa, flags;                /* drc of the first */
};

typedef void run_fn(struct buf *out, const struct run *run);

static uint32_t without_connectors(uint32_t from, uint32_t to, struct buf *out, run_fn *put)
{
    struct run run = { from, to - from, 0, NO_ASSOCIATIVITY, LMB_RESERVED | LMB_DRC_INVALID };

    if (from == to)
        return 0;
    put(out, &run);
    return 1;
}

static struct run with_connectors(const struct drc_run *r, uint32_t boot_end)
{
    struct run run = { r->first, r->n, DRC_INDEX(DRC_LMB, r->first), NO_ASSOCIATIVITY, 0 };

    if (r->view.attached) {
        run.aa = NODE_OF_BOOT;
        run.flags = LMB_ASSIGNED | (r->first >= boot_end ? LMB_HOT_REMOVABLE : 0);
    }
    return run;
}

/* Calls put for every run, in order, from real address 0 to the ceiling; returns how many. */
static uint32_t for_each_run(struct papr *p, struct buf *out, run_fn *put)
{
    uint32_t boot_end = (uint32_t)(papr_config(p)->memory_bytes >> PAPR_LMB_SHIFT), at = 0, n = 0;
    struct drc_run r;

    while (drc_next_run(papr_drcs(p), DRC_LMB, at, &r)) {
        struct run run = with_connectors(&r, boot_end);

        n += without_connectors(at, r.first, out, put) + 1;
        put(out, &run);
        at = r.first + r.n;
    }
    return n;
}

static void put_cell(struct buf *out, uint32_t v)
{
    uint8_t be[4];

    be32_put(be, v);
    buf_append(out, be, sizeof(be));
}

static void put_v2(struct buf *out, const struct run *run)
{
    put_cell(out, run->n);
    put_cell(out, (uint32_t)(lmb_start(run->first) >> 32));
    put_cell(out, (uint32_t)lmb_start(run->first));
    put_cell(out, run->drc);
    put_cell(out, run->aa);
    put_cell(out, run->flags);
}

static void put_v1(struct buf *out, const struct run *run)
{
    for (uint32_t i = 0; i < run->n; i++) {
        uint64_t addr = lmb_start(run->first + i);

        put_cell(out, (uint32_t)(addr >> 32));
        put_cell(out, (uint32_t)addr);
        put_cell(out, run->drc ? run->drc + i : 0);
        put_cell(out, 0);
        put_cell(out, run->aa);
        put_cell(out, run->flags);
    }
}

static void write_blocks(struct fdt_build *b, const char *name, run_fn *put)
{
    struct buf out;

    buf_init(&out);
    put_cell(&out, 0);
    for_each_run(b->papr, &out, put);
    if (out.failed) {
        b->error = b->error ? b->error : -1;
    } else {
        be32_put(out.data, (uint32_t)((out.len_bytes - 4) / (4 * ENTRY_CELLS)));
        fdt_build_bytes(b, name, out.data, out.len_bytes);
    }
    buf_fini(&out);
}

/* False: nothing to reconfigure, or nobody to do it. */
static bool has_blocks(struct papr *p)
{
    struct drc_run run;

    return cas_has(papr_cas(p), OV5_DRMEM) && drc_next_run(papr_drcs(p), DRC_LMB, 0, &run);
}

/* Memory known so far and not written yet; pieces come in order of addresses, and those that touch are one node. */
struct nodes {
    struct fdt_build *b;
    uint64_t start, end;
};

static void write_node(struct nodes *n)
{
    if (n->start == n->end)
        return;
    fdt_build_begin(n->b, "memory@%llx", (unsigned long long)n->start);
    fdt_build_str(n->b, "device_type", "memory");
    fdt_build_list(n->b, "reg", FDT_CELLS64(n->start), FDT_CELLS64(n->end - n->start));
    fdt_build_list(n->b, "ibm,associativity", 4, 0, 0, 0, 0);
    fdt_build_end(n->b);
}

static void add_piece(struct nodes *n, uint64_t start, uint64_t end)
{
    if (start != n->end) {
        write_node(n);
        n->start = start;
    }
    n->end = end;
}

static void add_blocks(struct nodes *n, uint32_t from, uint32_t to)
{
    struct drc_run run;

    for (uint32_t id = from; drc_next_run(papr_drcs(n->b->papr), DRC_LMB, id, &run) && run.first < to;
         id = run.first + run.n)
        if (run.view.attached)
            add_piece(n, lmb_start(run.first), lmb_start(run.first + run.n));
}

void fdt_write_memory(struct fdt_build *b)
{
    uint64_t end = papr_config(b->papr)->memory_bytes, whole = end >> PAPR_LMB_SHIFT;
    struct nodes n = { .b = b };
    bool blocks = has_blocks(b->papr);

    add_piece(&n, 0, lmb_start(whole < DRC_LMBS_FIXED ? whole : DRC_LMBS_FIXED));
    if (!blocks)
        add_blocks(&n, 0, (uint32_t)whole);
    if (lmb_start(whole) < end)
        add_piece(&n, lmb_start(whole), end);
    if (!blocks)
        add_blocks(&n, (uint32_t)whole, UINT32_MAX);
    write_node(&n);
}

void fdt_write_drmem(struct fdt_build *b)
{
    if (!has_blocks(b->papr))
        return;
    fdt_build_begin(b, "ibm,dynamic-reconfiguration-memory");
    fdt_build_u64(b, "ibm,lmb-size", PAPR_LMB_SIZE);
    fdt_build_u32(b, "ibm,memory-flags-mask", 0xff);
    fdt_build_u32(b, "ibm,memory-preservation-time", 0);
    if (cas_has(papr_cas(b->papr), OV5_DRMEM_V2))
        write_blocks(b, "ibm,dynamic-memory-v2", put_v2);
    else
        write_blocks(b, "ibm,dynamic-memory", put_v1);
    fdt_build_list(b, "ibm,associativity-lookup-arrays", 1, 4, 0, 0, 0, 0);
    fdt_build_end(b);
}
