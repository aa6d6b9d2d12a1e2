/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/monitor.c - the monitor's thread, its socket, and the way of events into it. */
#include "monitor/memory.h"
#include "monitor/monitor_int.h"

#include "base/thread.h"

#include <errno.h>
#include <stdlib.h>

#define FLUSH_NS 100000000LL

struct monitor *monitor_new(struct papr *p, struct error *err)
{
    struct monitor *m = calloc(1, sizeof(*m));

    if (!m) {
        error_set(err, ENOMEM, "no memory for the monitor");
        return NULL;
    }
    *m = (struct monitor){ .machine = p, .loop = loop_new(err) };
    if (!m->loop || loop_start(m->loop, "monitor", err) < 0) {
        loop_free(m->loop);
        free(m);
        return NULL;
    }
    return m;
}

void monitor_free(struct monitor *m)
{
    if (!m)
        return;
    loop_stop(m->loop);
    /* This thread is the loop's now.  Events still deferred go out first. */
    listener_free(m->listener);
    m->listener = NULL;
    loop_run_deferred(m->loop);
    session_close_all(m, FLUSH_NS);
    loop_free(m->loop);
    memdevs_free(m);
    free(m);
}

static void on_connect(void *opaque, int fd)
{
    struct monitor *m = opaque;

    session_open(m, fd, NULL);
    listener_open(m->listener, m->nsessions < MONITOR_CLIENTS_MAX);
}

void monitor_client_gone(struct monitor *m)
{
    m->nsessions--;
    if (m->listener)
        listener_open(m->listener, true);
}

/* A request that another thread makes and waits for. */
struct request {
    struct monitor *m;
    const char *path;
    int fd;
    int rc;
    struct error *err;
};

static void do_listen(void *opaque)
{
    struct request *r = opaque;

    r->m->listener = listener_new(r->m->loop, r->path, on_connect, r->m, r->err);
    r->rc = r->m->listener ? 0 : -1;
}

int monitor_listen(struct monitor *m, const char *path, struct error *err)
{
    struct request r = { .m = m, .path = path, .err = err };

    if (m->listener)
        return error_set(err, EBUSY, "the monitor listens on a socket already");
    loop_call(m->loop, do_listen, &r);
    return r.rc;
}

static void do_adopt(void *opaque)
{
    struct request *r = opaque;

    r->rc = session_open(r->m, r->fd, r->err);
}

int monitor_adopt(struct monitor *m, int fd, struct error *err)
{
    struct request r = { .m = m, .fd = fd, .err = err };

    loop_call(m->loop, do_adopt, &r);
    return r.rc;
}

struct telling {
    struct monitor *m;
    json_t *event;
};

static void do_tell(void *opaque)
{
    struct telling *t = opaque;

    session_broadcast(t->m, t->event);
    json_decref(t->event);
    free(t);
}

void monitor_event(struct monitor *m, const struct papr_event *ev)
{
    struct telling *t = malloc(sizeof(*t));

    if (t)
        *t = (struct telling){ m, event_json(ev, time_read_ns(CLOCK_REALTIME)) };
    if (t && t->event && loop_defer(m->loop, do_tell, t) == 0)
        return;
    if (t)
        json_decref(t->event);
    free(t);
}
