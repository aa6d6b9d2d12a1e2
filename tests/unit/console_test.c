/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/unix_socket.h"
#include "dev/console.h"
#include "tests/unit/wait.h"

static char dir[] = "/tmp/paprika-console-XXXXXX";

static char *in_dir(const char *prefix, const char *name, char *buf)
{
    snprintf(buf, 128, "%s%s/%s", prefix, dir, name);
    return buf;
}

static void a_wrong_place_is_refused_with_the_fix(void **unused)
{
    static const char *const bad[] = { "tcp:1", "", "stdio:x", "file:", "file", "unix:", "nonesuch", "none:" };
    struct error err;

    (void)unused;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_null(console_new(bad[i], &err));
        assert_non_null(strstr(err.msg, "use stdio, file:PATH, unix:PATH or none"));
    }
    assert_null(console_new("file:/nonexistent/x", &err));
    assert_non_null(strstr(err.msg, "/nonexistent/x: No such file"));
}

static void a_file_gets_every_byte(void **unused)
{
    char spec[128], line[32], *want = NULL, *have;
    size_t want_bytes, sent = 0;
    FILE *f = open_memstream(&want, &want_bytes);
    struct console *con = console_new(in_dir("file:", "out", spec), NULL);

    (void)unused;
    assert_non_null(con);
    for (int i = 0; i < 100000; i++)
        fprintf(f, "line %d\n", i);
    fclose(f);
    while (sent < want_bytes)
        sent += console_write(con, want + sent, want_bytes - sent < 16 ? want_bytes - sent : 16);
    assert_int_equal(console_drain(con, WAIT_NS), 0);
    assert_int_equal(console_read(con, line, sizeof(line)), 0);
    console_free(con);
    f = fopen(in_dir("", "out", spec), "r");
    have = malloc(want_bytes + 1);
    assert_int_equal(fread(have, 1, want_bytes + 1, f), want_bytes);
    assert_memory_equal(have, want, want_bytes);
    fclose(f);
    free(have);
    free(want);
}

static void nowhere_takes_everything(void **unused)
{
    struct console *con = console_new("none", NULL);

    (void)unused;
    assert_int_equal(console_write(con, "abc", 3), 3);
    assert_int_equal(console_drain(con, 0), 0);
    console_free(con);
}

static void count_notify(void *opaque)
{
    __atomic_add_fetch((int *)opaque, 1, __ATOMIC_SEQ_CST);
}

static size_t read_all(int fd, char *to, size_t want)
{
    size_t n = 0;

    while (n < want) {
        struct pollfd p = { fd, POLLIN, 0 };
        ssize_t got;

        if (poll(&p, 1, WAIT_MS) <= 0 || (got = read(fd, to + n, want - n)) <= 0)
            break;
        n += (size_t)got;
    }
    return n;
}

static size_t console_read_all(struct console *con, char *to, size_t want)
{
    size_t n = 0;

    WAIT_FOR((n += console_read(con, to + n, want - n)) == want);
    return n;
}

/* The console's thread has seen all that the client did: of two calls it ran the second after a look at every
 * descriptor since the first. */
static void settle(struct console *con)
{
    console_set_escape(con, NULL, NULL);
    console_set_escape(con, NULL, NULL);
}

