/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/oracle_pipe.c - the oracle as a child process behind two pipes.
 *
 * At most AHEAD cases are under way, few enough for the pipes' buffers: neither side can block the other for ever. */
#include "oracle_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AHEAD = 24 };

struct oracle {
    pid_t pid;
    int to, from;
};

extern char **environ;

static int start(struct oracle *o, const char *const argv[], int in, int out)
{
    posix_spawn_file_actions_t fa;
    int rc;

    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_adddup2(&fa, in, 0);
    posix_spawn_file_actions_adddup2(&fa, out, 1);
    rc = posix_spawnp(&o->pid, argv[0], &fa, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&fa);
    return rc;
}

struct oracle *oracle_open(const char *const argv[], struct error *err)
{
    struct oracle *o = calloc(1, sizeof(*o));
    int in[2], out[2], rc;

    if (!o || pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
        error_set(err, errno, "oracle: %s", strerror(errno));
        free(o);
        return NULL;
    }
    rc = start(o, argv, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    o->to = in[1];
    o->from = out[0];
    if (rc) {
        error_set(err, rc, "%s: %s", argv[0], strerror(rc));
        o->pid = 0;
        oracle_close(o);
        return NULL;
    }
    signal(SIGPIPE, SIG_IGN);
    return o;
}

void oracle_close(struct oracle *o)
{
    if (!o)
        return;
    close(o->to);
    close(o->from);
    if (o->pid)
        waitpid(o->pid, NULL, 0);
    free(o);
}

static bool write_all(int fd, const void *buf, size_t len)
{
    const char *p = buf;

    while (len) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static bool read_all(int fd, void *buf, size_t len)
{
    char *p = buf;

    while (len) {
        ssize_t n = read(fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

int oracle_run(struct oracle *o, const struct wire_state *cases, struct wire_state *out, size_t n, struct error *err)
{
    size_t sent = 0, got = 0;

    while (got < n) {
        size_t batch;

        for (; sent < n && sent - got < AHEAD; sent += batch) {
            batch = n - sent < AHEAD / 2 ? n - sent : AHEAD / 2;
            if (!write_all(o->to, cases + sent, batch * sizeof(*cases)))
                return error_set(err, EPIPE, "the oracle went away before case %zu", sent);
        }
        batch = sent - got < AHEAD / 2 ? sent - got : AHEAD / 2;
        if (!read_all(o->from, out + got, batch * sizeof(*out)))
            return error_set(err, EPIPE, "the oracle went away at or after case %zu", got);
        got += batch;
    }
    return 0;
}
