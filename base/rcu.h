/* SPDX-License-Identifier: Apache-2.0 */
/* base/rcu.h - userspace-rcu as paprika uses it: the memb flavour, wait-free read sections on any registered thread.
 *
 * A thread registers (rcu_register_thread) before its first read section and unregisters before it ends.  A writer
 * publishes with a release store and hands what it replaced to call_rcu(); it never waits for readers.  The rules,
 * and who may wait for a grace period, are in docs/locking.md.
 *
 * rcu_read_lock() and rcu_read_unlock() are inlined here: liburcu states that these functions stay under the ten
 * lines that LGPL 2.1 section 5 lets any program inline.  A membarrier in the grace period pays for the fences, so a
 * section costs two plain stores.  ThreadSanitizer cannot see membarrier; its builds tell it what a grace period
 * guarantees: the end of a section, and the call of call_rcu(), happen before the reclamation that follows, and that
 * before the return of rcu_barrier(). */
#ifndef BASE_RCU_H
#define BASE_RCU_H

#define URCU_API_MAP        /* rcu_register_thread() and not urcu_memb_register_thread() */
#include <urcu/urcu-memb.h>
#include <urcu/compiler.h>
#include <urcu/static/urcu-memb.h>

#if defined(__SANITIZE_THREAD__)
#define RCU_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RCU_TSAN 1
#endif
#endif

#ifdef RCU_TSAN
void __tsan_acquire(void *addr);
void __tsan_release(void *addr);
#endif

/* Enters a read section: nests, never waits. */
static inline void rcu_enter(void)
{
#ifdef RCU_TSAN
    urcu_memb_read_lock();              /* the library's own, which is not instrumented */
#else
    _urcu_memb_read_lock();
#endif
}

/* Leaves it: what was read inside may be gone now. */
static inline void rcu_leave(void)
{
#ifdef RCU_TSAN
    __tsan_release(&urcu_memb_gp);
    urcu_memb_read_unlock();
#else
    _urcu_memb_read_unlock();
#endif
}

/* First line of every call_rcu() callback, and after synchronize_rcu(): sections before the grace period are over. */
static inline void rcu_grace_passed(void)
{
#ifdef RCU_TSAN
    __tsan_acquire(&urcu_memb_gp);
#endif
}

/* call_rcu(), with the edge from here to the callback told to ThreadSanitizer. */
static inline void rcu_defer(struct rcu_head *head, void (*fn)(struct rcu_head *head))
{
#ifdef RCU_TSAN
    __tsan_release(&urcu_memb_gp);
#endif
    urcu_memb_call_rcu(head, fn);
}

#ifdef RCU_TSAN
static inline void rcu_told(struct rcu_head *head)
{
    (void)head;
    __tsan_release(&urcu_memb_gp);
}

/* rcu_barrier(): one thread runs all callbacks in order, so the last one tells what all before it did. */
static inline void rcu_all_passed(void)
{
    struct rcu_head last;

    rcu_defer(&last, rcu_told);
    urcu_memb_barrier();
    __tsan_acquire(&urcu_memb_gp);
}

#undef rcu_barrier
#define rcu_barrier() rcu_all_passed()
#endif

#undef rcu_read_lock
#undef rcu_read_unlock
#define rcu_read_lock() rcu_enter()
#define rcu_read_unlock() rcu_leave()
#undef call_rcu
#define call_rcu(head, fn) rcu_defer(head, fn)

#endif
