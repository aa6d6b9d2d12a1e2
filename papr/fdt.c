/* SPDX-License-Identifier: Apache-2.0 */
/* papr/fdt.c - the tree's frame: root, /chosen, /rtas, interrupt controller, /vdevice, /event-sources, and the tables
 * of who writes what.  Spec: LoPAR, "PAPR binding"; which properties Linux needs is in docs/machine.md. */
#include "papr/fdt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "papr/cas.h"
#include "papr/drc_tree.h"
#include "papr/events.h"
#include "papr/hcalls.h"
#include "papr/nvram.h"
#include "papr/of_client.h"
#include "papr/papr_int.h"
#include "papr/rtas.h"
#include "papr/vty.h"
#include "papr/xics.h"

static void write_root_properties(struct fdt_build *b)
{
    const struct papr_config *cfg = papr_config(b->papr);

    fdt_build_str(b, "device_type", "chrp");
    fdt_build_str(b, "model", "IBM pSeries (emulated by paprika)");
    fdt_build_str(b, "compatible", "paprika,pseries");
    fdt_build_u32(b, "#address-cells", 2);
    fdt_build_u32(b, "#size-cells", 2);
    fdt_build_u32(b, "interrupt-parent", FDT_PHANDLE_INTC);
    fdt_build_empty(b, "ibm,lpar-capable");                 /* powerpc-utils look for it */
    drc_write_info(b, (const enum drc_type[]){ DRC_LMB, DRC_PHB }, 2);
    if (cfg->name) {
        fdt_build_str(b, "ibm,partition-name", cfg->name);
        fdt_build_u32(b, "ibm,partition-no", 0);
    }
    if (cfg->uuid) {
        fdt_build_str(b, "system-id", cfg->uuid);
        fdt_build_str(b, "vm,uuid", cfg->uuid);
    }
}

static void write_initrd(struct fdt_build *b)
{
    const struct loader_layout *images = of_client_images(papr_of(b->papr));

    if (!images->initrd_bytes)
        return;
    fdt_build_u64(b, "linux,initrd-start", images->initrd_start);
    fdt_build_u64(b, "linux,initrd-end", images->initrd_start + images->initrd_bytes);
}

/* Absent without entropy: the guest then gathers its own. */
static void write_rng_seed(struct fdt_build *b)
{
    uint8_t seed[32];

    if (getrandom(seed, sizeof(seed), GRND_NONBLOCK) == sizeof(seed))
        fdt_build_bytes(b, "rng-seed", seed, sizeof(seed));
}

static void write_chosen(struct fdt_build *b)
{
    const char *append = papr_config(b->papr)->append;
    uint8_t vec[CAS_VECTOR_MAX];
    size_t len;

    fdt_build_begin(b, "chosen");
    fdt_build_str(b, "bootargs", append ? append : "");
    fdt_build_u32(b, "stdout", OF_IHANDLE_STDOUT);
    fdt_build_u32(b, "cpu", OF_IHANDLE_CPU);
    fdt_build_str(b, "stdout-path", "/vdevice/vty@71000000");
    fdt_build_str(b, "linux,stdout-path", "/vdevice/vty@71000000");
    fdt_build_u32(b, "linux,pci-probe-only", 0);
    write_initrd(b);
    write_rng_seed(b);
    len = cas_platform_support(vec);
    fdt_build_bytes(b, "ibm,arch-vec-5-platform-support", vec, len);
    len = cas_vector5(papr_cas(b->papr), vec);
    if (len)
        fdt_build_bytes(b, "ibm,architecture-vec-5", vec, len);
    fdt_build_end(b);
}

static void write_hypertas(struct fdt_build *b)
{
    size_t len = hcall_hypertas_functions(b->papr, NULL, 0);
    char *names = malloc(len ? len : 1);

    if (!names) {
        b->error = b->error ? b->error : -1;
        return;
    }
    hcall_hypertas_functions(b->papr, names, len);
    fdt_build_bytes(b, "ibm,hypertas-functions", names, len);
    free(names);
}

static void write_rtas(struct fdt_build *b)
{
    const struct papr_config *cfg = papr_config(b->papr);

    fdt_build_begin(b, "rtas");
    for (uint32_t i = 0; i < rtas_table_size; i++)
        fdt_build_u32(b, rtas_table[i].name, RTAS_TOKEN_BASE + i);
    fdt_build_u32(b, "rtas-size", RTAS_AREA_BYTES);
    fdt_build_u32(b, "rtas-error-log-max", EVENT_LOG_MAX);
    fdt_build_u32(b, "rtas-event-scan-rate", 1);
    fdt_build_empty(b, "ibm,extended-os-term");
    write_hypertas(b);
    fdt_build_list(b, "ibm,lrdr-capacity", FDT_CELLS64(cfg->max_memory_bytes), FDT_CELLS64(PAPR_LMB_SIZE),
                   papr_vcpu_count(b->papr));
    fdt_build_list(b, "ibm,associativity-reference-points", 4, 4, 2);
    fdt_build_list(b, "ibm,max-associativity-domains", 4, 1, 1, 1, 1);
    fdt_build_end(b);
}

