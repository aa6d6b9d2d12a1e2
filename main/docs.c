/* SPDX-License-Identifier: Apache-2.0 */
/* main/docs.c - man page and shell completions, printed from the tables of commands and options. */
#include "main/command.h"

#include "base/version.h"
#include "monitor/monitor.h"

#include <errno.h>
#include <string.h>

static void man_command(const struct command *c)
{
    printf(".SS paprika %s %s\n", c->name, c->synopsis);
    printf("%s\n", c->text ? c->text : c->summary);
    for (const struct command_verb *v = c->verbs; v && v->name; v++)
        printf(".TP\n\\fB%s\\fR\n%s\n", v->name, v->summary);
    if (c->opts)
        opt_man(c->opts, stdout);
}

/* A word that is not expected: --help, or a mistake. */
static int help_or_error(const struct command *c, const char *word, const char *what)
{
    struct error err = { 0 };

    if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
        command_help(c);
        return EXIT_STATUS_OK;
    }
    error_set(&err, EINVAL, "'%s' %s", word, what);
    return command_usage_error(c, &err);
}

int manpage_main(const struct command *c, int argc, char **argv)
{
    if (argc > 0)
        return help_or_error(c, argv[0], "is too much; the man page is for all commands");
    printf(".TH PAPRIKA 1 \"\" \"paprika %s\" \"User Commands\"\n", PAPRIKA_VERSION);
    printf(".SH NAME\npaprika \\- run ppc64 pseries Linux guests\n");
    printf(".SH SYNOPSIS\n");
    for (c = commands; c->name; c++)
        printf("%s\\fBpaprika %s\\fR %s\n", c == commands ? "" : ".br\n", c->name, c->synopsis);
    printf(".SH DESCRIPTION\n"
           "paprika is a PAPR virtual machine monitor with its own CPU engine.  It starts an unmodified ppc64 or\n"
           "ppc64le kernel (POWER8 or POWER9, pseries) on an x86-64 Linux host.  Sizes take the binary suffixes\n"
           "K, M, G, T, P and E.\n");
    printf(".SH COMMANDS\n");
    for (c = commands; c->name; c++)
        man_command(c);
    printf(".SH QMP COMMANDS\n"
           "The monitor (\\-\\-qmp) speaks QMP, JSON over a unix socket.\n"
           "Names that QEMU has mean what they mean there.\n");
    monitor_man(stdout);
    printf(".SH ESCAPE KEY\n"
           "With the serial line on a terminal, Ctrl\\-a is the escape key: followed by x it ends the machine,\n"
           "by p it presses the power button, by s it stops and starts the machine, by h it shows this list,\n"
           "by a it sends Ctrl\\-a.\n");
    printf(".SH EXIT STATUS\n");
    for (const struct exit_status_row *r = exit_statuses; r->meaning; r++)
        printf(".TP\n%d\n%s\n", r->status, r->meaning);
    printf(".SH ENVIRONMENT\n.TP\nPAPRIKA_QMP\nThe monitor's socket for paprika ctl when \\-\\-qmp is not given.\n");
    printf(".SH EXAMPLES\n.nf\n"
           "paprika run \\-\\-kernel vmlinux \\-\\-initrd initrd.img \\-\\-memory 2G \\-\\-max\\-memory 8T \\\\\n"
           "    \\-\\-qmp /tmp/guest.qmp\n"
           "paprika ctl \\-\\-qmp /tmp/guest.qmp status\n"
           "paprika ctl \\-\\-qmp /tmp/guest.qmp resize \\-\\-memory 66G\n.fi\n");
    return EXIT_STATUS_OK;
}

/* "--memory|-m)": what follows is its value. */
static void bash_option(const struct opt *o)
{
    printf("    --%s", o->name);
    if (o->letter)
        printf("|-%c", o->letter);
    printf(") ");
}

/* What follows an option that takes a value from a list. */
static void bash_choices(const struct opt *o)
{
    printf("COMPREPLY=($(compgen -W '");
    for (unsigned i = 0; o->choices[i]; i++)
        printf("%s%s", i ? " " : "", o->choices[i]);
    printf("' -- \"$cur\")); return ;;\n");
}

