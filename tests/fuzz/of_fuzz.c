/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/of_fuzz.c - sequences of client interface calls: services by number or by a name out of the input,
 * arguments of all kinds, CAS vectors from the input. */
#include "tests/fuzz/guest_fuzz.h"

static const struct {
    const char *name;
    uint8_t nargs, nrets;
} services[] = {
    { "finddevice", 1, 1 }, { "getprop", 4, 1 }, { "getproplen", 2, 1 }, { "nextprop", 3, 1 }, { "setprop", 4, 1 },
    { "peer", 1, 1 }, { "child", 1, 1 }, { "parent", 1, 1 }, { "package-to-path", 3, 1 }, { "open", 1, 1 },
    { "close", 1, 0 }, { "instance-to-package", 1, 1 }, { "instance-to-path", 3, 1 }, { "write", 3, 1 },
    { "read", 3, 1 }, { "claim", 3, 1 }, { "release", 2, 0 }, { "call-method", 3, 2 }, { "milliseconds", 0, 1 },
    { "quiesce", 0, 0 }, { "test", 1, 1 },
};
enum { SERVICES = sizeof(services) / sizeof(services[0]), NAMES = 0x22000 };

/* Names and paths at fixed places, so that calls get past the first check. */
static void put_names(struct papr *p)
{
    static const char *const texts[] = { "/", "/chosen", "/rtas", "/cpus", "ibm,client-architecture-support",
                                         "instantiate-rtas", "device_type", "linux,stdout-path" };

    for (uint32_t i = 0; i < SERVICES; i++)
        papr_write(p, NAMES + 64 * i, services[i].name, strlen(services[i].name) + 1);
    for (uint32_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        papr_write(p, NAMES + 0x1000 + 64 * i, texts[i], strlen(texts[i]) + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct papr *p;
    struct fuzz_input in = { data, size };

    if (!p) {
        p = fuzz_machine();
        put_names(p);
    }
    fuzz_begin(p, data, size);
    for (unsigned calls = 0; in.left && calls < 64; calls++) {
        uint8_t which = fuzz_byte(&in), text = fuzz_byte(&in);
        unsigned s = which % SERVICES;

        fuzz_block(p, &in, which >= 250 ? fuzz_cell(&in) : NAMES + 64 * s, services[s].nargs, services[s].nrets);
        if (text < 128)                 /* the argument that is a name: first, or second for properties */
            fuzz_put(p, FUZZ_BLOCK + (s >= 1 && s <= 4 ? 16 : 12), NAMES + 0x1000 + 64 * (text & 7));
        fuzz_hcall(papr_vcpu(p, 0), H_OF_CLIENT, which == 249 ? fuzz_cell(&in) : FUZZ_BLOCK);
    }
    return 0;
}
