/* SPDX-License-Identifier: Apache-2.0 */
/* main/ctl.c - `paprika ctl`: one verb to a running machine.  A new verb is one row and one function. */
#include "main/ctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct opt opts[] = {
    { "qmp", 0, OPT_FILE, "SOCKET", "The monitor's socket; $PAPRIKA_QMP if left out.", offsetof(struct ctl_opts, qmp) },
    { "timeout", 0, OPT_NUMBER, "SECONDS", "How long wait waits, and resize lets the guest try; for ever if left out.",
      offsetof(struct ctl_opts, timeout_s) },
    { "memory", 'm', OPT_SIZE, "SIZE", "resize: how much memory the guest is to have, for example 385G.",
      offsetof(struct ctl_opts, memory_bytes) },
    { "watch", 0, OPT_FLAG, NULL, "stats: again every second, with what changed since.",
      offsetof(struct ctl_opts, watch) },
    { "json", 0, OPT_FLAG, NULL, "Prints the machine's answer as one line of JSON.", offsetof(struct ctl_opts, json) },
};
const struct opt_table ctl_opt_table = { opts, sizeof(opts) / sizeof(opts[0]) };

static int simple(struct ctl *ctl, const char *command, struct error *err)
{
    ctl->answer = qmp_client_run(ctl->client, command, NULL, ANSWER_NS, err);
    return ctl->answer ? EXIT_STATUS_OK : -1;
}

static int verb_status(struct ctl *ctl, struct error *err)
{
    int rc = simple(ctl, "query-status", err);
    const char *status = rc ? NULL : json_string_value(json_object_get(ctl->answer, "status"));

    if (rc)
        return rc;
    if (!status)
        return error_set(err, EPROTO, "the monitor's answer to query-status tells no status");
    if (!ctl->opts.json)
        printf("%s\n", status);
    return rc;
}

static int verb_stop(struct ctl *ctl, struct error *err)
{
    return simple(ctl, "stop", err);
}

static int verb_cont(struct ctl *ctl, struct error *err)
{
    return simple(ctl, "cont", err);
}

static int verb_reset(struct ctl *ctl, struct error *err)
{
    return simple(ctl, "system_reset", err);
}

static int verb_powerdown(struct ctl *ctl, struct error *err)
{
    return simple(ctl, "system_powerdown", err);
}

static int verb_quit(struct ctl *ctl, struct error *err)
{
    return simple(ctl, "quit", err);
}

static bool is_end(const json_t *event)
{
    const char *name = json_string_value(json_object_get(event, "event"));

    return name && (!strcmp(name, "SHUTDOWN") || !strcmp(name, "GUEST_PANICKED") || !strcmp(name, "INTERNAL_ERROR"));
}

static int end_status(const struct ctl *ctl, const json_t *event)
{
    const char *name = json_string_value(json_object_get(event, "event"));

    if (!ctl->opts.json)
        printf("%s\n", name);
    if (!strcmp(name, "SHUTDOWN"))
        return EXIT_STATUS_OK;
    return !strcmp(name, "INTERNAL_ERROR") ? EXIT_STATUS_VMM : EXIT_STATUS_PANIC;
}

static int verb_wait(struct ctl *ctl, struct error *err)
{
    int64_t timeout_ns = ctl->opts.timeout_s ? (int64_t)ctl->opts.timeout_s * 1000000000 : -1;

    while ((ctl->answer = qmp_client_event(ctl->client, timeout_ns, err)) && !is_end(ctl->answer))
        json_decref(ctl->answer);
    if (ctl->answer)
        return end_status(ctl, ctl->answer);
    if (err->code == -ETIMEDOUT) {
        fprintf(stderr, "paprika: the machine still runs after %llu seconds\n",
                (unsigned long long)ctl->opts.timeout_s);
        return EXIT_STATUS_TIMEOUT;
    }
    return -1;
}

/* NULL: not the text of a JSON object. */
static json_t *object(const char *text)
{
    json_t *v = json_loads(text, 0, NULL);

    if (json_is_object(v))
        return v;
    json_decref(v);
    return NULL;
}

static int verb_qmp(struct ctl *ctl, struct error *err)
{
    json_t *args = ctl->opts.words[1] ? object(ctl->opts.words[1]) : NULL;

    ctl->answer = qmp_client_run(ctl->client, ctl->opts.words[0], args, ANSWER_NS, err);
    ctl->opts.json = true;
    return ctl->answer ? EXIT_STATUS_OK : -1;
}

/* COMMAND and perhaps its arguments. */
static int check_qmp(const struct ctl_opts *o, struct error *err)
{
    json_t *args = o->words[1] ? object(o->words[1]) : NULL;
    bool ok = args || !o->words[1];

    json_decref(args);
    if (!o->words[0])
        return error_set(err, EINVAL, "which QMP command? for example: paprika ctl qmp query-commands");
    if (!ok)
        return error_set(err, EINVAL, "'%s' is no JSON object; write arguments like '{\"id\": \"c2\"}'", o->words[1]);
    return 0;
}

