/* SPDX-License-Identifier: Apache-2.0 */
/* bench/memmap.c - what an update of the memory map costs, and what it costs readers;
 * beside a map that is rebuilt whole.
 *
 * Peers in the same run: rebuild = a sorted array made anew for each update and a grace period waited for before the
 * old one is freed (what VMMs with a flat array and synchronize_rcu do);
 * rebuild-deferred = the same without the wait. */
#include "base/rcu.h"
#include "bench/bench.h"
#include "mem/mem_map.h"
#include "mem/kvm_slots.h"
#include "mem/ram_window.h"
#include "tests/unit/mem/kvm_guest.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define UPDATES 10000
#define STRIDE 0x10000ull
#define READER_ROUNDS 7
#define READER_TIME_US 500000

static bool reg_read(void *opaque, uint64_t off, unsigned size, uint64_t *val)
{
    (void)opaque;
    (void)size;
    *val = off;
    return true;
}

static const struct mem_ops ops = { .read = reg_read };

/* ---- the peer: everything is rebuilt ---- */

struct peer_view {
    struct rcu_head rcu;
    size_t n;
    uint64_t start[];
};

struct peer {
    _Atomic(struct peer_view *) view;
};

static void peer_reclaim(struct rcu_head *head)
{
    free(caa_container_of(head, struct peer_view, rcu));
}

/* One region comes (add) or goes: the array of starts is written anew, as rendering a flat view does. */
static void peer_update(struct peer *p, uint64_t start, bool add, bool wait)
{
    struct peer_view *old = atomic_load(&p->view), *v = malloc(sizeof(*v) + (old->n + 1) * 8);

    v->n = 0;
    for (size_t i = 0; i < old->n; i++) {
        if (add && (i == 0 || old->start[i - 1] < start) && old->start[i] > start)
            v->start[v->n++] = start;
        if (add || old->start[i] != start)
            v->start[v->n++] = old->start[i];
    }
    if (add && (old->n == 0 || old->start[old->n - 1] < start))
        v->start[v->n++] = start;
    atomic_store(&p->view, v);
    if (wait) {
        synchronize_rcu();
        free(old);
    } else {
        call_rcu(&old->rcu, peer_reclaim);
    }
}

/* ---- readers ---- */

struct reader {
    pthread_t thread;
    const struct mem_map *map;
    uint64_t span;
    atomic_bool *stop;
    double *sample;                     /* cycles of single look-ups */
    size_t n, room;
    uint64_t look_ups, hits;
};

static inline uint64_t cycles(void)
{
    unsigned aux;

    return __builtin_ia32_rdtscp(&aux);
}

static void *read_on(void *arg)
{
    struct reader *r = arg;
    uint64_t seed = (uintptr_t)r | 1;
    struct mem_hit hit;

    rcu_register_thread();
    while (!atomic_load_explicit(r->stop, memory_order_relaxed)) {
        for (unsigned i = 0; i < 64; i++) {
            uint64_t at = bench_rnd(&seed) % r->span, begin = cycles(), took;

            rcu_read_lock();
            r->hits += mem_map_find_rcu(r->map, ra(at), &hit);
            rcu_read_unlock();
            took = cycles() - begin;
            if (r->n < r->room)
                r->sample[r->n++] = (double)took;
            else if (r->room)
                r->sample[bench_rnd(&seed) % r->room] = (double)took;
        }
        r->look_ups += 64;
    }
    rcu_unregister_thread();
    return NULL;
}

static void start_readers(struct reader *r, unsigned n, const struct mem_map *m, uint64_t span, atomic_bool *stop,
                          size_t room)
{
    for (unsigned i = 0; i < n; i++) {
        r[i] = (struct reader){ .map = m, .span = span, .stop = stop, .room = room };
        r[i].sample = malloc((room + 1) * sizeof(double));
        pthread_create(&r[i].thread, NULL, read_on, &r[i]);
    }
    usleep(20000);
}

