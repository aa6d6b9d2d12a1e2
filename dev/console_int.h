/* SPDX-License-Identifier: Apache-2.0 */
/* dev/console_int.h - what the console's core (console.c) and its back ends (console_*.c) share.
 *
 * A back end opens descriptors and attaches them; the core moves the bytes.  Everything here runs on the console's
 * thread, or before that starts. */
#ifndef DEV_CONSOLE_INT_H
#define DEV_CONSOLE_INT_H

#include "base/lock.h"
#include "base/loop.h"
#include "base/ring.h"
#include "dev/console.h"

#include <stdbool.h>

#define CONSOLE_OUT_BYTES 65536
#define CONSOLE_IN_BYTES 4096

struct console_backend {
    const char *name;           /* "stdio"; with takes_path, "file" of "file:PATH" */
    bool takes_path;
    /* Attaches descriptors now, or watches for a client to attach later.  path NULL unless takes_path. */
    int (*open)(struct console *con, const char *path, struct error *err);
    void (*close)(struct console *con);     /* may be NULL; after detaching */
    /* Input passes through here and may shrink; NULL: as it is. */
    size_t (*filter)(struct console *con, uint8_t *data, size_t len_bytes);
    /* the descriptors were detached because the other side is gone; may be NULL */
    void (*lost)(struct console *con);
};

extern const struct console_backend console_stdio, console_file, console_unix, console_none;

struct console {
    const struct console_backend *backend;
    void *data;                 /* the back end's own */
    struct loop *loop;
    int kick_fd;                /* eventfd: output came, or input was taken */

    /* Of the console's thread. */
    int in_fd, out_fd;          /* -1: none */
    struct loop_fd *in_source, *out_source;     /* the same for a socket; NULL: not polled */
    bool in_polls;              /* false: a regular file, always ready */
    bool in_paused;             /* the input ring was full; then a pure input is not watched */

    struct lock lock;
    struct ring in GUARDED_BY(lock), out GUARDED_BY(lock);
    bool discard GUARDED_BY(lock);      /* output has nowhere to go */
    bool keep_last GUARDED_BY(lock);    /* no client yet: when full, drop the oldest */
    struct cond drained;

    void (*notify)(void *opaque);
    void *notify_opaque;
    void (*tap)(void *opaque, const void *data, size_t len_bytes);
    void *tap_opaque;
    void (*escape)(void *opaque, char key);
    void *escape_opaque;
};

/* in_fd and out_fd may be the same or -1.  Closed when the other side is gone or the console ends, except 0 to 2. */
int console_attach(struct console *con, int in_fd, int out_fd, struct error *err);
/* From now on output vanishes (true), or waits for a client (false, keep_last). */
void console_set_sink(struct console *con, bool discard, bool keep_last);

#endif
