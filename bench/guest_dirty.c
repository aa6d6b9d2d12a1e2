/* SPDX-License-Identifier: Apache-2.0 */
/* bench/guest_dirty.c - what a guest's sequential stores lose to dirty tracking, with the engine that runs guests.
 *
 * The guest writes 256 MiB in order, 8 bytes at a time, over and over, through translated pages of 4 or 64 KiB (HPT,
 * ISA 3.0B Book III 5.7). One second without tracking and one with it, in turn: a migration client is armed and a
 * thread collects its marks every 100 ms.
 * Threads: the processor is the main thread's; its CPU time counts, and beside it wall time. */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/rcu.h"
#include "bench/bench.h"
#include "cpu/asm.h"
#include "cpu/run.h"
#include "mem/dirty_log.h"
#include "mem/mem_map.h"
#include "mem/ram_window.h"

#define BYTES (256ull << 20)            /* one segment */
#define RAM (BYTES + (16ull << 20))
#define CODE 0x1000ull                  /* real address; translated it is the second segment */
#define CODE_EA (BYTES + CODE)
#define DATA (16ull << 20)              /* real address of the buffer; its effective address is 0 */
#define VSID 0x123ull
#define HPT_SHIFT 24
#define STORES 16                       /* per round of the loop */
#define ROUNDS 7

struct guest {
    struct cpu cpu;
    struct ram_window *window;
    struct mem_map *map;
    struct dirty_log *log;
    struct cpu_hpt hpt;
    atomic_bool stop;
    uint64_t collected;                 /* pages, by the collector */
};

static uint64_t timebase(void *opaque)
{
    (void)opaque;
    return now_ns() / 125 * 64;
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "guest-dirty: %s\n", what);
    exit(1);
}

/* for (ctr = r5; ctr; ctr--, r3 += 128) 16 x std; sc 1 */
static void write_code(struct guest *g)
{
    uint32_t *at = (uint32_t *)(ram_window_base(g->window) + CODE);
    char text[64];

    must(!asm_word(g->cpu.isa, "mtspr 9,5", 0, at++, NULL), "mtctr");
    for (unsigned i = 0; i < STORES; i++) {
        snprintf(text, sizeof(text), "std 5,%u(3)", 8 * i);
        must(!asm_word(g->cpu.isa, text, 0, at++, NULL), text);
    }
    snprintf(text, sizeof(text), "addi 3,3,%u", 8 * STORES);
    must(!asm_word(g->cpu.isa, text, 0, at++, NULL), text);
    *at++ = 0x42000000u | (-(STORES + 1) * 4 & 0xfffc);        /* bdnz */
    *at++ = 0x44000022u;                                        /* sc 1 */
}

/* A page table entry for page i of a segment, in a slot of its group. */
static void map_page(struct guest *g, uint64_t vsid, uint64_t i, unsigned shift, unsigned slot, uint64_t real)
{
    uint64_t group = (vsid ^ i) & ((1ull << (HPT_SHIFT - 7)) - 1), va = vsid << 28 | i << shift;
    _Atomic uint64_t *e = &g->hpt.e[group * 16 + 2 * slot];

    atomic_store(&e[1], real | (shift == 16 ? 0x1000 : 0) | 0x180 | 0x10 | 2);         /* R, C, M, PP */
    atomic_store(&e[0], va >> 23 << 7 | (shift == 16 ? 4 : 0) | 1);                     /* AVA, L, V */
}

/* The data's pages have groups of their own: first slots; the code's comes second. */
static void map_pages(struct guest *g, unsigned shift)
{
    uint64_t size = shift == 16 ? SLB_VSID_L | 0x10 : 0;

    memset((void *)g->hpt.e, 0, 1ull << HPT_SHIFT);
    for (uint64_t i = 0; i < BYTES >> shift; i++)
        map_page(g, VSID, i, shift, 0, DATA + (i << shift));
    map_page(g, VSID + 1, CODE >> shift, shift, 1, CODE >> shift << shift);
    g->cpu.slb[0] = (struct slb_entry){ SLB_ESID_V, VSID << 12 | size };
    g->cpu.slb[1] = (struct slb_entry){ SLB_ESID_V | BYTES, (VSID + 1) << 12 | size };
    cpu_set_hpt(&g->cpu, &g->hpt);
    cpu_tlb_flush_all(&g->cpu);
}

