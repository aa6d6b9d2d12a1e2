/* SPDX-License-Identifier: Apache-2.0 */
/* The dirty log under markers, soft-TLB engines, a collector, growth and a second client, all at
 * once (D1, D3, D4, D7, E1-E5).
 *
 * Each page's content is a counter.  Storing = counting up, then marking.  The collector notes, for each page it is
 * told, the counter it sees.  A store must be seen by the second collection that ends after its
 * mark: the one under way, or the next. */
#include "mem/dirty_batch.h"
#include "mem/dirty_block.h"
#include "mem/dirty_log.h"
#include "torture.h"

#include <sched.h>
#include <string.h>

#define SHIFT 12
#define PAGES (3 * DIRTY_BLOCK_PAGES)           /* always present; what grows lies above */
#define EXTRA_BLOCKS 61
#define BLOCK_BYTES (DIRTY_BLOCK_PAGES << SHIFT)
#define TLB 256
#define CODE_PAGE 77ull

struct engine {
    struct dirty_engine callbacks;
    atomic_bool kicked;
    atomic_ulong code_stores;
};

struct world {
    struct dirty_log *log;
    atomic_bool stop;
    _Atomic uint32_t content[PAGES];
    _Atomic uint32_t seen[PAGES];
    atomic_ulong collections;                   /* finished */
    struct engine engine[2];
    atomic_uint engines;
    uint64_t out[PAGES / 64];
};

/* One store each thread remembers until it must have been seen. */
struct memo {
    bool set;
    uint64_t page;
    uint32_t value;
    unsigned long after;
};

static void remember(struct world *w, struct memo *m, uint64_t page, uint32_t value)
{
    unsigned long done = atomic_load_explicit(&w->collections, memory_order_acquire);

    if (m->set && done >= m->after) {
        MUST((int32_t)(atomic_load_explicit(&w->seen[m->page], memory_order_relaxed) - m->value) >= 0);
        m->set = false;
    }
    if (!m->set)
        *m = (struct memo){ true, page, value, done + 2 };
}

/* Near borders of words, lines and blocks half of the time; few pages, so that marks collide. */
static uint64_t pick(uint64_t *s)
{
    uint64_t r = torture_rnd(s);

    if (r & 1)
        return (r >> 8) % 3 * DIRTY_BLOCK_PAGES + (r >> 16) % 1024;
    return ((r >> 8) % (PAGES / 512) * 512 + (r >> 40) % 3 + PAGES - 1) % PAGES;
}

static uint32_t store(struct world *w, uint64_t page)
{
    return atomic_fetch_add_explicit(&w->content[page], 1, memory_order_relaxed) + 1;
}

static void marker(struct torture_thread *t)
{
    struct world *w = t->world;
    struct memo memo = { 0 };

    while (torture_on(t)) {
        uint64_t page = pick(&t->seed), n = torture_rnd(&t->seed) % 16 ? 1 : 1 + torture_rnd(&t->seed) % 700;
        uint32_t value = 0;

        if (page + n > PAGES)
            n = PAGES - page;
        for (uint64_t i = 0; i < n; i++)
            value = store(w, page + i);
        dirty_log_mark(w->log, page << SHIFT, n << SHIFT);
        remember(w, &memo, page + n - 1, value);
        if (t->rounds++ % 64 == 0)              /* what may or may not be there just now */
            dirty_log_mark(w->log, (PAGES + torture_rnd(&t->seed) % (EXTRA_BLOCKS * DIRTY_BLOCK_PAGES)) << SHIFT,
                           1 << 20);
    }
}

static void kick(void *opaque)
{
    atomic_store_explicit(&((struct engine *)opaque)->kicked, true, memory_order_relaxed);
}

static void code_written(void *opaque, uint64_t off, uint64_t len)
{
    MUST(off >> SHIFT == CODE_PAGE && (off + len - 1) >> SHIFT == CODE_PAGE);
    atomic_fetch_add(&((struct engine *)opaque)->code_stores, 1);
}

