/* SPDX-License-Identifier: Apache-2.0 */
/* dev/console.h - where a serial line's bytes go and come from: the terminal, a file, a unix socket, nowhere.
 *
 * A console is two bounded rings and a thread.  Nothing on the guest's side ever waits: console_write() takes what
 * fits, console_read() gives what is there.
 * Threads: any, without locks held that the callbacks take.  Callbacks run without the console's lock.
 * Invariants:
 *   1. Bytes leave in the order they came;
 *      none is lost while the back end takes them (a back end that is gone discards).
 *   2. After the notify callback for some input, console_read() finds it. */
#ifndef DEV_CONSOLE_H
#define DEV_CONSOLE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct console;

/* spec: "stdio", "file:PATH", "unix:PATH" (listens; one client at a time; a new one first gets the last output),
 * "none". NULL and err otherwise; the message names the spec and the fix. */
struct console *console_new(const char *spec, struct error *err);
/* Whether console_new() would know the place; 0 or -EINVAL with the same message. */
int console_spec_check(const char *spec, struct error *err);
/* Restores the terminal, removes the socket.  Output still waiting is discarded: console_drain() first. */
void console_free(struct console *con);

/* How many of the bytes were taken; fewer than len_bytes: the back end is slow, try again later. */
size_t console_write(struct console *con, const void *data, size_t len_bytes);
/* How many bytes were there, at most len_bytes. */
size_t console_read(struct console *con, void *data, size_t len_bytes);
/* Called on the console's thread after input arrived, and at once if some waits; NULL: none.  Once a setter returned,
 * the callback before it is not running any more: a setter waits for the console's thread and must not be called on it,
 * nor with a lock that a callback takes. */
void console_set_notify(struct console *con, void (*fn)(void *opaque), void *opaque);
/* Sees every byte written, on the writer's thread.  Set before the first write. */
void console_set_tap(struct console *con, void (*fn)(void *opaque, const void *data, size_t len_bytes), void *opaque);

/* stdio on a terminal: the key that follows the escape key (Ctrl-a), on the console's thread; not for Ctrl-a itself,
 * which is passed to the guest when pressed twice. */
#define CONSOLE_ESCAPE 0x01
void console_set_escape(struct console *con, void (*fn)(void *opaque, char key), void *opaque);
/* A line for the user about the escape key, NULL when there is none. */
const char *console_escape_help(const struct console *con);

/* Waits until all output has left, the back end is gone, or timeout_ns passed.  0 or -ETIMEDOUT. */
int console_drain(struct console *con, int64_t timeout_ns);

#endif
