/* SPDX-License-Identifier: Apache-2.0 */
/* dev/console.c - the core: two rings between any thread and the console's own, which
 * moves bytes to and from descriptors. */
#include "dev/console_int.h"

#include "base/thread.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const struct console_backend *const backends[] = { &console_stdio, &console_file, &console_unix, &console_none };

static void kick(struct console *con)
{
    uint64_t one = 1;

    if (write(con->kick_fd, &one, sizeof(one)) < 0)
        assert(errno == EAGAIN);
}

static bool again(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static void close_own(int fd)
{
    if (fd > 2)
        close(fd);
}

static void detach(struct console *con)
{
    if (con->in_source)
        loop_fd_remove(con->in_source);
    if (con->out_source && con->out_source != con->in_source)
        loop_fd_remove(con->out_source);
    con->in_source = con->out_source = NULL;
    close_own(con->in_fd);
    if (con->out_fd != con->in_fd)
        close_own(con->out_fd);
    con->in_fd = con->out_fd = -1;
}

static void lost(struct console *con)
{
    detach(con);
    if (con->backend->lost)
        con->backend->lost(con);
    else
        console_set_sink(con, true, false);
}

/* Writes what waits, as far as the descriptor takes it.  false: the other side is gone. */
static bool flush_out(struct console *con)
{
    uint8_t chunk[4096];        /* at most PIPE_BUF: a pipe that polls writable takes it without blocking */
    bool ok = true;

    lock_take(&con->lock);
    while (con->out_fd >= 0 && con->out.used_bytes) {
        size_t len;
        const uint8_t *from = ring_front(&con->out, &len);
        ssize_t n;

        len = len < sizeof(chunk) ? len : sizeof(chunk);
        memcpy(chunk, from, len);
        lock_drop(&con->lock);
        n = write(con->out_fd, chunk, len);
        ok = n >= 0 || again();
        lock_take(&con->lock);
        if (n <= 0)
            break;
        ring_drop(&con->out, (size_t)n);    /* only this thread takes from out while a descriptor is attached */
    }
    if (!con->out.used_bytes)
        cond_broadcast(&con->drained);
    lock_drop(&con->lock);
    return ok;
}

/* Reads while there is room and input.  false: end of input. */
static bool fill_in(struct console *con)
{
    uint8_t chunk[1024];
    bool got = false, more = true;
    ssize_t n = 0;

    while (con->in_fd >= 0) {
        size_t room;

        lock_take(&con->lock);
        room = ring_room(&con->in);
        lock_drop(&con->lock);
        con->in_paused = room == 0;
        if (con->in_paused)
            break;
        n = read(con->in_fd, chunk, room < sizeof(chunk) ? room : sizeof(chunk));
        more = n > 0 || (n < 0 && again());
        if (n <= 0)
            break;
        if (con->backend->filter)
            n = (ssize_t)con->backend->filter(con, chunk, (size_t)n);
        lock_take(&con->lock);
        ring_put(&con->in, chunk, (size_t)n);   /* fits: only this thread puts */
        lock_drop(&con->lock);
        got |= n > 0;
        if (con->in_polls)
            /* one read per wake-up: a tty or a pipe that is not in non-blocking mode would block on the next */
            break;
    }
    if (got && con->notify)
        con->notify(con->notify_opaque);
    return more;
}

static void end_of_input(struct console *con)
{
    if (con->in_fd == con->out_fd) {
        lost(con);
        return;
    }
    if (con->in_source)
        loop_fd_remove(con->in_source);
    con->in_source = NULL;
    if (con->in_fd > 2)
        close(con->in_fd);
    con->in_fd = -1;
}

static void on_in(void *opaque, uint32_t events);

/* Watches for what we wait for and nothing else: epoll reports a hang-up again and again on whatever is watched. */
static void rearm(struct console *con)
{
    bool shared = con->in_fd >= 0 && con->in_fd == con->out_fd;
    uint32_t in = con->in_paused ? 0 : EPOLLIN, out;

    lock_take(&con->lock);
    out = con->out.used_bytes ? EPOLLOUT : 0;
    lock_drop(&con->lock);
    if (con->out_source)
        loop_fd_events(con->out_source, shared ? in | out : out);
    if (shared || con->in_fd < 0 || !con->in_polls)
        return;
    if (con->in_source && con->in_paused) {
        loop_fd_remove(con->in_source);
        con->in_source = NULL;
    } else if (!con->in_source && !con->in_paused) {
        con->in_source = loop_fd_add(con->loop, con->in_fd, EPOLLIN, on_in, con, NULL);
    }
}

static void pump(struct console *con, bool in, bool out)
{
    if (out && con->out_fd >= 0 && !flush_out(con))
        lost(con);
    if (in && con->in_fd >= 0 && !fill_in(con))
        end_of_input(con);
    rearm(con);
}

static void on_in(void *opaque, uint32_t events)
{
    (void)events;
    pump(opaque, true, false);
}

static void on_out(void *opaque, uint32_t events)
{
    struct console *con = opaque;

    if (events & EPOLLERR)      /* nobody reads that pipe any more */
        lost(con);
    else
        pump(con, false, true);
}

static void on_both(void *opaque, uint32_t events)
{
    struct console *con = opaque;

    if (con->in_paused && events & (EPOLLHUP | EPOLLERR))
        lost(con);
    else
        pump(con, events & (EPOLLIN | EPOLLHUP | EPOLLERR), events & EPOLLOUT);
}

static void on_kick(void *opaque, uint32_t events)
{
    struct console *con = opaque;
    uint64_t count;

    (void)events;
    if (read(con->kick_fd, &count, sizeof(count)) < 0)
        return;
    pump(con, con->in_paused || !con->in_polls, true);
}

/* A descriptor that epoll refuses (a regular file, /dev/null) is always ready. */
static struct loop_fd *watch(struct console *con, int fd, uint32_t events, void (*fn)(void *, uint32_t), int *rc,
                             struct error *err)
{
    struct error inner = { 0 };
    struct loop_fd *s = loop_fd_add(con->loop, fd, events, fn, con, &inner);

    if (!s && inner.code != -EPERM) {
        *rc = error_set(err, -inner.code, "%s", inner.msg);
        return NULL;
    }
    return s;
}

int console_attach(struct console *con, int in_fd, int out_fd, struct error *err)
{
    int rc = 0;

    con->in_fd = in_fd;
    con->out_fd = out_fd;
    con->in_paused = false;
    con->in_polls = true;
    if (in_fd >= 0 && in_fd == out_fd) {
        con->in_source = con->out_source = watch(con, in_fd, EPOLLIN, on_both, &rc, err);
    } else {
        if (in_fd >= 0)
            con->in_source = watch(con, in_fd, EPOLLIN, on_in, &rc, err);
        con->in_polls = con->in_source;
        if (out_fd >= 0 && rc == 0)
            con->out_source = watch(con, out_fd, 0, on_out, &rc, err);
    }
    if (rc < 0)
        detach(con);
    else
        kick(con);
    return rc;
}

void console_set_sink(struct console *con, bool discard, bool keep_last)
{
    lock_take(&con->lock);
    con->discard = discard;
    con->keep_last = keep_last;
    if (discard)
        ring_drop(&con->out, con->out.used_bytes);
    cond_broadcast(&con->drained);
    lock_drop(&con->lock);
}

static const struct console_backend *backend_find(const char *spec, const char **path)
{
    for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
        size_t len = strlen(backends[i]->name);

        if (strncmp(spec, backends[i]->name, len))
            continue;
        *path = backends[i]->takes_path ? spec + len + 1 : NULL;
        if (backends[i]->takes_path ? spec[len] == ':' && spec[len + 1] : spec[len] == 0)
            return backends[i];
    }
    return NULL;
}

