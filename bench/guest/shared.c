/* SPDX-License-Identifier: Apache-2.0 */
/* bench/guest/shared.c - one piece of work done by one thread or shared by two: a counter, a lock, a queue.
 * The size says how many threads. */
#include "bench.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

enum { COUNTS = 8000000, TURNS = 600000, ITEMS = 100000, RING = 1024 };

/* What threads write stands in cache lines of its own. */
static struct shared {
    _Alignas(128) uint64_t counter;
    _Alignas(128) pthread_mutex_t lock;
    uint64_t record[8];
    _Alignas(128) uint64_t produced;
    _Alignas(128) uint64_t consumed;
    uint64_t sum;
    _Alignas(128) uint64_t ring[RING];
    size_t threads;
} shared = { .lock = PTHREAD_MUTEX_INITIALIZER };

static uint64_t chew(uint64_t x, unsigned rounds)
{
    while (rounds--)
        x = mix(x, x >> 29);
    return x;
}

static void start(pthread_t *thread, void *(*run)(void *), void *arg)
{
    if (pthread_create(thread, NULL, run, arg))
        abort();
}

static void on_all(size_t threads, void *(*run)(void *))
{
    pthread_t other[8];

    if (threads < 1 || threads > 8)
        abort();
    shared.threads = threads;
    begin();
    for (size_t i = 1; i < threads; i++)
        start(&other[i], run, NULL);
    run(NULL);
    for (size_t i = 1; i < threads; i++)
        pthread_join(other[i], NULL);
}

/* Nothing but atomic additions to one word. */
static void *count(void *arg)
{
    for (size_t i = 0; i < COUNTS / shared.threads; i++)
        __atomic_fetch_add(&shared.counter, 1, __ATOMIC_SEQ_CST);
    return arg;
}

static uint64_t counter(size_t threads)
{
    on_all(threads, count);
    return shared.counter;
}

/* A record changed under a lock, with about ten times as much work outside it. */
static void *take_turns(void *arg)
{
    uint64_t x = 1;

    for (size_t i = 0; i < TURNS / shared.threads; i++) {
        x = chew(x, 100);
        pthread_mutex_lock(&shared.lock);
        for (unsigned k = 0; k < 8; k++)
            shared.record[k] += k + (shared.record[(k + 1) % 8] & 1);
        pthread_mutex_unlock(&shared.lock);
    }
    return arg;
}

static uint64_t lock(size_t threads)
{
    uint64_t sum = 0;

    on_all(threads, take_turns);
    for (unsigned k = 0; k < 8; k++)
        sum = mix(sum, shared.record[k]);
    return sum;
}

/* One makes items, the other uses them; alone, one does both by turns. */
static bool produce(uint64_t item)
{
    uint64_t used = __atomic_load_n(&shared.consumed, __ATOMIC_ACQUIRE);

    if (item - used == RING)
        return false;
    shared.ring[item % RING] = chew(item, 400);
    __atomic_store_n(&shared.produced, item + 1, __ATOMIC_RELEASE);
    return true;
}

static bool consume(uint64_t item)
{
    if (__atomic_load_n(&shared.produced, __ATOMIC_ACQUIRE) == item)
        return false;
    shared.sum = mix(shared.sum, chew(shared.ring[item % RING], 400));
    __atomic_store_n(&shared.consumed, item + 1, __ATOMIC_RELEASE);
    return true;
}

static void *consume_all(void *arg)
{
    for (uint64_t i = 0; i < ITEMS; i++)
        while (!consume(i))
            sched_yield();
    return arg;
}

static uint64_t queue(size_t threads)
{
    pthread_t consumer;
    uint64_t used = 0;

    begin();
    if (threads > 1)
        start(&consumer, consume_all, NULL);
    for (uint64_t i = 0; i < ITEMS; i++)
        while (!produce(i)) {
            if (threads > 1)
                sched_yield();
            else
                while (consume(used))
                    used++;
        }
    if (threads > 1)
        pthread_join(consumer, NULL);
    else
        while (consume(used))
            used++;
    return shared.sum;
}

const struct kernel shared_kernels[] = {
    { "counter", counter }, { "lock", lock }, { "queue", queue }, { NULL, NULL },
};
