/* SPDX-License-Identifier: Apache-2.0 */
/* base/listener.h - clients of a unix socket with a path, as an event loop meets them.
 *
 * When descriptors or memory run out the clients wait: another try is made every RETRY_NS
 * (listener.c), not at once and for ever.
 * Thread: the loop's. */
#ifndef BASE_LISTENER_H
#define BASE_LISTENER_H

#include "base/loop.h"

#include <stdbool.h>

struct listener;

/* fn gets each client's descriptor (not blocking, closed on exec) and owns it.  NULL: *err. */
struct listener *listener_new(struct loop *loop, const char *path, void (*fn)(void *opaque, int fd), void *opaque,
                              struct error *err);
/* Removes the socket, too. */
void listener_free(struct listener *l);
/* False: clients wait until it is true again. */
void listener_open(struct listener *l, bool open);

#endif