static int spec_error(const char *spec, struct error *err)
{
    return error_set(err, EINVAL, "'%s' is no place for a serial line; use stdio, file:PATH, unix:PATH or none", spec);
}

int console_spec_check(const char *spec, struct error *err)
{
    const char *path;

    return backend_find(spec, &path) ? 0 : spec_error(spec, err);
}

static int console_init(struct console *con, const char *path, struct error *err)
{
    int rc;

    con->loop = loop_new(err);
    if (!con->loop)
        return -ENOMEM;
    con->in.data = malloc(CONSOLE_IN_BYTES);
    con->out.data = malloc(CONSOLE_OUT_BYTES);
    if (!con->in.data || !con->out.data)
        return error_set(err, ENOMEM, "no memory for a console");
    con->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (con->kick_fd < 0)
        return error_set(err, errno, "cannot make a console: %s", strerror(errno));
    if (!loop_fd_add(con->loop, con->kick_fd, EPOLLIN, on_kick, con, err))
        return -ENOMEM;
    rc = con->backend->open(con, path, err);
    return rc < 0 ? rc : loop_start(con->loop, "console", err);
}

struct console *console_new(const char *spec, struct error *err)
{
    const char *path;
    const struct console_backend *backend = backend_find(spec, &path);
    struct console *con;

