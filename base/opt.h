/* SPDX-License-Identifier: Apache-2.0 */
/* base/opt.h - command-line options from one table: the table parses, prints --help, makes the man page's option
 * list and the shell completions, so that none of them can disagree.
 *
 * Values land in a caller's struct at each row's offset.  Strings point into argv.  --name value and --name=value both
 * work; a flag takes no value; "--" ends the options. */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum opt_kind {
    OPT_FLAG,       /* bool */
    OPT_STRING,     /* const char * */
    OPT_FILE,       /* const char *; completion offers files */
    OPT_SIZE,       /* uint64_t, binary suffixes (base/size.h) */
    OPT_NUMBER,     /* uint64_t */
    OPT_CHOICE,     /* unsigned: index into choices */
    OPT_LIST,       /* struct opt_list: may be given several times */
};

#define OPT_LIST_MAX 64

struct opt_list {
    const char *v[OPT_LIST_MAX];
    unsigned n;
};

struct opt {
    const char *name;               /* without the dashes */
    char letter;                    /* -x; 0 = none */
    enum opt_kind kind;
    const char *value_name;         /* FILE, SIZE ... in help; NULL for flags and choices */
    const char *help;               /* one or two sentences; the default is added by the table's user in words */
    size_t offset;
    uint64_t min, max;              /* SIZE, NUMBER; max 0 = no limit */
    const char *const *choices;     /* CHOICE: NULL-terminated; STRING: values offered by completion */
    bool required;                  /* checked when no words are left over */
    const char *fix;                /* what to do about a bad or missing value; may be NULL */
};

struct opt_table {
    const struct opt *opts;
    unsigned n;
};

/* Parses argv[0..argc).  Returns the number of arguments used (those after "--" or the first non-option are left), or
 * -EINVAL with a line that names the option, the value and the fix.  *help is set when --help or -h was seen: then
 * nothing else is checked.  help may be NULL. */
int opt_parse(const struct opt_table *t, int argc, char *const *argv, void *values, bool *help, struct error *err);

/* The option list of --help. */
void opt_help(const struct opt_table *t, FILE *to);
/* The same as man(7) paragraphs. */
void opt_man(const struct opt_table *t, FILE *to);
/* Text of a man page: man(7) has its own minus sign and backslash. */
void opt_man_text(const char *text, FILE *to);
/* "--kernel --initrd ...", for a shell's completion. */
void opt_names(const struct opt_table *t, FILE *to);

#endif
