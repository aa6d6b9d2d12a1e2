/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/guest_fuzz.h - a machine that never runs, and argument cells made of fuzzed bytes. */
#ifndef TESTS_GUEST_FUZZ_H
#define TESTS_GUEST_FUZZ_H

#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "papr/loader.h"
#include "papr/of_client.h"
#include "papr/papr_int.h"

enum {
    FUZZ_BLOCK = 0x20000, FUZZ_PAGE = 0x21000, FUZZ_MEMORY = 128 << 20,
};

struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

static inline uint8_t fuzz_byte(struct fuzz_input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->at++;
}

/* Numbers worth trying: a pointer into the page of fuzzed bytes, near the ends of RAM and of
 * 32 bits, small, or anything. */
static inline uint32_t fuzz_cell(struct fuzz_input *in)
{
    uint8_t kind = fuzz_byte(in);
    uint32_t low = fuzz_byte(in);

    switch (kind & 7) {
    case 0:
        return FUZZ_PAGE + low * 16;
    case 1:
        return FUZZ_MEMORY - low;
    case 2:
        return UINT32_MAX - low;
    case 3:
        return low;
    case 4:
        return OF_IHANDLE_FIRST + low % 8;
    case 5:
        return 0x2000 + low % 32;                   /* phandles */
    case 6:
        return low << 20;
    default:
        return low << 24 | (uint32_t)fuzz_byte(in) << 16 | (uint32_t)fuzz_byte(in) << 8 | fuzz_byte(in);
    }
}

static inline void fuzz_put(struct papr *p, uint64_t addr, uint32_t v)
{
    uint8_t be[4];

    be32_put(be, v);
    papr_write(p, addr, be, 4);
}

/* Head and arguments at FUZZ_BLOCK; counts are mostly right. */
static inline void fuzz_block(struct papr *p, struct fuzz_input *in, uint32_t first, unsigned nargs, unsigned nrets)
{
    uint8_t twist = fuzz_byte(in);

    nargs += twist >= 240 ? twist & 3 : 0;
    nrets += twist >= 248 ? twist & 1 : 0;
    fuzz_put(p, FUZZ_BLOCK, first);
    fuzz_put(p, FUZZ_BLOCK + 4, twist == 255 ? fuzz_cell(in) : nargs);
    fuzz_put(p, FUZZ_BLOCK + 8, twist == 254 ? fuzz_cell(in) : nrets);
    for (unsigned i = 0; i < nargs; i++)
        fuzz_put(p, FUZZ_BLOCK + 12 + 4 * i, fuzz_cell(in));
}

static inline struct papr *fuzz_machine(void)
{
    struct papr_config cfg = { .append = "console=hvc0", .memory_bytes = FUZZ_MEMORY, .max_memory_bytes = 1ull << 33,
                               .cpus = 2, .level = ISA_LEVEL_3_00 };
    struct papr *p;

    rcu_register_thread();
    p = papr_new(&cfg, NULL);
    if (!p)
        abort();
    papr_vcpu(p, 0)->stopped = false;
    return p;
}

/* The state before the kernel's first instruction; the whole input is also what the page holds. */
static inline void fuzz_begin(struct papr *p, const uint8_t *data, size_t size)
{
    static const struct loader_layout images = { .entry = 4 << 20, .kernel_start = 4 << 20, .kernel_end = 8 << 20,
                                                 .page_shift = 16 };

    of_client_reset(papr_of(p));
    if (of_client_set_images(papr_of(p), &images, NULL) || of_client_build(papr_of(p), NULL))
        abort();
    papr_write(p, FUZZ_PAGE, data, size < 4096 ? size : 4096);
}

static inline void fuzz_hcall(struct vcpu *v, uint32_t opcode, uint64_t block)
{
    v->cpu.gpr[3] = opcode;
    v->cpu.gpr[4] = block;
    hcall_dispatch(v);
}

#endif
