/* SPDX-License-Identifier: Apache-2.0 */
/* papr/papr.c - makes and frees a machine, checks its configuration, and answers what the parts ask of it.
 *
 * Nothing here costs time or memory in proportion to the RAM or to its ceiling. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/counter.h"
#include "base/size.h"
#include "base/thread.h"
#include "base/uuid.h"
#include "cpu/group.h"
#include "cpu/perf_log.h"
#include "papr/machine_int.h"
#include "papr/hpt.h"
#include "papr/ram_usage.h"

#define MEMORY_MIN (128ull << 20)
/* Linux maps its memory by 16 MiB pages and stops if the last one is not whole */
#define MEMORY_UNIT (16ull << 20)
#define MEMORY_MAX (64ull << 40)
#define CPUS_MAX 256

#define ADDRESS_MASK 0x0fffffffffffffffull      /* hypercalls ignore the top nibble of a real address */

static int check_memory(const struct papr_config *cfg, struct error *err)
{
    char have[SIZE_TEXT_BYTES], want[SIZE_TEXT_BYTES];
    uint64_t rounded = (cfg->memory_bytes + MEMORY_UNIT - 1) & -MEMORY_UNIT;

    size_format(cfg->memory_bytes, have);
    if (cfg->memory_bytes < MEMORY_MIN)
        return error_set(err, EINVAL, "--memory %s is too small for a Linux guest: use at least %s", have,
                         size_format(MEMORY_MIN, want));
    if (cfg->memory_bytes > MEMORY_MAX)
        return error_set(err, EINVAL, "--memory %s is too large: at most %s", have, size_format(MEMORY_MAX, want));
    if (cfg->memory_bytes != rounded)
        return error_set(err, EINVAL, "--memory %s is not a multiple of 16 MiB: use %s", have,
                         size_format(rounded, want));
    size_format(cfg->max_memory_bytes, want);
    if (cfg->max_memory_bytes < cfg->memory_bytes)
        return error_set(err, EINVAL, "--max-memory %s is less than --memory %s: raise it or leave it out", want, have);
    if (cfg->max_memory_bytes > MEMORY_MAX)
        return error_set(err, EINVAL, "--max-memory %s is too large: at most %s", want, size_format(MEMORY_MAX, have));
    return 0;
}

static int check_config(const struct papr_config *cfg, struct error *err)
{
    uint8_t uuid[UUID_BYTES];

    if (cfg->cpus < 1 || cfg->cpus > CPUS_MAX)
        return error_set(err, EINVAL, "--cpus %u: use 1 to %d", cfg->cpus, CPUS_MAX);
    if (cfg->max_cpus && (cfg->max_cpus < cfg->cpus || cfg->max_cpus > CPUS_MAX))
        return error_set(err, EINVAL, "--max-cpus %u: use %u to %d", cfg->max_cpus, cfg->cpus, CPUS_MAX);
    if (cfg->engine == CPU_ENGINE_LOCKSTEP && (cfg->cpus > 1 || cfg->max_cpus > 1))
        return error_set(err, EINVAL,
                         "--engine lockstep runs one processor: what another one stores would differ, too");
    if (cfg->append && strlen(cfg->append) >= 2048)
        return error_set(err, EINVAL, "--append has %zu bytes: Linux reads at most 2047", strlen(cfg->append));
    if (cfg->uuid && uuid_parse(cfg->uuid, uuid, err))
        return error_prefix(err, "--uuid");
    return check_memory(cfg, err);
}

static const char *copy(const char *s, bool *failed)
{
    char *own = s ? strdup(s) : NULL;

    *failed |= s && !own;
    return own;
}

static int copy_config(struct papr *p, const struct papr_config *cfg, struct error *err)
{
    bool failed = false;

    p->cfg = *cfg;
    p->cfg.max_cpus = cfg->max_cpus ? cfg->max_cpus : cfg->cpus;
    p->cfg.max_memory_bytes = (cfg->max_memory_bytes + PAPR_LMB_SIZE - 1) & -PAPR_LMB_SIZE;
    p->cfg.kernel = copy(cfg->kernel, &failed);
    p->cfg.initrd = copy(cfg->initrd, &failed);
    p->cfg.append = copy(cfg->append, &failed);
    p->cfg.name = copy(cfg->name, &failed);
    p->cfg.uuid = copy(cfg->uuid, &failed);
    p->cfg.trace = copy(cfg->trace, &failed);
    p->cfg.trace_file = copy(cfg->trace_file, &failed);
    return failed ? error_set(err, ENOMEM, "out of memory") : 0;
}

