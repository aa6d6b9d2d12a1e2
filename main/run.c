/* SPDX-License-Identifier: Apache-2.0 */
/* main/run.c - `paprika run`: console, machine, monitor and signals of one machine, from the first to the last.
 *
 * Threads: main waits for the machine; the machine's threads tell events; the console's thread takes the escape key;
 * one thread takes signals.  What they share is below. */
#include "main/report.h"
#include "main/run_opts.h"

#include "base/lock.h"
#include "base/thread.h"
#include "dev/console.h"
#include "monitor/monitor.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define DRAIN_NS 1000000000LL

struct run {
    struct run_opts opts;
    struct report report;
    struct console *console;
    struct papr *machine;
    pthread_t signal_thread;
    bool signals_taken;

    struct lock lock;
    struct monitor *monitor GUARDED_BY(lock);   /* events come to it until main takes it away */
    bool guest_ended GUARDED_BY(lock);          /* the guest powered itself off */
    char message[512] GUARDED_BY(lock);         /* a guest's or our own last words */
};

static void on_event(void *opaque, const struct papr_event *ev)
{
    struct run *r = opaque;

    lock_take(&r->lock);
    if (ev->kind == PAPR_EVENT_SHUTDOWN)
        r->guest_ended = ev->guest;
    if (ev->kind == PAPR_EVENT_GUEST_PANICKED || ev->kind == PAPR_EVENT_INTERNAL_ERROR)
        snprintf(r->message, sizeof(r->message), "%s", ev->text ? ev->text : "");
    if (r->monitor)
        monitor_event(r->monitor, ev);
    lock_drop(&r->lock);
}

static void toggle(struct papr *p)
{
    if (papr_status(p) == PAPR_RUNNING)
        papr_stop(p, NULL);
    else
        papr_cont(p, NULL);
}

static void show_escape_help(const struct run *r)
{
    const char *help = console_escape_help(r->console);

    if (help)
        fprintf(stderr, "paprika: %s\n", help);
}

static void on_escape(void *opaque, char key)
{
    struct run *r = opaque;

    if (key == 'x')
        papr_request_quit(r->machine, "host-ui");
    else if (key == 'p')
        papr_request_powerdown(r->machine);
    else if (key == 's')
        toggle(r->machine);
    else
        show_escape_help(r);
}

static void ending_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
    sigaddset(set, SIGQUIT);
    sigaddset(set, SIGUSR1);    /* our own: main has finished */
}

/* The first signal asks the machine to end; a second one, when that does not help, ends the process. */
static void *signal_main(void *opaque)
{
    struct run *r = opaque;
    sigset_t set;
    int sig, times = 0;

    ending_signals(&set);
    for (;;) {
        if (sigwait(&set, &sig) != 0)
            continue;
        if (sig == SIGUSR1)
            return NULL;
        if (times++)
            _exit(EXIT_STATUS_VMM);
        papr_request_quit(r->machine, "host-signal");
    }
}

static bool show_prealloc(void *opaque, uint64_t done, uint64_t total)
{
    (void)opaque;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, done < total ? "\rpaprika: took %.1f of %.1f GiB" : "\r\033[K", (double)done / (1 << 30),
                (double)total / (1 << 30));
    return true;
}

static void set_policy(struct ram_policy *p, const struct run_opts *o)
{
    static const unsigned shifts[] = { 0, 0, 21, 30 };      /* in the order of --huge-pages */

    p->huge_shift = shifts[o->huge_pages];
    p->no_huge = o->huge_pages == 1;
    p->node_plus_1 = (int)(o->numa_node + 1);          /* any: 0 */
    p->reserve = o->reserve;
    p->prealloc = o->prealloc;
    p->progress = o->prealloc ? show_prealloc : NULL;
}

