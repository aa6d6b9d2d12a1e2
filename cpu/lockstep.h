/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/lockstep.h - checks translated code against the interpreter, trace by trace, on a running guest.
 *
 * A trace runs once; its stores are journalled and taken back; the interpreter then runs as many instructions from the
 * same state. Registers, stored bytes and pending interrupts must agree. Only a write through the slow path can be
 * journalled, so no page gets a fast store path meanwhile. Time stands still for both.
 * Thread: the processor's own. */
#ifndef CPU_LOCKSTEP_H
#define CPU_LOCKSTEP_H

#include <stdbool.h>

#include "cpu/block.h"
#include "cpu/cpu.h"

struct lockstep;

struct lockstep *lockstep_new(void);        /* NULL: no memory */
void lockstep_free(struct lockstep *l);
void lockstep_journal(struct lockstep *l, const uint8_t *host, unsigned len);

/* Runs the trace at nip both ways; the interpreter's result stays. False: they differ, and stderr says how. */
bool lockstep_run(struct cpu *c, const uint8_t *code);

#endif
