/* SPDX-License-Identifier: Apache-2.0 */
/* bench/hpt.c - what hash-table calls cost: entering and removing, and a resize of a large
 * partition as a guest performs it.
 *
 * Resizes: RAM mapped by bolted 16 MiB pages in 1 TiB segments, as Linux maps it, plus ten loose entries for each; the
 * table that fits 64 KiB pages, one step up.  "commit" is what stops every processor. */
#include <stdio.h>

#include "base/rcu.h"
#include "bench/bench.h"
#include "papr/hpt_int.h"

#define GiB (1ull << 30)
#define MiB (1ull << 20)
#define ROUNDS 2000000

/* Linux's virtual numbers for its linear map: the address itself, scrambled by a multiplicative hash over contexts. */
static uint64_t linear_vsid(uint64_t ra)
{
    return ((ra >> 40 | 0x7fff0ull) * 12538073ull) % ((1ull << 24) - 1);
}

static uint64_t group_of(uint64_t vsid, uint64_t offset, unsigned base_shift, unsigned shift)
{
    return (vsid ^ vsid << 25 ^ offset >> base_shift) & ((1ull << (shift - 7)) - 1);
}

static void map_memory(struct hpt *h, uint64_t bytes)
{
    uint64_t used;

    for (uint64_t at = 0; at < bytes; at += 16 * MiB) {
        uint64_t vsid = linear_vsid(at), offset = at & ((1ull << 40) - 1);
        struct hpte e = { HPTE_V_B_1T | (vsid << 17 | offset >> 23) << 7 | HPTE_V_BOLTED | HPTE_V_L | HPTE_V_V,
                          at | HPTE_R_M };

        hpt_insert(h, group_of(vsid, offset, 24, hpt_shift(h)) * 8, false, e, &used);
        for (unsigned i = 0; i < 10; i++) {
            struct hpte loose = { HPTE_V_B_1T | ((vsid + 77) << 17 | offset >> 23) << 7 | HPTE_V_L | HPTE_V_V,
                                  at | 0x1000 | HPTE_R_M };

            hpt_insert(h, group_of(vsid + 77, offset + i * 65536, 16, hpt_shift(h)) * 8, false, loose, &used);
        }
    }
}

static void resize_once(uint64_t memory)
{
    unsigned shift = hpt_boot_shift(memory, 16);
    struct hpt *h = hpt_new(shift, memory, NULL);
    struct hpt_stats s;
    uint64_t start, prepared, committed;

    map_memory(h, memory);
    start = cpu_ns();
    hpt_prepare(h, shift + 1);
    prepared = cpu_ns();
    hpt_commit(h, shift + 1);
    committed = cpu_ns();
    hpt_stats(h, &s);
    printf("resize %5llu GiB: 2^%u to 2^%u, prepare %8.1f us, commit %8.1f us, %llu entries moved\n",
           (unsigned long long)(memory / GiB), shift, shift + 1, (double)(prepared - start) / 1e3,
           (double)(committed - prepared) / 1e3, (unsigned long long)s.entries_moved);
    hpt_free(h);
    rcu_barrier();
}

static void enter_remove(void)
{
    struct hpt *h = hpt_new(24, GiB, NULL);
    struct hpte old;
    uint64_t used, seed = 1;
    uint64_t start = cpu_ns();

    for (unsigned i = 0; i < ROUNDS; i++) {
        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        if (!hpt_insert(h, seed >> 44, false, (struct hpte){ HPTE_V_V, (seed >> 20 & 0x3ffff000) | HPTE_R_M }, &used))
            continue;
        hpt_detach(h, used, (struct hpte_match){ 0 }, &old);
        hpt_release(h, used, old);
    }
    printf("enter and remove: %.1f ns a pair\n", (double)(cpu_ns() - start) / ROUNDS);
    hpt_free(h);
}

int main(void)
{
    rcu_register_thread();
    enter_remove();
    for (uint64_t memory = 4 * GiB; memory <= 4096 * GiB; memory *= 4)
        resize_once(memory);
    resize_once(129 * GiB);
    resize_once(385 * GiB);
    rcu_unregister_thread();
    return 0;
}
