/* SPDX-License-Identifier: Apache-2.0 */
/* main/ctl_memory.c - `paprika ctl resize`, `resize-cancel`, `memory`: asks the machine and shows how it gets on. */
#include "main/ctl.h"

#include "base/size.h"
#include "base/thread.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NS 200000000LL         /* between two looks */
#define GIB (1024.0 * 1024.0 * 1024.0)
#define BLOCK_GIB 0.25

static json_int_t number(const json_t *answer, const char *name)
{
    return json_integer_value(json_object_get(answer, name));
}

static const char *text(const json_t *answer, const char *name)
{
    const char *s = json_string_value(json_object_get(answer, name));

    return s ? s : "";
}

static bool is_over(const json_t *answer)
{
    const char *outcome = text(answer, "outcome");

    return strcmp(outcome, "running") != 0 && strcmp(outcome, "waiting") != 0;
}

/* "12.5 of 64 GiB, 3.21 GiB/s, 16 s left"; on a terminal over the line before. */
static void show_progress(const json_t *answer, bool tty)
{
    double done = (double)number(answer, "blocks-done") * BLOCK_GIB;
    double wanted = (double)number(answer, "blocks-wanted") * BLOCK_GIB;
    double elapsed_s = json_number_value(json_object_get(answer, "elapsed"));
    double rate = elapsed_s > 0 ? done / elapsed_s : 0;
    const char *verb = json_is_true(json_object_get(answer, "grow")) ? "added" : "removed";

    fprintf(stderr, "%s%s %lld of %lld blocks (%.2f of %.2f GiB), %.2f GiB/s", tty ? "\r\033[K" : "", verb,
            (long long)number(answer, "blocks-done"), (long long)number(answer, "blocks-wanted"), done, wanted, rate);
    if (number(answer, "blocks-refused"))
        fprintf(stderr, ", %lld refused", (long long)number(answer, "blocks-refused"));
    if (rate > 0)
        fprintf(stderr, ", %.0f s left", (wanted - done) / rate);
    if (!strcmp(text(answer, "outcome"), "waiting"))
        fprintf(stderr, ", waiting for the guest to come up");
    fprintf(stderr, "%s", tty ? "" : "\n");
}

static void look_later(void)
{
    nanosleep(&(struct timespec){ .tv_nsec = LOOK_NS }, NULL);
}

/* Looks until the resize is over; ctl->answer is the last look. */
static int follow(struct ctl *ctl, struct error *err)
{
    bool tty = isatty(STDERR_FILENO);
    json_int_t shown = -1;

    for (;;) {
        json_decref(ctl->answer);
        ctl->answer = qmp_client_run(ctl->client, "query-resize", NULL, ANSWER_NS, err);
        if (!ctl->answer || is_over(ctl->answer))
            break;
        if (!ctl->opts.json && (tty || number(ctl->answer, "blocks-done") != shown))
            show_progress(ctl->answer, tty);
        shown = number(ctl->answer, "blocks-done");
        look_later();
    }
    if (tty && !ctl->opts.json && shown >= 0)
        fprintf(stderr, "\r\033[K");
    return ctl->answer ? 0 : -1;
}

static int outcome_status(const json_t *answer)
{
    const char *outcome = text(answer, "outcome");

    if (!strcmp(outcome, "done"))
        return EXIT_STATUS_OK;
    return !strcmp(outcome, "timed-out") ? EXIT_STATUS_TIMEOUT : EXIT_STATUS_REFUSED;
}

static void show_account(const json_t *answer)
{
    if (*text(answer, "text"))
        printf("%s: %s\n", text(answer, "outcome"), text(answer, "text"));
    printf("the guest has %.2f GiB of at most %.2f GiB\n", (double)number(answer, "held") / GIB,
           (double)number(answer, "max") / GIB);
}

int ctl_resize(struct ctl *ctl, struct error *err)
{
    json_t *args, *answer;

    args = json_pack("{s:I, s:I}", "memory", (json_int_t)ctl->opts.memory_bytes,
                     "timeout", (json_int_t)ctl->opts.timeout_s);
    answer = qmp_client_run(ctl->client, "resize", args, ANSWER_NS, err);
    json_decref(answer);
    if (!answer || follow(ctl, err) < 0)
        return -1;
    if (!ctl->opts.json)
        show_account(ctl->answer);
    return outcome_status(ctl->answer);
}

int ctl_resize_cancel(struct ctl *ctl, struct error *err)
{
    ctl->answer = qmp_client_run(ctl->client, "resize-cancel", NULL, ANSWER_NS, err);
    return ctl->answer ? EXIT_STATUS_OK : -1;
}

int ctl_memory(struct ctl *ctl, struct error *err)
{
    ctl->answer = qmp_client_run(ctl->client, "query-resize", NULL, ANSWER_NS, err);
    if (!ctl->answer)
        return -1;
    if (!ctl->opts.json)
        show_account(ctl->answer);
    return EXIT_STATUS_OK;
}
