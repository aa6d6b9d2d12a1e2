/* SPDX-License-Identifier: Apache-2.0 */
/* papr/fdt_cpus.c - /cpus: one node per processor (LoPAR, "PA processor binding").
 * One thread per core: node id = server number. */
#include "papr/cas.h"
#include "papr/drc_tree.h"
#include "papr/fdt.h"
#include "papr/hpt.h"
#include "papr/papr_int.h"

enum { CACHE_LINE = 128, L1_BYTES = 0x8000 };

/* Attribute bytes behind {length, 0}; both without transactional memory (byte 22) and without radix (byte 40). Byte 1
 * has 0x20: 64K pages may be cache-inhibited, which costs an emulator nothing and keeps Linux's 64K segments whole. */
static const uint8_t features_2_07[] = {
    24, 0, 0xf6, 0x3f, 0xc7, 0xc0, 0x00, 0xf0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0, 0,
};
static const uint8_t features_3_00[] = {
    66, 0, 0xf6, 0x3f, 0xc7, 0xc0, 0x00, 0xf0, 0x80, 0, 0, 0, 0, 0, /* 0 - 11 */
    0, 0, 0, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0, 0,                    /* 12 - 23: vector, vector-scalar, -, TM */
    0x80, 0, 0x80, 0, 0x80, 0, 0, 0, 0x80, 0, 0xc0, 0,              /* 24 - 35 */
    0, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0, 0x80, 0,                    /* 36 - 47: radix at 40, scv at 46 */
    0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 0,           /* 48 - 59: decimal at 54, SHA at 58 */
    0x80, 0, 0x80, 0, 0, 0,                                         /* 60 - 65: darn at 62 */
};
_Static_assert(sizeof(features_2_07) == 2 + 24 && sizeof(features_3_00) == 2 + 66, "length byte");

/* Base page shift, SLB encoding, number of actual sizes, then {shift, HPTE encoding} (docs/hpt.md). */
static const uint32_t page_sizes[] = {
    12, 0x000, 3, 12, 0, 16, 7, 24, 0x38,
    16, 0x110, 2, 16, 1, 24, 8,
    24, 0x100, 1, 24, 0,
    34, 0x120, 1, 34, 3,
};

static void write_mmu(struct fdt_build *b)
{
    fdt_build_u32(b, "slb-size", SLB_ENTRIES);
    fdt_build_u32(b, "ibm,slb-size", SLB_ENTRIES);
    fdt_build_list(b, "ibm,pft-size", 0, hpt_shift(papr_hpt(b->papr)));
    fdt_build_list(b, "ibm,processor-segment-sizes", 28, 40, 0xffffffff, 0xffffffff);
    fdt_build_cells(b, "ibm,segment-page-sizes", page_sizes, sizeof(page_sizes) / sizeof(page_sizes[0]));
}

static void write_caches(struct fdt_build *b)
{
    fdt_build_u32(b, "d-cache-block-size", CACHE_LINE);
    fdt_build_u32(b, "d-cache-line-size", CACHE_LINE);
    fdt_build_u32(b, "i-cache-block-size", CACHE_LINE);
    fdt_build_u32(b, "i-cache-line-size", CACHE_LINE);
    fdt_build_u32(b, "d-cache-size", L1_BYTES);
    fdt_build_u32(b, "i-cache-size", L1_BYTES);
}

static void write_features(struct fdt_build *b, enum isa_level level)
{
    static const uint8_t pi_features[] = { 1, 0, 0x08 };    /* no msgsndp: one thread per core */

    if (level == ISA_LEVEL_3_00)
        fdt_build_bytes(b, "ibm,pa-features", features_3_00, sizeof(features_3_00));
    else
        fdt_build_bytes(b, "ibm,pa-features", features_2_07, sizeof(features_2_07));
    fdt_build_bytes(b, "ibm,pi-features", pi_features, sizeof(pi_features));
    fdt_build_u32(b, "ibm,vmx", 2);
    fdt_build_u32(b, "ibm,dfp", 1);
    fdt_build_u32(b, "ibm,purr", 1);
    fdt_build_u32(b, "ibm,spurr", 1);
}

void fdt_write_cpu(struct fdt_build *b, unsigned id)
{
    enum isa_level level = cas_isa_level(papr_cas(b->papr), papr_vcpu(b->papr, id));

    fdt_build_begin(b, "PowerPC,%s@%x", papr_config(b->papr)->level == ISA_LEVEL_3_00 ? "POWER9" : "POWER8", id);
    fdt_build_str(b, "device_type", "cpu");
    fdt_build_u32(b, "reg", id);
    fdt_build_u32(b, "ibm,my-drc-index", DRC_INDEX(DRC_CPU, id));
    fdt_build_str(b, "status", "okay");
    fdt_build_u32(b, "cpu-version", cas_cpu_version(papr_cas(b->papr), papr_vcpu(b->papr, id)));
    fdt_build_u32(b, "ibm,ppc-interrupt-server#s", id);
    fdt_build_list(b, "ibm,ppc-interrupt-gserver#s", id, 0);
    fdt_build_u32(b, "timebase-frequency", (uint32_t)PAPR_TIMEBASE_HZ);
    fdt_build_u32(b, "clock-frequency", 1000000000);
    fdt_build_empty(b, "64-bit");
    fdt_build_list(b, "ibm,associativity", 5, 0, 0, 0, 0, id);
    write_caches(b);
    write_mmu(b);
    write_features(b, level);
    fdt_build_end(b);
}

void fdt_write_cpus(struct fdt_build *b)
{
    fdt_build_begin(b, "cpus");
    fdt_build_u32(b, "#address-cells", 1);
    fdt_build_u32(b, "#size-cells", 0);
    drc_write_info(b, (const enum drc_type[]){ DRC_CPU }, 1);
    for (unsigned id = 0; id < papr_vcpu_count(b->papr); id++) {
        struct drc_view view;

        if (drc_get(papr_drcs(b->papr), DRC_INDEX(DRC_CPU, id), &view) && view.attached)
            fdt_write_cpu(b, id);
    }
    fdt_build_end(b);
}
