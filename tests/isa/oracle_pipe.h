/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/oracle_pipe.h - runs the oracle program (tests/isa/oracle) as a child and asks it for results.
 *
 * One thread.  The child is ended by oracle_close(), or by itself when this process goes away. */
#ifndef TESTS_ISA_ORACLE_PIPE_H
#define TESTS_ISA_ORACLE_PIPE_H

#include "base/error.h"
#include "oracle/wire.h"

#include <stddef.h>

struct oracle;

/* The emulator's command line in argv (NULL-terminated, the program last).  NULL with err filled. */
struct oracle *oracle_open(const char *const argv[], struct error *err);
void oracle_close(struct oracle *o);

/* Runs n cases; out[i] is the state case[i] ends in.  -EPIPE: the child died. */
int oracle_run(struct oracle *o, const struct wire_state *cases, struct wire_state *out, size_t n, struct error *err);

#endif
