/* SPDX-License-Identifier: Apache-2.0 */
/* base/loop.h - an event loop over epoll and eventfd.
 *
 * Threads: loop_defer(), loop_call() and loop_quit() from any thread; everything else from the thread that runs the
 * loop, or from any one thread while it is not running.
 * Invariants:
 *   1. A source removed inside a callback is not called again, not even for events already fetched.
 *   2. Deferred calls run in the order they were made, in the loop's thread, before the loop sleeps again.  Those still
 *      waiting when the loop ends run in loop_free(). */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include "base/error.h"

#include <stdint.h>
#include <sys/epoll.h>

struct loop;
struct loop_fd;

struct loop *loop_new(struct error *err);
/* Stops the loop's thread if it has one.  Sources still there are removed; their descriptors are not closed. */
void loop_free(struct loop *loop);

/* Runs in this thread until loop_quit(). */
void loop_run(struct loop *loop);
void loop_quit(struct loop *loop);
/* Runs in a thread of its own until loop_stop(), which waits for it. */
int loop_start(struct loop *loop, const char *name, struct error *err);
void loop_stop(struct loop *loop);

/* events: EPOLLIN and so on; fn gets what epoll reported.  NULL and err on failure. */
struct loop_fd *loop_fd_add(struct loop *loop, int fd, uint32_t events, void (*fn)(void *opaque, uint32_t events),
                            void *opaque, struct error *err);
void loop_fd_events(struct loop_fd *source, uint32_t events);
void loop_fd_remove(struct loop_fd *source);

/* Calls fn(opaque) soon in the loop's thread.  0 or -ENOMEM. */
int loop_defer(struct loop *loop, void (*fn)(void *opaque), void *opaque);
/* Runs what waits, in this thread; only while the loop is not running. */
void loop_run_deferred(struct loop *loop);
/* The same as loop_defer(), and waits until it has run.  Not from the loop's own thread; the loop must be running. */
void loop_call(struct loop *loop, void (*fn)(void *opaque), void *opaque);

#endif
