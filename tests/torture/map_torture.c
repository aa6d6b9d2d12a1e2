/* SPDX-License-Identifier: Apache-2.0 */
/* The memory map under readers and writers at once: whole transactions (M1), no dead memory
 * (M3), pages closed only after readers.
 *
 * Two neighbouring pages always show the same colour, and one transaction repaints both: a read across their border
 * must be of one colour.  Blocks of RAM come and go while readers touch what they looked up: a page
 * closed too early is a SIGSEGV. */
#include "mem/mem_map.h"
#include "mem/ram_window.h"
#include "torture.h"

#include <sched.h>
#include <string.h>

#define PAGE 4096ull
#define COLOURS 8
#define PAIR_AT 0x100000000ull
#define LMB (2ull << 20)
#define LMBS 16
#define MMIO_AT 0x200000000ull
#define MMIO_PAGES 4

struct world {
    struct mem_map *map;
    struct ram_window *window;
    struct ram_block *paint;
    atomic_bool stop;
};

struct device {
    struct rcu_head rcu;
    uint64_t magic;
};

static void painter(struct torture_thread *t)
{
    struct world *w = t->world;
    struct mem_region *now[2] = { NULL, NULL };

    while (torture_on(t)) {
        uint64_t colour = torture_rnd(&t->seed) % COLOURS;

        mem_map_begin(w->map);
        for (unsigned i = 0; i < 2; i++) {
            if (now[i])
                mem_map_del(w->map, now[i]);
            mem_region_put(now[i]);
            now[i] = mem_region_new_ram(w->paint, colour * 2 * PAGE + (torture_rnd(&t->seed) & 1) * PAGE, PAGE);
            MUST(now[i] && mem_map_add(w->map, now[i], ra(PAIR_AT + i * PAGE), 0, NULL) == 0);
        }
        MUST(mem_map_commit(w->map) == 0);
        t->rounds++;
    }
    mem_region_put(now[0]);
    mem_region_put(now[1]);
}

static void viewer(struct torture_thread *t)
{
    struct world *w = t->world;

    while (torture_on(t)) {
        uint8_t buf[64];
        unsigned cut = 1 + torture_rnd(&t->seed) % 63;

        if (!mem_map_read(w->map, ra(PAIR_AT + PAGE - cut), buf, sizeof(buf)))
            continue;
        for (unsigned i = 1; i < sizeof(buf); i++)
            MUST(buf[i] == buf[0]);
        t->rounds++;
    }
}

static void plugger(struct torture_thread *t)
{
    struct world *w = t->world;
    bool plugged[LMBS] = { false };

    while (torture_on(t)) {
        unsigned i = torture_rnd(&t->seed) % LMBS;

        if (plugged[i])
            MUST(mem_map_remove_ram(w->map, w->window, ra(i * LMB), LMB, NULL) == 0);
        else
            MUST(mem_map_add_ram(w->map, w->window, ra(i * LMB), LMB, NULL) == 0);
        plugged[i] = !plugged[i];
        t->rounds++;
        if (t->rounds % 256 == 0)
            rcu_barrier();              /* do not outrun the reclaimer for hours */
    }
}

static void toucher(struct torture_thread *t)
{
    struct world *w = t->world;

    while (torture_on(t)) {
        struct mem_hit hit;

        rcu_read_lock();
        for (unsigned i = 0; i < 16; i++) {
            uint64_t at = torture_rnd(&t->seed) % (LMBS * LMB) & ~7ull;

            if (!mem_map_find_rcu(w->map, ra(at), &hit))
                continue;
            MUST(hit.host == ram_window_base(w->window) + at && hit.len >= 8);
            __atomic_store_n((uint64_t *)hit.host, at, __ATOMIC_RELAXED);
            t->rounds++;
        }
        rcu_read_unlock();
    }
}

static void free_device(struct rcu_head *head)
{
    struct device *d = caa_container_of(head, struct device, rcu);

    rcu_grace_passed();
    d->magic = 0;
    free(d);
}

static bool device_read(void *opaque, uint64_t off, unsigned size, uint64_t *val)
{
    struct device *d = opaque;

    (void)off;
    (void)size;
    *val = d->magic;
    return true;
}

static const struct mem_ops device_ops = { .read = device_read };

static void hotplugger(struct torture_thread *t)
{
    struct world *w = t->world;

    while (torture_on(t)) {
        struct device *d = malloc(sizeof(*d));
        struct mem_region *r = mem_region_new_mmio(&device_ops, d, PAGE), *alias = mem_region_new_alias(r, 16, 64);
        uint64_t at = MMIO_AT + torture_rnd(&t->seed) % MMIO_PAGES * PAGE;

        d->magic = 0x5eed;
        MUST(mem_map_add(w->map, r, ra(at), (int)(torture_rnd(&t->seed) % 3), NULL) == 0);
        MUST(mem_map_add(w->map, alias, ra(at + MMIO_PAGES * PAGE), 0, NULL) == 0);
        sched_yield();
        mem_map_enable(w->map, r, torture_rnd(&t->seed) & 1);
        mem_map_begin(w->map);
        mem_map_del(w->map, alias);
        mem_map_del(w->map, r);
        if (torture_rnd(&t->seed) % 4 == 0) {
            mem_map_abort(w->map);
            mem_map_del(w->map, alias);
            mem_map_del(w->map, r);
        } else {
            MUST(mem_map_commit(w->map) == 0);
        }
        mem_region_put(alias);
        mem_region_put(r);
        call_rcu(&d->rcu, free_device);
        if (++t->rounds % 1024 == 0)
            rcu_barrier();
    }
}

static void caller(struct torture_thread *t)
{
    struct world *w = t->world;
    uint64_t val;

    while (torture_on(t))
        if (mem_map_mmio_read(w->map, ra(MMIO_AT + torture_rnd(&t->seed) % (2 * MMIO_PAGES * PAGE)), 1, &val)) {
            MUST(val == 0x5eed);
            t->rounds++;
        }
}

int main(void)
{
    static struct world w;
    static struct torture_thread t[] = {
        { .run = painter }, { .run = viewer }, { .run = viewer }, { .run = plugger }, { .run = toucher },
        { .run = toucher }, { .run = hotplugger }, { .run = hotplugger }, { .run = caller },
    };
    uint8_t *host = malloc(COLOURS * 2 * PAGE);

    rcu_register_thread();
    for (unsigned i = 0; i < COLOURS; i++)
        memset(host + i * 2 * PAGE, (int)i + 1, 2 * PAGE);
    w.map = mem_map_new();
    w.window = ram_window_new(LMBS * LMB, NULL);
    w.paint = ram_block_new(host, COLOURS * 2 * PAGE, free, host);
    torture_run(t, sizeof(t) / sizeof(t[0]), &w, &w.stop);
    ram_block_put(w.paint);
    mem_map_free(w.map);
    ram_window_free(w.window);
    rcu_barrier();
    rcu_unregister_thread();
    for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++)
        printf("thread %u: %llu rounds\n", i, (unsigned long long)t[i].rounds);
    return 0;
}
