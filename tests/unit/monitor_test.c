/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor against a machine that only counts. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/thread.h"
#include "base/unix_socket.h"
#include "base/version.h"
#include "monitor/monitor.h"
#include "tests/unit/fake_memory.h"
#include "tests/unit/fake_stats.h"
#include "tests/unit/wait.h"

#define MONITOR_TEST_CLIENTS 70

/* The machine's side. */
static struct fake {
    _Atomic enum papr_status status;
    _Atomic int resets, powerdowns, quits;
    struct monitor *monitor;
} machine;

#define MACHINE ((struct papr *)&machine)

enum papr_status papr_status(const struct papr *p)
{
    return ((const struct fake *)p)->status;
}

int papr_stop(struct papr *p, struct error *err)
{
    if (papr_status(p) != PAPR_RUNNING)
        return error_set(err, EINVAL, "the machine is not running");
    machine.status = PAPR_PAUSED;
    monitor_event(machine.monitor, &(struct papr_event){ .kind = PAPR_EVENT_STOP });
    return 0;
}

int papr_cont(struct papr *p, struct error *err)
{
    (void)p;
    (void)err;
    machine.status = PAPR_RUNNING;
    monitor_event(machine.monitor, &(struct papr_event){ .kind = PAPR_EVENT_RESUME });
    return 0;
}

void papr_request_reset(struct papr *p)
{
    (void)p;
    machine.resets++;
}

void papr_request_powerdown(struct papr *p)
{
    (void)p;
    machine.powerdowns++;
}

void papr_request_quit(struct papr *p, const char *why)
{
    (void)p;
    (void)why;
    machine.quits++;
}

/* A client. */
struct client {
    int fd;
    FILE *in;
};