static void stop_readers(struct reader *r, unsigned n, atomic_bool *stop)
{
    atomic_store(stop, true);
    for (unsigned i = 0; i < n; i++)
        pthread_join(r[i].thread, NULL);
    atomic_store(stop, false);
}

/* ---- the updates ---- */

static struct mem_map *filled(size_t regions)
{
    struct mem_map *m = mem_map_new();

    mem_map_begin(m);
    for (size_t i = 0; i < regions; i++) {
        struct mem_region *r = mem_region_new_mmio(&ops, m, 0x1000);

        mem_map_add(m, r, ra(2 * i * STRIDE), 0, NULL);
        mem_region_put(r);
    }
    mem_map_commit(m);
    return m;
}

static void report(const char *what, size_t regions, uint64_t n, uint64_t wall, uint64_t cpu)
{
    char name[64], kase[32];

    snprintf(kase, sizeof(kase), "%zu", regions);
    snprintf(name, sizeof(name), "%s wall", what);
    bench_result(name, kase, (double)wall / (double)n, "ns/update");
    snprintf(name, sizeof(name), "%s cpu", what);
    bench_result(name, kase, (double)cpu / (double)n, "ns/update");
}

/* Half of the updates add a region between the others, half remove it again; at random places. */
static void update_paprika(struct mem_map *m, size_t regions, bool one_transaction)
{
    static struct mem_region *mine[UPDATES / 2];
    uint64_t seed = 99, wall, cpu;

    for (unsigned i = 0; i < UPDATES / 2; i++)
        mine[i] = mem_region_new_mmio(&ops, &mine[i], 0x1000 / 8);
    wall = now_ns();
    cpu = cpu_ns();
    if (one_transaction)
        mem_map_begin(m);
    for (unsigned i = 0; i < UPDATES / 2; i++)
        mem_map_add(m, mine[i], ra((2 * (bench_rnd(&seed) % regions) + 1) * STRIDE + (i & 0xff) * 0x100), 0, NULL);
    if (one_transaction) {
        mem_map_commit(m);
        mem_map_begin(m);
    }
    for (unsigned i = 0; i < UPDATES / 2; i++)
        mem_map_del(m, mine[i]);
    if (one_transaction)
        mem_map_commit(m);
    report(one_transaction ? "paprika, one transaction" : "paprika, single", regions, UPDATES, now_ns() - wall,
           cpu_ns() - cpu);
    for (unsigned i = 0; i < UPDATES / 2; i++)
        mem_region_put(mine[i]);
}

static void update_peer(size_t regions, bool wait)
{
    struct peer_view *v = malloc(sizeof(*v) + regions * 8);
    struct peer p;
    uint64_t seed = 99, n = 0, wall = now_ns(), cpu = cpu_ns();

    v->n = regions;
    for (size_t i = 0; i < regions; i++)
        v->start[i] = 2 * i * STRIDE;
    atomic_init(&p.view, v);
    for (; n < UPDATES && now_ns() - wall < 2000000000u; n += 2) {
        uint64_t at = (2 * (bench_rnd(&seed) % regions) + 1) * STRIDE;

        peer_update(&p, at, true, wait);
        peer_update(&p, at, false, wait);
    }
    report(wait ? "rebuild + grace period" : "rebuild, deferred", regions, n, now_ns() - wall, cpu_ns() - cpu);
    rcu_barrier();
    free(atomic_load(&p.view));
}

static void bench_updates(size_t regions, unsigned readers)
{
    struct mem_map *m = filled(regions);
    struct reader r[2];
    atomic_bool stop = false;

    start_readers(r, readers, m, 2 * regions * STRIDE, &stop, 0);
    for (unsigned round = 0; round < 5; round++) {
        update_paprika(m, regions, false);
        update_paprika(m, regions, true);
    }
    update_peer(regions, true);
    update_peer(regions, false);
    stop_readers(r, readers, &stop);
    mem_map_free(m);
}

