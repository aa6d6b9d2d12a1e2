/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/monitor_int.h - what the monitor's files share.  Everything here belongs to the monitor's thread. */
#ifndef MONITOR_MONITOR_INT_H
#define MONITOR_MONITOR_INT_H

#include "base/listener.h"
#include "base/loop.h"
#include "monitor/frame.h"
#include "monitor/monitor.h"

#include <jansson.h>

#define MONITOR_CLIENTS_MAX 64
#define GENERIC "GenericError"      /* the class of most errors */

struct session;

struct monitor {
    struct papr *machine;
    struct loop *loop;
    struct session *sessions;
    unsigned nsessions;
    struct listener *listener;
    bool quit_asked;        /* ask the machine once the answers are out */
    struct memdev *memdevs; /* memory.c */
};

/* monitor/session.c: one client. */
int session_open(struct monitor *m, int fd, struct error *err);
void session_close_all(struct monitor *m, int64_t flush_ns);
void session_broadcast(struct monitor *m, const json_t *event);

/* monitor/monitor.c: a client left. */
void monitor_client_gone(struct monitor *m);

/* monitor/command.c: one text to one answer.  ready says whether the negotiation is over, and changes.
 * A new reference; NULL: no memory. */
json_t *command_run(struct monitor *m, const char *text, size_t len_bytes, bool *ready);
/* The answer for what the framer could not cut. */
json_t *command_framing_error(enum frame_state why);
json_t *command_greeting(void);

/* monitor/event.c */
json_t *event_json(const struct papr_event *ev, int64_t wall_ns);

struct qmp_error {
    const char *class;      /* NULL: no error */
    char desc[512];
};
void qmp_error_set(struct qmp_error *e, const char *class, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* One command's run.  It answers with ret, a new reference (NULL means {}), or sets the error. */
struct qmp_call {
    struct monitor *m;
    const json_t *args;
    json_t *ret;
    struct qmp_error *e;
};
/* A GenericError. */
void qmp_fail(struct qmp_call *q, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The machine's refusal as the command's error. */
void qmp_refuse(struct qmp_call *q, const struct error *err);
/* Answers {}, or with the machine's refusal. */
void qmp_ask(struct qmp_call *q, int (*fn)(struct papr *p, struct error *err));
/* An argument, NULL or 0 if left out; its type has been checked. */
json_t *qmp_get(const struct qmp_call *q, const char *name);
const char *qmp_string(const struct qmp_call *q, const char *name);
json_int_t qmp_integer(const struct qmp_call *q, const char *name);

/* One argument of a command. */
struct qmp_arg {
    const char *name;
    char type;              /* 's'tring, 'i'nteger, 'b'oolean, 'o'bject, '*' any */
    bool optional;
};

/* One row per command (commands.c). */
struct qmp_command {
    const char *name;
    void (*run)(struct qmp_call *q);    /* NULL: checking its words was all (qmp_capabilities) */
    const struct qmp_arg *args;     /* ends with a NULL name; NULL: none */
    const char *help;
};
/* monitor/engine_stats.c */
void qmp_query_c_calls(struct qmp_call *q);
void qmp_query_engine_stats(struct qmp_call *q);
extern const struct qmp_command qmp_commands[];     /* ends with a NULL name */

#endif