static void a_socket_serves_one_client_after_the_other(void **unused)
{
    char path[128], spec[128], buf[8192];
    int fd, notified = 0;
    struct console *con = console_new(in_dir("unix:", "sock", spec), NULL);

    (void)unused;
    assert_non_null(con);
    assert_null(console_new(spec, NULL));       /* in use */
    console_set_notify(con, count_notify, &notified);
    console_write(con, "early ", 6);
    fd = unix_socket_connect(in_dir("", "sock", path), NULL);
    assert_true(fd >= 0);
    assert_int_equal(read_all(fd, buf, 6), 6);
    assert_memory_equal(buf, "early ", 6);
    assert_int_equal(write(fd, "hello", 5), 5);
    assert_int_equal(console_read_all(con, buf, 5), 5);
    assert_memory_equal(buf, "hello", 5);
    assert_true(__atomic_load_n(&notified, __ATOMIC_SEQ_CST) > 0);
    /* more than the input ring holds waits in the socket */
    memset(buf, 'x', sizeof(buf));
    assert_int_equal(write(fd, buf, sizeof(buf)), sizeof(buf));
    settle(con);
    memset(buf, 0, sizeof(buf));
    assert_int_equal(console_read_all(con, buf, sizeof(buf)), sizeof(buf));
    assert_true(buf[0] == 'x' && buf[sizeof(buf) - 1] == 'x');
    close(fd);
    settle(con);
    console_write(con, "later", 5);
    fd = unix_socket_connect(path, NULL);
    assert_int_equal(read_all(fd, buf, 5), 5);
    assert_memory_equal(buf, "later", 5);
    close(fd);
    console_free(con);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_socket_without_client_keeps_the_last_output(void **unused)
{
    char path[128], spec[128], *buf = malloc(70000), line[17];
    int fd;
    struct console *con = console_new(in_dir("unix:", "sock", spec), NULL);

    (void)unused;
    for (int i = 0; i < 10000; i++) {
        snprintf(line, sizeof(line), "%015d\n", i);
        assert_int_equal(console_write(con, line, 16), 16);
    }
    fd = unix_socket_connect(in_dir("", "sock", path), NULL);
    assert_int_equal(read_all(fd, buf, 65536), 65536);
    assert_memory_equal(buf + 65536 - 16, "000000000009999\n", 16);
    assert_memory_equal(buf, "000000000005904\n", 16);
    close(fd);
    console_free(con);
    free(buf);
}

static void a_slow_reader_makes_the_ring_full_and_nobody_wait(void **unused)
{
    enum { MOST = 64 << 20 };           /* of both rings and what the kernel takes */
    char path[128], spec[128], *buf = calloc(1, MOST);
    size_t sent = 0, n = 1;
    int fd;
    struct console *con = console_new(in_dir("unix:", "sock", spec), NULL);

    (void)unused;
    fd = unix_socket_connect(in_dir("", "sock", path), NULL);
    settle(con);
    while (n && sent < MOST - 8192) {
        n = console_write(con, buf, 4096);
        if (!n) {
            settle(con);
            n = console_write(con, buf, 4096);
        }
        sent += n;
    }
    assert_int_equal(n, 0);
    assert_int_equal(console_drain(con, 1000000), -ETIMEDOUT);
    assert_int_equal(read_all(fd, buf, sent), sent);
    assert_int_equal(console_drain(con, WAIT_NS), 0);
    close(fd);
    console_free(con);
    free(buf);
}

/* A process with a console on a terminal of its own; it runs until it is told to end. */
struct term {
    int master, slave;
    pid_t pid;
};

static struct console *child_con;

static void child_escape(void *opaque, char key)
{
    (void)opaque;
    if (key == 'x')
        console_write(child_con, "escape x", 8);
    if (key == 'q') {
        console_drain(child_con, 10000000);
        kill(getpid(), SIGUSR1);
    }
}

static void child_echo(void *opaque)
{
    char c[64];
    size_t n = console_read(child_con, c, sizeof(c));

    (void)opaque;
    console_write(child_con, c, n);
}

static void term_start(struct term *t)
{
    t->master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(t->master >= 0 && grantpt(t->master) == 0 && unlockpt(t->master) == 0);
    t->slave = open(ptsname(t->master), O_RDWR | O_NOCTTY);
    t->pid = fork();
    if (t->pid == 0) {
        sigset_t usr1;
        int sig;

        for (sig = 1; sig < 32; sig++)
            signal(sig, SIG_DFL);
        sigemptyset(&usr1);
        sigaddset(&usr1, SIGUSR1);
        sigprocmask(SIG_BLOCK, &usr1, NULL);
        setsid();
        ioctl(t->slave, TIOCSCTTY, 0);
        dup2(t->slave, 0);
        dup2(t->slave, 1);
        close(t->master);
        child_con = console_new("stdio", NULL);
        if (!child_con || !console_escape_help(child_con))
            _exit(9);
        console_set_escape(child_con, child_escape, NULL);
        console_set_notify(child_con, child_echo, NULL);
        console_write(child_con, "ready", 5);
        sigwait(&usr1, &sig);
        console_free(child_con);
        _exit(0);
    }
}

static bool is_raw(const struct term *t)
{
    struct termios now;

    assert_int_equal(tcgetattr(t->slave, &now), 0);
    return !(now.c_lflag & ICANON);
}

static void term_expect(const struct term *t, const char *text)
{
    char buf[64] = { 0 };

    assert_int_equal(read_all(t->master, buf, strlen(text)), strlen(text));
    assert_string_equal(buf, text);
}

static void term_end(struct term *t, int sig)
{
    int status;

    if (sig)
        kill(t->pid, sig);
    assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
    assert_true(sig == SIGUSR1 || sig == 0 ? WIFEXITED(status) : WIFSIGNALED(status));
    WAIT_FOR(!is_raw(t));
    close(t->master);
    close(t->slave);
}

static void a_terminal_passes_bytes_and_the_escape_key(void **unused)
{
    struct term t;

    (void)unused;
    term_start(&t);
    term_expect(&t, "ready");
    assert_true(is_raw(&t));
    assert_int_equal(write(t.master, "a\003b", 3), 3);
    term_expect(&t, "a\003b");
    assert_int_equal(write(t.master, "\001x", 2), 2);
    term_expect(&t, "escape x");
    assert_int_equal(write(t.master, "\001\001\001ac", 5), 5);
    term_expect(&t, "\001\001c");
    assert_int_equal(write(t.master, "\001q", 2), 2);
    term_end(&t, 0);
}

static void the_terminal_is_restored_however_the_process_ends(void **unused)
{
    static const int sigs[] = { SIGUSR1, SIGTERM, SIGKILL, SIGSEGV, SIGABRT };

    (void)unused;
    for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
        struct term t;

        term_start(&t);
        term_expect(&t, "ready");
        assert_true(is_raw(&t));
        term_end(&t, sigs[i]);
    }
}

static int make_dir(void **unused)
{
    (void)unused;
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **unused)
{
    char path[128];

    (void)unused;
    unlink(in_dir("", "out", path));
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_place_is_refused_with_the_fix),
        cmocka_unit_test(a_file_gets_every_byte),
        cmocka_unit_test(nowhere_takes_everything),
        cmocka_unit_test(a_socket_serves_one_client_after_the_other),
        cmocka_unit_test(a_socket_without_client_keeps_the_last_output),
        cmocka_unit_test(a_slow_reader_makes_the_ring_full_and_nobody_wait),
        cmocka_unit_test(a_terminal_passes_bytes_and_the_escape_key),
        cmocka_unit_test(the_terminal_is_restored_however_the_process_ends),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