/* ---- what readers notice ---- */

struct churn {
    struct mem_map *map;
    size_t regions;
    atomic_bool stop;
    uint64_t updates;
    unsigned pause_us;
};

static void *churn_on(void *arg)
{
    struct churn *c = arg;
    struct mem_region *r = mem_region_new_mmio(&ops, c, 0x1000);
    uint64_t seed = 5;

    while (!atomic_load(&c->stop)) {
        mem_map_add(c->map, r, ra((2 * (bench_rnd(&seed) % c->regions) + 1) * STRIDE), 0, NULL);
        mem_map_del(c->map, r);
        c->updates += 2;
        if (c->pause_us)
            usleep(c->pause_us);
    }
    mem_region_put(r);
    return NULL;
}

/* The writer wakes thousands of times a second: on the reader's processor it would be the scheduler that we measure. */
static void run_on(pthread_t thread, int processor)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    (void)pthread_setaffinity_np(thread, sizeof(one), &one);
}

struct look_ups {
    double median[READER_ROUNDS], late[READER_ROUNDS];          /* late: 99.9th percentile */
};

static void look_up(const struct churn *c, struct look_ups *l, unsigned round)
{
    struct reader r;
    atomic_bool stop = false;

    start_readers(&r, 1, c->map, 2 * c->regions * STRIDE, &stop, 4000000);
    run_on(r.thread, 1);
    usleep(READER_TIME_US);
    stop_readers(&r, 1, &stop);
    l->median[round] = bench_quantile(r.sample, r.n, 0.5);
    l->late[round] = bench_quantile(r.sample, r.n, 0.999);
    free(r.sample);
}

static void churn_during(struct churn *c, struct look_ups *l, unsigned round)
{
    pthread_t writer;

    atomic_store(&c->stop, false);
    pthread_create(&writer, NULL, churn_on, c);
    run_on(writer, 0);
    if (l)
        look_up(c, l, round);
    else
        usleep(READER_TIME_US);
    atomic_store(&c->stop, true);
    pthread_join(writer, NULL);
}

static void reader_result(const char *name, const char *kase, double *v, const char *unit)
{
    char label[96];

    bench_result(name, kase, bench_quantile(v, READER_ROUNDS, 0.5), unit);
    snprintf(label, sizeof(label), "%s, spread", kase);
    printf("%s\t%s\t%.4g..%.4g\t%s\n", name, label, v[0], v[READER_ROUNDS - 1], unit);
}

/* Quiet and busy half seconds in turn, on a tree that has been updated for one: one filled in order has full nodes and
 * is smaller, so a look-up in it is no measure for one in a map that lives ("fresh"). */
static void bench_reader(size_t regions, unsigned pause_us, const char *what)
{
    struct churn c = { .regions = regions };
    struct look_ups fresh, quiet, busy;
    double median[READER_ROUNDS], late[READER_ROUNDS];
    char kase[64];

    run_on(pthread_self(), 0);          /* and with it the reclaimer that the first update starts */
    c.map = filled(regions);
    for (unsigned i = 0; i < READER_ROUNDS; i++)
        look_up(&c, &fresh, i);
    churn_during(&c, NULL, 0);
    c.pause_us = pause_us;
    c.updates = 0;
    for (unsigned i = 0; i < READER_ROUNDS; i++) {
        look_up(&c, &quiet, i);
        churn_during(&c, &busy, i);
        median[i] = busy.median[i] / quiet.median[i];
        late[i] = busy.late[i] / quiet.late[i];
    }
    snprintf(kase, sizeof(kase), "%s, %zu regions", what, regions);
    reader_result("look-up fresh median", kase, fresh.median, "cycles");
    reader_result("look-up quiet median", kase, quiet.median, "cycles");
    reader_result("look-up busy median", kase, busy.median, "cycles");
    reader_result("look-up busy / quiet median", kase, median, "x");
    reader_result("look-up quiet 99.9 %", kase, quiet.late, "cycles");
    reader_result("look-up busy 99.9 %", kase, busy.late, "cycles");
    reader_result("look-up busy / quiet 99.9 %", kase, late, "x");
    bench_result("updates meanwhile", kase, (double)c.updates / READER_ROUNDS * 1e6 / READER_TIME_US, "1/s");
    mem_map_free(c.map);
}

