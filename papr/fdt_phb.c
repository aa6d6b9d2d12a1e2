/* SPDX-License-Identifier: Apache-2.0 */
/* papr/fdt_phb.c - the node of a PCI host bridge (LoPAR, "PAPR binding"; IEEE 1275 PCI bus binding).
 *
 * Each bridge has 1 TiB of addresses above all memory a machine can have: its I/O space and its 32-bit memory space at
 * the beginning, its 64-bit memory space after them, one to one. */
#include "papr/drc_tree.h"
#include "papr/fdt.h"
#include "papr/xics.h"

#define BRIDGE_BUID 0x800000020000000ull
#define BRIDGES_BASE (1ull << 46)
#define BRIDGE_BYTES (1ull << 40)
#define IO_BYTES 0x10000ull
#define MEM32_AT 0x80000000ull      /* in the bridge's addresses and on its bus */
#define MEM32_BYTES 0x80000000ull
#define MEM64_AT 0x100000000ull
#define DMA_BYTES (1ull << 30)

enum { SPACE_IO = 0x01000000, SPACE_MEM32 = 0x02000000, SPACE_MEM64 = 0x03000000 };
enum { PINS = 4, LEVEL = 1, MAP_CELLS = 7, MSIS = 64 };

static void write_ranges(struct fdt_build *b, uint64_t base)
{
    fdt_build_list(b, "ranges",
                   SPACE_IO, FDT_CELLS64(0), FDT_CELLS64(base), FDT_CELLS64(IO_BYTES),
                   SPACE_MEM32, FDT_CELLS64(MEM32_AT), FDT_CELLS64(base + MEM32_AT), FDT_CELLS64(MEM32_BYTES),
                   SPACE_MEM64, FDT_CELLS64(base + MEM64_AT), FDT_CELLS64(base + MEM64_AT),
                   FDT_CELLS64(BRIDGE_BYTES - MEM64_AT));
}

/* Pin and device number, rotated over the bridge's four sources. */
static void write_interrupts(struct fdt_build *b, unsigned id)
{
    uint32_t map[PINS * PINS * MAP_CELLS], *at = map;

    for (uint32_t device = 0; device < PINS; device++) {
        for (uint32_t pin = 0; pin < PINS; pin++) {
            const uint32_t entry[MAP_CELLS] = {
                device << 11, 0, 0, pin + 1, FDT_PHANDLE_INTC, IRQ_PHB_LSI + PINS * id + (device + pin) % PINS, LEVEL,
            };

            for (unsigned i = 0; i < MAP_CELLS; i++)
                *at++ = entry[i];
        }
    }
    fdt_build_u32(b, "#interrupt-cells", 1);
    fdt_build_list(b, "interrupt-map-mask", (PINS - 1) << 11, 0, 0, 7);
    fdt_build_cells(b, "interrupt-map", map, sizeof(map) / sizeof(map[0]));
    fdt_build_u32(b, "ibm,pe-total-#msi", MSIS);
}

void fdt_write_phb(struct fdt_build *b, unsigned id)
{
    fdt_build_begin(b, "pci@%llx", BRIDGE_BUID + id);
    fdt_build_str(b, "device_type", "pci");
    fdt_build_str(b, "compatible", "IBM,Logical_PHB");
    fdt_build_u32(b, "#address-cells", 3);
    fdt_build_u32(b, "#size-cells", 2);
    fdt_build_list(b, "reg", FDT_CELLS64(BRIDGE_BUID + id), FDT_CELLS64(0));
    fdt_build_list(b, "bus-range", 0, 255);
    fdt_build_u32(b, "linux,pci-domain", id);
    fdt_build_u32(b, "ibm,pci-config-space-type", 1);
    fdt_build_empty(b, "used-by-rtas");
    write_ranges(b, BRIDGES_BASE + id * BRIDGE_BYTES);
    write_interrupts(b, id);
    fdt_build_u32(b, "ibm,#dma-address-cells", 2);
    fdt_build_u32(b, "ibm,#dma-size-cells", 2);
    fdt_build_list(b, "ibm,dma-window", 0x80000000 | id << 8, FDT_CELLS64(0), FDT_CELLS64(DMA_BYTES));
    fdt_build_list(b, "ibm,associativity", 4, 0, 0, 0, 0);
    fdt_build_u32(b, "ibm,my-drc-index", DRC_INDEX(DRC_PHB, id));
    drc_write_slots(b, id);
    fdt_build_end(b);
}
