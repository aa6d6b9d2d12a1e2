/* SPDX-License-Identifier: Apache-2.0 */
/* papr/of_gate.h - the only code the machine puts into guest memory: two gates of five instructions that turn a call of
 * the Open Firmware client interface, or of RTAS, into a hypercall of our own.
 * Callers are in 32-bit big-endian real mode. */
#ifndef PAPR_OF_GATE_H
#define PAPR_OF_GATE_H

#include <stdbool.h>
#include <stdint.h>

struct papr;

enum {
    H_RTAS = 0xf000,            /* r4: real address of the argument block */
    H_OF_CLIENT = 0xf005,       /* the same */
    OF_GATE_BYTES = 20,
    OF_GATE_ADDRESS = 0x4000,   /* above 0xff (Linux's first stage overwrites that), below 64 KiB */
    OF_STACK_TOP = 0x10000,     /* the first stack: 32 KiB below this */
};

/* r4 = r3, r3 = opcode, sc 1, blr. False: not RAM. */
bool of_gate_write(struct papr *p, uint64_t addr, uint32_t opcode);

#endif
