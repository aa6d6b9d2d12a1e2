/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hcall_vty.c - characters to and from the terminal.  Spec: LoPAR, H_PUT_TERM_CHAR, H_GET_TERM_CHAR, H_VIO_SIGNAL.
 */
#include "papr/hcalls.h"
#include "papr/vty_int.h"

#include "base/endian.h"

/* Terminal 0 is the first one: early debug output names no other. */
static bool is_terminal(uint64_t termno)
{
    return termno == VTY_REG || termno == 0;
}

/* termno, length, bytes 0-7, bytes 8-15 */
int64_t h_put_term_char(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    uint8_t bytes[VTY_CHUNK];

    (void)ret;
    if (!is_terminal(arg[0]) || arg[1] > VTY_CHUNK)
        return H_PARAMETER;
    be64_put(bytes, arg[2]);
    be64_put(bytes + 8, arg[3]);
    return vty_put(papr_vty(v->papr), bytes, arg[1]) ? H_SUCCESS : H_BUSY;
}

/* termno -> length, bytes 0-7, bytes 8-15 */
int64_t h_get_term_char(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    uint8_t bytes[VTY_CHUNK] = { 0 };

    if (!is_terminal(arg[0]))
        return H_PARAMETER;
    ret[0] = vty_read(papr_vty(v->papr), bytes, sizeof(bytes));
    ret[1] = be64_get(bytes);
    ret[2] = be64_get(bytes + 8);
    return H_SUCCESS;
}

/* unit address, 1 on or 0 off */
int64_t h_vio_signal(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    (void)ret;
    if (arg[0] != VTY_REG || arg[1] > 1)
        return H_PARAMETER;
    vty_signals(papr_vty(v->papr), arg[1]);
    return H_SUCCESS;
}