static int start(struct run *r, struct error *err)
{
    const struct run_opts *o = &r->opts;
    struct papr_config cfg = {
        .kernel = o->kernel, .initrd = o->initrd, .append = o->append, .name = o->name, .uuid = o->uuid,
        .memory_bytes = o->memory_bytes, .max_memory_bytes = o->max_memory_bytes, .cpus = (unsigned)o->cpus,
        .max_cpus = (unsigned)o->max_cpus, .level = cpu_model_level(o->cpu), .engine = (enum cpu_engine)o->engine,
        .code_cache_bytes = o->code_cache_bytes, .trace = o->trace, .trace_file = o->trace_file, .perf = o->perf,
    };
    int rc;

    set_policy(&cfg.memory_policy, o);
    /* Before the machine: the terminal's guard is a copy of this process, which should be small. */
    r->console = console_new(o->serial, err);
    if (!r->console)
        return error_prefix(err, "--serial %s", o->serial);
    console_set_tap(r->console, report_output, &r->report);
    if (o->paused && !o->qmp && !console_escape_help(r->console))
        return error_set(err, EINVAL, "--paused without --qmp SOCKET and without a terminal: nobody could let it run");
    cfg.console = r->console;
    r->machine = papr_new(&cfg, err);
    if (!r->machine)
        return -1;
    papr_set_event_sink(r->machine, on_event, r);
    console_set_escape(r->console, on_escape, r);
    r->monitor = monitor_new(r->machine, err);
    if (!r->monitor)
        return -1;
    if (o->qmp && (rc = monitor_listen(r->monitor, o->qmp, err)) < 0) {
        error_prefix(err, "--qmp %s", o->qmp);
        return rc;
    }
    report_note(&r->report.monitor_ns);
    rc = thread_start(&r->signal_thread, "signals", signal_main, r, err);
    r->signals_taken = rc == 0;
    if (rc < 0)
        return rc;
    show_escape_help(r);
    return papr_start(r->machine, o->paused, err);
}

/* The reverse of start(), from wherever it stopped. */
static void finish(struct run *r)
{
    struct monitor *m;

    if (r->signals_taken) {
        pthread_kill(r->signal_thread, SIGUSR1);
        pthread_join(r->signal_thread, NULL);
    }
    lock_take(&r->lock);
    m = r->monitor;
    r->monitor = NULL;
    lock_drop(&r->lock);
    monitor_free(m);
    if (r->console) {
        console_set_escape(r->console, NULL, NULL);
        console_drain(r->console, DRAIN_NS);
    }
    papr_free(r->machine);
    console_free(r->console);
}

static int outcome(struct run *r, enum papr_status status)
{
    switch (status) {
    case PAPR_SHUTDOWN:
        r->report.end = r->guest_ended ? "power-off" : "quit";
        return EXIT_STATUS_OK;
    case PAPR_GUEST_PANICKED:
        r->report.end = "guest panic";
        return EXIT_STATUS_PANIC;
    default:
        r->report.end = "error";
        return EXIT_STATUS_VMM;
    }
}

static int tell(const struct run *r, int exit_status)
{
    if (exit_status == EXIT_STATUS_PANIC)
        fprintf(stderr, "paprika: the guest panicked: %s\n", r->message);
    else if (exit_status != EXIT_STATUS_OK)
        fprintf(stderr, "paprika: %s\n", r->message);
    if (r->opts.report)
        report_print(&r->report, stderr);
    if (r->opts.json)
        report_print_json(&r->report, exit_status, stdout);
    return exit_status;
}

static int run_machine(struct run *r)
{
    struct error err = { 0 };
    int exit_status;

    if (start(r, &err) < 0) {
        exit_status = outcome(r, PAPR_INTERNAL_ERROR);
        if (!r->machine && err.code == -EINVAL)
            exit_status = EXIT_STATUS_USAGE;        /* papr_new() found what only all options together can tell */
        snprintf(r->message, sizeof(r->message), "%s", err.msg);
    } else {
        exit_status = outcome(r, papr_wait(r->machine));
    }
    report_measure(&r->report, r->machine);
    finish(r);
    if (r->message[0])
        r->report.message = r->message;
    return tell(r, exit_status);
}

int run_main(const struct command *c, int argc, char **argv)
{
    struct run r = { 0 };
    struct error err = { 0 };
    sigset_t set;
    int rc = run_opts_parse(&r.opts, argc, argv, &err);

    if (rc == 1) {
        command_help(c);
        return EXIT_STATUS_OK;
    }
    if (rc < 0)
        return command_usage_error(c, &err);
    report_init(&r.report, r.opts.marker);
    ending_signals(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);     /* before any thread: all inherit it */
    lock_init(&r.lock);
    rc = run_machine(&r);
    lock_fini(&r.lock);
    return rc;
}
