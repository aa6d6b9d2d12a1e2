/* SPDX-License-Identifier: Apache-2.0 */
/* papr/connectors.h - processors, host bridges and PCI functions come and go by their connector's index, with the
 * guest's consent.  Memory: papr/memory_hotplug.h.
 *
 * Threads: any, none waits for the guest.  PAPR_EVENT_DEVICE_DELETED or _UNPLUG_ERROR tells what became of a removal;
 * its text is the connector's name ("CPU 1"). */
#ifndef PAPR_CONNECTORS_H
#define PAPR_CONNECTORS_H

#include <stdint.h>

#include "base/error.h"

struct papr;

/* Makes it present and tells the guest. -EINVAL: memory, or no such connector; -EEXIST: present; -ENOSPC: the guest
 * does not fetch its events. */
int papr_connector_plug(struct papr *p, uint32_t index, struct error *err);
/* Asks it back; asking again sends another event.
 * -EINVAL as above, also for the first processor; -ENOENT: absent; -ENOSPC. */
int papr_connector_unplug(struct papr *p, uint32_t index, struct error *err);

/* Has the machine's connectors tell about removals. Once, before the guest runs. */
void connectors_listen(struct papr *p);

#endif