/* A reader sits in its section for 5 seconds: how long do updates take meanwhile? */
struct sitter {
    atomic_bool in, out;
};

static void *sit(void *arg)
{
    struct sitter *s = arg;

    rcu_register_thread();
    rcu_read_lock();
    atomic_store(&s->in, true);
    sleep(5);
    rcu_read_unlock();
    atomic_store(&s->out, true);
    rcu_unregister_thread();
    return NULL;
}

static void bench_sitter(void)
{
    struct mem_map *m = filled(1000);
    struct mem_region *r = mem_region_new_mmio(&ops, m, 0x1000);
    struct sitter s = { 0 };
    uint64_t seed = 5, worst = 0, n = 0;
    pthread_t t;

    pthread_create(&t, NULL, sit, &s);
    while (!atomic_load(&s.in))
        usleep(100);
    while (!atomic_load(&s.out)) {
        uint64_t begin = now_ns(), took;

        mem_map_add(m, r, ra((2 * (bench_rnd(&seed) % 1000) + 1) * STRIDE), 0, NULL);
        mem_map_del(m, r);
        took = now_ns() - begin;
        worst = took > worst ? took : worst;
        n += 2;
        if (n % 1000 == 0)
            usleep(1000);
    }
    pthread_join(t, NULL);
    bench_result("updates while a reader sits 5 s", "count", (double)n, "updates");
    bench_result("updates while a reader sits 5 s", "worst pair", (double)worst / 1000, "us");
    mem_region_put(r);
    mem_map_free(m);
}

static void bench_plug(void)
{
    struct ram_window *w = ram_window_new(8ull << 40, NULL);
    struct mem_map *m = mem_map_new();
    uint64_t lmb = 256ull << 20, wall = now_ns();
    struct mem_map_stats st;

    for (unsigned i = 0; i < 1024; i++)
        mem_map_add_ram(m, w, ra(i * lmb), lmb, NULL);
    bench_result("plug 256 GiB", "1024 x 256 MiB", (double)(now_ns() - wall) / 1000, "us");
    mem_map_stats(m, &st);
    bench_result("plug 256 GiB", "views published", (double)st.commits, "views");
    wall = now_ns();
    for (unsigned i = 1024; i-- > 0;)
        mem_map_remove_ram(m, w, ra(i * lmb), lmb, NULL);
    bench_result("unplug 256 GiB", "1024 x 256 MiB", (double)(now_ns() - wall) / 1000, "us");
    mem_map_free(m);
    ram_window_free(w);
}

/* ---- KVM's slots: one call per region as they come, or the mirror's ---- */

#define KVM_REGIONS 9000
#define KVM_AT 0x100000000ull

static void kvm_plain(struct kvm_guest *g, uint8_t *host, const char *kase)
{
    struct kvm_userspace_memory_region r = { 0 };
    uint64_t t = now_ns();

    for (unsigned i = 0; i < KVM_REGIONS; i++) {
        r = (struct kvm_userspace_memory_region){ .slot = 10 + i, .guest_phys_addr = KVM_AT + i * 4096ull,
                                                  .memory_size = 4096,
                                                  .userspace_addr = (uintptr_t)host + i * 4096ull };
        if (ioctl(g->vm, KVM_SET_USER_MEMORY_REGION, &r) < 0)
            return;
    }
    bench_result("KVM slots, one per region: add 9,000", kase, (double)(now_ns() - t) / 1e6, "ms");
    t = now_ns();
    for (unsigned i = 0; i < KVM_REGIONS; i++) {
        r.slot = 10 + i;
        r.memory_size = 0;
        if (ioctl(g->vm, KVM_SET_USER_MEMORY_REGION, &r) < 0)
            return;
    }
    bench_result("KVM slots, one per region: remove 9,000", kase, (double)(now_ns() - t) / 1e6, "ms");
}