static int create_memory(struct papr *p, struct error *err)
{
    char text[SIZE_TEXT_BYTES];

    p->ram = ram_window_new(p->cfg.max_memory_bytes, err);
    if (!p->ram)
        return -ENOMEM;
    p->map = mem_map_new();
    if (!p->map)
        return error_set(err, ENOMEM, "out of memory");
    if (papr_has_policy(&p->cfg.memory_policy) &&
        ram_window_open_policy(p->ram, ra(0), p->cfg.memory_bytes, &p->cfg.memory_policy, err))
        return error_prefix(err, "--memory %s", size_format(p->cfg.memory_bytes, text));
    return mem_map_add_ram(p->map, p->ram, ra(0), p->cfg.memory_bytes, err);
}

static int create_vcpus(struct papr *p, struct error *err)
{
    p->vcpus = calloc(p->cfg.max_cpus, sizeof(struct vcpu *));
    p->cpus = cpu_group_new();
    if (!p->vcpus || !p->cpus)
        return error_set(err, ENOMEM, "out of memory");
    if (p->cfg.code_cache_bytes)
        cpu_group_limit_code(p->cpus, p->cfg.code_cache_bytes);
    while (p->nr_vcpus < p->cfg.max_cpus) {
        struct vcpu *v = vcpu_new(p, p->nr_vcpus, err);

        if (!v)
            return -ENOMEM;
        p->vcpus[p->nr_vcpus++] = v;
    }
    return 0;
}

struct papr *papr_new(const struct papr_config *cfg, struct error *err)
{
    struct papr *p;

    if (check_config(cfg, err))
        return NULL;
    p = calloc(1, sizeof(*p));
    if (!p) {
        error_set(err, ENOMEM, "out of memory");
        return NULL;
    }
    lock_init(&p->stop_lock);
    lock_init(&p->machine_lock);
    cond_init(&p->changed);
    clock_init(&p->clock);
    atomic_store(&p->park, PARK_PAUSED);
    atomic_store(&p->status, PAPR_PRELAUNCH);
    if (copy_config(p, cfg, err) || trace_open(cfg->trace, cfg->trace_file, &p->trace, err) ||
        (cfg->perf && !(p->perf = perf_log_new(err))) || create_memory(p, err) || create_vcpus(p, err) ||
        papr_create_parts(p, err)) {
        papr_free(p);
        return NULL;
    }
    return p;
}

static void free_config(struct papr_config *cfg)
{
    free((char *)cfg->kernel);
    free((char *)cfg->initrd);
    free((char *)cfg->append);
    free((char *)cfg->name);
    free((char *)cfg->uuid);
    free((char *)cfg->trace);
    free((char *)cfg->trace_file);
}

void papr_free(struct papr *p)
{
    if (!p)
        return;
    lifecycle_stop(p);
    papr_destroy_parts(p);
    for (unsigned i = 0; i < p->nr_vcpus; i++)
        vcpu_free(p->vcpus[i]);
    free(p->vcpus);
    cpu_group_free(p->cpus);
    loader_free(p->loader);
    if (p->map)
        mem_map_free(p->map);
    if (p->ram)
        ram_window_free(p->ram);
    trace_close(p->trace);
    perf_log_free(p->perf);
    free_config(&p->cfg);
    free(p->request_text);
    cond_fini(&p->changed);
    lock_fini(&p->machine_lock);
    lock_fini(&p->stop_lock);
    free(p);
}

void papr_set_event_sink(struct papr *p, void (*sink)(void *opaque, const struct papr_event *ev), void *opaque)
{
    p->sink = sink;
    p->sink_opaque = opaque;
}

struct vcpu *papr_vcpu(struct papr *p, uint64_t id)
{
    return id < p->nr_vcpus ? p->vcpus[id] : NULL;
}

struct vcpu *papr_guest_vcpu(struct papr *p, uint64_t id)
{
    struct vcpu *v = papr_vcpu(p, id);

    return v && atomic_load(&v->held) ? v : NULL;
}

unsigned papr_vcpu_count(const struct papr *p)
{
    return p->nr_vcpus;
}

const char *papr_cpu_type(const struct papr *p)
{
    return p->cfg.level == ISA_LEVEL_3_00 ? "power9_v2.2-spapr-cpu-core" : "power8_v2.0-spapr-cpu-core";
}

struct mem_map *papr_map(struct papr *p)
{
    return p->map;
}

struct ram_window *papr_ram(struct papr *p)
{
    return p->ram;
}

const struct papr_config *papr_config(const struct papr *p)
{
    return &p->cfg;
}

uint64_t papr_timebase(void *papr)
{
    return clock_timebase(&((struct papr *)papr)->clock);
}

