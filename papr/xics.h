/* SPDX-License-Identifier: Apache-2.0 */
/* papr/xics.h - the XICS interrupt controller: one presentation controller (ICP) per processor and one source
 * controller (ICS).
 *
 * Spec: LoPAR, interrupt controller; the state machines are those of docs/xics.md.  Source numbers are global.
 * Threads: every function may be called from any thread without a lock; one lock inside, taken last of all
 * (docs/locking.md).  A raised line kicks its processor after the lock is dropped. */
#ifndef PAPR_XICS_H
#define PAPR_XICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/state.h"
#include "papr/papr_int.h"

/* Source numbers. */
enum {
    XICS_IPI = 2, /* not a source: XISR value of an inter-processor interrupt */
    IRQ_FIRST = 0x1000,
    IRQ_EPOW = 0x1000,
    IRQ_HOTPLUG = 0x1001,
    IRQ_VIO = 0x1100,     /* 256 */
    IRQ_PHB_LSI = 0x1200, /* 4 per PHB */
    IRQ_MSI = 0x1300,
    IRQ_END = 0x2000,
};
#define XICS_PRIORITY_NONE 0xff

struct xics;

/* n_servers = processors the machine can ever have; server number = vcpu id. No source exists yet. */
struct xics *xics_new(struct papr *p, unsigned n_servers, struct error *err);
void xics_free(struct xics *x);
/* All servers and sources to their power-on state; lines keep no memory. Sources stay claimed. */
void xics_reset(struct xics *x);
unsigned xics_servers(const struct xics *x);

/* Claims sources [first, first + n): level (LSI) or edge (MSI). False: outside IRQ_FIRST..IRQ_END or one is taken. */
bool xics_claim(struct xics *x, uint32_t first, unsigned n, bool level);

/* A level source follows `on`; an edge source fires when on is true. Unclaimed numbers are ignored. */
void xics_set_irq(struct xics *x, uint32_t irq, bool on);
static inline void xics_pulse(struct xics *x, uint32_t irq)
{
    xics_set_irq(x, irq, true);
}

/* ---- what hypercalls and RTAS calls do; server must be < xics_servers() where it is an argument ---- */
void xics_set_cppr(struct xics *x, unsigned server, uint8_t cppr);
void xics_set_mfrr(struct xics *x, unsigned server, uint8_t mfrr);
uint32_t xics_accept(struct xics *x, unsigned server);
void xics_eoi(struct xics *x, unsigned server, uint32_t xirr);
/* Its processor is given back: what waited there waits at its source. */
void xics_server_gone(struct xics *x, unsigned server);
uint32_t xics_poll(struct xics *x, unsigned server, uint8_t *mfrr);

struct xive_setting { /* "XIVE" in the RTAS calls' sense: external interrupt vector entry */
    uint32_t server;
    uint8_t priority, saved_priority;
};
/* False: no such source. */
bool xics_source_get(struct xics *x, uint32_t irq, struct xive_setting *out);
bool xics_source_set(struct xics *x, uint32_t irq, struct xive_setting s);

/* RTAS rows: ibm,set-xive (3 in, 1 out), ibm,get-xive (1, 3), ibm,int-off (1, 1), ibm,int-on (1, 1). */
rtas_fn rtas_ibm_set_xive, rtas_ibm_get_xive, rtas_ibm_int_off, rtas_ibm_int_on;

extern const struct state_list xics_state; /* struct xics; loading needs as many servers as were saved */

#endif
