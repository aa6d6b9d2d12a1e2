/* SPDX-License-Identifier: Apache-2.0 */
#include "base/opt.h"

#include "base/size.h"

#include <errno.h>
#include <string.h>

#define HELP_INDENT 26
#define HELP_WIDTH 100

static const struct opt *find(const struct opt_table *t, const char *name, size_t len)
{
    for (unsigned i = 0; i < t->n; i++) {
        if (strlen(t->opts[i].name) == len && !memcmp(t->opts[i].name, name, len))
            return &t->opts[i];
    }
    return NULL;
}

static const struct opt *find_letter(const struct opt_table *t, char letter)
{
    for (unsigned i = 0; letter && i < t->n; i++) {
        if (t->opts[i].letter == letter)
            return &t->opts[i];
    }
    return NULL;
}

/* Edit distance, for "did you mean"; names here are short. */
static unsigned distance(const char *a, size_t alen, const char *b)
{
    unsigned row[64];
    size_t blen = strlen(b);

    if (alen >= 64 || blen >= 64)
        return 64;
    for (size_t j = 0; j <= blen; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= alen; i++) {
        unsigned diag = row[0];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= blen; j++) {
            unsigned best = diag + (a[i - 1] != b[j - 1]);

            diag = row[j];
            best = best < row[j] + 1 ? best : row[j] + 1;
            row[j] = best < row[j - 1] + 1 ? best : row[j - 1] + 1;
        }
    }
    return row[blen];
}

/* name: without its dashes; one dash is what other programs' long options have. */
static int unknown(const struct opt_table *t, const char *arg, const char *name, size_t name_len, struct error *err)
{
    int arg_len = (int)(name + name_len - arg);
    const struct opt *best = NULL;
    unsigned best_distance = name_len / 2 < 4 ? (unsigned)(name_len + 1) / 2 : 4;    /* half of it right, or no guess */

    for (unsigned i = 0; i < t->n; i++) {
        unsigned d = distance(name, name_len, t->opts[i].name);

        if (d < best_distance) {
            best_distance = d;
            best = &t->opts[i];
        }
    }
    if (best && name_len > 1)
        return error_set(err, EINVAL, "unknown option %.*s; did you mean --%s?", arg_len, arg, best->name);
    return error_set(err, EINVAL, "unknown option %.*s; --help lists the options", arg_len, arg);
}

static int bad_value(const struct opt *o, const char *value, const char *why, struct error *err)
{
    return error_set(err, EINVAL, "--%s %s: %s%s%s", o->name, value, why, o->fix ? "; " : "", o->fix ? o->fix : "");
}

static int put_number(const struct opt *o, const char *value, uint64_t *to, struct error *err)
{
    char least[SIZE_TEXT_BYTES], most[SIZE_TEXT_BYTES];
    char why[128];
    struct error inner = { 0 };
    uint64_t v = 0;
    int rc = o->kind == OPT_SIZE ? size_parse(value, &v, &inner) : number_parse(value, &v, &inner);

    if (rc < 0)
        return bad_value(o, value, inner.msg, err);
    if (v >= o->min && (!o->max || v <= o->max)) {
        *to = v;
        return 0;
    }
    if (o->kind == OPT_SIZE) {
        size_format(o->min, least);
        size_format(o->max, most);
    } else {
        snprintf(least, sizeof(least), "%llu", (unsigned long long)o->min);
        snprintf(most, sizeof(most), "%llu", (unsigned long long)o->max);
    }
    if (v < o->min)
        snprintf(why, sizeof(why), "the least possible is %s", least);
    else
        snprintf(why, sizeof(why), "the most possible is %s", most);
    return bad_value(o, value, why, err);
}

/* What stands after an option's name in help: "SIZE", "power9|power8", "" for a flag. */
static const char *value_text(const struct opt *o, char *buf, size_t buf_bytes)
{
    size_t used = 0;

    buf[0] = 0;
    if (o->kind == OPT_FLAG)
        return buf;
    if (o->value_name || !o->choices) {
        snprintf(buf, buf_bytes, "%s", o->value_name ? o->value_name : "VALUE");
        return buf;
    }
    for (unsigned i = 0; o->choices[i] && used < buf_bytes; i++)
        used += (size_t)snprintf(buf + used, buf_bytes - used, "%s%s", i ? "|" : "", o->choices[i]);
    return buf;
}

static int put_choice(const struct opt *o, const char *value, unsigned *to, struct error *err)
{
    char why[160], text[128];

    for (unsigned i = 0; o->choices[i]; i++) {
        if (!strcmp(o->choices[i], value)) {
            *to = i;
            return 0;
        }
    }
    snprintf(why, sizeof(why), "must be one of %s", value_text(o, text, sizeof(text)));
    return bad_value(o, value, why, err);
}

static int put(const struct opt *o, const char *value, void *values, struct error *err)
{
    void *to = (char *)values + o->offset;
    struct opt_list *list = to;

    switch (o->kind) {
    case OPT_FLAG:
        *(bool *)to = true;
        return 0;
    case OPT_SIZE:
    case OPT_NUMBER:
        return put_number(o, value, to, err);
    case OPT_CHOICE:
        return put_choice(o, value, to, err);
    case OPT_LIST:
        if (list->n == OPT_LIST_MAX)
            return bad_value(o, value, "given too often", err);
        list->v[list->n++] = value;
        return 0;
    case OPT_STRING:
    case OPT_FILE:
        if (!*value && o->kind == OPT_FILE)
            return bad_value(o, "''", "an empty file name", err);
        *(const char **)to = value;
        return 0;
    }
    return 0;
}

