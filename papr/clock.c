/* SPDX-License-Identifier: Apache-2.0 */
/* papr/clock.c - see the header. 512 MHz against nanoseconds is 64 to 125;
 * frozen_ns and elapsed_ns() are the guest's. */
#include "papr/clock.h"

#include "base/thread.h"
#include "cpu/limits.h"

void clock_init(struct clock *c)
{
    atomic_store(&c->zero_ns, 0);
    atomic_store(&c->frozen_ns, 0);
}

static int64_t elapsed_ns(const struct clock *c)
{
    int64_t frozen_ns = atomic_load_explicit(&c->frozen_ns, memory_order_acquire);

    return frozen_ns >= 0 ? frozen_ns
                          : (time_now_ns() - atomic_load_explicit(&c->zero_ns, memory_order_relaxed)) / CLOCK_SLOWDOWN;
}

void clock_freeze(struct clock *c)
{
    if (atomic_load(&c->frozen_ns) < 0)
        atomic_store(&c->frozen_ns, elapsed_ns(c));
}

void clock_thaw(struct clock *c)
{
    int64_t frozen_ns = atomic_load(&c->frozen_ns);

    if (frozen_ns < 0)
        return;
    atomic_store(&c->zero_ns, time_now_ns() - frozen_ns * CLOCK_SLOWDOWN);
    atomic_store_explicit(&c->frozen_ns, -1, memory_order_release);
}

uint64_t clock_timebase(const struct clock *c)
{
    uint64_t ns = (uint64_t)elapsed_ns(c);

    return ns / 125 * 64 + ns % 125 * 64 / 125;
}

int64_t clock_deadline_ns(const struct clock *c, uint64_t tb)
{
    uint64_t whole = tb / 64, ns;

    if (whole > INT64_MAX / 250 / CLOCK_SLOWDOWN)
        return INT64_MAX;
    ns = (whole * 125 + (tb % 64 * 125 + 63) / 64) * CLOCK_SLOWDOWN;
    ns += (uint64_t)atomic_load_explicit(&c->zero_ns, memory_order_relaxed);
    return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

static const struct state_field fields[] = {
    STATE_U64_MAX(struct clock, frozen_ns, 1, INT64_MAX),
};
const struct state_list clock_state = STATE_LIST("clock", struct clock, 1, fields);
