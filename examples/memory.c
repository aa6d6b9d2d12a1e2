/* SPDX-License-Identifier: Apache-2.0 */
/* RAM that is plugged and unplugged by one thread, read by two others, and tracked: the memory core in 60 lines. */
#include <paprika/mem.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#define GIB (1ull << 30)
static struct mem_map *map;
static atomic_bool stop;

/* A reader: looks up and loads; never waits, whatever the main thread does. */
static void *reader(void *arg)
{
    unsigned long *hits = arg;
    uint64_t value;
    rcu_register_thread();
    for (uint64_t at = 0; !*hits || !atomic_load(&stop); at = (at + 4096) % (4 * GIB))      /* once at least */
        *hits += mem_map_read(map, ra(at), &value, sizeof(value));
    rcu_unregister_thread();
    return NULL;
}

int main(void)
{
    struct error err = { 0 };
    struct ram_window *ram = ram_window_new(1024 * GIB, &err);      /* room for 1 TiB; costs nothing yet */
    unsigned long hits[2] = { 0 };
    uint64_t dirty[GIB / 4096 / 64] = { 0 };
    pthread_t t[2];
    rcu_register_thread();
    map = mem_map_new();
    if (!ram || !map || mem_map_add_ram(map, ram, ra(0), GIB, &err) < 0)
        return fprintf(stderr, "%s\n", err.msg), 1;
    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, reader, &hits[i]);
    /* plug 3 GiB and unplug it again, under the readers */
    for (int round = 0; round < 100; round++) {
        for (uint64_t at = GIB; at < 4 * GIB; at += GIB / 4)
            mem_map_add_ram(map, ram, ra(at), GIB / 4, &err);
        mem_map_remove_ram(map, ram, ra(GIB), 3 * GIB, &err);
    }
    struct dirty_log *log = mem_map_ram_log(map, ram);
    /* from here on every store that is marked is reported */
    dirty_log_arm(log, DIRTY_MIGRATION);
    mem_map_write(map, ra(8 * 4096 - 4), "two pages", 9);           /* stores and marks */
    ram_window_base(ram)[100 * 4096] = 1;                           /* a store of our own: mark it ourselves */
    dirty_log_mark(log, 100 * 4096, 1);
    printf("%llu dirty pages:", (unsigned long long)dirty_log_collect(log, DIRTY_MIGRATION, 0, GIB, dirty));
    for (uint64_t page = 0; page < GIB / 4096; page++)
        if (dirty[page / 64] >> page % 64 & 1)
            printf(" %llu", (unsigned long long)page);
    atomic_store(&stop, true);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    printf("\nreaders were answered: %s\n", hits[0] && hits[1] ? "yes" : "no");
    mem_map_free(map);
    ram_window_free(ram);
    rcu_unregister_thread();
    return 0;
}
