/* SPDX-License-Identifier: Apache-2.0 */
/* Hypercalls with hostile arguments, in any order, on a machine whose processors do not run; then the hash table must
 * be sound.
 *
 * Input: a row of records.  First byte: below 0xf0 a row of the hypercall table, else words stored in guest memory.
 * Arguments are a kind and its bytes, so that addresses, entry numbers and entry words near the truth come up often. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "papr/events.h"
#include "papr/hcalls.h"
#include "papr/hpt_int.h"
#include "papr/vty.h"
#include "papr/xics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MEMORY (128ull << 20)
#define CALLS_MAX 64

struct input {
    const uint8_t *at, *end;
};

static uint64_t take(struct input *in, unsigned n)
{
    uint64_t v = 0;

    while (n-- && in->at < in->end)
        v = v << 8 | *in->at++;
    return v;
}

static uint64_t argument(struct input *in)
{
    switch (take(in, 1) % 12) {
    case 0:
        return take(in, 8);
    case 1:
        return take(in, 1);
    case 2:
        return take(in, 2) << 12; /* a page */
    case 3:
        return take(in, 2); /* an entry */
    case 4:
        return 1ull << (take(in, 1) & 63);
    case 5:
        return ~0ull << (take(in, 1) & 63);
    case 6:
        return take(in, 1) << 12 | HPTE_V_V | (take(in, 1) & 0x17);
    case 7:
        return take(in, 2) << 12 | HPTE_R_M | take(in, 1);
    case 8:
        return 16 + take(in, 1) % 32; /* a table size */
    case 9:
        return take(in, 1) << 24 | 0x1000 | take(in, 1); /* an XIRR */
    case 10:
        return 1ull << 62 | take(in, 1) << 56 | take(in, 2); /* a bulk removal */
    default:
        return take(in, 1) << 45 | take(in, 1); /* VPA functions */
    }
}

static void store(struct papr *p, struct input *in)
{
    uint64_t addr = argument(in);
    uint8_t be[8];

    be64_put(be, argument(in));
    papr_write(p, addr, be, 8);
}

static void call(struct vcpu *v, struct input *in, uint8_t row)
{
    v->cpu.gpr[3] = row < hcall_table_size ? hcall_table[row].opcode : take(in, 2);
    for (unsigned i = 0; i < 9; i++)
        v->cpu.gpr[4 + i] = in->at < in->end ? argument(in) : 0;
    hcall_dispatch(v);
}

static void require(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "unsound hash table: %s\n", what);
    abort();
}

static void check_group(struct hpt *h, uint64_t group, uint32_t *refs)
{
    for (uint64_t ptex = 8 * group; ptex < 8 * group + 8; ptex++) {
        uint64_t v = hpte_load_v(h->cur, ptex), r = hpte_load_r(h->cur, ptex), first, last;
        unsigned bit = 1u << (ptex & 7);

        require(!(v & HPTE_V_V) == !(pteg_map_get(&h->cur->used, group) & bit), "used bit");
        require(!(v & HPTE_V_BOLTED) == !(pteg_map_get(&h->cur->bolted, group) & bit), "bolted bit");
        require((v & HPTE_V_V) || (v | r) == 0, "remains of an entry");
        if (!v)
            continue;
        first = hpte_page_ra(r, hpte_page_shift(v, r)) >> 28;
        last = (hpte_page_ra(r, hpte_page_shift(v, r)) + (1ull << hpte_page_shift(v, r)) - 1) >> 28;
        for (uint64_t i = first; i <= last && i < h->n_lmbs; i++)
            refs[i]++;
    }
}

/* Byte maps and counts say what the entries say. */
static void check_table(struct hpt *h)
{
    uint32_t *refs = calloc(h->n_lmbs, sizeof(*refs));
    const struct pteg_map *used = &h->cur->used;

    for (uint64_t g = pteg_map_next(used, 0); g < used->n; g = pteg_map_next(used, g + 1))
        check_group(h, g, refs);
    for (uint64_t i = 0; i < h->n_lmbs; i++)
        require(refs[i] == atomic_load(&h->cur->lmb_refs[i]), "count of mapped memory");
    free(refs);
}

/* A machine takes long to make: one serves all inputs, its parts as new for each. */
static struct papr *machine(void)
{
    static const struct papr_config cfg = {
        .kernel = "/nonexistent",
        .memory_bytes = MEMORY,
        .max_memory_bytes = 4 * MEMORY,
        .cpus = 2,
        .level = ISA_LEVEL_3_00,
    };
    static struct papr *p;
    struct error err;

    if (!p) {
        rcu_register_thread();
        p = papr_new(&cfg, &err);
        require(p, "no machine");
    }
    require(hpt_reset(papr_hpt(p), hpt_boot_shift(MEMORY, 0), &err) == 0, "no memory");
    xics_reset(papr_xics(p));
    vty_reset(papr_vty(p));
    events_reset(papr_events(p));
    ram_window_clear(papr_ram(p), ra(0), MEMORY);
    for (unsigned i = 0; i < papr_vcpu_count(p); i++) {
        cpu_set_hpt(&papr_vcpu(p, i)->cpu, hpt_table(papr_hpt(p)));
        hcall_vcpu_reset(papr_vcpu(p, i));
        papr_vcpu(p, i)->cpu.msr = MSR_SF | MSR_ME;
    }
    return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, data + size };
    struct papr *p = machine();

    for (unsigned i = 0; i < CALLS_MAX && in.at < in.end; i++) {
        uint8_t what = (uint8_t)take(&in, 1);

        if (what >= 0xf0)
            store(p, &in);
        else
            call(papr_vcpu(p, what & 1), &in, what >> 1);
    }
    check_table(papr_hpt(p));
    return 0;
}
