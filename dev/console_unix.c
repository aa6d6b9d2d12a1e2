/* SPDX-License-Identifier: Apache-2.0 */
/* dev/console_unix.c - a serial line on a unix socket.  One client at a time, the next waits; without a client the last output is
 * kept for the next. */
#include "base/unix_socket.h"
#include "dev/console_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct unix_data {
    int listen_fd;
    struct loop_fd *source;
    char path[];
};

static void on_client(void *opaque, uint32_t events)
{
    struct console *con = opaque;
    struct unix_data *u = con->data;
    int fd = unix_socket_accept(u->listen_fd);

    (void)events;
    if (fd < 0)
        return;
    loop_fd_events(u->source, 0);       /* until this one has gone */
    console_set_sink(con, false, false);
    if (console_attach(con, fd, fd, NULL) < 0)
        con->backend->lost(con);
}

static int open_socket(struct console *con, const char *path, struct error *err)
{
    struct unix_data *u = malloc(sizeof(*u) + strlen(path) + 1);

    if (!u)
        return error_set(err, ENOMEM, "no memory for a console");
    strcpy(u->path, path);
    u->listen_fd = unix_socket_listen(path, err);
    if (u->listen_fd < 0) {
        int rc = u->listen_fd;

        free(u);
        return rc;
    }
    con->data = u;
    console_set_sink(con, false, true);
    u->source = loop_fd_add(con->loop, u->listen_fd, EPOLLIN, on_client, con, err);
    return u->source ? 0 : -ENOMEM;
}

static void close_socket(struct console *con)
{
    struct unix_data *u = con->data;

    if (!u)
        return;
    unlink(u->path);
    if (u->source)
        loop_fd_remove(u->source);
    close(u->listen_fd);
    free(u);
}

static void client_lost(struct console *con)
{
    struct unix_data *u = con->data;

    console_set_sink(con, false, true);
    loop_fd_events(u->source, EPOLLIN);
}

const struct console_backend console_unix = {
    .name = "unix", .takes_path = true, .open = open_socket, .close = close_socket, .lost = client_lost,
};
