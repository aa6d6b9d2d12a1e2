/* SPDX-License-Identifier: Apache-2.0 */
/* papr/rtas_events.c - check-exception fetches event logs; event-scan never has one.
 * Spec: LoPAR, check-exception and event-scan; docs/hotplug.md. */
#include "papr/events_int.h"
#include "papr/rtas.h"

enum { LOG_RETURNED = 0, NO_LOG = 1 };

/* vector, additional information, mask, critical, buffer, length [, more information] */
int32_t rtas_check_exception(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    (void)ret;
    switch (events_fetch(papr_events(v->papr), arg[2], arg[4], arg[5])) {
    case EVENTS_FETCHED:
        return LOG_RETURNED;
    case EVENTS_NONE:
        return NO_LOG;
    default:
        return RTAS_PARAMETER_ERROR;
    }
}

/* mask, critical, buffer, length. Linux only logs what this returns, and acts on what check-exception returns: so the
 * records are left to that. */
int32_t rtas_event_scan(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    (void)v;
    (void)arg;
    (void)ret;
    return NO_LOG;
}
