/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unix_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16

static int address(struct sockaddr_un *a, const char *path, struct error *err)
{
    *a = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof(a->sun_path))
        return error_set(err, ENAMETOOLONG, "socket path %s is longer than %zu bytes; choose a shorter one", path,
                         sizeof(a->sun_path) - 1);
    strcpy(a->sun_path, path);
    return 0;
}

static int fail(int fd, const char *what, const char *path, struct error *err)
{
    int errnum = errno;

    if (fd >= 0)
        close(fd);
    return error_set(err, errnum, "cannot %s socket %s: %s", what, path, strerror(errnum));
}

int unix_socket_connect(const char *path, struct error *err)
{
    struct sockaddr_un a;
    int rc = address(&a, path, err);
    int fd;

    if (rc < 0)
        return rc;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
        return fail(fd, "connect to", path, err);
    return fd;
}

/* A socket left behind by a process that is gone refuses connections. */
static int remove_stale(const char *path, struct error *err)
{
    struct stat st;
    int fd;

    if (lstat(path, &st) < 0)
        return 0;
    if (!S_ISSOCK(st.st_mode))
        return error_set(err, EEXIST, "%s exists and is not a socket; choose another path", path);
    fd = unix_socket_connect(path, NULL);
    if (fd >= 0) {
        close(fd);
        return error_set(err, EADDRINUSE, "another process listens on %s; choose another path", path);
    }
    if (fd == -ECONNREFUSED)
        unlink(path);
    return 0;
}

int unix_socket_listen(const char *path, struct error *err)
{
    struct sockaddr_un a;
    int rc = address(&a, path, err);
    int fd;

    if (rc < 0 || (rc = remove_stale(path, err)) < 0)
        return rc;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, BACKLOG) < 0)
        return fail(fd, "listen on", path, err);
    return fd;
}

int unix_socket_accept(int fd)
{
    int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    return client < 0 ? -errno : client;
}
