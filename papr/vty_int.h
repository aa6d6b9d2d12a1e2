/* SPDX-License-Identifier: Apache-2.0 */
/* papr/vty_int.h - what the hypercalls ask of the terminal. */
#ifndef PAPR_VTY_INT_H
#define PAPR_VTY_INT_H

#include "papr/vty.h"

#define VTY_CHUNK 16 /* bytes of one hypercall */

/* All of len <= VTY_CHUNK bytes, or none (false: come back later). */
bool vty_put(struct vty *t, const uint8_t *data, size_t len);
/* Whether new input raises the interrupt; switching on raises it for input that waits. */
void vty_signals(struct vty *t, bool on);

#endif
