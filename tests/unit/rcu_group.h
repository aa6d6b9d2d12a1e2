/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/rcu_group.h - for cmocka_run_group_tests(): the tests run in a thread that may read under RCU. */
#ifndef TESTS_UNIT_RCU_GROUP_H
#define TESTS_UNIT_RCU_GROUP_H

#include "base/rcu.h"

static inline int rcu_group_begin(void **unused)
{
    (void)unused;
    rcu_register_thread();
    return 0;
}

static inline int rcu_group_end(void **unused)
{
    (void)unused;
    rcu_barrier();
    rcu_unregister_thread();
    return 0;
}

#endif
