/* SPDX-License-Identifier: Apache-2.0 */
/* guest/of.c - from Open Firmware to a machine of our own: what the tree says, ibm,client-architecture-support, RTAS.
 * Spec: LoPAR, "PAPR binding"; IEEE 1275 client interface.  All of it in big-endian cells of 32 bits. */
#include "guest/guest.h"

struct machine machine;

static uint64_t gate;
static uint32_t block[3 + 10] __attribute__((aligned(16)));

enum { OF_ERROR = 0xffffffff };

static uint32_t low(const void *p)
{
    return (uint32_t)(uintptr_t)p;
}

/* Results but the first go to more. */
static uint32_t of(const char *service, unsigned nargs, const uint32_t *args, unsigned nrets, uint32_t *more)
{
    block[0] = be32(low(service));
    block[1] = be32(nargs);
    block[2] = be32(nrets);
    for (unsigned i = 0; i < nargs; i++)
        block[3 + i] = be32(args[i]);
    for (unsigned i = 0; i < nrets; i++)
        block[3 + nargs + i] = be32(OF_ERROR);
    if (call_gate(low(block), gate))
        return OF_ERROR;
    for (unsigned i = 1; i < nrets; i++)
        more[i - 1] = be32(block[3 + nargs + i]);
    return nrets ? be32(block[3 + nargs]) : 0;
}
#define OF(service, ...) of(service, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4, (uint32_t[]){ __VA_ARGS__ }, 1, NULL)

static uint32_t find(const char *path)
{
    return OF("finddevice", low(path));
}

/* The property's length; what fits is in to. */
static uint32_t get(uint32_t node, const char *name, void *to, uint32_t room)
{
    return OF("getprop", node, low(name), low(to), room);
}

static uint32_t get_cell(uint32_t node, const char *name)
{
    uint32_t v = 0;

    get(node, name, &v, 4);
    return be32(v);
}

/* ---- ibm,client-architecture-support ---- */
static const uint8_t vectors[] __attribute__((aligned(8))) = {
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,     /* any processor */
    0xff, 0xff, 0xff, 0xfe, 0x0f, 0x00, 0x00, 0x01,     /* end */
    6 - 1,
    1, 0x00, 0x00,                                      /* 1: no claim */
    0, 0x80,                                            /* 2: ignore */
    0, 0x80,                                            /* 3 */
    0, 0x80,                                            /* 4 */
    24 - 1, 0x00, 0xe0, 0x00, 0x00, 0x80, 0x05,         /* 5: LPAR, SPLPAR, DRMEM; FORM1; HP_EVT, RESIZE_HPT */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,        /* 7-21 */
    0xc0, 0x00, 0x00,                                   /* 22: DRMEM_V2, DRC_INFO; 23: XICS; 24: hash */
    0, 0x80,                                            /* 6 */
};

static void negotiate(void)
{
    uint32_t root = OF("open", low("/")), result = OF_ERROR;

    if (of("call-method", 3, (uint32_t[]){ low("ibm,client-architecture-support"), root, low(vectors) }, 2, &result) ||
        result)
        put("# ibm,client-architecture-support failed\r\n");
    OF("close", root);
}

/* ---- the tree ---- */
static uint8_t property[4096] __attribute__((aligned(8)));

static uint32_t cell(unsigned i)
{
    return be32(((uint32_t *)property)[i]);
}

static uint64_t two_cells(unsigned i)
{
    return (uint64_t)cell(i) << 32 | cell(i + 1);
}

/* Memory nodes: children of the root of that type. */
static void read_memory(void)
{
    char type[16];

    for (uint32_t node = OF("child", OF("peer", 0)); node; node = OF("peer", node)) {
        if (get(node, "device_type", type, sizeof(type)) > sizeof(type) || strcmp(type, "memory") ||
            get(node, "reg", property, sizeof(property)) != 16)
            continue;
        if (two_cells(0) + two_cells(2) > machine.memory_top)
            machine.memory_top = two_cells(0) + two_cells(2);
    }
}