static void write_interrupt_controller(struct fdt_build *b)
{
    fdt_build_begin(b, "interrupt-controller");
    fdt_build_str(b, "device_type", "PowerPC-External-Interrupt-Presentation");
    fdt_build_str(b, "compatible", "IBM,ppc-xicp");
    fdt_build_empty(b, "interrupt-controller");
    fdt_build_u32(b, "#interrupt-cells", 2);
    fdt_build_list(b, "ibm,interrupt-server-ranges", 0, xics_servers(papr_xics(b->papr)));
    fdt_build_u32(b, "phandle", FDT_PHANDLE_INTC);
    fdt_build_u32(b, "linux,phandle", FDT_PHANDLE_INTC);
    fdt_build_end(b);
}

static void write_vty(struct fdt_build *b)
{
    fdt_build_begin(b, "vty@%x", VTY_REG);
    fdt_build_u32(b, "reg", VTY_REG);
    fdt_build_str(b, "device_type", "serial");
    fdt_build_str(b, "compatible", "hvterm1");
    fdt_build_list(b, "interrupts", VTY_IRQ, 0);
    fdt_build_end(b);
}

static void write_nvram(struct fdt_build *b)
{
    fdt_build_begin(b, "nvram@%x", NVRAM_REG);
    fdt_build_u32(b, "reg", NVRAM_REG);
    fdt_build_str(b, "device_type", "nvram");
    fdt_build_str(b, "compatible", "paprika,nvram");
    fdt_build_u32(b, "#bytes", NVRAM_BYTES);
    fdt_build_end(b);
}

/* Devices of the virtual I/O bus. */
static fdt_writer *const vdevices[] = { write_vty, write_nvram };

static void write_vdevice(struct fdt_build *b)
{
    fdt_build_begin(b, "vdevice");
    fdt_build_str(b, "device_type", "vdevice");
    fdt_build_str(b, "compatible", "IBM,vdevice");
    fdt_build_u32(b, "#address-cells", 1);
    fdt_build_u32(b, "#size-cells", 0);
    fdt_build_u32(b, "#interrupt-cells", 2);
    fdt_build_empty(b, "interrupt-controller");
    for (size_t i = 0; i < sizeof(vdevices) / sizeof(vdevices[0]); i++)
        vdevices[i](b);
    fdt_build_end(b);
}

static void write_event_source(struct fdt_build *b, const char *name, uint32_t irq)
{
    fdt_build_begin(b, "%s", name);
    fdt_build_list(b, "interrupts", irq, 0);
    fdt_build_end(b);
}

static void write_event_sources(struct fdt_build *b)
{
    fdt_build_begin(b, "event-sources");
    fdt_build_empty(b, "interrupt-controller");
    fdt_build_u32(b, "#interrupt-cells", 2);
    fdt_build_list(b, "interrupt-ranges", IRQ_EPOW, 2);
    write_event_source(b, "epow-events", IRQ_EPOW);
    if (events_hotplug_source(papr_events(b->papr)))
        write_event_source(b, "hot-plug-events", IRQ_HOTPLUG);
    fdt_build_end(b);
}

/* What makes Linux use H_RANDOM. */
static void write_platform_facilities(struct fdt_build *b)
{
    fdt_build_begin(b, "ibm,platform-facilities");
    fdt_build_str(b, "device_type", "ibm,platform-facilities");
    fdt_build_u32(b, "#address-cells", 1);
    fdt_build_u32(b, "#size-cells", 0);
    fdt_build_begin(b, "ibm,random-v1");
    fdt_build_str(b, "device_type", "ibm,random-v1");
    fdt_build_str(b, "compatible", "ibm,random");
    fdt_build_end(b);
    fdt_build_end(b);
}

/* The root's children, in order. */
static fdt_writer *const nodes[] = {
    write_chosen, fdt_write_cpus, fdt_write_memory, write_rtas, write_interrupt_controller, write_vdevice,
    write_event_sources, write_platform_facilities, fdt_write_drmem,
};

void *fdt_make(struct papr *p, struct error *err)
{
    struct fdt_build b;

    fdt_build_init(&b, p);
    fdt_build_begin(&b, "%s", "");
    write_root_properties(&b);
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
        nodes[i](&b);
    fdt_build_end(&b);
    return fdt_build_finish(&b, err);
}
