/* SPDX-License-Identifier: Apache-2.0 */
/* main/command.h - the commands of the program: one row each in main.c feeds dispatch,
 * --help, man page and completion. */
#ifndef MAIN_COMMAND_H
#define MAIN_COMMAND_H

#include "base/opt.h"

/* What the process ends with; documented in --help and the man page from exit_statuses[]. */
enum exit_status {
    EXIT_STATUS_OK = 0,         /* the guest powered off, or the host ended it as asked */
    EXIT_STATUS_VMM = 1,        /* we or the host failed: no memory, unreadable kernel, internal error */
    EXIT_STATUS_USAGE = 2,      /* the command line is wrong */
    EXIT_STATUS_PANIC = 3,      /* the guest panicked */
    EXIT_STATUS_TIMEOUT = 4,    /* ctl: the machine did not do it in time */
    EXIT_STATUS_REFUSED = 5,    /* ctl: the guest refused, wholly or in part */
};

struct exit_status_row {
    enum exit_status status;
    const char *meaning;
};
extern const struct exit_status_row exit_statuses[];    /* ends with a NULL meaning */

struct command {
    const char *name;
    const char *synopsis;       /* after the name */
    const char *summary;        /* one line */
    const char *text;           /* a paragraph for help and man page; may be NULL */
    const struct opt_table *opts;
    int (*run)(const struct command *c, int argc, char **argv);     /* argv[0]: first word after the command */
    const struct command_verb *verbs;   /* ctl: words that follow; ends with a NULL name; may be NULL */
    const char *words;          /* other words that may follow, for completion; FILE: a file; may be NULL */
};

struct ctl;
struct command_verb {
    const char *name;
    const char *summary;
    int (*run)(struct ctl *ctl, struct error *err);     /* exit status; negative: *err */
    unsigned words;             /* how many may follow it */
};

extern const struct command commands[];     /* ends with a NULL name */

int run_main(const struct command *c, int argc, char **argv);
int ctl_main(const struct command *c, int argc, char **argv);
int demo_main(const struct command *c, int argc, char **argv);
int disas_main(const struct command *c, int argc, char **argv);
extern const struct opt_table run_opt_table, disas_opt_table, ctl_opt_table, demo_opt_table;
extern const struct command_verb ctl_verbs[];

/* --help of one command, to standard output. */
void command_help(const struct command *c);
/* "paprika: MESSAGE" and how to get help; returns EXIT_STATUS_USAGE. */
int command_usage_error(const struct command *c, const struct error *err);

/* docs.c */
int manpage_main(const struct command *c, int argc, char **argv);
int completion_main(const struct command *c, int argc, char **argv);

#endif
