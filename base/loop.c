/* SPDX-License-Identifier: Apache-2.0 */
#include "base/loop.h"

#include "base/lock.h"
#include "base/thread.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOP_BATCH 32

struct loop_fd {
    struct loop *loop;
    struct loop_fd *next;       /* in loop->sources, or in loop->dead */
    int fd;
    bool dead;
    void (*fn)(void *opaque, uint32_t events);
    void *opaque;
};

struct deferred {
    struct deferred *next;
    void (*fn)(void *opaque);
    void *opaque;
    bool on_stack;              /* of a thread in loop_call() */
};

struct loop {
    int epoll_fd;
    int wake_fd;
    _Atomic bool quit;

    /* Of the loop's thread. */
    struct loop_fd *sources;
    struct loop_fd *dead;       /* removed, freed at the end of the batch */
    bool threaded;
    pthread_t thread;

    struct lock lock;
    struct deferred *first GUARDED_BY(lock);
    struct deferred **last GUARDED_BY(lock);
};

static void wake(struct loop *loop)
{
    uint64_t one = 1;

    if (write(loop->wake_fd, &one, sizeof(one)) < 0)
        assert(errno == EAGAIN);    /* already awake as can be */
}

static void on_wake(void *opaque, uint32_t events)
{
    struct loop *loop = opaque;
    uint64_t count;

    (void)events;
    if (read(loop->wake_fd, &count, sizeof(count)) < 0)
        assert(errno == EAGAIN);
}

struct loop *loop_new(struct error *err)
{
    struct loop *loop = calloc(1, sizeof(*loop));

    if (!loop) {
        error_set(err, ENOMEM, "no memory for an event loop");
        return NULL;
    }
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->last = &loop->first;
    lock_init(&loop->lock);
    if (loop->epoll_fd < 0 || loop->wake_fd < 0) {
        error_set(err, errno, "cannot make an event loop: %s", strerror(errno));
        loop_free(loop);
        return NULL;
    }
    if (!loop_fd_add(loop, loop->wake_fd, EPOLLIN, on_wake, loop, err)) {
        loop_free(loop);
        return NULL;
    }
    return loop;
}

void loop_run_deferred(struct loop *loop)
{
    struct deferred *d, *next;

    lock_take(&loop->lock);
    d = loop->first;
    loop->first = NULL;
    loop->last = &loop->first;
    lock_drop(&loop->lock);
    for (; d; d = next) {
        bool on_stack = d->on_stack;    /* gone once fn has run */

        next = d->next;
        d->fn(d->opaque);
        if (!on_stack)
            free(d);
    }
}

static void bury(struct loop *loop)
{
    struct loop_fd *s;

    while ((s = loop->dead)) {
        loop->dead = s->next;
        free(s);
    }
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    loop_stop(loop);
    while (loop->first)
        loop_run_deferred(loop);
    while (loop->sources)
        loop_fd_remove(loop->sources);
    bury(loop);
    if (loop->epoll_fd >= 0)
        close(loop->epoll_fd);
    if (loop->wake_fd >= 0)
        close(loop->wake_fd);
    lock_fini(&loop->lock);
    free(loop);
}

void loop_run(struct loop *loop)
{
    struct epoll_event ev[LOOP_BATCH];

    while (!atomic_load(&loop->quit)) {
        int n = epoll_wait(loop->epoll_fd, ev, LOOP_BATCH, -1);

        assert(n >= 0 || errno == EINTR);
        for (int i = 0; i < n; i++) {
            struct loop_fd *s = ev[i].data.ptr;

            if (!s->dead)
                s->fn(s->opaque, ev[i].events);
        }
        loop_run_deferred(loop);
        bury(loop);
    }
    atomic_store(&loop->quit, false);
}

void loop_quit(struct loop *loop)
{
    atomic_store(&loop->quit, true);
    wake(loop);
}

static void *loop_thread(void *opaque)
{
    loop_run(opaque);
    return NULL;
}

int loop_start(struct loop *loop, const char *name, struct error *err)
{
    int rc = thread_start(&loop->thread, name, loop_thread, loop, err);

    loop->threaded = rc == 0;
    return rc;
}

void loop_stop(struct loop *loop)
{
    if (!loop->threaded)
        return;
    loop_quit(loop);
    pthread_join(loop->thread, NULL);
    loop->threaded = false;
}

struct loop_fd *loop_fd_add(struct loop *loop, int fd, uint32_t events, void (*fn)(void *opaque, uint32_t events),
                            void *opaque, struct error *err)
{
    struct loop_fd *s = calloc(1, sizeof(*s));
    struct epoll_event ev = { .events = events, .data.ptr = s };

    if (!s) {
        error_set(err, ENOMEM, "no memory for an event source");
        return NULL;
    }
    *s = (struct loop_fd){ .loop = loop, .fd = fd, .fn = fn, .opaque = opaque, .next = loop->sources };
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0) {
        error_set(err, errno, "cannot watch a descriptor: %s", strerror(errno));
        free(s);
        return NULL;
    }
    loop->sources = s;
    return s;
}

void loop_fd_events(struct loop_fd *source, uint32_t events)
{
    struct epoll_event ev = { .events = events, .data.ptr = source };
    int rc = epoll_ctl(source->loop->epoll_fd, EPOLL_CTL_MOD, source->fd, &ev);

    assert(rc == 0);
    (void)rc;
}

void loop_fd_remove(struct loop_fd *source)
{
    struct loop *loop = source->loop;
    struct loop_fd **at = &loop->sources;

    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
    while (*at != source)
        at = &(*at)->next;
    *at = source->next;
    source->dead = true;
    source->next = loop->dead;
    loop->dead = source;
}

static void enqueue(struct loop *loop, struct deferred *d)
{
    lock_take(&loop->lock);
    *loop->last = d;
    loop->last = &d->next;
    lock_drop(&loop->lock);
    wake(loop);
}

int loop_defer(struct loop *loop, void (*fn)(void *opaque), void *opaque)
{
    struct deferred *d = malloc(sizeof(*d));

    if (!d)
        return -ENOMEM;
    *d = (struct deferred){ .fn = fn, .opaque = opaque };
    enqueue(loop, d);
    return 0;
}

struct call {
    void (*fn)(void *opaque);
    void *opaque;
    struct lock lock;
    struct cond done_cond;
    bool done GUARDED_BY(lock);
};

static void run_call(void *opaque)
{
    struct call *c = opaque;

    c->fn(c->opaque);
    lock_take(&c->lock);
    c->done = true;
    cond_signal(&c->done_cond);
    lock_drop(&c->lock);
}

void loop_call(struct loop *loop, void (*fn)(void *opaque), void *opaque)
{
    struct call c = { .fn = fn, .opaque = opaque };
    struct deferred d = { .fn = run_call, .opaque = &c, .on_stack = true };

    lock_init(&c.lock);
    cond_init(&c.done_cond);
    enqueue(loop, &d);
    lock_take(&c.lock);
    while (!c.done)
        cond_wait(&c.done_cond, &c.lock);
    lock_drop(&c.lock);
    cond_fini(&c.done_cond);
    lock_fini(&c.lock);
}
