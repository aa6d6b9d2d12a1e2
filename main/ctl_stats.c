/* SPDX-License-Identifier: Apache-2.0 */
/* main/ctl_stats.c - `paprika ctl stats`: the engine's counters, once or once a second with what changed. */
#include "main/ctl.h"

#include <errno.h>
#include <unistd.h>

static double number(const json_t *of, const char *name)
{
    return (double)json_integer_value(json_object_get(of, name));
}

enum { NAME_COLUMNS = 30, INDENT = 2 };

static void print_number(const char *name, int indent, const json_t *now, const json_t *before, bool watch)
{
    printf("%*s%-*s%20lld", indent, "", NAME_COLUMNS - indent, name, (long long)json_integer_value(now));
    if (watch)
        printf("%+16lld", (long long)(json_integer_value(now) - json_integer_value(before)));
}

/* How often, and how long each took: since before or since the start. */
static void print_answers(const char *name, int indent, const json_t *now, const json_t *before, bool watch)
{
    double count = number(now, "count") - number(before, "count"), ns = number(now, "ns") - number(before, "ns");

    print_number(name, indent, json_object_get(now, "count"), json_object_get(before, "count"), watch);
    printf("%14.2f us each\n", count > 0 ? ns / count / 1e3 : 0);
}

/* Did anything below it happen, or happen again? */
static bool changed(const json_t *now, const json_t *before)
{
    const char *name;
    json_t *v;

    json_object_foreach((json_t *)now, name, v) {
        if (changed(v, json_object_get(before, name)))
            return true;
    }
    return json_integer_value(now) != json_integer_value(before);
}

/* What is nested is left out where nothing changed. */
static void print_counters(const json_t *now, const json_t *before, bool watch, int indent)
{
    const char *name;
    json_t *v, *old;

    json_object_foreach((json_t *)now, name, v) {
        old = json_object_get(before, name);
        if ((indent || json_is_object(v)) && !changed(v, old))
            continue;
        if (json_object_get(v, "count")) {
            print_answers(name, indent, v, old, watch);
        } else if (json_is_object(v)) {
            printf("%*s%s\n", indent, "", name);
            print_counters(v, old, watch, indent + INDENT);
        } else if (json_is_real(v)) {
            printf("%-*s%20.1f\n", NAME_COLUMNS, name, json_real_value(v));
        } else {
            print_number(name, indent, v, old, watch);
            printf("\n");
        }
    }
}

/* Millions of guest instructions a second of processor time, since before or since the start; in per cent, how full the
 * code cache is. */
static void add_rates(json_t *now, const json_t *before)
{
    double insns = number(now, "instructions") - number(before, "instructions");
    double ns = number(now, "guest-ns") - number(before, "guest-ns"), room = number(now, "code-capacity");

    json_object_set_new(now, "code-percent", json_real(room > 0 ? number(now, "code-bytes") * 100 / room : 0));
    json_object_set_new(now, "mips", json_real(ns > 0 ? insns * 1e3 / ns : 0));
}

static void show(const struct ctl_opts *o, const json_t *now, const json_t *before)
{
    if (o->json) {
        ctl_print_json(now);
    } else {
        printf("%s", o->watch && isatty(STDOUT_FILENO) ? "\033[H\033[J" : before ? "\n" : "");
        print_counters(now, before, before != NULL, 0);
    }
    fflush(stdout);
}

/* With --watch until the machine ends, which is no failure. */
int ctl_stats(struct ctl *ctl, struct error *err)
{
    json_t *now, *before = NULL;
    bool done = false;
    int status;

    while (!done && (now = qmp_client_run(ctl->client, "x-query-engine-stats", NULL, ANSWER_NS, err))) {
        add_rates(now, before);
        show(&ctl->opts, now, before);
        json_decref(before);
        before = now;
        done = !ctl->opts.watch;
        if (!done)
            sleep(1);
    }
    status = done || (before && err->code == -ECONNRESET) ? EXIT_STATUS_OK : -1;
    json_decref(before);
    return status;
}
