/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal between hypercalls and a console on a unix socket. */
#include "tests/unit/hcall_rig.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/endian.h"
#include "dev/console.h"
#include "papr/vty.h"
#include "papr/xics_int.h"
#include "tests/unit/wait.h"

#define GET 0x54
#define PUT 0x58
#define VIO_SIGNAL 0x104

struct line {
    struct rig rig;
    struct console *con;
    char path[64];
    int fd;
};

/* The console's thread has seen all that the client did: of two calls it ran the second after a look at every
 * descriptor since the first. */
static void settle(struct line *l)
{
    console_set_escape(l->con, NULL, NULL);
    console_set_escape(l->con, NULL, NULL);
}

static int up(void **state)
{
    struct line *l = calloc(1, sizeof(*l));
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    struct xive_setting on = { 0, 5, 5 };
    struct error err;
    char spec[80];

    snprintf(l->path, sizeof(l->path), "/tmp/paprika-vty-test.%d", getpid());
    snprintf(spec, sizeof(spec), "unix:%s", l->path);
    l->con = console_new(spec, &err);
    assert_non_null(l->con);
    l->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    memcpy(to.sun_path, l->path, sizeof(l->path));
    assert_int_equal(connect(l->fd, (struct sockaddr *)&to, sizeof(to)), 0);
    settle(l);
    rig_up(&l->rig, 1, ISA_LEVEL_3_00, l->con);
    xics_set_cppr(papr_xics(l->rig.p), 0, 0xff);
    assert_true(xics_source_set(papr_xics(l->rig.p), VTY_IRQ, on));
    *state = l;
    return 0;
}

static int down(void **state)
{
    struct line *l = *state;

    rig_down(&l->rig);
    console_free(l->con);
    close(l->fd);
    free(l);
    return 0;
}

static bool interrupted(struct line *l)
{
    return atomic_load(&l->rig.v->cpu.irq) & CPU_IRQ_EXTERNAL;
}

static void wait_interrupt(struct line *l)
{
    WAIT_FOR(interrupted(l));
}

static void end_interrupt(struct line *l)
{
    xics_eoi(papr_xics(l->rig.p), 0, xics_accept(papr_xics(l->rig.p), 0));
}

static void type(struct line *l, const void *data, size_t len)
{
    assert_int_equal(write(l->fd, data, len), len);
}

/* What one H_GET_TERM_CHAR answers. */
static size_t get(struct line *l, uint8_t bytes[16])
{
    assert_int_equal(H(&l->rig, GET, VTY_REG), H_SUCCESS);
    be64_put(bytes, l->rig.r5);
    be64_put(bytes + 8, l->rig.r6);
    return l->rig.r4;
}

static void arguments_are_checked(void **state)
{
    struct line *l = *state;

    assert_int_equal(H(&l->rig, PUT, VTY_REG + 1, 1, 0, 0), H_PARAMETER);
    assert_int_equal(H(&l->rig, PUT, VTY_REG, 17, 0, 0), H_PARAMETER);
    assert_int_equal(H(&l->rig, PUT, VTY_REG, UINT64_MAX, 0, 0), H_PARAMETER);
    assert_int_equal(H(&l->rig, PUT, VTY_REG, 0, 0, 0), H_SUCCESS);
    assert_int_equal(H(&l->rig, PUT, 1ull << 32 | VTY_REG, 1, 0, 0), H_PARAMETER);
    assert_int_equal(H(&l->rig, GET, 5), H_PARAMETER);
    assert_int_equal(H(&l->rig, GET, 0), H_SUCCESS);
    assert_int_equal(l->rig.r4, 0);
    assert_int_equal(H(&l->rig, VIO_SIGNAL, 5, 1), H_PARAMETER);
    assert_int_equal(H(&l->rig, VIO_SIGNAL, VTY_REG, 2), H_PARAMETER);
}

