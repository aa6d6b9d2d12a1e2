/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/state_roundtrip.h - proof for every saved struct: random contents survive save, load, save.
 *
 *     static const struct state_list *const all[] = { &timer_list, &drc_list };
 *     ...
 *     if (state_roundtrip_all(all, 2, 42, &err) < 0) fail_msg("%s", err.msg);
 *
 * Works on tables alone: hooks are not called, CUSTOM fields are left out (their owners test both), BYTES_PTR fields
 * get buffers of random length. */
#ifndef TESTS_STATE_ROUNDTRIP_H
#define TESTS_STATE_ROUNDTRIP_H

#include "base/state.h"

/* 0 or -errno with the list's name in err.  Several rounds each; seed makes it repeatable. */
int state_roundtrip_all(const struct state_list *const *lists, unsigned n, uint64_t seed, struct error *err);

#endif