/* ibm,dynamic-memory-v2: { blocks, address, connector, associativity, flags } */
static void read_blocks(void)
{
    uint32_t node = find("/ibm,dynamic-reconfiguration-memory"), bytes;

    machine.lmb_bytes = 1 << 28;
    if (node == OF_ERROR)
        return;
    if (get(node, "ibm,lmb-size", property, 8) == 8)
        machine.lmb_bytes = two_cells(0);
    bytes = get(node, "ibm,dynamic-memory-v2", property, sizeof(property));
    for (unsigned i = 1; bytes != OF_ERROR && i + 6 <= bytes / 4 && i + 6 <= sizeof(property) / 4; i += 6) {
        uint32_t first = (uint32_t)(two_cells(i + 1) / machine.lmb_bytes), n = cell(i), flags = cell(i + 5);

        if (flags & 0x20)                               /* no connector */
            continue;
        if (!machine.lmb_end)
            machine.lmb_first = first;
        machine.lmb_end = first + n;
        if (flags & 8) {                                /* assigned */
            machine.lmb_boot_end = first + n;
            if ((uint64_t)(first + n) * machine.lmb_bytes > machine.memory_top)
                machine.memory_top = (uint64_t)(first + n) * machine.lmb_bytes;
        }
    }
    if (machine.lmb_boot_end < machine.lmb_first)
        machine.lmb_boot_end = machine.lmb_first;
}

static void read_cpu(void)
{
    uint32_t cpu = OF("child", find("/cpus"));

    if (get(cpu, "ibm,pft-size", property, 8) == 8)
        machine.hpt_shift = cell(1);
    __asm__("mfpvr %0" : "=r"(machine.pvr));
}

/* Every property of /rtas of four bytes is a token, or does no harm. */
static void read_tokens(uint32_t node)
{
    static char name[2][32];
    const char *before = "";

    for (unsigned i = 0; OF("nextprop", node, low(before), low(name[i & 1])) == 1; i++) {
        before = name[i & 1];
        if (OF("getproplen", node, low(before)) == 4)
            rtas_note(before, get_cell(node, before));
    }
}

static void instantiate_rtas(void)
{
    uint32_t node = find("/rtas"), bytes = get_cell(node, "rtas-size"), entry = 0;
    uint32_t base = OF("claim", 0, bytes, 4096), handle = OF("open", low("/rtas"));

    if (base == OF_ERROR || of("call-method", 3, (uint32_t[]){ low("instantiate-rtas"), handle, base }, 2, &entry))
        put("# instantiate-rtas failed\r\n");
    machine.rtas_base = entry;
    read_tokens(node);
    if (get(node, "ibm,lrdr-capacity", property, 20) == 20)
        machine.ceiling = two_cells(0);
}

void firmware_init(uint64_t client_interface)
{
    uint32_t chosen;

    gate = client_interface;
    get(find("/chosen"), "bootargs", machine.words, sizeof(machine.words) - 1);
    negotiate();
    chosen = find("/chosen");
    get(chosen, "ibm,architecture-vec-5", machine.vector5, sizeof(machine.vector5));
    read_memory();
    read_blocks();
    read_cpu();
    instantiate_rtas();
    of("quiesce", 0, NULL, 0, NULL);
}

const char *command_word(const char *name)
{
    size_t n = strlen(name);

    for (const char *at = machine.words; *at; at++) {
        if ((at == machine.words || at[-1] == ' ') && !strncmp(at, name, n)) {
            if (at[n] == '=') {
                static char value[64];
                unsigned i = 0;

                for (at += n + 1; *at && *at != ' ' && i < sizeof(value) - 1; at++)
                    value[i++] = *at;
                value[i] = 0;
                return value;
            }
            if (!at[n] || at[n] == ' ')
                return "";
        }
    }
    return NULL;
}