static struct client connect_client(struct monitor *m)
{
    struct client c;
    int fd[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    assert_int_equal(monitor_adopt(m, fd[0], NULL), 0);
    c.fd = fd[1];
    c.in = fdopen(fd[1], "r");
    return c;
}

static void leave(struct client *c)
{
    fclose(c->in);
}

static void say(struct client *c, const char *text)
{
    assert_int_equal(send(c->fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static json_t *hear(struct client *c)
{
    char *line = NULL;
    size_t cap = 0;
    json_t *v;

    if (getline(&line, &cap, c->in) <= 0) {
        free(line);
        return NULL;
    }
    v = json_loads(line, 0, NULL);
    assert_non_null(v);
    free(line);
    return v;
}

static void expect(struct client *c, const char *want)
{
    json_t *have = hear(c), *want_json = json_loads(want, 0, NULL);

    assert_non_null(want_json);
    if (!json_equal(have, want_json))
        fail_msg("have %s\nwant %s", json_dumps(have, 0), want);
    json_decref(have);
    json_decref(want_json);
}

static void expect_error(struct client *c, const char *class, const char *part)
{
    json_t *have = hear(c), *e = json_object_get(have, "error");

    assert_non_null(e);
    assert_string_equal(json_string_value(json_object_get(e, "class")), class);
    if (!strstr(json_string_value(json_object_get(e, "desc")), part))
        fail_msg("%s", json_dumps(have, 0));
    json_decref(have);
}

static void expect_event(struct client *c, const char *name)
{
    json_t *have = hear(c), *stamp = json_object_get(have, "timestamp");

    assert_string_equal(json_string_value(json_object_get(have, "event")), name);
    assert_true(json_integer_value(json_object_get(stamp, "seconds")) > 1600000000);
    assert_true(json_integer_value(json_object_get(stamp, "microseconds")) < 1000000);
    json_decref(have);
}

static struct client ready_client(struct monitor *m)
{
    struct client c = connect_client(m);

    json_decref(hear(&c));
    say(&c, "{\"execute\":\"qmp_capabilities\"}");
    expect(&c, "{\"return\":{}}");
    return c;
}

static int setup(void **state)
{
    machine = (struct fake){ .status = PAPR_RUNNING };
    machine.monitor = monitor_new(MACHINE, NULL);
    *state = machine.monitor;
    return machine.monitor ? 0 : -1;
}

static int teardown(void **state)
{
    monitor_free(*state);
    return 0;
}

static void greeting_then_negotiation_then_commands(void **state)
{
    struct client c = connect_client(*state);
    json_t *v = hear(&c), *qmp = json_object_get(v, "QMP");

    assert_true(json_is_array(json_object_get(qmp, "capabilities")));
    assert_string_equal(json_string_value(json_object_get(json_object_get(qmp, "version"), "package")),
                        "paprika " PAPRIKA_VERSION);
    json_decref(v);
    say(&c, "{\"execute\":\"query-status\"}");
    expect_error(&c, "CommandNotFound", "Expecting capabilities negotiation");
    say(&c, "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]}}");
    expect_error(&c, "GenericError", "capabilities");
    say(&c, "{\"execute\":\"qmp_capabilities\",\"id\":1}");
    expect(&c, "{\"return\":{},\"id\":1}");
    say(&c, "{\"execute\":\"qmp_capabilities\"}");
    expect_error(&c, "CommandNotFound", "already complete");
    say(&c, "{\"execute\":\"query-status\",\"id\":{\"any\":[1,null]}}");
    expect(&c, "{\"return\":{\"running\":true,\"singlestep\":false,\"status\":\"running\"},\"id\":{\"any\":[1,null]}}");
    leave(&c);
}

static int number_at(const json_t *v, const char *a, const char *b, const char *c)
{
    return (int)json_integer_value(json_object_get(json_object_get(json_object_get(v, a), b), c));
}

static void every_command_is_listed_and_runs(void **state)
{
    struct client c = ready_client(*state);
    json_t *v, *row;
    size_t i;

    say(&c, "{\"execute\":\"query-commands\"}");
    v = hear(&c);
    assert_true(json_array_size(json_object_get(v, "return")) >= 9);
    json_array_foreach(json_object_get(v, "return"), i, row)
        assert_true(json_is_string(json_object_get(row, "name")));
    json_decref(v);
    say(&c, "{\"execute\":\"x-query-engine-stats\"}");
    v = hear(&c);
    row = json_object_get(v, "return");
    assert_int_equal(json_integer_value(json_object_get(row, "instructions")), 7);
    assert_int_equal(number_at(row, "exits", "hcall", "count"), 3);
    assert_int_equal(number_at(row, "exits", "hcall", "ns"), 90);
    assert_int_equal(number_at(row, "hcalls", "H_CEDE", "count"), 2);
    row = json_object_get(row, "tlb-misses");
    assert_int_equal(number_at(row, "write", "second-level", "16M"), 11);
    json_decref(v);
    say(&c, "{\"execute\":\"x-query-c-calls\"}");
    v = hear(&c);
    row = json_object_get(v, "return");
    assert_int_equal(json_object_size(row), 2);
    assert_int_equal(json_integer_value(json_object_get(row, "wait")), 3);
    json_decref(v);
    say(&c, "{\"execute\":\"query-version\"}");
    v = hear(&c);
    assert_non_null(json_object_get(json_object_get(v, "return"), "qemu"));
    json_decref(v);
    say(&c, "{\"execute\":\"system_reset\"}{\"execute\":\"system_powerdown\"}\n\n{\"execute\":\"quit\"}");
    for (int n = 0; n < 3; n++)
        expect(&c, "{\"return\":{}}");
    WAIT_FOR(machine.quits);
    assert_int_equal(machine.resets, 1);
    assert_int_equal(machine.powerdowns, 1);
    assert_int_equal(machine.quits, 1);
    leave(&c);
}

static void stop_and_cont_are_seen_by_all_clients(void **state)
{
    struct client a = ready_client(*state), b = ready_client(*state), silent = connect_client(*state);

    json_decref(hear(&silent));
    say(&a, "{\"execute\":\"stop\"}");
    expect(&a, "{\"return\":{}}");
    expect_event(&a, "STOP");
    expect_event(&b, "STOP");
    say(&b, "{\"execute\":\"stop\"}");
    expect_error(&b, "GenericError", "not running");
    say(&b, "{\"execute\":\"query-status\"}");
    expect(&b, "{\"return\":{\"running\":false,\"singlestep\":false,\"status\":\"paused\"}}");
    say(&b, "{\"execute\":\"cont\"}");
    expect(&b, "{\"return\":{}}");
    expect_event(&b, "RESUME");
    expect_event(&a, "RESUME");
    say(&silent, "{\"execute\":\"qmp_capabilities\"}");
    expect(&silent, "{\"return\":{}}");     /* events before its negotiation were not for it */
    leave(&a);
    leave(&b);
    leave(&silent);
}

static void events_carry_their_data(void **state)
{
    struct client c = ready_client(*state);
    static const struct {
        struct papr_event ev;
        const char *name, *data;
    } rows[] = {
        { { PAPR_EVENT_SHUTDOWN, true, "guest-shutdown" }, "SHUTDOWN",
          "{\"guest\":true,\"reason\":\"guest-shutdown\"}" },
        { { PAPR_EVENT_SHUTDOWN, false, "host-signal" }, "SHUTDOWN", "{\"guest\":false,\"reason\":\"host-signal\"}" },
        { { PAPR_EVENT_RESET, false, NULL }, "RESET", "{\"guest\":false,\"reason\":\"host-qmp-system-reset\"}" },
        { { PAPR_EVENT_RESET, true, NULL }, "RESET", "{\"guest\":true,\"reason\":\"guest-reset\"}" },
        { { PAPR_EVENT_GUEST_PANICKED, true, "oops" }, "GUEST_PANICKED",
          "{\"action\":\"shutdown\",\"text\":\"oops\"}" },
        { { PAPR_EVENT_GUEST_PANICKED, true, "\xff\xfe" }, "GUEST_PANICKED",
          "{\"action\":\"shutdown\",\"text\":\"\"}" },
        { { PAPR_EVENT_INTERNAL_ERROR, false, "why" }, "INTERNAL_ERROR", "{\"text\":\"why\"}" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *v, *want = json_loads(rows[i].data, 0, NULL);

        monitor_event(*state, &rows[i].ev);
        v = hear(&c);
        assert_string_equal(json_string_value(json_object_get(v, "event")), rows[i].name);
        assert_true(json_equal(json_object_get(v, "data"), want));
        json_decref(v);
        json_decref(want);
    }
    leave(&c);
}

static void wrong_input_is_answered_and_the_next_command_works(void **state)
{
    static const struct {
        const char *text, *class, *part;
    } rows[] = {
        { "hello\n", "GenericError", "JSON parse error" },
        { "{\"execute\":}", "GenericError", "JSON parse error" },
        { "[1,2]", "GenericError", "must be a JSON object" },
        { "{}", "GenericError", "lacks member 'execute'" },
        { "{\"execute\":1}", "GenericError", "must be a string" },
        { "{\"execute\":\"stop\",\"extra\":1}", "GenericError", "'extra' is unexpected" },
        { "{\"exec-oob\":\"stop\"}", "GenericError", "'exec-oob' is unexpected" },
        { "{\"execute\":\"stop\",\"arguments\":[]}", "GenericError", "must be an object" },
        { "{\"execute\":\"stop\",\"arguments\":{\"x\":1}}", "GenericError", "'x' is unexpected" },
        { "{\"execute\":\"frobnicate\"}", "CommandNotFound",
          "The command frobnicate has not been found; query-commands lists them" },
        { "{\"execute\":\"stop\",\"execute\":\"cont\"}", "GenericError", "JSON parse error" },
        { "{\"execute\":\"\xc3\x28\"}", "GenericError", "JSON parse error" },
        { "}}}}\n", "GenericError", "expecting an object" },
    };
    struct client c = ready_client(*state);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        say(&c, rows[i].text);
        expect_error(&c, rows[i].class, rows[i].part);
        say(&c, "{\"execute\":\"system_reset\"}");
        expect(&c, "{\"return\":{}}");
    }
    say(&c, "{\"execute\":\"sto\xff{\"execute\":\"system_reset\"}");     /* back in step */
    expect(&c, "{\"return\":{}}");
    leave(&c);
}

#define CORE "power9_v2.2-spapr-cpu-core"

static void command(struct client *c, const char *name, const char *arguments)
{
    char text[256];

    snprintf(text, sizeof(text), "{\"execute\":\"%s\",\"arguments\":{%s}}", name, arguments);
    say(c, text);
}

static void processors_are_devices(void **state)
{
    static const struct {
        const char *name, *arguments, *class, *part;
    } rows[] = {
        { "device_add", "\"driver\":\"" CORE "\"", "GenericError",
          "'core-id' is missing" },
        { "device_add", "\"driver\":\"" CORE "\",\"core-id\":1,\"memdev\":\"m\"", "GenericError",
          "no 'memdev'" },
        { "device_add", "\"driver\":\"" CORE "\",\"core-id\":0", "GenericError",
          "there already" },
        { "device_add", "\"driver\":\"" CORE "\",\"core-id\":1,\"id\":\"a b\"", "GenericError",
          "expects an identifier" },
        { "device_add", "\"driver\":\"pc-dimm\"", "GenericError",
          "'memdev' property is not set" },
        { "device_add", "\"driver\":\"power8_v2.0-spapr-cpu-core\",\"core-id\":1", "GenericError",
          "not a valid device model" },
        { "device_del", "\"id\":\"/machine/peripheral/CPU 0\"", "GenericError",
          "first processor stays" },
        { "device_del", "\"id\":\"CPU 1\"", "DeviceNotFound",
          "not found" },
    };
    struct client c = ready_client(*state);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        command(&c, rows[i].name, rows[i].arguments);
        expect_error(&c, rows[i].class, rows[i].part);
    }
    command(&c, "device_add", "\"driver\":\"" CORE "\",\"core-id\":1,\"id\":\"c1\"");
    expect(&c, "{\"return\":{}}");
    leave(&c);
}

static void oversized_and_deep_input_is_refused(void **state)
{
    struct client c = ready_client(*state);
    size_t len = 3u << 20;
    char *big = malloc(len + 1);

    memset(big, 'x', len);
    memcpy(big, "{\"a\":\"", 6);
    big[len] = 0;
    say(&c, big);
    expect_error(&c, "GenericError", "longer than");
    memset(big, '[', 1000);
    big[0] = '\n';
    big[1000] = '\n';
    big[1001] = 0;
    say(&c, big);
    expect_error(&c, "GenericError", "deeper than");
    say(&c, "{\"execute\":\"system_reset\"}");
    expect(&c, "{\"return\":{}}");
    free(big);
    leave(&c);
}

static void a_command_may_come_byte_by_byte(void **state)
{
    struct client c = ready_client(*state);
    const char text[] = "{ \"execute\" : \"system_reset\", \"id\": \"}\\\"{\" }";

    for (size_t i = 0; i < sizeof(text) - 1; i++)
        assert_int_equal(send(c.fd, text + i, 1, 0), 1);
    expect(&c, "{\"return\":{},\"id\":\"}\\\"{\"}");
    leave(&c);
}

static void a_client_that_never_reads_is_dropped_and_others_are_served(void **state)
{
    struct client deaf = ready_client(*state), c = ready_client(*state);
    char flood[4096] = "";
    for (int i = 0; i < 100; i++)
        strcat(flood, "{\"execute\":\"query-commands\"}");
    while (send(deaf.fd, flood, strlen(flood), MSG_NOSIGNAL) >= 0)
        ;
    assert_true(errno == EPIPE || errno == ECONNRESET);         /* closed */
    say(&c, "{\"execute\":\"system_reset\"}");
    expect(&c, "{\"return\":{}}");
    leave(&deaf);
    leave(&c);
}

static void a_socket_takes_many_clients_and_goes_with_the_monitor(void **state)
{
    char path[64];
    struct client c[MONITOR_TEST_CLIENTS];

    snprintf(path, sizeof(path), "/tmp/paprika-qmp-%d", getpid());
    assert_int_equal(monitor_listen(*state, path, NULL), 0);
    for (int i = 0; i < MONITOR_TEST_CLIENTS; i++) {
        c[i].fd = unix_socket_connect(path, NULL);
        assert_true(c[i].fd >= 0);
        c[i].in = fdopen(c[i].fd, "r");
    }
    for (int i = 0; i < 60; i++)
        json_decref(hear(&c[i]));
    for (int i = 0; i < 60; i++)
        leave(&c[i]);
    for (int i = 60; i < MONITOR_TEST_CLIENTS; i++) {       /* those beyond the limit waited */
        json_decref(hear(&c[i]));
        leave(&c[i]);
    }
    monitor_free(*state);
    assert_int_equal(access(path, F_OK), -1);
    *state = monitor_new(MACHINE, NULL);
}

/* All descriptors but those kept; returns how many this took. */
static int take_descriptors(int *fd, int room)
{
    int n = 0;

    while (n < room && (fd[n] = dup(STDERR_FILENO)) >= 0)
        n++;
    assert_true(n < room && errno == EMFILE);
    return n;
}

/* Its clients wait, and the monitor sleeps meanwhile: with no client at all nothing but time
 * tells it that there are descriptors again. */
static void a_client_waits_while_descriptors_are_out(void **state)
{
    struct rlimit few, old;
    struct client c;
    char path[64];
    int fd[32], n;
    int64_t cpu;

    snprintf(path, sizeof(path), "/tmp/paprika-qmp-%d", getpid());
    assert_int_equal(monitor_listen(*state, path, NULL), 0);
    assert_int_equal(monitor_listen(*state, path, NULL), -EBUSY);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    fd[0] = dup(STDERR_FILENO);
    few = (struct rlimit){ (rlim_t)fd[0] + 16, old.rlim_max };
    close(fd[0]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    n = take_descriptors(fd, 32);
    close(fd[--n]);
    c.fd = unix_socket_connect(path, NULL);             /* takes the last one */
    assert_true(c.fd >= 0);
    cpu = time_read_ns(CLOCK_PROCESS_CPUTIME_ID);
    assert_int_equal(poll(&(struct pollfd){ c.fd, POLLIN, 0 }, 1, 500), 0);
    cpu = time_read_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (cpu > 200000000)
        fail_msg("waiting took %lld ms of a processor", (long long)cpu / 1000000);
    while (n)
        close(fd[--n]);
    setrlimit(RLIMIT_NOFILE, &old);
    c.in = fdopen(c.fd, "r");
    json_decref(hear(&c));
    leave(&c);
}

static void the_last_event_is_told_before_the_end(void **state)
{
    struct client c = ready_client(*state);

    monitor_event(*state, &(struct papr_event){ .kind = PAPR_EVENT_SHUTDOWN, .guest = true });
    monitor_free(*state);
    expect_event(&c, "SHUTDOWN");
    assert_null(hear(&c));
    leave(&c);
    *state = monitor_new(MACHINE, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(greeting_then_negotiation_then_commands, setup, teardown),
        cmocka_unit_test_setup_teardown(every_command_is_listed_and_runs, setup, teardown),
        cmocka_unit_test_setup_teardown(stop_and_cont_are_seen_by_all_clients, setup, teardown),
        cmocka_unit_test_setup_teardown(events_carry_their_data, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_input_is_answered_and_the_next_command_works, setup, teardown),
        cmocka_unit_test_setup_teardown(processors_are_devices, setup, teardown),
        cmocka_unit_test_setup_teardown(oversized_and_deep_input_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_command_may_come_byte_by_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_that_never_reads_is_dropped_and_others_are_served, setup, teardown),
        cmocka_unit_test_setup_teardown(a_socket_takes_many_clients_and_goes_with_the_monitor, setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_waits_while_descriptors_are_out, setup, teardown),
        cmocka_unit_test_setup_teardown(the_last_event_is_told_before_the_end, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
