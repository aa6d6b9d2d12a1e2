/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/client.h"

#include "base/thread.h"
#include "base/unix_socket.h"
#include "monitor/frame.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct qmp_client {
    int fd;
    struct frame frame;
    uint8_t in[4096];
    size_t in_at, in_bytes;
    json_t *events;     /* that came between command and answer */
};

static int gone(struct error *err)
{
    return error_set(err, ECONNRESET, "the machine closed the connection");
}

/* Milliseconds until the deadline for poll(); -1: none. */
static int until_ms(int64_t deadline_ns)
{
    int64_t left_ns;

    if (deadline_ns < 0)
        return -1;
    left_ns = deadline_ns - time_now_ns();
    return left_ns <= 0 ? 0 : (int)(left_ns / 1000000) + 1;
}

static int refill(struct qmp_client *c, int64_t deadline_ns, struct error *err)
{
    struct pollfd p = { c->fd, POLLIN, 0 };
    ssize_t n;

    do {
        n = poll(&p, 1, until_ms(deadline_ns));
    } while (n < 0 && errno == EINTR);
    if (n == 0)
        return error_set(err, ETIMEDOUT, "the machine does not answer");
    n = recv(c->fd, c->in, sizeof(c->in), 0);
    if (n <= 0)
        return gone(err);
    c->in_at = 0;
    c->in_bytes = (size_t)n;
    return 0;
}

/* The next JSON text of the stream. */
static json_t *next_text(struct qmp_client *c, int64_t deadline_ns, struct error *err)
{
    for (;;) {
        size_t used;
        enum frame_state what = frame_push(&c->frame, c->in + c->in_at, c->in_bytes - c->in_at, &used);
        json_t *v;

        c->in_at += used;
        if (what == FRAME_MORE) {
            if (refill(c, deadline_ns, err) < 0)
                return NULL;
            continue;
        }
        v = what == FRAME_TEXT ? json_loadb((char *)c->frame.text.data, c->frame.text.len_bytes, 0, NULL) : NULL;
        if (!json_is_object(v)) {
            json_decref(v);
            error_set(err, EPROTO, "the other side of the socket does not speak QMP");
            return NULL;
        }
        return v;
    }
}

static int send_all(struct qmp_client *c, const char *data, size_t len_bytes, struct error *err)
{
    while (len_bytes) {
        ssize_t n = send(c->fd, data, len_bytes, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return gone(err);
        data += n;
        len_bytes -= (size_t)n;
    }
    return 0;
}

static int send_json(struct qmp_client *c, json_t *v, struct error *err)
{
    char *text = json_dumps(v, JSON_COMPACT);
    int rc = text ? send_all(c, text, strlen(text), err) : error_set(err, ENOMEM, "no memory for a command");

    free(text);
    json_decref(v);
    return rc;
}

json_t *qmp_client_run(struct qmp_client *c, const char *command, json_t *args, int64_t timeout_ns, struct error *err)
{
    int64_t deadline_ns = timeout_ns < 0 ? -1 : time_now_ns() + timeout_ns;
    json_t *v = json_pack("{s:s}", "execute", command), *ret, *why;

    if (args)
        json_object_set_new(v, "arguments", args);
    if (send_json(c, v, err) < 0)
        return NULL;
    while ((v = next_text(c, deadline_ns, err)) && json_object_get(v, "event"))
        json_array_append_new(c->events, v);
    if (!v)
        return NULL;
    ret = json_incref(json_object_get(v, "return"));
    why = json_object_get(json_object_get(v, "error"), "desc");
    if (!ret)
        error_set(err, EREMOTEIO, "%s: %s", command, json_is_string(why) ? json_string_value(why) : "refused");
    json_decref(v);
    return ret;
}

json_t *qmp_client_event(struct qmp_client *c, int64_t timeout_ns, struct error *err)
{
    int64_t deadline_ns = timeout_ns < 0 ? -1 : time_now_ns() + timeout_ns;
    json_t *v = json_incref(json_array_get(c->events, 0));

    if (v) {
        json_array_remove(c->events, 0);
        return v;
    }
    while ((v = next_text(c, deadline_ns, err)) && !json_object_get(v, "event"))
        json_decref(v);
    return v;
}

static int negotiate(struct qmp_client *c, int64_t timeout_ns, struct error *err)
{
    json_t *v = next_text(c, time_now_ns() + timeout_ns, err);
    bool is_qmp = json_object_get(v, "QMP") != NULL;

    json_decref(v);
    if (!v)
        return -1;
    if (!is_qmp)
        return error_set(err, EPROTO, "the other side of the socket does not speak QMP");
    v = qmp_client_run(c, "qmp_capabilities", NULL, timeout_ns, err);
    json_decref(v);
    return v ? 0 : -1;
}

struct qmp_client *qmp_client_new(const char *path, int64_t timeout_ns, struct error *err)
{
    struct qmp_client *c = calloc(1, sizeof(*c));

    if (!c) {
        error_set(err, ENOMEM, "no memory for a connection");
        return NULL;
    }
    frame_init(&c->frame);
    c->events = json_array();
    c->fd = unix_socket_connect(path, err);
    if (c->fd >= 0 && negotiate(c, timeout_ns, err) == 0)
        return c;
    qmp_client_free(c);
    return NULL;
}

void qmp_client_free(struct qmp_client *c)
{
    if (!c)
        return;
    if (c->fd >= 0)
        close(c->fd);
    frame_fini(&c->frame);
    json_decref(c->events);
    free(c);
}
