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
        return error_set(err, ENAMETOOLONG, "a socket's path has at most %zu bytes; choose a shorter one",
                         sizeof(a->sun_path) - 1);
    strcpy(a->sun_path, path);
    return 0;
}

static const char *why_not_connected(int errnum)
{
    if (errnum == ENOENT)
        return "there is no such socket; is the path right, and does the machine run?";
    if (errnum == ECONNREFUSED)
        return "nobody listens there; has the machine ended?";
    if (errnum == EACCES)
        return "no permission; only the user who started the machine may connect";
    return strerror(errnum);
}

static const char *why_not_listening(int errnum)
{
    if (errnum == ENOENT)
        return "its folder is not there; make it or choose another path";
    if (errnum == EACCES)
        return "no permission to make a socket there; choose another path";
    return strerror(errnum);
}

static int fail(int fd, const char *what, const char *(*why)(int errnum), struct error *err)
{
    int errnum = errno;

    if (fd >= 0)
        close(fd);
    return error_set(err, errnum, "%s: %s", what, why(errnum));
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
        return fail(fd, "cannot connect", why_not_connected, err);
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
        return error_set(err, EEXIST, "there is a file that is no socket; choose another path");
    fd = unix_socket_connect(path, NULL);
    if (fd >= 0) {
        close(fd);
        return error_set(err, EADDRINUSE, "another process listens there; choose another path");
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
        return fail(fd, "cannot listen", why_not_listening, err);
    return fd;
}

int unix_socket_accept(int fd)
{
    int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    return client < 0 ? -errno : client;
}
