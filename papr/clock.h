/* SPDX-License-Identifier: Apache-2.0 */
/* papr/clock.h - the machine's time base: 512 MHz, starts at 0, stands still while the machine is paused.
 *
 * Threads: reading any; freezing and thawing under machine_lock. A reader that races with them sees a time from just
 * before or just after; processors never race, they are parked. */
#ifndef PAPR_CLOCK_H
#define PAPR_CLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/state.h"

struct clock {
    _Atomic int64_t zero_ns;        /* CLOCK_MONOTONIC at which the time base reads 0 */
    _Atomic int64_t frozen_ns;      /* time since zero while frozen; -1: running */
};

void clock_init(struct clock *c);       /* frozen at 0 */
void clock_freeze(struct clock *c);
void clock_thaw(struct clock *c);
uint64_t clock_timebase(const struct clock *c);
/* CLOCK_MONOTONIC when a running clock reaches tb; INT64_MAX if that is beyond what it can say. */
int64_t clock_deadline_ns(const struct clock *c, uint64_t tb);

extern const struct state_list clock_state;     /* of a frozen clock */

#endif
