/* SPDX-License-Identifier: Apache-2.0 */
/* main/ctl_stats.c - `paprika ctl stats`: the engine's counters, once or once a second with what changed. */
#include "main/ctl.h"

#include <stdlib.h>
#include <unistd.h>

static double number(const json_t *of, const char *name)
{
    return (double)json_integer_value(json_object_get(of, name));
}

static void print_counters(const json_t *now, const json_t *before, const char *indent)
{
    const char *name;
    json_t *v;

    json_object_foreach((json_t *)now, name, v) {
        if (json_is_object(v)) {
            printf("%s%s\n", indent, name);
            print_counters(v, json_object_get(before, name), "  ");
        } else if (before) {
            printf("%s%-28s%20lld%+16lld\n", indent, name, (long long)json_integer_value(v),
                   (long long)(json_integer_value(v) - json_integer_value(json_object_get(before, name))));
        } else {
            printf("%s%-28s%20lld\n", indent, name, (long long)json_integer_value(v));
        }
    }
}

/* Millions of guest instructions a second of processor time, since before or since the start. */
static void print_speed(const json_t *now, const json_t *before)
{
    double insns = number(now, "instructions") - number(before, "instructions");
    double ns = number(now, "guest-ns") - number(before, "guest-ns");

    printf("%-28s%20.1f\n", "MIPS", ns > 0 ? insns * 1e3 / ns : 0);
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
            print_counters(ctl->answer, before, "");
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