const struct command_verb ctl_verbs[] = {
    { "status", "what the machine is doing: running, paused, shutdown, ...", verb_status, 0 },
    { "stop", "pauses the processors", verb_stop, 0 },
    { "cont", "lets them run again", verb_cont, 0 },
    { "reset", "restarts the machine", verb_reset, 0 },
    { "powerdown", "presses the power button", verb_powerdown, 0 },
    { "quit", "ends the machine at once", verb_quit, 0 },
    { "resize", "grows or shrinks the guest's memory to --memory, showing how it gets on", ctl_resize, 0 },
    { "resize-cancel", "ends a resize; what the guest has done stays done", ctl_resize_cancel, 0 },
    { "memory", "how much memory the guest has, and how the last resize went", ctl_memory, 0 },
    { "wait", "waits until the machine ends", verb_wait, 0 },
    { "stats", "counters of the CPU engine: instructions, translations, TLB misses, exits", ctl_stats, 0 },
    { "qmp", "sends COMMAND ['{ARGUMENTS}'], any of QMP's, and prints the answer", verb_qmp, CTL_WORDS_MAX },
    { NULL, NULL, NULL, 0 },
};

static const struct command_verb *find(const char *name)
{
    for (const struct command_verb *v = ctl_verbs; v->name; v++) {
        if (!strcmp(v->name, name))
            return v;
    }
    return NULL;
}

/* NULL: none, or an empty one. */
static const char *environment_path(void)
{
    const char *path = getenv("PAPRIKA_QMP");

    return path && *path ? path : NULL;
}

static int no_verb(const char *word, struct error *err)
{
    char known[256];
    size_t n = 0;

    for (const struct command_verb *v = ctl_verbs; v->name && n < sizeof(known); v++)
        n += (size_t)snprintf(known + n, sizeof(known) - n, "%s%s", n ? ", " : "", v->name);
    return error_set(err, EINVAL, "'%s' is no verb of paprika ctl; there are %s", word, known);
}

/* An option that the verb would not look at is a misunderstanding. */
static int check_for(const struct ctl_opts *o, const struct command_verb *v, struct error *err)
{
    if (o->watch && v->run != ctl_stats)
        return error_set(err, EINVAL, "--watch goes with stats, not with %s", v->name);
    if (o->memory_bytes && v->run != ctl_resize)
        return error_set(err, EINVAL, "--memory goes with resize, not with %s", v->name);
    if (o->timeout_s && v->run != ctl_resize && v->run != verb_wait)
        return error_set(err, EINVAL, "--timeout goes with wait and resize, not with %s", v->name);
    if (v->run == ctl_resize && !o->memory_bytes)
        return error_set(err, EINVAL, "resize to what? give --memory SIZE, for example --memory 385G");
    return v->run == verb_qmp ? check_qmp(o, err) : 0;
}

/* Options may stand before and after the verb.  0, 1 for help, or -EINVAL. */
static int parse(struct ctl_opts *o, int argc, char **argv, const struct command_verb **verb, struct error *err)
{
    bool help = false;
    int used = opt_parse(&ctl_opt_table, argc, argv, o, &help, err), more;
    unsigned words = 0;

    if (help || used < 0)
        return help ? 1 : used;
    if (used == argc)
        return error_set(err, EINVAL, "a verb is missing, for example: paprika ctl status");
    *verb = find(argv[used]);
    if (!*verb)
        return no_verb(argv[used], err);
    for (int at = used + 1; at < argc; at++) {
        more = opt_parse(&ctl_opt_table, argc - at, argv + at, o, NULL, err);
        if (more < 0)
            return more;
        at += more;
        if (at < argc && words == (*verb)->words)
            return error_set(err, EINVAL, "'%s' after the verb %s is too much", argv[at], (*verb)->name);
        if (at < argc)
            o->words[words++] = argv[at];
    }
    if (!o->qmp && !environment_path())
        return error_set(err, EINVAL, "which machine? give --qmp SOCKET or set PAPRIKA_QMP");
    return check_for(o, *verb, err);
}

void ctl_print_json(const json_t *answer)
{
    char *text = json_dumps(answer, JSON_COMPACT);

    if (text)
        printf("%s\n", text);
    free(text);
}

/* The machine's monitor; what is wrong with it is told by the option or variable that named it. */
static struct qmp_client *connect_to(const struct ctl_opts *o, struct error *err)
{
    const char *path = o->qmp ? o->qmp : environment_path();
    struct qmp_client *c = qmp_client_new(path, ANSWER_NS, err);

    if (!c)
        error_prefix(err, "%s%s", o->qmp ? "--qmp " : "PAPRIKA_QMP=", path);
    return c;
}

int ctl_main(const struct command *c, int argc, char **argv)
{
    struct ctl ctl = { 0 };
    struct error err = { 0 };
    const struct command_verb *verb = NULL;
    int rc = parse(&ctl.opts, argc, argv, &verb, &err);

    if (rc == 1) {
        command_help(c);
        return EXIT_STATUS_OK;
    }
    if (rc < 0)
        return command_usage_error(c, &err);
    ctl.client = connect_to(&ctl.opts, &err);
    rc = ctl.client ? verb->run(&ctl, &err) : -1;
    if (rc < 0)
        fprintf(stderr, "paprika: %s\n", err.msg);
    else if (ctl.opts.json && ctl.answer)
        ctl_print_json(ctl.answer);
    json_decref(ctl.answer);
    qmp_client_free(ctl.client);
    return rc < 0 ? EXIT_STATUS_VMM : rc;
}
