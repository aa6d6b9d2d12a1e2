/* SPDX-License-Identifier: Apache-2.0 */
/* main/main.c - the command line: which command, and what they all share. */
#include "main/command.h"

#include "base/version.h"

#include <errno.h>
#include <string.h>

const struct exit_status_row exit_statuses[] = {
    { EXIT_STATUS_OK, "the guest powered off, or the host ended it as asked (quit, SIGTERM, escape key)" },
    { EXIT_STATUS_VMM, "the machine could not start or failed, or could not be reached or asked by ctl" },
    { EXIT_STATUS_USAGE, "the command line is wrong" },
    { EXIT_STATUS_PANIC, "the guest panicked" },
    { EXIT_STATUS_TIMEOUT, "ctl: the machine did not do it in the time given" },
    { EXIT_STATUS_REFUSED, "ctl: the guest refused, wholly or in part" },
    { 0, NULL },
};

const struct command commands[] = {
    { "run", "--kernel FILE [OPTION...]", "starts a machine",
      "Starts a pseries machine with a ppc64 kernel, its serial line on the terminal, and stays until "
      "the guest powers off.", &run_opt_table, run_main, NULL, NULL },
    { "ctl", "[--qmp SOCKET] VERB [OPTION...]", "speaks to a running machine",
      "Sends one request to the machine whose monitor listens on SOCKET (or on $PAPRIKA_QMP).", &ctl_opt_table,
      ctl_main, ctl_verbs, NULL },
    { "demo", "[OPTION...]", "runs the test guest that is inside this program",
      "Starts a machine with our own bare-metal guest, which tests hypercalls, RTAS, connectors, the hash table and "
      "translated code, and ends with a report.  Nothing is downloaded.", &demo_opt_table, demo_main, NULL, NULL },
    { "disas", "[OPTION...] FILE | --hex WORD...", "prints instructions as text",
      "Disassembles the code of an ELF program, another file's words, or the words given, by paprika's own "
      "instruction table.", &disas_opt_table, disas_main, NULL, "FILE" },
    { "completion", "bash|zsh", "prints a completion script for a shell", NULL, NULL, completion_main, NULL,
      "bash zsh" },
    { "manpage", "", "prints the man page", NULL, NULL, manpage_main, NULL, NULL },
    { NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};

void command_help(const struct command *c)
{
    printf("usage: paprika %s%s%s\n", c->name, *c->synopsis ? " " : "", c->synopsis);
    printf("%s\n", c->text ? c->text : c->summary);
    if (c->verbs)
        printf("\nverbs:\n");
    for (const struct command_verb *v = c->verbs; v && v->name; v++)
        printf("  %-24s%s\n", v->name, v->summary);
    if (c->opts) {
        printf("\noptions:\n");
        opt_help(c->opts, stdout);
    }
    printf("\nexit status:\n");
    for (const struct exit_status_row *r = exit_statuses; r->meaning; r++)
        printf("  %-24d%s\n", r->status, r->meaning);
}

int command_usage_error(const struct command *c, const struct error *err)
{
    fprintf(stderr, "paprika: %s\n", err->msg);
    fprintf(stderr, "paprika %s --help shows how\n", c->name);
    return EXIT_STATUS_USAGE;
}

static void help(FILE *to)
{
    fprintf(to, "paprika %s: a PAPR virtual machine monitor; runs ppc64 pseries Linux guests\n\n", PAPRIKA_VERSION);
    fprintf(to, "usage: paprika COMMAND [OPTION...]\n");
    for (const struct command *c = commands; c->name; c++)
        fprintf(to, "  %-24s%s\n", c->name, c->summary);
    fprintf(to, "  %-24s%s\n", "--version", "prints the version");
    fprintf(to, "\npaprika COMMAND --help tells more.  "
                "First steps: paprika run --kernel vmlinux --initrd initrd.img\n");
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;

    if (!word) {
        help(stderr);
        return EXIT_STATUS_USAGE;
    }
    if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
        help(stdout);
        return EXIT_STATUS_OK;
    }
    if (!strcmp(word, "--version")) {
        printf("paprika %s\n", PAPRIKA_VERSION);
        return EXIT_STATUS_OK;
    }
    for (const struct command *c = commands; c->name; c++) {
        if (!strcmp(word, c->name))
            return c->run(c, argc - 2, argv + 2);
    }
    fprintf(stderr, "paprika: '%s' is no command; %s\n", word,
            *word == '-' ? "one comes first: paprika run --kernel FILE starts a machine" : "paprika --help lists them");
    return EXIT_STATUS_USAGE;
}
