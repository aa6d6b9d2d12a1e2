/* SPDX-License-Identifier: Apache-2.0 */
/* guest/processors.c - other processors: started for a job, stopped by themselves when it is done.
 * Spec: LoPAR, start-cpu, stop-self, query-cpu-stopped-state.
 *
 * A job runs with interrupts off in real mode and calls nothing but job_hcall(): all else in this program belongs to
 * processor 0. */
#include "guest/guest.h"

#define PATIENCE (300ull * 512000000)

struct job the_job;
static uint8_t job_stack[16384] __attribute__((aligned(16)));

/* ---- on the other processor ---- */
int64_t job_hcall(struct job *j, uint64_t opcode, uint64_t r4, uint64_t r5)
{
    j->regs[0] = opcode;
    j->regs[1] = r4;
    j->regs[2] = r5;
    return hcall_raw(j->regs);
}

void job_main(struct job *j)
{
    uint64_t number;

    __asm__ volatile("mfspr %0,1023" : "=r"(number));
    j->number = number;
    j->run(j);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    call_gate((uint64_t)j->block, machine.rtas_base);       /* stop-self */
}

/* ---- on processor 0 ---- */
uint32_t processors_end(void)
{
    uint32_t n = 0, sense;

    while (drc_sense(DRC_CPU(n), &sense) == RTAS_OK)
        n++;
    return n;
}

bool processor_here(uint32_t n)
{
    uint32_t sense;

    return drc_sense(DRC_CPU(n), &sense) == RTAS_OK && sense == 1;
}

uint32_t processor_state(uint32_t n)
{
    uint32_t out[2];

    return RTAS("query-cpu-stopped-state", 2, out, n) == RTAS_OK ? out[1] : UINT32_MAX;
}

int32_t processor_start(uint32_t n, void (*run)(struct job *j))
{
    struct job *j = &the_job;

    memset(j, 0, sizeof(*j));
    j->stack = (uint64_t)job_stack + sizeof(job_stack) - 64;
    j->run = run;
    j->block[0] = be32(rtas_token("stop-self"));
    j->block[2] = be32(1);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return RTAS("start-cpu", 1, NULL, n, (uint32_t)(uintptr_t)job_start, (uint32_t)(uintptr_t)j);
}

bool wait_until(const volatile uint64_t *what, uint64_t value)
{
    uint64_t start = timebase();

    while (*what != value && timebase() - start < PATIENCE)
        HCALL(H_CONFER, UINT64_MAX, 0);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return *what == value;
}

bool processor_wait_stopped(uint32_t n)
{
    uint64_t start = timebase();

    while (processor_state(n) != CPU_STOPPED && timebase() - start < PATIENCE)
        HCALL(H_CONFER, UINT64_MAX, 0);
    return processor_state(n) == CPU_STOPPED;
}
