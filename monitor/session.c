/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/session.c - one client: bytes in to texts, answers and events to bytes out.  A client that does not read is
 * dropped when SESSION_OUT_MAX bytes wait for it; one that floods is served in turns with the others. */
#include "monitor/monitor_int.h"

#include "base/thread.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SESSION_OUT_MAX (4u << 20)
#define SESSION_READ_BYTES 4096

struct session {
    struct monitor *monitor;
    struct session *next;
    int fd;
    struct loop_fd *source;
    struct frame frame;
    struct buf out;
    bool ready;         /* negotiation over */
    bool broken;        /* close it at the next chance */
};

static void session_free(struct session *s)
{
    struct session **at = &s->monitor->sessions;

    while (*at && *at != s)
        at = &(*at)->next;
    if (*at) {
        *at = s->next;
        monitor_client_gone(s->monitor);
    }
    if (s->source)
        loop_fd_remove(s->source);
    close(s->fd);
    frame_fini(&s->frame);
    buf_fini(&s->out);
    free(s);
}

static void flush(struct session *s)
{
    while (s->out.len_bytes) {
        ssize_t n = send(s->fd, s->out.data, s->out.len_bytes, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0) {
            s->broken |= errno != EAGAIN && errno != EINTR;
            break;
        }
        buf_consume(&s->out, (size_t)n);
    }
}

static int dump_piece(const char *piece, size_t len_bytes, void *opaque)
{
    return buf_append(opaque, piece, len_bytes);
}

/* Takes over the reference;
 * NULL (no memory for an answer) breaks the session rather than leaving the client waiting. */
static void tell(struct session *s, json_t *v)
{
    if (!v || json_dump_callback(v, dump_piece, &s->out, JSON_COMPACT) < 0 || buf_append(&s->out, "\r\n", 2) < 0 ||
        s->out.len_bytes > SESSION_OUT_MAX)
        s->broken = true;
    json_decref(v);
}

/* Ends a session that broke; otherwise watches for what it needs. */
static void settle(struct session *s)
{
    flush(s);
    if (s->broken)
        session_free(s);
    else
        loop_fd_events(s->source, s->out.len_bytes ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void take(struct session *s, const uint8_t *data, size_t len_bytes)
{
    while (len_bytes && !s->broken) {
        size_t used;
        enum frame_state what = frame_push(&s->frame, data, len_bytes, &used);

        data += used;
        len_bytes -= used;
        if (what == FRAME_TEXT)
            tell(s, command_run(s->monitor, (char *)s->frame.text.data, s->frame.text.len_bytes, &s->ready));
        else if (what != FRAME_MORE)
            tell(s, command_framing_error(what));
    }
}

static void on_client(void *opaque, uint32_t events)
{
    struct session *s = opaque;
    struct monitor *m = s->monitor;
    uint8_t data[SESSION_READ_BYTES];

    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        ssize_t n = recv(s->fd, data, sizeof(data), MSG_DONTWAIT);

        if (n > 0)
            take(s, data, (size_t)n);
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            s->broken = true;
    }
    settle(s);
    if (m->quit_asked) {
        m->quit_asked = false;
        papr_request_quit(m->machine, "host-qmp-quit");
    }
}

int session_open(struct monitor *m, int fd, struct error *err)
{
    struct session *s = calloc(1, sizeof(*s));

    if (!s) {
        close(fd);
        return error_set(err, ENOMEM, "no memory for a monitor client");
    }
    *s = (struct session){ .monitor = m, .fd = fd };
    frame_init(&s->frame);
    buf_init(&s->out);
    s->source = loop_fd_add(m->loop, fd, EPOLLIN, on_client, s, err);
    if (!s->source) {
        session_free(s);
        return -ENOMEM;
    }
    s->next = m->sessions;
    m->sessions = s;
    m->nsessions++;
    tell(s, command_greeting());
    settle(s);
    return 0;
}

void session_broadcast(struct monitor *m, const json_t *event)
{
    struct session *next;

    for (struct session *s = m->sessions; s; s = next) {
        next = s->next;
        if (!s->ready)
            continue;
        tell(s, json_incref((json_t *)(uintptr_t)event));
        settle(s);
    }
}

void session_close_all(struct monitor *m, int64_t flush_ns)
{
    int64_t deadline_ns = time_now_ns() + flush_ns;

    while (m->sessions) {
        struct session *s = m->sessions;

        for (flush(s); s->out.len_bytes && !s->broken && time_now_ns() < deadline_ns; flush(s)) {
            struct pollfd p = { s->fd, POLLOUT, 0 };

            poll(&p, 1, 10);
        }
        session_free(s);
    }
}
