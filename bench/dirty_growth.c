/* SPDX-License-Identifier: Apache-2.0 */
/* bench/dirty_growth.c - a log grows from 1 GiB to 64 TiB in steps of 256 MiB under two markers and a collector: is a
 * mark lost, does a marker stall?  The peer: one contiguous bitmap that grows by reallocation under a lock.
 *
 * 64 pages of each GiB have a counter as their content.  A marker counts one up, then marks; the collector notes the
 * counters of the pages it is told.  When all is quiet, the last note of each page must be its counter. */
#include "base/lock.h"
#include "base/rcu.h"
#include "bench/bench.h"
#include "mem/dirty_block.h"
#include "mem/dirty_log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SHIFT 12
#define STEP (256ull << 20)
#define BLOCKS 65536ull                 /* of 1 GiB */
#define SLOTS (BLOCKS * 64)
#define SAMPLES 2000000

struct world {
    struct dirty_log *log;
    _Atomic uint64_t present;           /* bytes, from 0 */
    atomic_bool stop;
    _Atomic uint32_t *content, *seen;
    uint64_t *out;
    uint64_t collections;
};

struct marker {
    pthread_t id;
    struct world *w;
    uint64_t seed, marks, target;
    double *sample;
    size_t n;
};

static void *lazily(size_t bytes)
{
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static uint64_t page_of(uint64_t slot)
{
    return (slot >> 6) * DIRTY_BLOCK_PAGES + (slot & 63) * 509;
}

static inline uint64_t cycles(void)
{
    unsigned aux;

    return __builtin_ia32_rdtscp(&aux);
}

static void *mark_on(void *arg)
{
    struct marker *m = arg;
    struct world *w = m->w;

    rcu_register_thread();
    for (; !atomic_load_explicit(&w->stop, memory_order_relaxed) || m->marks < m->target; m->marks++) {
        uint64_t blocks = atomic_load_explicit(&w->present, memory_order_acquire) >> 30;
        uint64_t r = bench_rnd(&m->seed), begin;
        uint64_t slot = ((r >> 8 & 1023) * blocks >> 10) * 64 + (r & 63);       /* 1,024 blocks, evenly spread */

        atomic_fetch_add_explicit(&w->content[slot], 1, memory_order_relaxed);
        if (m->marks % 64) {
            dirty_log_mark(w->log, page_of(slot) << SHIFT, 8);
            continue;
        }
        begin = cycles();
        dirty_log_mark(w->log, page_of(slot) << SHIFT, 8);
        m->sample[m->n++ % SAMPLES] = (double)(cycles() - begin);
    }
    rcu_unregister_thread();
    return NULL;
}

static void note(struct world *w, uint64_t block)
{
    for (uint64_t i = 0; i < 64; i++) {
        uint64_t slot = block * 64 + i, in = page_of(slot) & (DIRTY_BLOCK_PAGES - 1);

        if (w->out[in / 64] >> in % 64 & 1)
            atomic_store_explicit(&w->seen[slot], atomic_load_explicit(&w->content[slot], memory_order_relaxed),
                                  memory_order_relaxed);
        w->out[in / 64] &= ~(1ull << in % 64);
    }
}

/* All present blocks, 1,024 at a time, so that the result fits a small bitmap. */
static void collect_all(struct world *w)
{
    uint64_t blocks = atomic_load(&w->present) >> 30, words = DIRTY_BLOCK_PAGES / 64;
    uint64_t *out = w->out;

    for (uint64_t b = 0; b < blocks; b += 1024) {
        uint64_t n = blocks - b < 1024 ? blocks - b : 1024;

        if (!dirty_log_collect(w->log, DIRTY_MIGRATION, b << 30, n << 30, out))
            continue;
        for (uint64_t i = 0; i < n; i++) {
            w->out = out + i * words;
            note(w, b + i);
        }
        w->out = out;
    }
    w->collections++;
}

static void *collect_on(void *arg)
{
    struct world *w = arg;

    rcu_register_thread();
    while (!atomic_load(&w->stop))
        collect_all(w);
    rcu_unregister_thread();
    return NULL;
}

static void start(struct marker *m, struct world *w, uint64_t target)
{
    for (unsigned i = 0; i < 2; i++) {
        m[i] = (struct marker){ .w = w, .seed = 7 + i, .target = target, .sample = lazily(SAMPLES * sizeof(double)) };
        pthread_create(&m[i].id, NULL, mark_on, &m[i]);
    }
}

static void finish(struct marker *m, struct world *w, const char *kase)
{
    double worst = 0;
    uint64_t marks = 0;

    atomic_store(&w->stop, true);
    for (unsigned i = 0; i < 2; i++) {
        double q;

        pthread_join(m[i].id, NULL);
        q = bench_quantile(m[i].sample, m[i].n < SAMPLES ? m[i].n : SAMPLES, 0.999);
        worst = q > worst ? q : worst;
        marks += m[i].marks;
        munmap(m[i].sample, SAMPLES * sizeof(double));
    }
    bench_result("mark 99.9 %, slower of two markers", kase, worst, "cycles");
    bench_result("marks", kase, (double)marks, "marks");
    atomic_store(&w->stop, false);
}

int main(int argc, char **argv)
{
    static struct world w;
    struct marker m[2];
    pthread_t collector;
    uint64_t target = (argc > 1 ? strtoull(argv[1], NULL, 0) : 1000000000u) / 2, lost = 0, t;

    rcu_register_thread();
    w.content = lazily(SLOTS * 4);
    w.seen = lazily(SLOTS * 4);
    w.out = lazily(1024 * DIRTY_BLOCK_PAGES / 8);
    w.log = dirty_log_new(1ull << 30, SHIFT);
    w.present = 1ull << 30;
    dirty_log_arm(w.log, DIRTY_MIGRATION);

    start(m, &w, target / 50);
    sleep(1);
    finish(m, &w, "1 GiB, no growth, no collector");
    if (dirty_log_grow(w.log, 1ull << 30, 63ull << 40) < 0)
        abort();
    w.present = 63ull << 40;
    start(m, &w, target / 50);
    sleep(1);
    finish(m, &w, "63 TiB, no growth, no collector");
    w.present = 1ull << 30;
    collect_all(&w);
    if (dirty_log_shrink(w.log, 1ull << 30, 63ull << 40) < 0)
        abort();
    memset((void *)w.content, 0, SLOTS * 4);
    memset((void *)w.seen, 0, SLOTS * 4);

    start(m, &w, target);
    pthread_create(&collector, NULL, collect_on, &w);
    t = now_ns();
    for (uint64_t at = 1ull << 30; at < BLOCKS << 30; at += STEP) {
        if (dirty_log_grow(w.log, at, STEP) < 0)
            abort();
        if ((at + STEP) % (1ull << 30) == 0)
            atomic_store_explicit(&w.present, at + STEP, memory_order_release);
    }
    bench_result("growth", "1 GiB to 64 TiB, 262,140 steps", (double)(now_ns() - t) / 1e9, "s");
    finish(m, &w, "while growing and collecting, then on to the count asked for");
    atomic_store(&w.stop, true);
    pthread_join(collector, NULL);
    collect_all(&w);
    for (uint64_t i = 0; i < SLOTS; i++)
        lost += w.seen[i] != w.content[i];
    bench_result("collections of everything meanwhile", "", (double)w.collections, "");
    bench_result("pages whose last mark was lost", "of 4,194,304", (double)lost, "pages");
    dirty_log_free(w.log);
    rcu_unregister_thread();
    return lost != 0;
}
