/* SPDX-License-Identifier: Apache-2.0 */
/* papr/xics_int.h - the two state machines of XICS, for papr/xics*.c only. */
#ifndef PAPR_XICS_INT_H
#define PAPR_XICS_INT_H

#include "papr/xics.h"

#define XICS_SERVERS_MAX 256
#define XICS_SOURCES (IRQ_END - IRQ_FIRST)

/* One server. A smaller priority is more favoured; 0xff never delivers.  Invariant: xisr == 0 iff pending == 0xff. */
struct icp {
    uint32_t xisr;   /* source waiting to be accepted, XICS_IPI, or 0 */
    uint8_t cppr;    /* only what is more favoured than this interrupts */
    uint8_t pending; /* priority of xisr */
    uint8_t mfrr;    /* inter-processor request; 0xff: none */
};

enum source_status {
    SOURCE_ASSERTED = 1, /* level: the line is up */
    SOURCE_SENT = 2,     /* level: at a server, or accepted and not yet EOIed */
    SOURCE_PENDING = 4,  /* edge: fired, and masked or sent back by its server */
};

struct source {
    uint32_t server;
    uint8_t priority, saved_priority;
    uint8_t status; /* enum source_status */
    bool claimed, level;
};

struct xics {
    struct papr *papr;
    uint32_t n_servers;
    struct lock lock; /* guards everything below; a vcpu's run_lock may be taken under it */
    struct icp icp[XICS_SERVERS_MAX];
    struct source source[XICS_SOURCES];
    uint64_t waiting[XICS_SOURCES / 64]; /* sources that would fire now if their server took them */
    unsigned n_waiting;
};

static inline struct source *source_of(struct xics *x, uint32_t irq)
{
    return irq >= IRQ_FIRST && irq < IRQ_END && x->source[irq - IRQ_FIRST].claimed ? &x->source[irq - IRQ_FIRST] : NULL;
}

/* xics_icp.c */
void icp_reset(struct icp *icp);
/* A source fires: taken by its server, or sent back (source_reject). */
void icp_offer(struct xics *x, uint32_t server, uint32_t irq, uint8_t priority) REQUIRES(x->lock);
/* Drives the server's line as its state says. */
void icp_drive(struct xics *x, uint32_t server) REQUIRES(x->lock);

/* xics_ics.c */
void source_reset(struct source *s);
void source_reject(struct xics *x, uint32_t irq) REQUIRES(x->lock);
/* Displaced after it had waited at a server: sent back, and offered again, as its server or priority may be others by
 * now.  Ends: what waits at a server only becomes more favoured by this, and a source offered twice waits with the
 * priority it has. */
void source_return(struct xics *x, uint32_t irq) REQUIRES(x->lock);
void source_eoi(struct xics *x, uint32_t irq) REQUIRES(x->lock);
/* Recomputes the source's bit in `waiting`. */
void source_update(struct xics *x, uint32_t irq) REQUIRES(x->lock);
/* Every source of that server that waits tries again. */
void source_resend_all(struct xics *x, uint32_t server) REQUIRES(x->lock);

#endif