    if (!backend) {
        spec_error(spec, err);
        return NULL;
    }
    con = calloc(1, sizeof(*con));
    if (!con) {
        error_set(err, ENOMEM, "no memory for a console");
        return NULL;
    }
    *con = (struct console){ .backend = backend, .kick_fd = -1, .in_fd = -1, .out_fd = -1 };
    con->in.size_bytes = CONSOLE_IN_BYTES;
    con->out.size_bytes = CONSOLE_OUT_BYTES;
    lock_init(&con->lock);
    cond_init(&con->drained);
    if (console_init(con, path, err) < 0) {
        console_free(con);
        return NULL;
    }
    return con;
}

void console_free(struct console *con)
{
    if (!con)
        return;
    if (con->loop)
        loop_stop(con->loop);
    detach(con);
    if (con->backend->close)
        con->backend->close(con);
    loop_free(con->loop);
    if (con->kick_fd >= 0)
        close(con->kick_fd);
    cond_fini(&con->drained);
    lock_fini(&con->lock);
    free(con->in.data);
    free(con->out.data);
    free(con);
}

size_t console_write(struct console *con, const void *data, size_t len_bytes)
{
    size_t n = len_bytes;
    bool wake = false;

    lock_take(&con->lock);
    if (!con->discard) {
        if (con->keep_last && n > con->out.size_bytes)
            n = con->out.size_bytes;
        if (con->keep_last && n > ring_room(&con->out))
            ring_drop(&con->out, n - ring_room(&con->out));
        wake = con->out.used_bytes == 0;
        n = ring_put(&con->out, data, n);
        wake &= n > 0;
    }
    lock_drop(&con->lock);
    if (con->tap && n)
        con->tap(con->tap_opaque, data, n);
    if (wake)
        kick(con);
    return n;
}

size_t console_read(struct console *con, void *data, size_t len_bytes)
{
    size_t n;
    bool was_full;

    lock_take(&con->lock);
    was_full = ring_room(&con->in) == 0;
    n = ring_get(&con->in, data, len_bytes);
    lock_drop(&con->lock);
    if (was_full && n)
        kick(con);
    return n;
}

/* Callbacks change on the thread that calls them: once a setter returns, the old one is not running any more. */
struct setting {
    struct console *con;
    void (*notify)(void *opaque);
    void (*escape)(void *opaque, char key);
    void *opaque;
};

static void do_set_notify(void *opaque)
{
    const struct setting *s = opaque;

    bool waiting;

    s->con->notify = s->notify;
    s->con->notify_opaque = s->opaque;
    lock_take(&s->con->lock);
    waiting = s->con->in.used_bytes > 0;
    lock_drop(&s->con->lock);
    if (waiting && s->notify)
        s->notify(s->opaque);
}

static void do_set_escape(void *opaque)
{
    const struct setting *s = opaque;

    s->con->escape = s->escape;
    s->con->escape_opaque = s->opaque;
}

void console_set_notify(struct console *con, void (*fn)(void *opaque), void *opaque)
{
    struct setting s = { .con = con, .notify = fn, .opaque = opaque };

    loop_call(con->loop, do_set_notify, &s);
}

void console_set_escape(struct console *con, void (*fn)(void *opaque, char key), void *opaque)
{
    struct setting s = { .con = con, .escape = fn, .opaque = opaque };

    loop_call(con->loop, do_set_escape, &s);
}

void console_set_tap(struct console *con, void (*fn)(void *opaque, const void *data, size_t len_bytes), void *opaque)
{
    con->tap_opaque = opaque;
    con->tap = fn;
}

int console_drain(struct console *con, int64_t timeout_ns)
{
    int64_t deadline_ns = time_now_ns() + timeout_ns;
    int rc = 0;

    lock_take(&con->lock);
    while (con->out.used_bytes && !con->discard && !con->keep_last && rc == 0)
        rc = cond_wait_until(&con->drained, &con->lock, deadline_ns);
    lock_drop(&con->lock);
    return rc;
}
