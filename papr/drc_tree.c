/* SPDX-License-Identifier: Apache-2.0 */
/* papr/drc_tree.c - see the header.
 * Spec: LoPAR, "PAPR binding": ibm,drc-info, ibm,drc-indexes and family; docs/hotplug.md. */
#include "papr/drc_tree.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/endian.h"
#include "papr/cas.h"
#include "papr/fdt.h"
#include "papr/lmb.h"

static void put_text(struct buf *out, const char *s)
{
    buf_append(out, s, strlen(s) + 1);
}

static void put_cell(struct buf *out, uint32_t v)
{
    uint8_t be[4];

    be32_put(be, v);
    buf_append(out, be, sizeof(be));
}

struct ids {
    enum drc_type type;
    uint32_t first, n;
};

static void put_record(struct buf *out, const struct ids *ids)
{
    put_text(out, drc_type_name(ids->type));
    put_text(out, drc_name_prefix(ids->type));
    put_cell(out, DRC_INDEX(ids->type, ids->first));
    put_cell(out, ids->first);
    put_cell(out, ids->n);
    put_cell(out, 1);
    put_cell(out, DRC_ALWAYS_POWERED);
}

/* One record says it all: what has no connector in between is named RESERVED by ibm,dynamic-memory. */
static void write_compact(struct fdt_build *b, const struct ids *ids, unsigned n)
{
    struct buf out;
    uint32_t records = 0;

    buf_init(&out);
    put_cell(&out, 0);
    for (unsigned i = 0; i < n; i++) {
        if (!ids[i].n)
            continue;
        records++;
        put_record(&out, &ids[i]);
    }
    if (out.failed) {
        b->error = b->error ? b->error : -1;
    } else if (records) {
        be32_put(out.data, records);
        fdt_build_bytes(b, "ibm,drc-info", out.data, out.len_bytes);
    }
    buf_fini(&out);
}

struct arrays {
    struct buf indexes, domains, names, types;
    uint32_t count;
};

static void add_to_arrays(struct arrays *a, enum drc_type type, uint32_t id)
{
    char name[32];

    snprintf(name, sizeof(name), "%s%u", drc_name_prefix(type), id);
    put_cell(&a->indexes, DRC_INDEX(type, id));
    put_cell(&a->domains, DRC_ALWAYS_POWERED);
    put_text(&a->names, name);
    put_text(&a->types, drc_type_name(type));
    a->count++;
}

static void write_array(struct fdt_build *b, const char *name, struct buf *array, uint32_t count)
{
    if (array->failed) {
        b->error = b->error ? b->error : -1;
        return;
    }
    be32_put(array->data, count);
    fdt_build_bytes(b, name, array->data, array->len_bytes);
}

static void write_arrays(struct fdt_build *b, const struct ids *ids, unsigned n)
{
    struct arrays a = { .count = 0 };
    struct buf *all[] = { &a.indexes, &a.domains, &a.names, &a.types };

    for (unsigned i = 0; i < 4; i++) {
        buf_init(all[i]);
        put_cell(all[i], 0);
    }
    for (unsigned i = 0; i < n; i++) {
        for (uint32_t k = 0; ids[i].type != DRC_LMB && k < ids[i].n; k++)
            add_to_arrays(&a, ids[i].type, ids[i].first + k);
    }
    if (a.count) {
        write_array(b, "ibm,drc-indexes", &a.indexes, a.count);
        write_array(b, "ibm,drc-power-domains", &a.domains, a.count);
        write_array(b, "ibm,drc-names", &a.names, a.count);
        write_array(b, "ibm,drc-types", &a.types, a.count);
    }
    for (unsigned i = 0; i < 4; i++)
        buf_fini(all[i]);
}

static void write_info(struct fdt_build *b, const struct ids *ids, unsigned n)
{
    if (cas_has(papr_cas(b->papr), OV5_DRC_INFO))
        write_compact(b, ids, n);
    else
        write_arrays(b, ids, n);
}

static struct ids all_of(struct drcs *d, enum drc_type type)
{
    uint32_t end = drc_end(d, type);
    struct drc_run run = { .first = end };

    (void)drc_next_run(d, type, 0, &run);
    return (struct ids){ type, run.first, end - run.first };
}

void drc_write_info(struct fdt_build *b, const enum drc_type *types, unsigned n)
{
    struct ids ids[DRC_TYPES];

    for (unsigned i = 0; i < n; i++)
        ids[i] = all_of(papr_drcs(b->papr), types[i]);
    write_info(b, ids, n);
}

void drc_write_slots(struct fdt_build *b, uint32_t phb)
{
    write_info(b, &(struct ids){ DRC_PCI, phb << 16, DRC_PCI_PER_PHB }, 1);
}

/* ---- nodes ---- */

static void write_lmb(struct fdt_build *b, uint32_t id)
{
    fdt_build_begin(b, "memory@%llx", (unsigned long long)lmb_start(id));
    fdt_build_str(b, "device_type", "memory");
    fdt_build_list(b, "reg", FDT_CELLS64(lmb_start(id)), FDT_CELLS64(PAPR_LMB_SIZE));
    fdt_build_list(b, "ibm,associativity", 4, 0, 0, 0, 0);
    fdt_build_u32(b, "ibm,my-drc-index", DRC_INDEX(DRC_LMB, id));
    fdt_build_end(b);
}

void *drc_tree_make(struct papr *p, uint32_t index, struct error *err)
{
    struct fdt_build b;

    fdt_build_init(&b, p);
    switch (index >> DRC_TYPE_SHIFT) {
    case DRC_LMB:
        write_lmb(&b, index & DRC_ID_MASK);
        break;
    case DRC_CPU:
        fdt_write_cpu(&b, index & DRC_ID_MASK);
        break;
    case DRC_PHB:
        fdt_write_phb(&b, index & DRC_ID_MASK);
        break;
    default:
        fdt_build_begin(&b, "device@%x", index & DRC_ID_MASK);
        fdt_build_u32(&b, "ibm,my-drc-index", index);
        fdt_build_end(&b);
        break;
    }
    return fdt_build_finish(&b, err);
}
