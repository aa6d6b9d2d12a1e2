/* SPDX-License-Identifier: Apache-2.0 */
/* base/thread.h - named threads that leave signals to the main thread. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include "base/error.h"

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* Starts fn(arg) in a thread with all signals blocked, named for ps and gdb (15 bytes are kept).  0 or -errno. */
int thread_start(pthread_t *thread, const char *name, void *(*fn)(void *), void *arg, struct error *err);

#define NS_PER_S 1000000000ll

int64_t time_read_ns(clockid_t clock);
/* CLOCK_MONOTONIC. */
int64_t time_now_ns(void);

#endif
