/* SPDX-License-Identifier: Apache-2.0 */
/* bench/dirty - arming, scanning and storing with the dirty log; beside one contiguous bitmap under a lock, and word exchange.
 *
 * Peers in the same run: "locked bitmap" = one array for all pages, a mutex around mark and scan (scan reads every word); "exchange" = the
 * same array without a lock, each nonzero word fetched and cleared by an atomic exchange; "bound" = the least any scan must do to the words
 * that hold marks: read, add into the result, write zero, in one plain loop over the whole bitmap. */
#include "base/lock.h"
#include "base/rcu.h"
#include "bench/bench.h"
#include "mem/dirty_log.h"
#include "mem/dirty_scan.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SHIFT 12
#define TIB (1ull << 40)
#define PAGES (TIB >> SHIFT)
#define WORDS (PAGES / 64)
#define ROUNDS 9

static uint64_t *zeroed(size_t bytes)
{
    uint64_t *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    if (p == MAP_FAILED)
        abort();
    return p;
}

static void summary(const char *name, const char *kase, double *v, size_t n, const char *unit)
{
    char label[96];

    bench_result(name, kase, bench_quantile(v, n, 0.5), unit);
    snprintf(label, sizeof(label), "%s, spread (min..max)", kase);
    printf("%s\t%s\t%.4g..%.4g\t%s\n", name, label, v[0], v[n - 1], unit);
}

static void bench_arm(void)
{
    double arm[ROUNDS], clean[ROUNDS], clean64[ROUNDS];

    for (unsigned i = 0; i < ROUNDS; i++) {
        struct dirty_log *log = dirty_log_new(TIB, SHIFT), *big;
        uint64_t t = now_ns();

        dirty_log_arm(log, DIRTY_MIGRATION);
        arm[i] = (double)(now_ns() - t) / 1000;
        t = now_ns();
        dirty_log_collect(log, DIRTY_MIGRATION, 0, TIB, NULL);
        clean[i] = (double)(now_ns() - t) / 1000;
        dirty_log_free(log);
        big = dirty_log_new(64 * TIB, SHIFT);
        dirty_log_arm(big, DIRTY_MIGRATION);
        t = now_ns();
        dirty_log_collect(big, DIRTY_MIGRATION, 0, 64 * TIB, NULL);
        clean64[i] = (double)(now_ns() - t) / 1000;
        dirty_log_free(big);
    }
    summary("arm", "1 TiB", arm, ROUNDS, "us");
    summary("scan clean", "1 TiB", clean, ROUNDS, "us");
    summary("scan clean", "64 TiB", clean64, ROUNDS, "us");
}

/* The same random pages for every contestant. */
static void mark_some(struct dirty_log *log, uint64_t *plain, double part)
{
    uint64_t seed = 42;

    for (uint64_t n = (uint64_t)(part * (double)PAGES); n; n--) {
        uint64_t page = bench_rnd(&seed) % PAGES;

        if (log)
            dirty_log_mark(log, page << SHIFT, 1);
        else
            plain[page / 64] |= 1ull << page % 64;
    }
}

static void bench_scan(double part, const char *kase)
{
    uint64_t *out = zeroed(WORDS * 8), *plain = zeroed(WORDS * 8);
    struct dirty_log *log = dirty_log_new(TIB, SHIFT);
    double ours[ROUNDS], count[ROUNDS], bound[ROUNDS], bound_count[ROUNDS], exchange[ROUNDS], locked[ROUNDS];
    struct lock lock;

    lock_init(&lock);
    dirty_log_arm(log, DIRTY_MIGRATION);
    for (unsigned i = 0; i < ROUNDS; i++) {
        const struct dirty_scan *scan = dirty_scan_best();
        uint64_t t, n = 0, found;

        for (int pass = 0; pass < 2; pass++) {          /* with a result bitmap, then counting only */
            mark_some(log, NULL, part);
            t = now_ns();
            n = dirty_log_collect(log, DIRTY_MIGRATION, 0, TIB, pass ? NULL : out);
            (pass ? count : ours)[i] = (double)(now_ns() - t) / 1000;
            mark_some(NULL, plain, part);
            t = now_ns();
            found = pass ? scan->take(plain, WORDS / 8) : scan->move(plain, out, WORDS / 8);
            (pass ? bound_count : bound)[i] = (double)(now_ns() - t) / 1000;
            if (n != found)
                abort();
        }
        mark_some(NULL, plain, part);
        t = now_ns();
        for (uint64_t w = 0; w < WORDS; w++)
            if (__atomic_load_n(&plain[w], __ATOMIC_RELAXED))
                out[w] |= __atomic_exchange_n(&plain[w], 0, __ATOMIC_SEQ_CST);
        exchange[i] = (double)(now_ns() - t) / 1000;
        mark_some(NULL, plain, part);
        t = now_ns();
        lock_take(&lock);
        for (uint64_t w = 0; w < WORDS; w++) {
            out[w] |= plain[w];
            plain[w] = 0;
        }
        lock_drop(&lock);
        locked[i] = (double)(now_ns() - t) / 1000;
    }
    summary("scan 1 TiB, paprika", kase, ours, ROUNDS, "us");
    summary("scan 1 TiB, bound", kase, bound, ROUNDS, "us");
    summary("scan 1 TiB, paprika, count only", kase, count, ROUNDS, "us");
    summary("scan 1 TiB, bound, count only", kase, bound_count, ROUNDS, "us");
    summary("scan 1 TiB, exchange", kase, exchange, ROUNDS, "us");
    summary("scan 1 TiB, locked bitmap", kase, locked, ROUNDS, "us");
    dirty_log_free(log);
    munmap(out, WORDS * 8);
    munmap(plain, WORDS * 8);
}