static void output_arrives_in_order(void **state)
{
    struct line *l = *state;
    char got[32] = { 0 };

    assert_int_equal(H(&l->rig, PUT, VTY_REG, 16, 0x3031323334353637, 0x3839616263646566), H_SUCCESS);
    assert_int_equal(H(&l->rig, PUT, 0, 3, 0x6768690000000000, 0), H_SUCCESS);
    for (size_t n = 0; n < 19;) {
        ssize_t k = read(l->fd, got + n, sizeof(got) - 1 - n);

        assert_true(k > 0);
        n += (size_t)k;
    }
    assert_string_equal(got, "0123456789abcdefghi");
}

/* A client that does not read: H_BUSY in the end, and later nothing is missing or doubled. */
static void a_slow_reader_makes_the_guest_wait_and_loses_nothing(void **state)
{
    struct line *l = *state;
    uint64_t sent = 0, received = 0;
    bool busy = false;

    while (!busy && sent < 1u << 24) {
        int64_t status = H(&l->rig, PUT, VTY_REG, 16, sent, sent + 1);

        busy = status == H_BUSY;
        sent += busy ? 0 : 2;
    }
    assert_true(busy);
    for (unsigned more = 0; more < 1000 || received < sent;) {
        uint8_t be[8];

        if (more < 1000 && H(&l->rig, PUT, VTY_REG, 8, sent, 0) == H_SUCCESS) {
            sent++;
            more++;
        }
        assert_int_equal(recv(l->fd, be, 8, MSG_WAITALL), 8);
        assert_int_equal(be64_get(be), received++);
    }
}

static void input_interrupts_and_is_read(void **state)
{
    struct line *l = *state;
    uint8_t b[16];

    assert_false(interrupted(l));
    type(l, "hello, world, hello", 19);
    wait_interrupt(l);
    end_interrupt(l);
    assert_int_equal(get(l, b), 16);
    assert_memory_equal(b, "hello, world, he", 16);
    assert_int_equal(get(l, b), 3);
    assert_memory_equal(b, "llo\0\0\0", 6);
    assert_int_equal(get(l, b), 0);
    type(l, "x", 1);
    wait_interrupt(l);
    assert_int_equal(get(l, b), 1);
}

static void signals_off_are_made_up_for(void **state)
{
    struct line *l = *state;
    uint8_t b[16];

    assert_int_equal(H(&l->rig, VIO_SIGNAL, VTY_REG, 0), H_SUCCESS);
    type(l, "y", 1);
    settle(l);
    assert_false(interrupted(l));
    assert_int_equal(H(&l->rig, VIO_SIGNAL, VTY_REG, 1), H_SUCCESS);
    wait_interrupt(l);
    assert_int_equal(get(l, b), 1);
    assert_int_equal(b[0], 'y');
}

static void a_nul_never_follows_a_return_in_one_answer(void **state)
{
    struct line *l = *state;
    uint8_t b[16];

    type(l, "ab\r\0cd\r\0", 8);
    wait_interrupt(l);
    assert_int_equal(get(l, b), 3);
    assert_memory_equal(b, "ab\r", 3);
    assert_int_equal(get(l, b), 4);
    assert_memory_equal(b, "\0cd\r", 4);
    assert_int_equal(get(l, b), 1);
    assert_int_equal(b[0], 0);
}

static void without_a_console_output_vanishes(void **unused)
{
    struct rig r;

    (void)unused;
    rig_up(&r, 1, ISA_LEVEL_3_00, NULL);
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(H(&r, PUT, VTY_REG, 16, 1, 2), H_SUCCESS);
    assert_int_equal(H(&r, GET, VTY_REG), H_SUCCESS);
    assert_int_equal(r.r4, 0);
    rig_down(&r);
}

#define T(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(arguments_are_checked),
        T(output_arrives_in_order),
        T(a_slow_reader_makes_the_guest_wait_and_loses_nothing),
        T(input_interrupts_and_is_read),
        T(signals_off_are_made_up_for),
        T(a_nul_never_follows_a_return_in_one_answer),
        cmocka_unit_test(without_a_console_output_vanishes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