static bool in_range(uint64_t addr, uint64_t len)
{
    return len <= ADDRESS_MASK && addr <= ADDRESS_MASK - len;
}

bool papr_read(struct papr *p, uint64_t addr, void *buf, size_t len)
{
    addr &= ADDRESS_MASK;
    return in_range(addr, len) && mem_map_read(p->map, ra(addr), buf, len);
}

bool papr_write(struct papr *p, uint64_t addr, const void *buf, size_t len)
{
    addr &= ADDRESS_MASK;
    if (!in_range(addr, len) || !mem_map_write(p->map, ra(addr), buf, len))
        return false;
    cpu_group_code_written(p->cpus, p->map, ra(addr), len);
    return true;
}

bool papr_is_ram(struct papr *p, uint64_t addr, uint64_t len)
{
    bool all = true;

    addr &= ADDRESS_MASK;
    if (!in_range(addr, len))
        return false;
    rcu_read_lock();
    while (all && len) {
        struct mem_hit hit;

        all = mem_map_find_rcu(p->map, ra(addr), &hit) && hit.host && hit.writable;
        if (all && hit.len >= len)
            break;
        addr += hit.len;
        len -= hit.len;
    }
    rcu_read_unlock();
    return all;
}

void papr_emit(struct papr *p, const struct papr_event *ev)
{
    if (p->sink)
        p->sink(p->sink_opaque, ev);
}

/* The lock keeps the thread from being joined meanwhile. */
static uint64_t thread_cpu_ns(struct vcpu *v)
{
    uint64_t ns = 0;
    clockid_t id;

    lock_take(&v->run_lock);
    if (v->thread_started && !pthread_getcpuclockid(v->thread, &id))
        ns = (uint64_t)time_read_ns(id);
    lock_drop(&v->run_lock);
    return ns;
}

void papr_work_done(struct papr *p, uint64_t *insns, uint64_t *cpu_ns)
{
    *insns = *cpu_ns = 0;
    for (unsigned i = 0; i < p->nr_vcpus; i++) {
        *insns += atomic_load(&p->vcpus[i]->insns);
        *cpu_ns += thread_cpu_ns(p->vcpus[i]);
    }
}

void papr_stats(struct papr *p, struct papr_stats *out)
{
    *out = (struct papr_stats){ 0 };
    for (unsigned i = 0; i < p->nr_vcpus; i++)
        vcpu_fresh_stats(p->vcpus[i]);
    papr_work_done(p, &out->insns, &out->guest_ns);
    out->ram_touched_bytes = ram_usage_bytes(ram_window_base(p->ram), ram_window_size(p->ram));
    out->hpt_touched_bytes = hpt_resident_bytes(p->hpt);
}

static void add_stats(struct papr_engine_stats *sum, const struct papr_engine_stats *more)
{
    uint64_t *to = (uint64_t *)sum;
    const uint64_t *from = (const uint64_t *)more;

    _Static_assert(sizeof(*sum) % sizeof(uint64_t) == 0, "counters only");
    for (size_t i = 0; i < sizeof(*sum) / sizeof(uint64_t); i++)
        to[i] += from[i];
}

void papr_engine_stats(struct papr *p, struct papr_engine_stats *out)
{
    *out = (struct papr_engine_stats){ 0 };
    for (unsigned i = 0; i < p->nr_vcpus; i++) {
        struct papr_engine_stats one = { .guest_ns = thread_cpu_ns(p->vcpus[i]) };

        cpu_stats(&p->vcpus[i]->cpu, &one.cpu);
        for (unsigned k = 0; k < CPU_EXIT_KINDS; k++)
            one.exit_ns[k] = counter_get(&p->vcpus[i]->exit_ns[k]);
        add_stats(out, &one);
    }
    cpu_group_stats(p->cpus, &out->group);
}

bool papr_c_calls(struct papr *p, size_t row, const char **name, uint64_t *count)
{
    uint64_t n;

    *count = 0;
    for (unsigned i = 0; i < p->nr_vcpus; i++, *count += n)
        if (!cpu_c_calls(&p->vcpus[i]->cpu, row, name, &n))
            return false;
    return true;
}

bool papr_hcall_stats(struct papr *p, size_t row, struct papr_hcall_stats *out)
{
    if (row >= hcall_table_size)
        return false;
    *out = (struct papr_hcall_stats){ .name = hcall_table[row].name };
    for (unsigned i = 0; i < p->nr_vcpus; i++) {
        out->count += counter_get(&p->vcpus[i]->hcalls[row].count);
        out->ns += counter_get(&p->vcpus[i]->hcalls[row].ns);
    }
    return true;
}
