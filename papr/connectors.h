/* SPDX-License-Identifier: Apache-2.0 */
/* papr/connectors.h - processors, host bridges and PCI functions come and go by their connector's index, with the
 * guest's consent.  Memory: papr/memory_hotplug.h.
 *
 * Threads: any, none waits for the guest.  PAPR_EVENT_DEVICE_DELETED or _UNPLUG_ERROR tells what became of a removal;
 * its text is the connector's name ("CPU 1"), or the one that a processor was plugged as. */
#ifndef PAPR_CONNECTORS_H
#define PAPR_CONNECTORS_H

#include <stdint.h>

#include "papr/papr.h"

/* Makes it present and tells the guest. -EINVAL: memory, or no such connector; -EEXIST: present; -ENOSPC: the guest
 * does not fetch its events. */
int papr_connector_plug(struct papr *p, uint32_t index, struct error *err);
/* Asks it back; asking again sends another event.
 * -EINVAL as above, also for the first processor; -ENOENT: absent; -ENOSPC. */
int papr_connector_unplug(struct papr *p, uint32_t index, struct error *err);

/* ---- processors as devices ---- */
struct papr_cpu_view {
    bool present;
    char name[PAPR_DEVICE_NAME_MAX];        /* of a present one: what it was plugged as, else its connector's */
};
/* False: there can be no processor n. */
bool papr_cpu_get(struct papr *p, unsigned n, struct papr_cpu_view *out);
/* As papr_connector_plug(), by number and with a name, NULL: its connector's. */
int papr_cpu_plug(struct papr *p, uint64_t n, const char *name, struct error *err);
/* By name. -ENOENT: no such processor; else as papr_connector_unplug(). */
int papr_cpu_unplug(struct papr *p, const char *name, struct error *err);

/* Has the machine's connectors tell about removals. Once, before the guest runs. */
void connectors_listen(struct papr *p);

#endif
