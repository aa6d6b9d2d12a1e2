/* SPDX-License-Identifier: Apache-2.0 */
/* guest/rtas.c - calls of RTAS, through the gate firmware left.  Spec: LoPAR, "RTAS environment". */
#include "guest/guest.h"

enum { SERVICES_MAX = 64 };

static struct {
    char name[32];
    uint32_t token;
} services[SERVICES_MAX];
static unsigned n_services;
static uint32_t block[3 + RTAS_CELLS] __attribute__((aligned(16)));

void rtas_note(const char *service, uint32_t token)
{
    if (n_services == SERVICES_MAX)
        return;
    memcpy(services[n_services].name, service, strlen(service) + 1);
    services[n_services++].token = token;
}

uint32_t rtas_token(const char *service)
{
    for (unsigned i = 0; i < n_services; i++)
        if (!strcmp(services[i].name, service))
            return services[i].token;
    return 0;
}

int32_t rtas(const char *service, unsigned nargs, unsigned nrets, const uint32_t *args, uint32_t *out)
{
    block[0] = be32(rtas_token(service));
    block[1] = be32(nargs);
    block[2] = be32(nrets);
    for (unsigned i = 0; i < nargs; i++)
        block[3 + i] = be32(args[i]);
    for (unsigned i = 0; i < nrets; i++)
        block[3 + nargs + i] = 0;
    call_gate((uint64_t)block, machine.rtas_base);
    for (unsigned i = 0; i < nrets && out; i++)
        out[i] = be32(block[3 + nargs + i]);
    return nrets ? (int32_t)be32(block[3 + nargs]) : 0;
}

int64_t rtas_raw(uint64_t at)
{
    return (int64_t)call_gate(at, machine.rtas_base);
}

_Noreturn void power_off(void)
{
    RTAS("power-off", 1, NULL, 0, 0);
    for (;;)
        ;
}

_Noreturn void give_up(const char *text)
{
    RTAS("ibm,os-term", 1, NULL, (uint32_t)(uintptr_t)text);
    for (;;)
        ;
}
