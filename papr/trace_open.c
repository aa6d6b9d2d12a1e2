/* SPDX-License-Identifier: Apache-2.0 */
/* papr/trace_open.c - see the header. A class: one row. */
#include "papr/trace_open.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum trace_class class;
} names[] = {
    { "exec", TRACE_EXEC }, { "block", TRACE_BLOCK }, { "interrupt", TRACE_INTERRUPT }, { "mmu", TRACE_MMU },
    { "hcall", TRACE_HCALL }, { "rtas", TRACE_RTAS }, { "of", TRACE_OF },
};

static unsigned class_of(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i].name) == len && !memcmp(names[i].name, name, len))
            return names[i].class;
    return 0;
}

static int parse(const char *text, unsigned *classes, struct error *err)
{
    *classes = 0;
    for (;;) {
        size_t len = strcspn(text, ",");
        unsigned class = class_of(text, len);

        if (!class)
            return error_set(err, EINVAL,
                             "--trace: no class \"%.*s\"; there are exec, block, interrupt, mmu, hcall, rtas, of",
                             (int)len, text);
        *classes |= class;
        if (!text[len])
            return 0;
        text += len + 1;
    }
}

int trace_open(const char *classes, const char *file, struct trace **out, struct error *err)
{
    struct trace *t;
    unsigned set;
    int rc;

    *out = NULL;
    if (!classes)
        return 0;
    rc = parse(classes, &set, err);
    if (rc)
        return rc;
    t = calloc(1, sizeof(*t));
    if (!t)
        return error_set(err, ENOMEM, "out of memory");
    t->classes = set;
    t->out = file ? fopen(file, "we") : stderr;
    if (!t->out) {
        rc = error_set(err, errno, "--trace-file %s: %s", file, strerror(errno));
        free(t);
        return rc;
    }
    *out = t;
    return 0;
}

void trace_close(struct trace *t)
{
    if (!t)
        return;
    if (t->out != stderr)
        fclose(t->out);
    free(t);
}
