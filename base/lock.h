/* SPDX-License-Identifier: Apache-2.0 */
/* base/lock.h - a mutex that clang's thread-safety analysis can follow.
 *
 * Lock order: docs/locking.md.  REQUIRES(x) on a function is checked by clang 14 in C; GUARDED_BY on a field is
 * for readers of the code. */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <pthread.h>

#ifdef __clang__
#define LOCK_ATTR(x) __attribute__((x))
#else
#define LOCK_ATTR(x)
#endif

#define CAPABILITY LOCK_ATTR(capability("mutex"))
#define REQUIRES(...) LOCK_ATTR(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) LOCK_ATTR(locks_excluded(__VA_ARGS__))
#define ACQUIRES(...) LOCK_ATTR(acquire_capability(__VA_ARGS__))
#define RELEASES(...) LOCK_ATTR(release_capability(__VA_ARGS__))
/* On a function: tells the analysis that the lock is held when it returns, where it cannot see that itself. */
#define ASSERTS_HELD(...) LOCK_ATTR(assert_capability(__VA_ARGS__))
#define NO_LOCK_ANALYSIS LOCK_ATTR(no_thread_safety_analysis)
#define GUARDED_BY(x)

struct CAPABILITY lock {
    pthread_mutex_t mutex;
};

struct cond {
    pthread_cond_t cond;        /* waits on CLOCK_MONOTONIC */
};

void lock_init(struct lock *l);
void lock_fini(struct lock *l);
void lock_take(struct lock *l) ACQUIRES(l);
void lock_drop(struct lock *l) RELEASES(l);

void cond_init(struct cond *c);
void cond_fini(struct cond *c);
void cond_wait(struct cond *c, struct lock *l) REQUIRES(l);
/* Waits until signalled or until CLOCK_MONOTONIC passes deadline_ns; returns 0 or -ETIMEDOUT. */
int cond_wait_until(struct cond *c, struct lock *l, long long deadline_ns) REQUIRES(l);
void cond_signal(struct cond *c);
void cond_broadcast(struct cond *c);

#endif