/* A processor: stores through its soft TLB, by the rules E1 to E4; the second one puts marks together (E5). */
static void processor(struct torture_thread *t)
{
    struct world *w = t->world;
    struct engine *e = &w->engine[atomic_fetch_add(&w->engines, 1)];
    bool batches = e != w->engine;
    struct dirty_batch batch = { 0 };
    uint64_t tlb[TLB], epoch = 0, page = 0;
    struct memo memo = { 0 };
    uint32_t value = 0;

    memset(tlb, 0xff, sizeof(tlb));
    while (torture_on(t)) {
        rcu_read_lock();
        atomic_store_explicit(&e->kicked, false, memory_order_relaxed);
        if (dirty_log_epoch(w->log) != epoch) {
            epoch = dirty_log_epoch(w->log);
            memset(tlb, 0xff, sizeof(tlb));
        }
        for (unsigned n = 0; n < 5000 && !atomic_load_explicit(&e->kicked, memory_order_relaxed); n++) {
            page = pick(&t->seed);
            value = store(w, page);
            t->rounds++;
            if (tlb[page % TLB] != page) {
                bool marked = batches && dirty_batch_mark_rcu(w->log, &batch, page << SHIFT, 8);

                if (!marked)
                    dirty_log_mark_rcu(w->log, page << SHIFT, 8);
                if (marked || dirty_log_settled_rcu(w->log, page << SHIFT))
                    tlb[page % TLB] = page;
            }
            if (!batches)
                remember(w, &memo, page, value);
        }
        dirty_batch_flush_rcu(w->log, &batch);
        if (batches)
            remember(w, &memo, page, value);
        rcu_read_unlock();
        sched_yield();
    }
}

static void collect_once(struct world *w, uint64_t first, uint64_t n)
{
    memset(w->out, 0, sizeof(w->out));
    dirty_log_collect(w->log, DIRTY_MIGRATION, first << SHIFT, n << SHIFT, w->out);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t bits = w->out[i / 64];

        if (!(bits >> i % 64)) {
            i |= 63;
            continue;
        }
        if (bits >> i % 64 & 1)
            atomic_store_explicit(&w->seen[first + i],
                                  atomic_load_explicit(&w->content[first + i], memory_order_relaxed),
                                  memory_order_relaxed);
    }
}

static void collector(struct torture_thread *t)
{
    struct world *w = t->world;

    while (torture_on(t)) {
        if (torture_rnd(&t->seed) & 1) {
            collect_once(w, 0, PAGES);
        } else {                                /* in parts, cut inside blocks */
            uint64_t cut = torture_rnd(&t->seed) % (PAGES / 64 - 1) * 64 + 64;

            collect_once(w, 0, cut);
            collect_once(w, cut, PAGES - cut);
        }
        atomic_fetch_add_explicit(&w->collections, 1, memory_order_release);
        t->rounds++;
    }
}

static void grower(struct torture_thread *t)
{
    struct world *w = t->world;
    bool there[EXTRA_BLOCKS] = { false };

    while (torture_on(t)) {
        unsigned i = torture_rnd(&t->seed) % EXTRA_BLOCKS;
        uint64_t at = (3 + i) * BLOCK_BYTES;

        MUST((there[i] ? dirty_log_shrink : dirty_log_grow)(w->log, at, BLOCK_BYTES) == 0);
        there[i] = !there[i];
        if (t->rounds++ % 512 == 0)
            rcu_barrier();
    }
}

static void second_client(struct torture_thread *t)
{
    struct world *w = t->world;

    while (torture_on(t)) {
        MUST(dirty_log_arm(w->log, DIRTY_DISPLAY) == 0);
        dirty_log_collect(w->log, DIRTY_DISPLAY, 0, PAGES << SHIFT, NULL);
        dirty_log_disarm(w->log, DIRTY_DISPLAY);
        MUST(dirty_log_watch_code(w->log, CODE_PAGE << SHIFT, 4) == 0);
        dirty_log_sync(w->log);
        dirty_log_unwatch_code(w->log, CODE_PAGE << SHIFT, 4);
        t->rounds++;
        usleep(500);
    }
}

int main(void)
{
    static struct world w;
    static struct torture_thread t[] = {
        { .run = marker }, { .run = processor }, { .run = processor },
        { .run = collector }, { .run = grower }, { .run = second_client },
    };

    rcu_register_thread();
    w.log = dirty_log_new(PAGES << SHIFT, SHIFT);
    for (unsigned i = 0; i < 2; i++) {
        w.engine[i].callbacks = (struct dirty_engine){ kick, code_written, &w.engine[i], NULL };
        dirty_log_attach(w.log, &w.engine[i].callbacks);
    }
    MUST(dirty_log_arm(w.log, DIRTY_MIGRATION) == 0);
    torture_run(t, sizeof(t) / sizeof(t[0]), &w, &w.stop);
    collect_once(&w, 0, PAGES);
    for (uint64_t i = 0; i < PAGES; i++)
        MUST(w.seen[i] == w.content[i]);
    dirty_log_detach(w.log, &w.engine[1].callbacks);
    dirty_log_detach(w.log, &w.engine[0].callbacks);
    dirty_log_free(w.log);
    rcu_barrier();
    rcu_unregister_thread();
    for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++)
        printf("thread %u: %llu rounds\n", i, (unsigned long long)t[i].rounds);
    return 0;
}
