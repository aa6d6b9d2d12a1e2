/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/loop.h"
#include "base/thread.h"

struct scene {
    struct loop *loop;
    struct loop_fd *a, *b;
    int pipe_a[2], pipe_b[2];
    int calls_a, calls_b, ticks;
    int order[100], n;
};

static void remove_both(void *opaque, uint32_t events)
{
    struct scene *s = opaque;

    (void)events;
    s->calls_a++;
    loop_fd_remove(s->a);
    loop_fd_remove(s->b);
    loop_quit(s->loop);
}

static void a_source_removed_in_a_callback_is_not_called_again(void **unused)
{
    struct scene s = { .loop = loop_new(NULL) };

    (void)unused;
    assert_int_equal(pipe(s.pipe_a) | pipe(s.pipe_b), 0);
    s.a = loop_fd_add(s.loop, s.pipe_a[0], EPOLLIN, remove_both, &s, NULL);
    s.b = loop_fd_add(s.loop, s.pipe_b[0], EPOLLIN, remove_both, &s, NULL);
    assert_int_equal(write(s.pipe_a[1], "x", 1) + write(s.pipe_b[1], "x", 1), 2);
    loop_run(s.loop);
    assert_int_equal(s.calls_a, 1);
    loop_free(s.loop);
    for (int i = 0; i < 2; i++) {
        close(s.pipe_a[i]);
        close(s.pipe_b[i]);
    }
}

static void tick(void *opaque)
{
    ((struct scene *)opaque)->ticks++;
}

static void note(void *opaque)
{
    struct scene *s = opaque;

    s->order[s->n] = s->n;
    s->n++;
}

static void calls_from_other_threads_run_in_order(void **unused)
{
    struct scene s = { .loop = loop_new(NULL) };

    (void)unused;
    assert_int_equal(loop_start(s.loop, "test-loop", NULL), 0);
    for (int i = 0; i < 98; i++)
        assert_int_equal(loop_defer(s.loop, note, &s), 0);
    loop_call(s.loop, note, &s);
    assert_int_equal(s.n, 99);
    loop_stop(s.loop);
    assert_int_equal(loop_defer(s.loop, note, &s), 0);
    loop_free(s.loop);      /* runs what still waits */
    assert_int_equal(s.n, 100);
}

static void *caller(void *opaque)
{
    struct scene *s = opaque;

    for (int i = 0; i < 1000; i++)
        loop_call(s->loop, tick, s);
    return NULL;
}

static void many_callers_lose_no_call(void **unused)
{
    struct scene s = { .loop = loop_new(NULL) };
    pthread_t t[4];

    (void)unused;
    assert_int_equal(loop_start(s.loop, "test-loop", NULL), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(thread_start(&t[i], "caller", caller, &s, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    assert_int_equal(s.ticks, 4000);
    loop_free(s.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_removed_in_a_callback_is_not_called_again),
        cmocka_unit_test(calls_from_other_threads_run_in_order),
        cmocka_unit_test(many_callers_lose_no_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
