/* SPDX-License-Identifier: Apache-2.0 */
/* base/rcu.h - userspace-rcu as paprika uses it: the memb flavour, wait-free read sections on any registered thread.
 *
 * A thread registers before its first read section and unregisters before it ends.  A writer publishes with
 * rcu_assign_pointer() and hands what it replaced to call_rcu(); it never waits for readers. */
#ifndef BASE_RCU_H
#define BASE_RCU_H

#include <urcu/urcu-memb.h>
#include <urcu/compiler.h>

#endif
