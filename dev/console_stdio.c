/* SPDX-License-Identifier: Apache-2.0 */
/* dev/console_stdio.c - a serial line on standard input and output.
 *
 * A terminal is put into raw mode (output processing stays, so that our own lines look right) and put back however the
 * process ends: a child of a few pages waits on a pipe, and when the pipe closes without a word it restores the
 * settings.  That covers SIGKILL and crashes, which no handler can.
 * Ctrl-a is the escape key; piped input is passed as it is. */
#include "dev/console_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct stdio_data {
    bool raw;               /* the terminal is ours */
    bool escaped;           /* Ctrl-a came last */
    struct termios before;
    pid_t guard;
    int guard_fd;           /* write end of the guard's pipe */
};

static void guard_main(int tty_fd, int pipe_fd, const struct termios *before)
{
    char word;

    /* Only async-signal-safe calls: other threads may have held locks when we were born. */
    setpgid(0, 0);
    prctl(PR_SET_NAME, "paprika-tty");
    if (dup2(tty_fd, 0) < 0 || dup2(pipe_fd, 1) < 0)
        _exit(1);
    syscall(SYS_close_range, 2U, ~0U, 0U);
    while (read(1, &word, 1) < 0 && errno == EINTR)
        ;
    tcsetattr(0, TCSANOW, before);
    _exit(0);
}

static int guard_start(struct stdio_data *d, struct error *err)
{
    sigset_t all, before;
    int fd[2];

    if (pipe2(fd, O_CLOEXEC) < 0)
        return error_set(err, errno, "cannot guard the terminal: %s", strerror(errno));
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);    /* the guard never takes a signal, not even the terminal's own */
    d->guard = fork();
    if (d->guard == 0) {
        close(fd[1]);
        guard_main(STDIN_FILENO, fd[0], &d->before);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(fd[0]);
    d->guard_fd = fd[1];
    if (d->guard < 0) {
        close(fd[1]);
        return error_set(err, EAGAIN, "cannot guard the terminal: %s", strerror(EAGAIN));
    }
    return 0;
}

/* A job in the background must not touch the terminal: it would be stopped. */
static bool terminal_is_ours(void)
{
    return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static int go_raw(struct stdio_data *d, struct error *err)
{
    struct termios raw;
    int rc;

    if (tcgetattr(STDIN_FILENO, &d->before) < 0)
        return error_set(err, errno, "cannot read the terminal's settings: %s", strerror(errno));
    rc = guard_start(d, err);
    if (rc < 0)
        return rc;
    raw = d->before;
    cfmakeraw(&raw);
    raw.c_oflag = d->before.c_oflag;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    d->raw = true;
    return 0;
}

/* A descriptor of our own that never blocks: setting O_NONBLOCK on standard output would change it for whoever shares
 * it. A regular file never blocks, and must keep its one position. */
static int reopen(int fd)
{
    struct stat st;
    int own = -1;

    if (fstat(fd, &st) < 0)
        return -1;
    if (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode))
        own = open(fd == STDOUT_FILENO ? "/proc/self/fd/1" : "/proc/self/fd/2",
                   O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return own >= 0 ? own : fd;
}

static int stdio_open(struct console *con, const char *path, struct error *err)
{
    struct stdio_data *d = calloc(1, sizeof(*d));
    bool is_tty = isatty(STDIN_FILENO);
    int rc = 0, out_fd;

    (void)path;
    if (!d)
        return error_set(err, ENOMEM, "no memory for a console");
    con->data = d;
    d->guard_fd = -1;
    if (terminal_is_ours())
        rc = go_raw(d, err);
    if (rc < 0)
        return rc;
    out_fd = reopen(STDOUT_FILENO);
    if (out_fd < 0)
        console_set_sink(con, true, false);
    return console_attach(con, is_tty && !d->raw ? -1 : STDIN_FILENO, out_fd, err);
}

static void stdio_close(struct console *con)
{
    struct stdio_data *d = con->data;

    if (d && d->raw) {
        tcsetattr(STDIN_FILENO, TCSANOW, &d->before);
        close(d->guard_fd);     /* it restores the same once more, and ends */
        waitpid(d->guard, NULL, 0);
    }
    free(d);
}

static size_t stdio_filter(struct console *con, uint8_t *data, size_t len_bytes)
{
    struct stdio_data *d = con->data;
    size_t n = 0;

    if (!d->raw)
        return len_bytes;
    for (size_t i = 0; i < len_bytes; i++) {
        bool was = d->escaped;

        d->escaped = !was && data[i] == CONSOLE_ESCAPE;
        if (d->escaped)
            continue;
        if (!was)
            data[n++] = data[i];
        else if (data[i] == CONSOLE_ESCAPE || data[i] == 'a')
            data[n++] = CONSOLE_ESCAPE;
        else if (con->escape)
            con->escape(con->escape_opaque, (char)data[i]);
    }
    return n;
}

const char *console_escape_help(const struct console *con)
{
    const struct stdio_data *d = con->data;

    if (con->backend != &console_stdio || !d->raw)
        return NULL;
    return "escape key Ctrl-a: then x ends the machine, p presses its power button, s stops and starts it, "
           "h shows this, a sends Ctrl-a";
}

const struct console_backend console_stdio = {
    .name = "stdio", .open = stdio_open, .close = stdio_close, .filter = stdio_filter,
};
