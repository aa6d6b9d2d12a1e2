/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/command.c - from one JSON text to one answer: parse, check the envelope and the arguments, run the row.
 * Error classes and wording follow QEMU's. */
#include "monitor/monitor_int.h"

#include "base/opt.h"
#include "base/version.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NOT_FOUND "CommandNotFound"

void qmp_error_set(struct qmp_error *e, const char *class, const char *fmt, ...)
{
    va_list ap;

    e->class = class;
    va_start(ap, fmt);
    vsnprintf(e->desc, sizeof(e->desc), fmt, ap);
    va_end(ap);
}

void qmp_fail(struct qmp_call *q, const char *fmt, ...)
{
    va_list ap;

    q->e->class = GENERIC;
    va_start(ap, fmt);
    vsnprintf(q->e->desc, sizeof(q->e->desc), fmt, ap);
    va_end(ap);
}

void qmp_refuse(struct qmp_call *q, const struct error *err)
{
    qmp_fail(q, "%s", err->msg);
}

void qmp_ask(struct qmp_call *q, int (*fn)(struct papr *p, struct error *err))
{
    struct error err = { 0 };

    if (fn(q->m->machine, &err) < 0)
        qmp_refuse(q, &err);
}

json_t *qmp_get(const struct qmp_call *q, const char *name)
{
    return json_object_get(q->args, name);
}

const char *qmp_string(const struct qmp_call *q, const char *name)
{
    return json_string_value(qmp_get(q, name));
}

json_int_t qmp_integer(const struct qmp_call *q, const char *name)
{
    return json_integer_value(qmp_get(q, name));
}

static json_t *error_json(const struct qmp_error *e)
{
    /* The text may quote the client's bytes, cut anywhere: %s would refuse what is not UTF-8. */
    json_t *desc = json_string(e->desc);

    return json_pack("{s:{s:s, s:o}}", "error", "class", e->class, "desc", desc ? desc : json_string("bad input"));
}

void monitor_man(FILE *to)
{
    for (const struct qmp_command *c = qmp_commands; c->name; c++) {
        fputs(".TP\n\\fB", to);
        opt_man_text(c->name, to);
        fputs("\\fR", to);
        for (const struct qmp_arg *a = c->args; a && a->name; a++) {
            fputs(a->optional ? " [\\fI" : " \\fI", to);
            opt_man_text(a->name, to);
            fputs(a->optional ? "\\fR]" : "\\fR", to);
        }
        fputc('\n', to);
        opt_man_text(c->help, to);
        fputc('\n', to);
    }
}

json_t *command_greeting(void)
{
    return json_pack("{s:{s:{s:{s:i, s:i, s:i}, s:s}, s:[]}}", "QMP", "version", "qemu",
                     "micro", PAPRIKA_MICRO, "minor", PAPRIKA_MINOR, "major", PAPRIKA_MAJOR,
                     "package", "paprika " PAPRIKA_VERSION, "capabilities");
}

json_t *command_framing_error(enum frame_state why)
{
    struct qmp_error e;

    if (why == FRAME_TOO_LONG)
        qmp_error_set(&e, GENERIC, "JSON parse error, a text longer than %u bytes", FRAME_BYTES_MAX);
    else if (why == FRAME_TOO_DEEP)
        qmp_error_set(&e, GENERIC, "JSON parse error, nested deeper than %d", FRAME_DEPTH_MAX);
    else
        qmp_error_set(&e, GENERIC, "JSON parse error, expecting an object");
    return error_json(&e);
}

static const struct qmp_command *find(const char *name)
{
    for (const struct qmp_command *c = qmp_commands; c->name; c++) {
        if (!strcmp(c->name, name))
            return c;
    }
    return NULL;
}

static bool type_fits(char type, const json_t *v)
{
    switch (type) {
    case 's':
        return json_is_string(v);
    case 'i':
        return json_is_integer(v);
    case 'b':
        return json_is_boolean(v);
    case 'o':
        return json_is_object(v);
    default:
        return true;
    }
}

static const char *type_name(char type)
{
    return type == 's' ? "string" : type == 'i' ? "integer" : type == 'b' ? "boolean" : "object";
}

