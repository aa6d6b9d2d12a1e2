/* SPDX-License-Identifier: Apache-2.0 */
/* papr/rtas_power.c - power-off, system-reboot, ibm,os-term: the end of this run of the guest. None returns to it: the
 * calling processor parks before it executes another instruction. */
#include <string.h>

#include "papr/rtas.h"

enum { TEXT_MAX = 256 };

/* Two masks of events that may switch the machine on again: there are none. */
int32_t rtas_power_off(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    (void)arg, (void)ret;
    papr_guest_power_off(v->papr);
    return RTAS_SUCCESS;
}

int32_t rtas_system_reboot(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    (void)arg, (void)ret;
    papr_guest_reset(v->papr);
    return RTAS_SUCCESS;
}

/* As much of a guest's string as is RAM and text, for a person to read. */
static void read_text(struct papr *p, uint32_t addr, char out[TEXT_MAX])
{
    size_t n = 0;

    while (n < TEXT_MAX - 1 && papr_read(p, (uint64_t)addr + n, out + n, 1) && out[n]) {
        if (out[n] < ' ' || out[n] > '~')
            out[n] = ' ';
        n++;
    }
    while (n && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
}

int32_t rtas_os_term(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    char text[TEXT_MAX];

    (void)ret;
    read_text(v->papr, arg[0], text);
    papr_guest_panic(v->papr, text);
    return RTAS_SUCCESS;
}