static void kvm_mirrored(struct mem_map *m, struct kvm_slots *k, uint8_t *host, const char *kase)
{
    static struct mem_region *r[KVM_REGIONS];
    struct ram_block *b = ram_block_new(host, KVM_REGIONS * 4096ull, NULL, NULL);
    uint64_t t = now_ns(), calls = kvm_slots_ioctls(k);

    slots_hold(kvm_slots_mirror(k));
    for (unsigned i = 0; i < KVM_REGIONS; i++) {
        r[i] = mem_region_new_ram(b, i * 4096ull, 4096);
        mem_map_add(m, r[i], ra(KVM_AT + i * 4096ull), 0, NULL);
    }
    slots_release(kvm_slots_mirror(k), NULL);
    bench_result("mirrored, one batch: add 9,000", kase, (double)(now_ns() - t) / 1e6, "ms");
    t = now_ns();
    slots_hold(kvm_slots_mirror(k));
    for (unsigned i = 0; i < KVM_REGIONS; i++) {
        mem_map_del(m, r[i]);
        mem_region_put(r[i]);
    }
    slots_release(kvm_slots_mirror(k), NULL);
    bench_result("mirrored, one batch: remove 9,000", kase, (double)(now_ns() - t) / 1e6, "ms");
    bench_result("mirrored: ioctls for all 18,000 updates", kase, (double)(kvm_slots_ioctls(k) - calls), "ioctls");
    ram_block_put(b);
}

static void bench_kvm(void)
{
    struct kvm_guest g;
    const char *why = kvm_guest_open(&g);
    struct ram_window *w;
    struct mem_map *m;
    struct kvm_slots *k;
    uint8_t *host;

    if (why) {
        printf("KVM\tskipped: %s\t\t\n", why);
        kvm_guest_close(&g);
        return;
    }
    w = ram_window_new(1ull << 30, NULL);
    m = mem_map_new();
    k = kvm_slots_new(g.vm, m, NULL, 0, NULL);
    host = mmap(NULL, KVM_REGIONS * 4096ull, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mem_map_add_ram(m, w, ra(0), 16 << 20, NULL);
    mem_map_write(m, ra(KVM_GUEST_CODE), kvm_guest_code, sizeof(kvm_guest_code));
    kvm_plain(&g, host, "no vCPU running");
    kvm_mirrored(m, k, host, "no vCPU running");
    if (!kvm_guest_vcpu(&g)) {
        kvm_guest_start(&g);
        kvm_plain(&g, host, "a vCPU running");
        kvm_mirrored(m, k, host, "a vCPU running");
        kvm_guest_stop(&g);
    }
    kvm_slots_free(k);
    mem_map_free(m);
    kvm_guest_close(&g);
    ram_window_free(w);
}

int main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : "";

    rcu_register_thread();
    for (size_t n = 10; n <= 100000; n *= 100)
        if (!*only || !strcmp(only, "updates"))
            bench_updates(n, 2);
    if (!strcmp(only, "profile")) {
        struct mem_map *m = filled(100000);

        for (unsigned i = 0; i < 100; i++)
            update_paprika(m, 100000, argc > 2);
        mem_map_free(m);
    }
    if (!*only || !strcmp(only, "readers")) {
        bench_reader(1000, 0, "writer without pause");
        bench_reader(1000, 100, "10,000 pairs/s at most");
        bench_reader(100000, 100, "10,000 pairs/s at most");
    }
    if (!*only || !strcmp(only, "kvm"))
        bench_kvm();
    if (!*only || !strcmp(only, "plug"))
        bench_plug();
    if (!*only || !strcmp(only, "sitter"))
        bench_sitter();
    rcu_unregister_thread();
    return 0;
}