static void bash_values(const struct opt_table *t)
{
    printf("    case \"$prev\" in\n");
    for (unsigned i = 0; i < t->n; i++) {
        const struct opt *o = &t->opts[i];

        if (o->kind == OPT_FLAG)
            continue;
        bash_option(o);
        if (o->kind == OPT_FILE)
            printf("COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n");
        else if (o->choices)
            bash_choices(o);
        else
            printf("return ;;\n");
    }
    printf("    esac\n");
}

static bool takes_file(const struct command *c)
{
    return c->words && !strcmp(c->words, "FILE");
}

static void bash(void)
{
    printf("# bash completion of paprika, printed by: paprika completion bash\n_paprika()\n{\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n    COMPREPLY=()\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        COMPREPLY=($(compgen -W '");
    for (const struct command *c = commands; c->name; c++)
        printf("%s ", c->name);
    printf("--help --version' -- \"$cur\"))\n        return\n    fi\n    case \"${COMP_WORDS[1]}\" in\n");
    for (const struct command *c = commands; c->name; c++) {
        printf("    %s)\n", c->name);
        if (c->opts)
            bash_values(c->opts);
        printf("    COMPREPLY=($(compgen -W '");
        for (const struct command_verb *v = c->verbs; v && v->name; v++)
            printf("%s ", v->name);
        if (c->words && !takes_file(c))
            printf("%s ", c->words);
        if (c->opts)
            opt_names(c->opts, stdout);
        printf(" --help' %s-- \"$cur\"))\n    ;;\n", takes_file(c) ? "-f " : "");
    }
    printf("    esac\n}\ncomplete -o filenames -F _paprika paprika\n");
}

/* In '...[...]' of _arguments a bracket ends the text and a quote the word. */
static void zsh_text(const char *text)
{
    for (; *text; text++) {
        if (*text == '[' || *text == ']' || *text == ':')
            putchar('\\');
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*text);
    }
}

static void zsh_opt(const struct opt *o)
{
    printf("      '--%s[", o->name);
    zsh_text(o->help);
    printf("]");
    if (o->kind == OPT_FILE) {
        printf(":file:_files");
    } else if (o->choices) {
        printf(":value:(");
        for (unsigned i = 0; o->choices[i]; i++) {
            printf("%s", i ? " " : "");
            zsh_text(o->choices[i]);
        }
        printf(")");
    } else if (o->kind != OPT_FLAG) {
        printf(":value: ");
    }
    printf("' \\\n");
}

static void zsh(void)
{
    printf("#compdef paprika\n# zsh completion of paprika, printed by: paprika completion zsh\n_paprika() {\n"
           "  if (( CURRENT == 2 )); then\n    local -a words=(\n");
    for (const struct command *c = commands; c->name; c++)
        printf("      '%s:%s'\n", c->name, c->summary);
    printf("    )\n    _describe command words\n    return\n  fi\n  case $words[2] in\n");
    for (const struct command *c = commands; c->name; c++) {
        printf("  %s)\n    shift words; (( CURRENT-- ))\n    _arguments \\\n", c->name);
        for (unsigned i = 0; c->opts && i < c->opts->n; i++)
            zsh_opt(&c->opts->opts[i]);
        if (c->verbs) {
            printf("      '1:verb:(");
            for (const struct command_verb *v = c->verbs; v->name; v++)
                printf("%s%s", v == c->verbs ? "" : " ", v->name);
            printf(")' \\\n");
        }
        if (c->words && takes_file(c))
            printf("      '*:file:_files' \\\n");
        else if (c->words)
            printf("      '1:word:(%s)' \\\n", c->words);
        printf("      '--help[shows the options]'\n    ;;\n");
    }
    printf("  esac\n}\n_paprika \"$@\"\n");
}

int completion_main(const struct command *c, int argc, char **argv)
{
    if (argc == 1 && !strcmp(argv[0], "bash"))
        bash();
    else if (argc == 1 && !strcmp(argv[0], "zsh"))
        zsh();
    else
        return help_or_error(c, argc ? argv[0] : "", argc > 1 ? "and more: give one shell, bash or zsh"
                                                              : "is no shell that is known; give bash or zsh");
    return EXIT_STATUS_OK;
}
