/* SPDX-License-Identifier: Apache-2.0 */
/* papr/vty.h - the virtual terminal: H_PUT_TERM_CHAR, H_GET_TERM_CHAR over a struct console.
 *
 * Never blocks: output the console does not take at once is answered H_BUSY, which the guest repeats.  Input waits in
 * the console until the guest asks; the interrupt fires when there is something new to read. Threads: hypercalls on
 * vcpu threads, input arrives on the console's thread; one lock inside, taken before xics's. */
#ifndef PAPR_VTY_H
#define PAPR_VTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/state.h"
#include "papr/papr_int.h"

#define VTY_REG 0x71000000u /* unit address = termno: node vty@71000000 under /vdevice */
#define VTY_IRQ 0x1100u     /* edge; claimed by vty_new() */

struct vty;

/* The machine's one terminal. con NULL: output vanishes, no input. The console stays the caller's. NULL: *err. Needs
 * the machine's xics to exist. */
struct vty *vty_new(struct papr *p, struct console *con, struct error *err);
void vty_free(struct vty *t);
void vty_reset(struct vty *t);

/* Output from outside a hypercall (OF client "write", RTAS display-character): how many bytes were taken. */
size_t vty_write(struct vty *t, const void *data, size_t len);
/* Input for OF client "read": how many bytes, 0 = none now. */
size_t vty_read(struct vty *t, void *data, size_t len);

extern const struct state_list vty_state;

#endif
