/* SPDX-License-Identifier: Apache-2.0 */
/* papr/events.h - event logs for the guest: EPOW and hot-plug records, queued until check-exception or event-scan
 * fetches them.
 *
 * Spec: LoPAR, "RTAS error/event return format" version 6; docs/hotplug.md.
 * Threads: any; one lock inside, taken before xics's. */
#ifndef PAPR_EVENTS_H
#define PAPR_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/state.h"
#include "papr/papr_int.h"

#define EVENT_LOG_MAX 2048 /* /rtas rtas-error-log-max */
#define EVENT_QUEUE_MAX 64 /* pending records; more are refused */

/* Classes of check-exception's and event-scan's mask argument. */
#define EVENT_MASK_INTERNAL 0x80000000u
#define EVENT_MASK_EPOW 0x40000000u
#define EVENT_MASK_IO 0x08000000u
#define EVENT_MASK_HOTPLUG 0x10000000u

enum hotplug_type {
    HOTPLUG_CPU = 1,
    HOTPLUG_MEMORY = 2,
    HOTPLUG_SLOT = 3,
    HOTPLUG_PHB = 4,
    HOTPLUG_PCI = 5,
    HOTPLUG_PMEM = 6,
};
enum hotplug_action { HOTPLUG_ADD = 1, HOTPLUG_REMOVE = 2 };
enum hotplug_id { HOTPLUG_ID_INDEX = 2, HOTPLUG_ID_COUNT = 3, HOTPLUG_ID_COUNT_INDEX = 4 };

struct hotplug_event {
    enum hotplug_type type;
    enum hotplug_action action;
    enum hotplug_id id;
    uint32_t count, index; /* count: COUNT, COUNT_INDEX; index: INDEX, COUNT_INDEX */
};

struct events;

/* Claims IRQ_EPOW and IRQ_HOTPLUG: needs the machine's xics. */
struct events *events_new(struct papr *p, struct error *err);
void events_free(struct events *e);
/* Machine reset: everything pending is forgotten, and hot-plug records travel with EPOW's interrupt again. */
void events_reset(struct events *e);
/* CAS outcome: the guest has its own interrupt and handler for hot-plug records (OV5 HP_EVT). Drops pending hot-plug
 * records: the rebuilt tree shows what they would say. */
void events_cas(struct events *e, bool hotplug_source);
bool events_hotplug_source(struct events *e);

/* Queue a record; its interrupt stays up until it is fetched. -ENOSPC: queue full, the guest is not reading. */
int events_power_button(struct events *e);
int events_hotplug(struct events *e, const struct hotplug_event *ev);
unsigned events_pending(struct events *e);

/* The record as check-exception returns it; out has room for EVENT_LOG_MAX. Returns its length (116 for hot-plug).
 * epoch_seconds: UTC. plid: the record's number. */
size_t event_build_hotplug(uint8_t *out, const struct hotplug_event *ev, int64_t epoch_seconds, uint32_t plid);
size_t event_build_epow_shutdown(uint8_t *out, int64_t epoch_seconds, uint32_t plid);

/* RTAS rows: check-exception (6 in or 7, 1 out), event-scan (4, 1). */
rtas_fn rtas_check_exception, rtas_event_scan;

extern const struct state_list events_state;

#endif
