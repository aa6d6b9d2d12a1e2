/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/monitor.h - QMP: commands and events as JSON over unix sockets, in a thread of its own.
 *
 * Protocol: QEMU's QMP without out-of-band execution (greeting, qmp_capabilities, execute/arguments/id, return or
 * error, events). Nothing here waits for the guest: commands ask the machine, events tell the rest.
 * Threads: monitor_event() from any; the others from the one that owns the monitor. */
#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H

#include "base/error.h"
#include "papr/papr.h"

#include <stdio.h>

struct monitor;

/* Starts the monitor's thread.  p must outlive the monitor. */
struct monitor *monitor_new(struct papr *p, struct error *err);
/* Tells the clients what is still waiting (for a tenth of a second at most), closes them, removes the socket. */
void monitor_free(struct monitor *m);

/* Accepts clients on a socket with this path. */
int monitor_listen(struct monitor *m, const char *path, struct error *err);
/* Serves one client on a connected descriptor, which the monitor then owns. */
int monitor_adopt(struct monitor *m, int fd, struct error *err);

/* The list of commands as man(7) paragraphs, [optional] arguments in brackets. */
void monitor_man(FILE *to);

/* Tells every client that finished its negotiation. */
void monitor_event(struct monitor *m, const struct papr_event *ev);

#endif
