/* SPDX-License-Identifier: Apache-2.0 */
/* papr/xics_icp.c - the presentation controller of each processor: which interrupt it sees, and what priority it runs
 * at. Spec: LoPAR, interrupt presentation layer; docs/xics.md. */
#include "papr/xics_int.h"

void icp_reset(struct icp *icp)
{
    *icp = (struct icp){ .cppr = 0, .pending = XICS_PRIORITY_NONE, .mfrr = XICS_PRIORITY_NONE };
}

void icp_drive(struct xics *x, uint32_t server)
{
    struct vcpu *v = papr_vcpu(x->papr, server);
    bool on = x->icp[server].xisr != 0;

    if (!v)
        return;
    cpu_set_irq(&v->cpu, CPU_IRQ_EXTERNAL, on);
    if (on)
        vcpu_kick(v);
}

/* Another interrupt, or none, waits at the server; what waited goes back to where it came from. */
static void replace(struct xics *x, uint32_t server, uint32_t xisr, uint8_t pending) REQUIRES(x->lock)
{
    struct icp *icp = &x->icp[server];
    uint32_t old = icp->xisr;

    icp->xisr = xisr;
    icp->pending = pending;
    icp_drive(x, server);
    if (old && old != XICS_IPI)
        source_return(x, old);
}

void icp_offer(struct xics *x, uint32_t server, uint32_t irq, uint8_t priority)
{
    struct icp *icp = server < x->n_servers ? &x->icp[server] : NULL;

    if (!icp || priority >= icp->cppr || icp->pending <= priority)
        source_reject(x, irq);
    else
        replace(x, server, irq, priority);
}

static void check_ipi(struct xics *x, uint32_t server) REQUIRES(x->lock)
{
    struct icp *icp = &x->icp[server];

    if (icp->mfrr < icp->cppr && icp->mfrr < icp->pending)
        replace(x, server, XICS_IPI, icp->mfrr);
}

static void resend(struct xics *x, uint32_t server) REQUIRES(x->lock)
{
    check_ipi(x, server);
    source_resend_all(x, server);
}

static void change_cppr(struct xics *x, uint32_t server, uint8_t cppr) REQUIRES(x->lock)
{
    struct icp *icp = &x->icp[server];

    icp->cppr = cppr;
    if (icp->xisr && icp->pending >= cppr)
        replace(x, server, 0, XICS_PRIORITY_NONE);
    resend(x, server);
}

void xics_set_cppr(struct xics *x, unsigned server, uint8_t cppr)
{
    lock_take(&x->lock);
    change_cppr(x, server, cppr);
    lock_drop(&x->lock);
}

void xics_set_mfrr(struct xics *x, unsigned server, uint8_t mfrr)
{
    lock_take(&x->lock);
    x->icp[server].mfrr = mfrr;
    check_ipi(x, server);
    lock_drop(&x->lock);
}

uint32_t xics_accept(struct xics *x, unsigned server)
{
    struct icp *icp = &x->icp[server];
    uint32_t xirr;

    lock_take(&x->lock);
    xirr = (uint32_t)icp->cppr << 24 | icp->xisr;
    if (icp->xisr) {
        icp->cppr = icp->pending;
        icp->xisr = 0;
        icp->pending = XICS_PRIORITY_NONE;
        icp_drive(x, server);
    }
    lock_drop(&x->lock);
    return xirr;
}

void xics_eoi(struct xics *x, unsigned server, uint32_t xirr)
{
    lock_take(&x->lock);
    source_eoi(x, xirr & 0xffffff);
    change_cppr(x, server, (uint8_t)(xirr >> 24));
    lock_drop(&x->lock);
}

void xics_server_gone(struct xics *x, unsigned server)
{
    lock_take(&x->lock);
    x->icp[server].cppr = 0;
    x->icp[server].mfrr = XICS_PRIORITY_NONE;
    replace(x, server, 0, XICS_PRIORITY_NONE);
    lock_drop(&x->lock);
}

uint32_t xics_poll(struct xics *x, unsigned server, uint8_t *mfrr)
{
    uint32_t xirr;

    lock_take(&x->lock);
    xirr = (uint32_t)x->icp[server].cppr << 24 | x->icp[server].xisr;
    *mfrr = x->icp[server].mfrr;
    lock_drop(&x->lock);
    return xirr;
}
