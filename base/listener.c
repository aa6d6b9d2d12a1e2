/* SPDX-License-Identifier: Apache-2.0 */
#include "base/listener.h"

#include "base/unix_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define RETRY_NS 100000000L

struct listener {
    int fd, timer_fd;
    struct loop_fd *source, *timer;
    bool open, starved;
    void (*fn)(void *opaque, int fd);
    void *opaque;
    char path[];
};

static void watch(struct listener *l)
{
    loop_fd_events(l->source, l->open && !l->starved ? EPOLLIN : 0);
}

static void starve(struct listener *l)
{
    struct itimerspec soon = { .it_value.tv_nsec = RETRY_NS };

    l->starved = timerfd_settime(l->timer_fd, 0, &soon, NULL) == 0;
    watch(l);
}

static void on_timer(void *opaque, uint32_t events)
{
    struct listener *l = opaque;
    uint64_t count;

    (void)events;
    l->starved = read(l->timer_fd, &count, sizeof(count)) < 0;
    watch(l);
}

static void on_client(void *opaque, uint32_t events)
{
    struct listener *l = opaque;
    int fd = unix_socket_accept(l->fd);

    (void)events;
    if (fd >= 0)
        l->fn(l->opaque, fd);
    else if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM || fd == -ENOBUFS)
        starve(l);
}

static int start(struct listener *l, struct loop *loop, struct error *err)
{
    l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (l->timer_fd < 0)
        return error_set(err, errno, "cannot make a timer: %s", strerror(errno));
    l->fd = unix_socket_listen(l->path, err);
    if (l->fd < 0)
        return l->fd;
    l->timer = loop_fd_add(loop, l->timer_fd, EPOLLIN, on_timer, l, err);
    l->source = l->timer ? loop_fd_add(loop, l->fd, EPOLLIN, on_client, l, err) : NULL;
    return l->source ? 0 : -ENOMEM;
}

struct listener *listener_new(struct loop *loop, const char *path, void (*fn)(void *opaque, int fd), void *opaque,
                              struct error *err)
{
    struct listener *l = malloc(sizeof(*l) + strlen(path) + 1);

    if (!l) {
        error_set(err, ENOMEM, "no memory for a socket");
        return NULL;
    }
    *l = (struct listener){ .fd = -1, .timer_fd = -1, .open = true, .fn = fn, .opaque = opaque };
    strcpy(l->path, path);
    if (start(l, loop, err) == 0)
        return l;
    listener_free(l);
    return NULL;
}

void listener_free(struct listener *l)
{
    if (!l)
        return;
    if (l->source)
        loop_fd_remove(l->source);
    if (l->timer)
        loop_fd_remove(l->timer);
    if (l->fd >= 0) {
        unlink(l->path);
        close(l->fd);
    }
    if (l->timer_fd >= 0)
        close(l->timer_fd);
    free(l);
}

void listener_open(struct listener *l, bool open)
{
    l->open = open;
    watch(l);
}
