/* SPDX-License-Identifier: Apache-2.0 */
/* dev/console_unix.c - a serial line on a unix socket.  One client at a time, the next waits; without a client the last
 * output is kept for the next. */
#include "base/listener.h"
#include "dev/console_int.h"

static void on_client(void *opaque, int fd)
{
    struct console *con = opaque;

    listener_open(con->data, false);    /* until this one has gone */
    console_set_sink(con, false, false);
    if (console_attach(con, fd, fd, NULL) < 0)
        con->backend->lost(con);
}

static int open_socket(struct console *con, const char *path, struct error *err)
{
    console_set_sink(con, false, true);
    con->data = listener_new(con->loop, path, on_client, con, err);
    return con->data ? 0 : -1;
}

static void close_socket(struct console *con)
{
    listener_free(con->data);
}

static void client_lost(struct console *con)
{
    console_set_sink(con, false, true);
    listener_open(con->data, true);
}

const struct console_backend console_unix = {
    .name = "unix", .takes_path = true, .open = open_socket, .close = close_socket, .lost = client_lost,
};
