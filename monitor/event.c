/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/event.c - the machine's events as QMP tells them. */
#include "monitor/monitor_int.h"

#include <stdio.h>

static const char *event_name(enum papr_event_kind kind)
{
    switch (kind) {
    case PAPR_EVENT_SHUTDOWN:
        return "SHUTDOWN";
    case PAPR_EVENT_RESET:
        return "RESET";
    case PAPR_EVENT_POWERDOWN:
        return "POWERDOWN";
    case PAPR_EVENT_STOP:
        return "STOP";
    case PAPR_EVENT_RESUME:
        return "RESUME";
    case PAPR_EVENT_GUEST_PANICKED:
        return "GUEST_PANICKED";
    case PAPR_EVENT_DEVICE_DELETED:
        return "DEVICE_DELETED";
    case PAPR_EVENT_UNPLUG_ERROR:
        return "DEVICE_UNPLUG_GUEST_ERROR";
    case PAPR_EVENT_MEMORY_SIZE:
        return "MEMORY_DEVICE_SIZE_CHANGE";
    case PAPR_EVENT_RESIZED:
        return "MEMORY_RESIZED";
    case PAPR_EVENT_INTERNAL_ERROR:
        break;
    }
    return "INTERNAL_ERROR";
}

/* A guest may say anything in its last words, also what is not UTF-8. */
static json_t *text_json(const char *text)
{
    json_t *v = text ? json_string(text) : NULL;

    return v ? v : json_string("");
}

/* A device without an id has only its path. */
static json_t *device_json(const char *id, const char *why)
{
    char path[128];

    snprintf(path, sizeof(path), "/machine/peripheral%s%s", id && *id ? "/" : "-anon", id ? id : "");
    return json_pack("{s:s*, s:s, s:s*}", "device", id && *id ? id : NULL, "path", path, "reason", why);
}

static json_t *event_data(const struct papr_event *ev)
{
    switch (ev->kind) {
    case PAPR_EVENT_SHUTDOWN:
        return json_pack("{s:b, s:s}", "guest", ev->guest, "reason", ev->text ? ev->text : "none");
    case PAPR_EVENT_RESET:
        return json_pack("{s:b, s:s}", "guest", ev->guest, "reason",
                         ev->guest ? "guest-reset" : "host-qmp-system-reset");
    case PAPR_EVENT_GUEST_PANICKED:
        return json_pack("{s:s, s:o}", "action", "shutdown", "text", text_json(ev->text));
    case PAPR_EVENT_INTERNAL_ERROR:
        return json_pack("{s:o}", "text", text_json(ev->text));
    case PAPR_EVENT_DEVICE_DELETED:
    case PAPR_EVENT_UNPLUG_ERROR:
        return device_json(ev->text, ev->why);
    case PAPR_EVENT_MEMORY_SIZE:
        return json_pack("{s:I, s:s}", "size", (json_int_t)ev->bytes, "qom-path", "/machine");
    case PAPR_EVENT_RESIZED:
        return json_pack("{s:o, s:I}", "outcome", text_json(ev->text), "memory", (json_int_t)ev->bytes);
    default:
        return NULL;
    }
}

json_t *event_json(const struct papr_event *ev, int64_t wall_ns)
{
    json_t *out = json_pack("{s:s, s:{s:I, s:I}}", "event", event_name(ev->kind), "timestamp", "seconds",
                            (json_int_t)(wall_ns / 1000000000), "microseconds", (json_int_t)(wall_ns / 1000 % 1000000));
    json_t *data = event_data(ev);

    if (out && data)
        json_object_set_new(out, "data", data);
    else
        json_decref(data);
    return out;
}
