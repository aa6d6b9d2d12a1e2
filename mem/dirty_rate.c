/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/dirty_rate.h"

#include "base/rcu.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define PAGE 4096ull

struct sample {
    ra_t at;
    uint64_t hash;
};

struct dirty_rate {
    struct mem_map *map;
    uint64_t ram_bytes;
    double began;
    unsigned n;
    struct sample sample[];
};

struct range {
    uint64_t start, len;
};

struct ranges {
    struct range *r;
    size_t n;
    uint64_t bytes;
};

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Only asked whether two contents differ, by nobody who would forge them: four interleaved
 * multiply-and-rotate lanes. */
static uint64_t hash_page(const uint8_t *p)
{
    uint64_t lane[4] = { 1, 2, 3, 4 };

    for (unsigned i = 0; i < PAGE; i += 32)
        for (unsigned k = 0; k < 4; k++) {
            uint64_t v;

            memcpy(&v, p + i + 8 * k, 8);
            lane[k] = (lane[k] ^ v) * 0x9e3779b97f4a7c15u;
            lane[k] ^= lane[k] >> 29;
        }
    return lane[0] ^ lane[1] * 3 ^ lane[2] * 5 ^ lane[3] * 7;
}

/* 0 for a page the host has not given (it reads as zero, as does an untouched one later); false: not RAM. */
static bool look_rcu(const struct mem_map *m, ra_t at, uint64_t *hash)
{
    unsigned char there = 0;
    struct mem_hit hit;

    if (!mem_map_find_rcu(m, at, &hit) || !hit.writable || hit.len < PAGE)
        return false;
    *hash = 0;
    if (mincore((void *)((uintptr_t)hit.host & ~(PAGE - 1)), PAGE, &there) == 0 && there & 1)
        *hash = hash_page(hit.host);
    return true;
}

static void note(void *opaque, const struct mem_change *c, size_t n)
{
    struct ranges *all = opaque;

    all->r = malloc(n * sizeof(*all->r));
    for (size_t i = 0; all->r && i < n; i++) {
        if (c[i].now.kind != MEM_RAM || c[i].len < PAGE)
            continue;
        all->r[all->n++] = (struct range){ c[i].start.v, c[i].len & ~(PAGE - 1) };
        all->bytes += c[i].len & ~(PAGE - 1);
    }
}

/* A listener hears the whole view at once; we listen for just that. */
static struct ranges ram_of(struct mem_map *m)
{
    struct ranges all = { 0 };
    struct mem_listener l = { .changed = note, .opaque = &all };

    if (mem_map_listen(m, &l) == 0)
        mem_map_unlisten(m, &l);
    return all;
}

static ra_t place(const struct ranges *all, uint64_t off)
{
    size_t i = 0;

    for (; off >= all->r[i].len; i++)
        off -= all->r[i].len;
    return ra(all->r[i].start + off);
}

struct dirty_rate *dirty_rate_begin(struct mem_map *m, unsigned samples, uint64_t seed)
{
    struct ranges all = ram_of(m);
    struct dirty_rate *d = all.bytes ? calloc(1, sizeof(*d) + samples * sizeof(d->sample[0])) : NULL;

    if (d) {
        d->map = m;
        d->ram_bytes = all.bytes;
        d->began = now();
        rcu_read_lock();
        for (unsigned i = 0; i < samples; i++) {
            struct sample *s = &d->sample[d->n];

            seed = seed * 6364136223846793005u + 1442695040888963407u;
            s->at = place(&all, (seed >> 11) % (all.bytes / PAGE) * PAGE);
            d->n += look_rcu(m, s->at, &s->hash);
        }
        rcu_read_unlock();
    }
    free(all.r);
    return d;
}

void dirty_rate_end(struct dirty_rate *d, struct dirty_rate_result *out)
{
    *out = (struct dirty_rate_result){ .ram_bytes = d->ram_bytes };
    rcu_read_lock();
    for (unsigned i = 0; i < d->n; i++) {
        uint64_t hash;

        if (!look_rcu(d->map, d->sample[i].at, &hash))
            continue;
        out->sampled++;
        out->changed += hash != d->sample[i].hash;
    }
    rcu_read_unlock();
    out->seconds = now() - d->began;
    if (out->sampled && out->seconds > 0)
        out->bytes_per_second = (double)d->ram_bytes * out->changed / out->sampled / out->seconds;
    free(d);
}
