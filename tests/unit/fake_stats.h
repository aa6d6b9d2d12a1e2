/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/fake_stats.h - the counters of a machine that is not there, for programs that link the monitor against
 * fakes; one file of each includes this. */
#ifndef TESTS_UNIT_FAKE_STATS_H
#define TESTS_UNIT_FAKE_STATS_H

#include "papr/papr.h"

void papr_engine_stats(struct papr *p, struct papr_engine_stats *out)
{
    (void)p;
    *out = (struct papr_engine_stats){ .cpu.insns = 7, .cpu.exits[CPU_EXIT_HCALL] = 3, .exit_ns[CPU_EXIT_HCALL] = 90,
                                       .guest_ns = 5 };
    out->cpu.tlb[TLB_KIND_WRITE].second[TLB_SIZE_16M] = 11;
}

bool papr_hcall_stats(struct papr *p, size_t row, struct papr_hcall_stats *out)
{
    (void)p;
    *out = (struct papr_hcall_stats){ "H_CEDE", 2, 80 };
    return row == 0;
}

/* Two rows of one name. */
bool papr_c_calls(struct papr *p, size_t row, const char **name, uint64_t *count)
{
    static const char *const names[] = { "rfid", "wait", "wait", "sc" };

    (void)p;
    *name = row < 4 ? names[row] : NULL;
    *count = row;
    return row < 4;
}

#endif