static bool is_help(const char *arg)
{
    return !strcmp(arg, "--help") || !strcmp(arg, "-h");
}

/* One option at argv[at]; returns how many arguments it took. */
static int parse_one(const struct opt_table *t, int argc, char *const *argv, int at, void *values, uint64_t *seen,
                     struct error *err)
{
    const char *arg = argv[at], *equals = strchr(arg, '='), *value = NULL;
    bool is_long = arg[1] == '-';
    size_t len = equals && is_long ? (size_t)(equals - arg) : strlen(arg);
    const struct opt *o = is_long ? find(t, arg + 2, len - 2) : len == 2 ? find_letter(t, arg[1]) : NULL;
    int used = 1;

    if (!o)
        return unknown(t, arg, arg + 1 + is_long, len - 1 - is_long, err);
    if (is_long && equals)
        value = equals + 1;
    if (o->kind == OPT_FLAG && value)
        return error_set(err, EINVAL, "--%s takes no value, but '%s' was given", o->name, value);
    if (o->kind != OPT_FLAG && !value) {
        if (at + 1 >= argc)
            return error_set(err, EINVAL, "--%s needs a value: --%s %s", o->name, o->name,
                             o->value_name ? o->value_name : "VALUE");
        value = argv[at + 1];
        used = 2;
    }
    if (o->kind != OPT_LIST && (*seen & 1ULL << (o - t->opts)))
        return error_set(err, EINVAL, "--%s is given twice; leave one out", o->name);
    *seen |= 1ULL << (o - t->opts);
    if (put(o, value, values, err) < 0)
        return -EINVAL;
    return used;
}

int opt_parse(const struct opt_table *t, int argc, char *const *argv, void *values, bool *help, struct error *err)
{
    uint64_t seen = 0;      /* bit per row; tables have fewer than 64 */
    int at = 0;

    if (t->n > 64)
        return error_set(err, EINVAL, "an option table has more than 64 rows");
    for (int i = 0; help && i < argc && strcmp(argv[i], "--"); i++) {
        if (is_help(argv[i])) {
            *help = true;
            return 0;
        }
    }
    while (at < argc && argv[at][0] == '-' && argv[at][1]) {
        int used;

        if (!strcmp(argv[at], "--")) {
            at++;
            break;
        }
        used = parse_one(t, argc, argv, at, values, &seen, err);
        if (used < 0)
            return used;
        at += used;
    }
    for (unsigned i = 0; i < t->n && at == argc; i++) {     /* words left over are the better complaint */
        const struct opt *o = &t->opts[i];

        if (o->required && !(seen & 1ULL << i))
            return error_set(err, EINVAL, "--%s is missing%s%s", o->name, o->fix ? "; " : "", o->fix ? o->fix : "");
    }
    return at;
}

/* Prints text wrapped at HELP_WIDTH; the cursor stands at column. */
static void print_wrapped(FILE *to, const char *text, int column)
{
    while (*text) {
        int word = (int)strcspn(text, " ");

        if (column > HELP_INDENT && column + 1 + word > HELP_WIDTH) {
            fprintf(to, "\n%*s", HELP_INDENT, "");
            column = HELP_INDENT;
        }
        if (column > HELP_INDENT)
            column += fprintf(to, " ");
        column += fprintf(to, "%.*s", word, text);
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', to);
}

void opt_help(const struct opt_table *t, FILE *to)
{
    char value[128];

    for (unsigned i = 0; i < t->n; i++) {
        const struct opt *o = &t->opts[i];
        int column = o->letter ? fprintf(to, "  -%c, --%s", o->letter, o->name) : fprintf(to, "  --%s", o->name);

        value_text(o, value, sizeof(value));
        if (value[0])
            column += fprintf(to, " %s", value);
        if (column > HELP_INDENT - 2)
            fprintf(to, "\n%*s", HELP_INDENT, "");
        else
            fprintf(to, "%*s", HELP_INDENT - column, "");
        print_wrapped(to, o->help, HELP_INDENT);
    }
}

void opt_man_text(const char *text, FILE *to)
{
    for (; *text; text++) {
        if (*text == '-')
            fputs("\\-", to);
        else if (*text == '\\')
            fputs("\\e", to);
        else
            fputc(*text, to);
    }
}

void opt_man(const struct opt_table *t, FILE *to)
{
    char value[128];

    for (unsigned i = 0; i < t->n; i++) {
        const struct opt *o = &t->opts[i];

        value_text(o, value, sizeof(value));
        fputs(".TP\n", to);
        if (o->letter)
            fprintf(to, "\\fB\\-%c\\fR, ", o->letter);
        fputs("\\fB\\-\\-", to);
        opt_man_text(o->name, to);
        fputs("\\fR", to);
        if (value[0]) {
            fputs(" \\fI", to);
            opt_man_text(value, to);
            fputs("\\fR", to);
        }
        fputc('\n', to);
        opt_man_text(o->help, to);
        fputc('\n', to);
    }
}

void opt_names(const struct opt_table *t, FILE *to)
{
    for (unsigned i = 0; i < t->n; i++)
        fprintf(to, "%s--%s", i ? " " : "", t->opts[i].name);
}
