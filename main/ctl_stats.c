/* SPDX-License-Identifier: Apache-2.0 */
/* main/ctl_stats.c - `paprika ctl stats`: the engine's counters, once or once a second with what changed. */
#include "main/ctl.h"

#include <stdlib.h>
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

/* Below the top, what never happened is left out, or what did not happen again. */
static bool of_interest(const json_t *now, const json_t *before)
{
    return json_integer_value(now) != json_integer_value(before);
}

static void print_counters(const json_t *now, const json_t *before, bool watch, int indent)
{
    const char *name;
    json_t *v, *old;

    json_object_foreach((json_t *)now, name, v) {
        old = json_object_get(before, name);
        if (json_object_get(v, "count")) {
            if (of_interest(json_object_get(v, "count"), json_object_get(old, "count")))
                print_answers(name, indent, v, old, watch);
        } else if (json_is_object(v)) {
            printf("%*s%s\n", indent, "", name);
            print_counters(v, old, watch, indent + INDENT);
        } else if (!indent || of_interest(v, old)) {
            print_number(name, indent, v, old, watch);
            printf("\n");
        }
    }
}

/* Millions of guest instructions a second of processor time, since before or since the start. */
static void print_speed(const json_t *now, const json_t *before)
{
    double insns = number(now, "instructions") - number(before, "instructions");
    double ns = number(now, "guest-ns") - number(before, "guest-ns");

    printf("%-*s%20.1f\n", NAME_COLUMNS, "MIPS", ns > 0 ? insns * 1e3 / ns : 0);
    if (number(now, "code-capacity") > 0)
        printf("%-*s%20.1f %%\n", NAME_COLUMNS, "code cache filled",
               number(now, "code-bytes") * 100 / number(now, "code-capacity"));
}

static void print_json_line(const json_t *v)
{
    char *text = json_dumps(v, JSON_COMPACT);

    if (text)
        printf("%s\n", text);
    free(text);
}

int ctl_stats(struct ctl *ctl, struct error *err)
{
    json_t *before = NULL;

    for (;;) {
        ctl->answer = qmp_client_run(ctl->client, "x-query-engine-stats", NULL, ANSWER_NS, err);
        if (!ctl->answer)
            break;
        if (!ctl->opts.json) {
            print_counters(ctl->answer, before, before != NULL, 0);
            print_speed(ctl->answer, before);
        }
        if (!ctl->opts.watch)
            break;
        if (ctl->opts.json)
            print_json_line(ctl->answer);
        else
            printf("\n");
        fflush(stdout);
        json_decref(before);
        before = ctl->answer;
        ctl->answer = NULL;
        sleep(1);
    }
    json_decref(before);
    return ctl->answer ? EXIT_STATUS_OK : -1;
}
