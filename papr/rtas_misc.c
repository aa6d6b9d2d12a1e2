/* SPDX-License-Identifier: Apache-2.0 */
/* papr/rtas_misc.c - display-character: early console output, one byte at a time. */
#include "papr/rtas.h"
#include "papr/vty.h"

int32_t rtas_display_character(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    uint8_t byte = (uint8_t)arg[0];

    (void)ret;
    return vty_write(papr_vty(v->papr), &byte, 1) ? RTAS_SUCCESS : RTAS_BUSY;
}