static void check_args(const struct qmp_command *c, json_t *args, struct qmp_error *e)
{
    static const struct qmp_arg none[] = { { NULL, 0, false } };
    const struct qmp_arg *spec = c->args ? c->args : none;
    const char *key;
    json_t *v;

    for (const struct qmp_arg *a = spec; a->name; a++) {
        v = json_object_get(args, a->name);
        if (!v && !a->optional) {
            qmp_error_set(e, GENERIC, "Parameter '%s' is missing", a->name);
            return;
        }
        if (v && !type_fits(a->type, v)) {
            qmp_error_set(e, GENERIC, "Invalid parameter type for '%s', expected: %s", a->name, type_name(a->type));
            return;
        }
    }
    json_object_foreach(args, key, v)
    {
        const struct qmp_arg *a = spec;

        while (a->name && strcmp(a->name, key))
            a++;
        if (!a->name) {
            qmp_error_set(e, GENERIC, "Parameter '%.64s' is unexpected", key);
            return;
        }
    }
}

static void check_envelope(json_t *in, struct qmp_error *e)
{
    const json_t *args = json_object_get(in, "arguments");
    const char *key;
    json_t *v;

    if (!json_is_object(in)) {
        qmp_error_set(e, GENERIC, "QMP input must be a JSON object");
        return;
    }
    json_object_foreach(in, key, v)
    {
        if (strcmp(key, "execute") && strcmp(key, "arguments") && strcmp(key, "id")) {
            qmp_error_set(e, GENERIC, "QMP input member '%.64s' is unexpected", key);
            return;
        }
    }
    if (!json_object_get(in, "execute"))
        qmp_error_set(e, GENERIC, "QMP input lacks member 'execute'");
    else if (!json_is_string(json_object_get(in, "execute")))
        qmp_error_set(e, GENERIC, "QMP input member 'execute' must be a string");
    else if (args && !json_is_object(args))
        qmp_error_set(e, GENERIC, "QMP input member 'arguments' must be an object");
}

static const char capabilities_name[] = "qmp_capabilities";

static void check_negotiation(const char *name, const json_t *args, bool ready, struct qmp_error *e)
{
    bool is_negotiation = !strcmp(name, capabilities_name);
    const json_t *enable = json_object_get(args, "enable");

    if (!ready && !is_negotiation)
        qmp_error_set(e, NOT_FOUND, "Expecting capabilities negotiation with '%s'", capabilities_name);
    else if (ready && is_negotiation)
        qmp_error_set(e, NOT_FOUND, "Capabilities negotiation is already complete, command ignored");
    else if (is_negotiation && enable && !json_is_array(enable))
        qmp_error_set(e, GENERIC, "Invalid parameter type for 'enable', expected: array");
    else if (is_negotiation && json_array_size(enable))
        qmp_error_set(e, GENERIC, "none of these capabilities is available");
}

/* The answer; NULL: {}, or an error was set. */
static json_t *run(struct monitor *m, json_t *in, bool *ready, struct qmp_error *e)
{
    json_t *args = json_object_get(in, "arguments");
    const char *name = json_string_value(json_object_get(in, "execute"));
    struct qmp_call call = { m, args, NULL, e };
    const struct qmp_command *c;

    check_negotiation(name, args, *ready, e);
    c = find(name);
    if (!e->class && !c)
        qmp_error_set(e, NOT_FOUND, "The command %.64s has not been found; query-commands lists them", name);
    if (!e->class)
        check_args(c, args, e);
    if (e->class)
        return NULL;
    if (c->run)
        c->run(&call);
    *ready = true;
    return call.ret;
}

json_t *command_run(struct monitor *m, const char *text, size_t len_bytes, bool *ready)
{
    struct qmp_error e = { NULL, "" };
    json_error_t json_err;
    json_t *in = json_loadb(text, len_bytes, JSON_REJECT_DUPLICATES, &json_err);
    json_t *ret = NULL, *out, *id;

    if (!in)
        qmp_error_set(&e, GENERIC, "JSON parse error, %s", json_err.text);
    else
        check_envelope(in, &e);
    if (!e.class)
        ret = run(m, in, ready, &e);
    out = e.class ? error_json(&e) : json_pack("{s:o}", "return", ret ? ret : json_object());
    id = json_object_get(in, "id");
    if (out && id)
        json_object_set(out, "id", id);
    json_decref(in);
    return out;
}
