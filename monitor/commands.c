/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/commands.c - the QMP commands: one function and one row each.  A new command needs nothing else.
 * Spec: QEMU's QAPI reference for the names that exist there. */
#include "monitor/memory.h"
#include "monitor/monitor_int.h"

#include "base/version.h"

static const char *status_name(enum papr_status s)
{
    switch (s) {
    case PAPR_PRELAUNCH:
        return "prelaunch";
    case PAPR_RUNNING:
        return "running";
    case PAPR_PAUSED:
        return "paused";
    case PAPR_SHUTDOWN:
        return "shutdown";
    case PAPR_GUEST_PANICKED:
        return "guest-panicked";
    case PAPR_INTERNAL_ERROR:
        break;
    }
    return "internal-error";
}

static void query_status(struct qmp_call *q)
{
    enum papr_status s = papr_status(q->m->machine);

    q->ret = json_pack("{s:b, s:b, s:s}", "running", s == PAPR_RUNNING, "singlestep", 0, "status", status_name(s));
}

static void query_version(struct qmp_call *q)
{
    q->ret = json_pack("{s:{s:i, s:i, s:i}, s:s}", "qemu", "major", PAPRIKA_MAJOR, "minor", PAPRIKA_MINOR, "micro",
                     PAPRIKA_MICRO, "package", "paprika " PAPRIKA_VERSION);
}

static void query_commands(struct qmp_call *q)
{
    q->ret = json_array();
    for (const struct qmp_command *c = qmp_commands; q->ret && c->name; c++)
        json_array_append_new(q->ret, json_pack("{s:s}", "name", c->name));
}

static void stop(struct qmp_call *q)
{
    qmp_ask(q, papr_stop);
}

static void cont(struct qmp_call *q)
{
    qmp_ask(q, papr_cont);
}

static void quit(struct qmp_call *q)
{
    q->m->quit_asked = true;
}

static void system_reset(struct qmp_call *q)
{
    papr_request_reset(q->m->machine);
}

static void system_powerdown(struct qmp_call *q)
{
    papr_request_powerdown(q->m->machine);
}

static const struct qmp_arg capabilities_args[] = { { "enable", '*', true }, { NULL } };

const struct qmp_command qmp_commands[] = {
    { "qmp_capabilities", NULL, capabilities_args, "ends the negotiation" },
    { "query-status", query_status, NULL, "what the machine is doing" },
    { "x-query-c-calls", qmp_query_c_calls, NULL,
      "instructions that translated code leaves to C functions, and how often" },
    { "x-query-engine-stats", qmp_query_engine_stats, NULL, "counters of the CPU engine" },
    { "query-version", query_version, NULL, "the version of this program" },
    { "query-commands", query_commands, NULL, "the names of all commands" },
    { "stop", stop, NULL, "pauses the processors" },
    { "cont", cont, NULL, "lets them run again" },
    { "quit", quit, NULL, "ends the machine at once" },
    { "system_reset", system_reset, NULL, "restarts the machine" },
    { "system_powerdown", system_powerdown, NULL, "presses the power button (EPOW to the guest)" },
    { "resize", qmp_resize, qmp_resize_args, "changes the guest's memory to so many bytes" },
    { "resize-cancel", qmp_resize_cancel, NULL, "ends a resize that runs" },
    { "query-resize", qmp_query_resize, NULL, "how the resize that runs, or ran last, is getting on" },
    { "query-memory-size-summary", qmp_query_memory_size_summary, NULL, "memory of the start, and plugged" },
    { "query-memory-devices", qmp_query_memory_devices, NULL, "the memory devices" },
    { "query-memdev", qmp_query_memdev, NULL, "the memory backends" },
    { "query-hotpluggable-cpus", qmp_query_hotpluggable_cpus, NULL, "the processors there are or may be" },
    { "connector-plug", qmp_connector_plug, qmp_connector_args,
      "makes a connector's processor or bridge present and tells the guest" },
    { "connector-unplug", qmp_connector_unplug, qmp_connector_args, "asks the guest to give it back" },
    { "object-add", qmp_object_add, qmp_object_add_args, "makes a memory backend" },
    { "object-del", qmp_object_del, qmp_object_del_args, "removes an unused memory backend" },
    { "device_add", qmp_device_add, qmp_device_add_args, "plugs a memory device (pc-dimm) or a processor" },
    { "device_del", qmp_device_del, qmp_device_del_args, "asks the guest to give a device back" },
    { NULL, NULL, NULL, NULL },
};
