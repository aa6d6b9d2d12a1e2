/* SPDX-License-Identifier: Apache-2.0 */
/* bench/dirty.c - arming and scanning with the dirty log; beside one contiguous bitmap under a lock, and word exchange.
 *
 * Peers in the same run: "locked bitmap" = one array for all pages, a mutex around mark and scan (scan reads every
 * word); "exchange" = the same array without a lock, each nonzero word fetched and cleared by an atomic exchange;
 * "bound" = the least any scan
 * must do to the cache lines that hold marks: read, add into the result, write zero, for exactly those lines of the
 * log's own bitmap, found before the clock starts and marked anew right before, as for a collection. */
#include "base/lock.h"
#include "base/rcu.h"
#include "bench/bench.h"
#include "mem/dirty_log_int.h"
#include "mem/dirty_scan.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

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

/* Neighbouring cache lines of the log that hold marks. */
struct run {
    uint64_t *word;
    uint32_t line, n;                   /* line: the first one's number in all of the bitmap */
};

static bool line_marked(const uint64_t *word)
{
    uint64_t any = 0;

    for (unsigned w = 0; w < DIRTY_LINE_WORDS; w++)
        any |= word[w];
    return any;
}

static const struct dirty_half *active_half(const struct dirty_log *log, uint64_t block)
{
    const struct dirty_block *b = dirty_dir_block(dirty_log_dir(log, DIRTY_MIGRATION), block);

    assert(b);
    return dirty_block_active(b);
}

static size_t find_runs(const struct dirty_log *log, struct run *run)
{
    size_t n = 0;

    for (uint32_t line = 0; line < WORDS / DIRTY_LINE_WORDS; line++) {
        uint64_t at = (uint64_t)line * DIRTY_LINE_WORDS;
        uint64_t *word = (uint64_t *)active_half(log, at / DIRTY_BLOCK_WORDS)->word + at % DIRTY_BLOCK_WORDS;

        if (!line_marked(word))
            continue;
        if (n && run[n - 1].word + (size_t)run[n - 1].n * DIRTY_LINE_WORDS == word)
            run[n - 1].n++;
        else
            run[n++] = (struct run){ word, line, 1 };
    }
    return n;
}

/* The least any scan must do: exactly the lines that hold marks, known before, by the same vector loops. */
static uint64_t touch(const struct run *run, size_t n, uint64_t *out)
{
    const struct dirty_scan *scan = dirty_scan_best();
    uint64_t found = 0;

    for (size_t i = 0; i < n; i++)
        found += out ? scan->move(run[i].word, out + (size_t)run[i].line * DIRTY_LINE_WORDS, run[i].n)
                     : scan->take(run[i].word, run[i].n);
    return found;
}

/* What touch() leaves behind in the log. */
static void forget_lines(const struct dirty_log *log)
{
    for (uint64_t i = 0; i < PAGES / DIRTY_BLOCK_PAGES; i++)
        memset((void *)active_half(log, i)->summary, 0, DIRTY_SUMMARY_WORDS * sizeof(uint64_t));
}

static uint64_t exchange(uint64_t *plain, uint64_t *out)
{
    for (uint64_t w = 0; w < WORDS; w++)
        if (__atomic_load_n(&plain[w], __ATOMIC_RELAXED))
            out[w] |= __atomic_exchange_n(&plain[w], 0, __ATOMIC_SEQ_CST);
    return 0;
}

static uint64_t locked(uint64_t *plain, uint64_t *out)
{
    static struct lock lock;

    lock_init(&lock);
    lock_take(&lock);
    for (uint64_t w = 0; w < WORDS; w++) {
        out[w] |= plain[w];
        plain[w] = 0;
    }
    lock_drop(&lock);
    lock_fini(&lock);
    return 0;
}

/* Wall and CPU time of one contestant, in microseconds per round. */
struct cost {
    double wall[ROUNDS], cpu[ROUNDS];
};

