/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/client.h - the other end of QMP: what `paprika ctl` and tests talk with.  One thread at a time per client. */
#ifndef MONITOR_CLIENT_H
#define MONITOR_CLIENT_H

#include "base/error.h"

#include <jansson.h>
#include <stdint.h>

struct qmp_client;

/* Connects and negotiates; timeout_ns bounds it all.  NULL: *err. */
struct qmp_client *qmp_client_new(const char *path, int64_t timeout_ns, struct error *err);
void qmp_client_free(struct qmp_client *c);

/* Runs a command; args (taken over) may be NULL.  Events that come meanwhile wait for qmp_client_event().  The result
 * is a new reference; NULL and *err: the connection failed or the machine answered with an error
 * (then err->code is -EREMOTEIO). */
json_t *qmp_client_run(struct qmp_client *c, const char *command, json_t *args, int64_t timeout_ns, struct error *err);

/* The next event, a new reference.  NULL: *err, with code -ETIMEDOUT or -ECONNRESET (the machine is
 * gone). timeout_ns < 0: for ever. */
json_t *qmp_client_event(struct qmp_client *c, int64_t timeout_ns, struct error *err);

#endif
