/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lock.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

/* A failing pthread call here is our own mistake (an unknown or destroyed lock), never the guest's. */
static void must(int rc)
{
    assert(rc == 0);
    (void)rc;
}

void lock_init(struct lock *l)
{
    must(pthread_mutex_init(&l->mutex, NULL));
}

void lock_fini(struct lock *l)
{
    must(pthread_mutex_destroy(&l->mutex));
}

void lock_take(struct lock *l) NO_LOCK_ANALYSIS
{
    must(pthread_mutex_lock(&l->mutex));
}

void lock_drop(struct lock *l) NO_LOCK_ANALYSIS
{
    must(pthread_mutex_unlock(&l->mutex));
}

void cond_init(struct cond *c)
{
    pthread_condattr_t attr;

    must(pthread_condattr_init(&attr));
    must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC));
    must(pthread_cond_init(&c->cond, &attr));
    must(pthread_condattr_destroy(&attr));
}

void cond_fini(struct cond *c)
{
    must(pthread_cond_destroy(&c->cond));
}

void cond_wait(struct cond *c, struct lock *l)
{
    must(pthread_cond_wait(&c->cond, &l->mutex));
}

int cond_wait_until(struct cond *c, struct lock *l, long long deadline_ns)
{
    struct timespec ts = { .tv_sec = deadline_ns / 1000000000, .tv_nsec = deadline_ns % 1000000000 };
    int rc = pthread_cond_timedwait(&c->cond, &l->mutex, &ts);

    assert(rc == 0 || rc == ETIMEDOUT);
    return -rc;
}

void cond_signal(struct cond *c)
{
    must(pthread_cond_signal(&c->cond));
}

void cond_broadcast(struct cond *c)
{
    must(pthread_cond_broadcast(&c->cond));
}