/* ---- what a guest's stores notice ---- */

#define GUEST_BYTES (512ull << 20)
#define TLB_BITS 13

struct guest {
    struct dirty_log *log;
    uint8_t *ram;
    struct dirty_engine engine;
    atomic_bool kicked, stop;
    uint64_t tag[1 << TLB_BITS];
    uint64_t epoch, at, slow;
};

static void kick(void *opaque)
{
    atomic_store_explicit(&((struct guest *)opaque)->kicked, true, memory_order_relaxed);
}

/* One page of 8-byte stores through the soft TLB, as translated code would: tag compare, store. */
static void store_page(struct guest *g)
{
    for (unsigned i = 0; i < 512; i++) {
        uint64_t page = g->at >> SHIFT, *to = (uint64_t *)(g->ram + g->at);

        __asm__ volatile("" ::: "memory");              /* look at the tag for each store */
        if (__builtin_expect(g->tag[page & ((1 << TLB_BITS) - 1)] != page, 0)) {
            *to = g->at;
            dirty_log_mark_rcu(g->log, g->at, 8);
            if (dirty_log_settled_rcu(g->log, g->at))
                g->tag[page & ((1 << TLB_BITS) - 1)] = page;
            g->slow++;
        } else {
            *to = g->at;
        }
        g->at += 8;
    }
    if (g->at == GUEST_BYTES)
        g->at = 0;
}

static double guest_stores(struct guest *g, double seconds)
{
    uint64_t begin = cpu_ns(), stores = 0;

    while ((double)(cpu_ns() - begin) < seconds * 1e9) {
        rcu_read_lock();
        atomic_store_explicit(&g->kicked, false, memory_order_relaxed);
        if (dirty_log_epoch(g->log) != g->epoch) {
            g->epoch = dirty_log_epoch(g->log);
            memset(g->tag, 0xff, sizeof(g->tag));
        }
        for (unsigned n = 0; n < 2048 && !atomic_load_explicit(&g->kicked, memory_order_relaxed); n++) {
            store_page(g);
            stores += 512;
        }
        rcu_read_unlock();
    }
    return (double)stores * 8 / (double)(cpu_ns() - begin);
}

static void *collect_on(void *arg)
{
    struct guest *g = arg;
    uint64_t *out = zeroed((GUEST_BYTES >> SHIFT) / 8);

    while (!atomic_load(&g->stop)) {
        usleep(100000);
        dirty_log_collect(g->log, DIRTY_MIGRATION, 0, GUEST_BYTES, out);
    }
    return NULL;
}

static void bench_stores(void)
{
    static struct guest g;
    double off[5], on[5], ratio[5];

    g.ram = (uint8_t *)zeroed(GUEST_BYTES);
    g.log = dirty_log_new(GUEST_BYTES, SHIFT);
    g.engine = (struct dirty_engine){ .kick = kick, .opaque = &g };
    dirty_log_attach(g.log, &g.engine);
    memset(g.tag, 0xff, sizeof(g.tag));
    for (unsigned i = 0; i < 5; i++) {
        pthread_t t;

        off[i] = guest_stores(&g, 1);
        dirty_log_arm(g.log, DIRTY_MIGRATION);
        atomic_store(&g.stop, false);
        pthread_create(&t, NULL, collect_on, &g);
        on[i] = guest_stores(&g, 1);
        atomic_store(&g.stop, true);
        pthread_join(t, NULL);
        dirty_log_disarm(g.log, DIRTY_MIGRATION);
        ratio[i] = 100 * on[i] / off[i];
    }
    summary("guest stores", "tracking off", off, 5, "GB/s");
    summary("guest stores", "tracking on, collected every 100 ms", on, 5, "GB/s");
    summary("guest stores", "on / off", ratio, 5, "%");
    dirty_log_detach(g.log, &g.engine);
    dirty_log_free(g.log);
}

int main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : "";

    rcu_register_thread();
    printf("loops\tchosen\t%s\t\n", dirty_scan_best()->name);
    if (!*only || !strcmp(only, "arm"))
        bench_arm();
    if (!*only || !strcmp(only, "scan")) {
        bench_scan(0.01, "1 % at random");
        bench_scan(0.0001, "0.01 % at random");
    }
    if (!*only || !strcmp(only, "stores"))
        bench_stores();
    rcu_unregister_thread();
    return 0;
}
