/* SPDX-License-Identifier: Apache-2.0 */
/* dev/console_file.c - output into a file, and output into nothing; no input. */
#include "dev/console_int.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int file_open(struct console *con, const char *path, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);

    if (fd < 0)
        return error_set(err, errno, "cannot write to %s: %s", path, strerror(errno));
    return console_attach(con, -1, fd, err);
}

static int none_open(struct console *con, const char *path, struct error *err)
{
    (void)path;
    (void)err;
    console_set_sink(con, true, false);
    return 0;
}

const struct console_backend console_file = { .name = "file", .takes_path = true, .open = file_open };
const struct console_backend console_none = { .name = "none", .open = none_open };
