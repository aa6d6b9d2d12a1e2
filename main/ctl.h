/* SPDX-License-Identifier: Apache-2.0 */
/* main/ctl.h - what the verbs of `paprika ctl` share. */
#ifndef MAIN_CTL_H
#define MAIN_CTL_H

#include "main/command.h"
#include "monitor/client.h"

#define ANSWER_NS 10000000000LL

enum { CTL_WORDS_MAX = 2 };

struct ctl_opts {
    const char *qmp;        /* NULL: $PAPRIKA_QMP */
    const char *words[CTL_WORDS_MAX];
    bool json, watch;
    uint64_t timeout_s;     /* 0: for ever */
    uint64_t memory_bytes;  /* resize's, never 0; others': 0 */
};

struct ctl {
    struct ctl_opts opts;
    struct qmp_client *client;
    json_t *answer;
};

/* ctl.c: one line of JSON. */
void ctl_print_json(const json_t *answer);

/* ctl_stats.c */
int ctl_stats(struct ctl *ctl, struct error *err);

/* ctl_memory.c */
int ctl_resize(struct ctl *ctl, struct error *err);
int ctl_resize_cancel(struct ctl *ctl, struct error *err);
int ctl_memory(struct ctl *ctl, struct error *err);

#endif
