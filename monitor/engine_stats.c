/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/engine_stats.c - x-query-engine-stats: the CPU engine's counters as JSON. A counter: one line. */
#include "monitor/monitor_int.h"

static const char *const exit_names[CPU_EXIT_KINDS] = {
    [CPU_EXIT_KICK] = "kick", [CPU_EXIT_HCALL] = "hcall", [CPU_EXIT_HCALL_PR] = "hcall-problem-state",
    [CPU_EXIT_MACHINE_CHECK] = "machine-check", [CPU_EXIT_CHECKSTOP] = "checkstop", [CPU_EXIT_MISMATCH] = "lockstep-mismatch",
};

static void put(json_t *to, const char *name, uint64_t n)
{
    json_object_set_new(to, name, json_integer((json_int_t)n));
}

void qmp_query_engine_stats(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e)
{
    json_t *exits = json_object();
    struct cpu_stats s;
    uint64_t guest_ns;

    (void)args;
    (void)e;
    papr_engine_stats(m->machine, &s, &guest_ns);
    *ret = json_object();
    put(*ret, "instructions", s.insns);
    put(*ret, "guest-ns", guest_ns);
    put(*ret, "blocks-decoded", s.blocks_decoded);
    put(*ret, "block-flushes", s.block_flushes);
    put(*ret, "code-pages-dropped", s.pages_dropped);
    put(*ret, "translations", s.translations);
    put(*ret, "translated-instructions", s.translated_insns);
    put(*ret, "code-bytes", s.code_bytes);
    put(*ret, "code-flushes", s.code_flushes);
    put(*ret, "tlb-refills", s.tlb_refills);
    put(*ret, "tlb-misses", s.tlb_misses);
    for (unsigned i = 0; i < CPU_EXIT_KINDS; i++)
        put(exits, exit_names[i], s.exits[i]);
    json_object_set_new(*ret, "exits", exits);
}
