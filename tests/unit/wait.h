/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/wait.h - for what another thread or process will do, however little of a processor it gets. */
#ifndef TESTS_UNIT_WAIT_H
#define TESTS_UNIT_WAIT_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WAIT_SECONDS 300            /* what takes longer hangs */
#define WAIT_MS (WAIT_SECONDS * 1000)
#define WAIT_NS (WAIT_SECONDS * 1000000000LL)

/* Ends the program at the limit: a failed assertion would leave threads behind that use the test's stack. */
#define WAIT_FOR(cond) \
    do { \
        for (unsigned wait_ms = 0; !(cond); wait_ms++) { \
            if (wait_ms == WAIT_MS) { \
                fprintf(stderr, "%s:%d: %s: not in %d seconds\n", __FILE__, __LINE__, #cond, WAIT_SECONDS); \
                abort(); \
            } \
            usleep(1000); \
        } \
    } while (0)

#endif
