/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/engine_stats.c - x-query-engine-stats: what the processors did, as JSON. A counter: one line. */
#include "monitor/monitor_int.h"

static const char *const exit_names[CPU_EXIT_KINDS] = {
    [CPU_EXIT_KICK] = "kick", [CPU_EXIT_HCALL] = "hcall", [CPU_EXIT_HCALL_PR] = "hcall-problem-state",
    [CPU_EXIT_MACHINE_CHECK] = "machine-check", [CPU_EXIT_CHECKSTOP] = "checkstop",
    [CPU_EXIT_MISMATCH] = "lockstep-mismatch",
};
static const char *const kind_names[TLB_KINDS] = { "read", "write", "exec" };
static const char *const size_names[TLB_SIZES] = { "4K", "64K", "16M", "16G", "real" };

static void put(json_t *to, const char *name, uint64_t n)
{
    json_object_set_new(to, name, json_integer((json_int_t)n));
}

static json_t *sizes(const uint64_t n[TLB_SIZES])
{
    json_t *v = json_object();

    for (unsigned i = 0; i < TLB_SIZES; i++)
        put(v, size_names[i], n[i]);
    return v;
}

static json_t *misses(const struct tlb_misses *m)
{
    json_t *v = json_object();

    json_object_set_new(v, "first-level", sizes(m->first));
    json_object_set_new(v, "second-level", sizes(m->second));
    put(v, "faults", m->faults);
    return v;
}

static json_t *answers(uint64_t count, uint64_t ns)
{
    json_t *v = json_object();

    put(v, "count", count);
    put(v, "ns", ns);
    return v;
}

static json_t *hcalls(struct papr *p)
{
    json_t *v = json_object();
    struct papr_hcall_stats h;

    for (size_t row = 0; papr_hcall_stats(p, row, &h); row++)
        if (h.count)
            json_object_set_new(v, h.name, answers(h.count, h.ns));
    return v;
}

/* Several rows may have one name. */
void qmp_query_c_calls(struct qmp_call *q)
{
    const char *name;
    uint64_t n;

    q->ret = json_object();
    for (size_t row = 0; papr_c_calls(q->m->machine, row, &name, &n); row++)
        if (n)
            put(q->ret, name, n + (uint64_t)json_integer_value(json_object_get(q->ret, name)));
}

void qmp_query_engine_stats(struct qmp_call *q)
{
    json_t *tlb = json_object(), *exits = json_object();
    struct papr_engine_stats s;

    papr_engine_stats(q->m->machine, &s);
    q->ret = json_object();
    put(q->ret, "instructions", s.cpu.insns);
    put(q->ret, "guest-ns", s.guest_ns);
    put(q->ret, "blocks-decoded", s.cpu.blocks_decoded);
    put(q->ret, "block-evictions", s.cpu.block_evictions);
    put(q->ret, "code-pages-dropped", s.group.pages_dropped);
    put(q->ret, "translations", s.cpu.translations);
    put(q->ret, "translated-instructions", s.cpu.translated_insns);
    put(q->ret, "translate-ns", s.cpu.translate_ns);
    put(q->ret, "code-bytes", s.group.code_bytes);
    put(q->ret, "code-capacity", s.group.code_capacity);
    put(q->ret, "code-evictions", s.group.code_evictions);
    for (unsigned i = 0; i < TLB_KINDS; i++)
        json_object_set_new(tlb, kind_names[i], misses(&s.cpu.tlb[i]));
    json_object_set_new(q->ret, "tlb-misses", tlb);
    for (unsigned i = 0; i < CPU_EXIT_KINDS; i++)
        json_object_set_new(exits, exit_names[i], answers(s.cpu.exits[i], s.exit_ns[i]));
    json_object_set_new(q->ret, "exits", exits);
    json_object_set_new(q->ret, "hcalls", hcalls(q->m->machine));
}
