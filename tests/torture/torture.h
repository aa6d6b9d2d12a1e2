/* SPDX-License-Identifier: Apache-2.0 */
/* tests/torture/torture.h - threads that run until told to stop, and failures that say where.
 *
 * TORTURE_SECONDS, then TORTURE_DEFAULT, set how long each part runs (1 when not set); SEED the random numbers. */
#ifndef TESTS_TORTURE_H
#define TESTS_TORTURE_H

#include "base/rcu.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MUST(cond) \
    do { \
        if (!(cond)) { \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond); \
            abort(); \
        } \
    } while (0)

static inline uint64_t torture_rnd(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    return *s ^= *s << 17;
}

static inline unsigned torture_seconds(void)
{
    const char *s = getenv("TORTURE_SECONDS");

    s = s ? s : getenv("TORTURE_DEFAULT");
    return s ? (unsigned)atoi(s) : 1;
}

static inline uint64_t torture_seed(void)
{
    const char *s = getenv("SEED");

    return (s ? strtoull(s, NULL, 0) : 1) * 0x9e3779b97f4a7c15u;
}

struct torture_thread {
    pthread_t id;
    void (*run)(struct torture_thread *t);
    void *world;
    atomic_bool *stop;
    uint64_t seed;
    uint64_t rounds;            /* how often it did what it does; for the report */
};

static inline void *torture_start(void *arg)
{
    struct torture_thread *t = arg;

    rcu_register_thread();
    t->run(t);
    rcu_unregister_thread();
    return NULL;
}

static inline bool torture_on(const struct torture_thread *t)
{
    return !atomic_load_explicit(t->stop, memory_order_relaxed);
}

/* Runs the threads for the set time and joins them. */
static inline void torture_run(struct torture_thread *t, unsigned n, void *world, atomic_bool *stop)
{
    for (unsigned i = 0; i < n; i++) {
        t[i].world = world;
        t[i].stop = stop;
        t[i].seed = torture_seed() + 0x1234567 * (i + 1);
        pthread_create(&t[i].id, NULL, torture_start, &t[i]);
    }
    sleep(torture_seconds());
    atomic_store(stop, true);
    for (unsigned i = 0; i < n; i++)
        pthread_join(t[i].id, NULL);
}

#endif