#define TIMED(cost, round, call) \
    do { \
        uint64_t cpu_from = cpu_ns(), from = now_ns(); \
        call; \
        (cost)->wall[round] = (double)(now_ns() - from) / 1000; \
        (cost)->cpu[round] = (double)(cpu_ns() - cpu_from) / 1000; \
    } while (0)

static void cost_result(const char *name, const char *kase, struct cost *c)
{
    char label[96];

    summary(name, kase, c->wall, ROUNDS, "us");
    snprintf(label, sizeof(label), "%s, CPU", kase);
    summary(name, label, c->cpu, ROUNDS, "us");
}

/* Of the bound's speed, how much do we reach?  Rounds are compared one by one: then both ran under the same load. */
static void share_result(const char *name, const char *kase, const struct cost *bound, const struct cost *ours)
{
    double wall[ROUNDS], cpu[ROUNDS];
    char label[96];

    for (unsigned i = 0; i < ROUNDS; i++) {
        wall[i] = 100 * bound->wall[i] / ours->wall[i];
        cpu[i] = 100 * bound->cpu[i] / ours->cpu[i];
    }
    summary(name, kase, wall, ROUNDS, "% of the bound");
    snprintf(label, sizeof(label), "%s, CPU", kase);
    summary(name, label, cpu, ROUNDS, "% of the bound");
}

static void bench_scan(double part, const char *kase)
{
    static struct cost ours[2], bound[2], exchanged, under_lock;
    uint64_t *out = zeroed(WORDS * 8), *plain = zeroed(WORDS * 8), n = 0, found = 0;
    struct dirty_log *log = dirty_log_new(TIB, SHIFT);
    struct run *run[2] = { malloc(WORDS / 8 * sizeof(**run)), malloc(WORDS / 8 * sizeof(**run)) };
    uint64_t *first[2];
    size_t runs[2];
    unsigned h;

    dirty_log_arm(log, DIRTY_MIGRATION);
    for (h = 0; h < 2; h++) {                          /* the same pages every time: both halves hold the same lines */
        mark_some(log, NULL, part);
        runs[h] = find_runs(log, run[h]);
        first[h] = run[h][0].word;
        dirty_log_collect(log, DIRTY_MIGRATION, 0, TIB, NULL);
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        for (unsigned count = 0; count < 2; count++) {          /* with a result bitmap, then counting only */
            mark_some(log, NULL, part);
            TIMED(&ours[count], i, n = dirty_log_collect(log, DIRTY_MIGRATION, 0, TIB, count ? NULL : out));
            mark_some(log, NULL, part);                         /* now the other half, as cold as the first */
            h = !line_marked(first[0]);
            TIMED(&bound[count], i, found = touch(run[h], runs[h], count ? NULL : out));
            forget_lines(log);
            if (n != found)
                abort();
        }
        mark_some(NULL, plain, part);
        TIMED(&exchanged, i, exchange(plain, out));
        mark_some(NULL, plain, part);
        TIMED(&under_lock, i, locked(plain, out));
    }
    share_result("scan 1 TiB, paprika of the bound", kase, &bound[0], &ours[0]);
    share_result("scan 1 TiB, paprika of the bound, count only", kase, &bound[1], &ours[1]);
    cost_result("scan 1 TiB, paprika", kase, &ours[0]);
    cost_result("scan 1 TiB, bound", kase, &bound[0]);
    cost_result("scan 1 TiB, paprika, count only", kase, &ours[1]);
    cost_result("scan 1 TiB, bound, count only", kase, &bound[1]);
    cost_result("scan 1 TiB, exchange", kase, &exchanged);
    cost_result("scan 1 TiB, locked bitmap", kase, &under_lock);
    dirty_log_free(log);
    free(run[0]);
    free(run[1]);
    munmap(out, WORDS * 8);
    munmap(plain, WORDS * 8);
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
    rcu_unregister_thread();
    return 0;
}