static void guest_init(struct guest *g)
{
    struct cpu_config cfg = { .level = ISA_LEVEL_3_00, .timebase = timebase, .engine = CPU_ENGINE_AUTO };

    g->window = ram_window_new(RAM, NULL);
    g->map = mem_map_new();
    must(g->window && g->map && !mem_map_add_ram(g->map, g->window, ra(0), RAM, NULL), "no memory");
    g->log = mem_map_ram_log(g->map, g->window);
    cfg.map = g->map;
    must(!cpu_init(&g->cpu, &cfg, NULL), "no processor");
    g->hpt = (struct cpu_hpt){ aligned_alloc(1 << 18, 1ull << HPT_SHIFT), HPT_SHIFT };
    must(g->hpt.e, "no memory");
    write_code(g);
    cpu_set_msr(&g->cpu, MSR_SF | MSR_LE | MSR_ME | MSR_IR | MSR_DR);
}

static void guest_fini(struct guest *g)
{
    cpu_fini(&g->cpu);
    mem_map_free(g->map);
    ram_window_free(g->window);
    free((void *)g->hpt.e);
}

/* The guest's bytes per second of the thread's CPU time and of wall time, for a second. */
struct rate {
    double cpu, wall;
};

static struct rate run_guest(struct guest *g)
{
    uint64_t wall = now_ns(), cpu = cpu_ns();
    double bytes = 0;

    do {
        g->cpu.nip = CODE_EA;
        g->cpu.gpr[3] = 0;
        g->cpu.gpr[5] = BYTES / (8 * STORES);
        while (cpu_run(&g->cpu) == CPU_EXIT_KICK)
            ;
        must(g->cpu.nip == CODE_EA + (STORES + 4) * 4, "the guest went astray");
        bytes += BYTES;
    } while (now_ns() - wall < 1000000000u);
    return (struct rate){ bytes / (double)(cpu_ns() - cpu), bytes / (double)(now_ns() - wall) };
}

static void *collect_on(void *arg)
{
    struct guest *g = arg;
    uint64_t *out = calloc(1, (RAM >> 12) / 8);

    rcu_register_thread();
    while (!atomic_load(&g->stop)) {
        usleep(100000);
        g->collected += dirty_log_collect(g->log, DIRTY_MIGRATION, 0, RAM, out);
    }
    rcu_unregister_thread();
    free(out);
    return NULL;
}

static void summary(const char *name, const char *kase, double *v, const char *unit)
{
    char label[96];

    bench_result(name, kase, bench_quantile(v, ROUNDS, 0.5), unit);
    snprintf(label, sizeof(label), "%s, spread (min..max)", kase);
    printf("%s\t%s\t%.4g..%.4g\t%s\n", name, label, v[0], v[ROUNDS - 1], unit);
}

static void bench_pages(struct guest *g, unsigned shift)
{
    double off[ROUNDS], on[ROUNDS], cpu[ROUNDS], wall[ROUNDS];
    const char *name = shift == 12 ? "guest stores, 4 KiB pages" : "guest stores, 64 KiB pages";

    map_pages(g, shift);
    run_guest(g);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct rate without = run_guest(g), with;
        pthread_t t;

        g->collected = 0;
        atomic_store(&g->stop, false);
        must(!dirty_log_arm(g->log, DIRTY_MIGRATION), "no memory to track");
        pthread_create(&t, NULL, collect_on, g);
        with = run_guest(g);
        atomic_store(&g->stop, true);
        pthread_join(t, NULL);
        dirty_log_disarm(g->log, DIRTY_MIGRATION);
        must(g->collected >= BYTES >> 12, "pages were stored to and not collected");
        off[i] = without.cpu;
        on[i] = with.cpu;
        cpu[i] = 100 * with.cpu / without.cpu;
        wall[i] = 100 * with.wall / without.wall;
    }
    summary(name, "tracking off", off, "GB/s of CPU time");
    summary(name, "tracking on, collected every 100 ms", on, "GB/s of CPU time");
    summary(name, "on / off, CPU time", cpu, "%");
    summary(name, "on / off, wall", wall, "%");
}

int main(void)
{
    static struct guest g;

    rcu_register_thread();
    guest_init(&g);
    bench_pages(&g, 12);
    bench_pages(&g, 16);
    guest_fini(&g);
    rcu_unregister_thread();
    return 0;
}
