/* SPDX-License-Identifier: Apache-2.0 */
#include "main/run_opts.h"

#include "base/size.h"
#include "base/uuid.h"
#include "dev/console.h"

#include <errno.h>

#define AT(field) offsetof(struct run_opts, field)
#define MIB (1ULL << 20)
#define TIB (1ULL << 40)

const char *const cpu_models[] = { "power9", "power8", NULL };
/* in the order of enum cpu_engine */
const char *const engine_names[] = { "auto", "interp", "jit", "lockstep", NULL };
static const char *const huge_page_kinds[] = { "auto", "off", "2M", "1G", NULL };
const char *const serial_places[] = { "stdio", "file:", "unix:", "none", NULL };
/* what a list may begin with; papr/trace_open.c knows them all */
static const char *const trace_classes[] = { "exec", "block", "interrupt", "mmu", "hcall", "rtas", "of", NULL };

static const struct opt opts[] = {
    { "kernel", 'k', OPT_FILE, "FILE", "The kernel: a vmlinux (64-bit ELF, either endian) or a zImage.", AT(kernel),
      .required = true, .fix = "give --kernel FILE, a ppc64 vmlinux or zImage" },
    { "initrd", 'i', OPT_FILE, "FILE", "An initial RAM disk for the kernel.", AT(initrd) },
    { "append", 'a', OPT_STRING, "TEXT", "The kernel's command line; console=hvc0, the serial line, if left out.",
      AT(append) },
    { "memory", 'm', OPT_SIZE, "SIZE", "Memory at start; 2G if left out.", AT(memory_bytes), .min = 128 * MIB,
      .max = 64 * TIB, .fix = "for example --memory 2G" },
    { "max-memory", 0, OPT_SIZE, "SIZE",
      "How far memory can grow while the machine runs; as much as --memory if left out.",
      AT(max_memory_bytes), .min = 128 * MIB, .max = 64 * TIB, .fix = "for example --max-memory 8T" },
    { "prealloc", 0, OPT_FLAG, NULL, "Takes all of the guest's memory from the host at once, also what is added later.",
      AT(prealloc) },
    { "huge-pages", 0, OPT_CHOICE, NULL,
      "Host pages behind guest memory: auto, off, or 2M or 1G from the host's pool; auto if left out.",
      AT(huge_pages), .choices = huge_page_kinds },
    { "numa-node", 0, OPT_NUMBER, "N",
      "Takes guest memory from this NUMA node of the host only (0 is the first); any if left out.",
      AT(numa_node), .max = 1023, .fix = "numactl --hardware lists the nodes" },
    { "reserve", 0, OPT_FLAG, NULL,
      "Fails at once if the host would not grant all of the guest's memory (vm.overcommit_memory).", AT(reserve) },
    { "cpus", 0, OPT_NUMBER, "N", "Processors at start, 1 to 8; one if left out.", AT(cpus), .min = 1, .max = 8 },
    { "max-cpus", 0, OPT_NUMBER, "N",
      "How many processors there can be while the machine runs; as many as --cpus if left out.", AT(max_cpus),
      .min = 1, .max = 8 },
    { "cpu", 0, OPT_CHOICE, NULL, "The processor's model; power9 if left out.", AT(cpu), .choices = cpu_models },
    { "engine", 0, OPT_CHOICE, NULL,
      "How guest code runs: auto and jit translate what is hot, interp never does, lockstep checks each translation "
      "against the interpreter; auto if left out.", AT(engine), .choices = engine_names },
    { "code-cache", 0, OPT_SIZE, "SIZE",
      "Most host memory for translated code, 4M to 64M; 64M if left out. Half as much again describes it. The oldest "
      "translations go first.",
      AT(code_cache_bytes), .min = 4 * MIB, .max = 64 * MIB, .fix = "for example --code-cache 16M" },
    { "name", 0, OPT_STRING, "TEXT", "The partition's name as the guest sees it.", AT(name) },
    { "uuid", 0, OPT_STRING, "UUID", "The partition's UUID as the guest sees it.", AT(uuid) },
    { "qmp", 0, OPT_FILE, "SOCKET", "The monitor listens on this unix socket (QMP; see also paprika ctl).", AT(qmp) },
    { "serial", 0, OPT_STRING, "WHERE", "The serial line: stdio, file:FILE, unix:SOCKET or none; stdio if left out.",
      AT(serial), .choices = serial_places },
    { "paused", 0, OPT_FLAG, NULL, "Waits for cont from the monitor before the first instruction.", AT(paused) },
    { "trace", 0, OPT_STRING, "CLASSES",
      "Traces these classes, separated by commas: exec, block, interrupt, mmu, hcall, rtas, of. "
      "With exec or block the processor interprets.", AT(trace), .choices = trace_classes },
    { "trace-file", 0, OPT_FILE, "FILE", "Where the trace goes; standard error if left out.", AT(trace_file) },
    { "perf", 0, OPT_FLAG, NULL, "Tells Linux perf about translated code: /tmp/perf-PID.map and /tmp/jit-PID.dump.",
      AT(perf) },
    { "report", 0, OPT_FLAG, NULL, "Ends with a report: times, instructions, memory.", AT(report) },
    { "json", 0, OPT_FLAG, NULL, "Ends with the report as one line of JSON on standard output.", AT(json) },
    { "marker", 0, OPT_STRING, "TEXT", "The line by which the report knows that the guest's shell is up.", AT(marker) },
};
const struct opt_table run_opt_table = { opts, sizeof(opts) / sizeof(opts[0]) };

enum isa_level cpu_model_level(unsigned choice)
{
    return choice == 0 ? ISA_LEVEL_3_00 : ISA_LEVEL_2_07;
}

int run_opts_parse(struct run_opts *o, int argc, char **argv, struct error *err)
{
    char memory[SIZE_TEXT_BYTES], max[SIZE_TEXT_BYTES];
    uint8_t uuid[UUID_BYTES];
    bool help = false;
    int used;

    *o = (struct run_opts){ .append = "console=hvc0", .memory_bytes = 2048 * MIB, .numa_node = NUMA_NODE_ANY,
                            .cpus = 1, .serial = "stdio", .marker = "paprika guest: shell is up" };
    used = opt_parse(&run_opt_table, argc, argv, o, &help, err);
    if (help)
        return 1;
    if (used < 0)
        return used;
    if (used < argc && !o->kernel)
        return error_set(err, EINVAL, "'%s' is not an option; did you mean --kernel %s?", argv[used], argv[used]);
    if (used < argc)
        return error_set(err, EINVAL, "'%s' belongs to no option; a value with spaces needs quotes", argv[used]);
    if (console_spec_check(o->serial, err) < 0)
        return error_prefix(err, "--serial");
    if (o->uuid && uuid_parse(o->uuid, uuid, err))
        return error_prefix(err, "--uuid");
    if (!o->max_memory_bytes)
        o->max_memory_bytes = o->memory_bytes;
    if (o->max_memory_bytes < o->memory_bytes)
        return error_set(err, EINVAL, "--max-memory %s is less than --memory %s; leave it out or raise it",
                         size_format(o->max_memory_bytes, max), size_format(o->memory_bytes, memory));
    if (!o->max_cpus)
        o->max_cpus = o->cpus;
    if (o->max_cpus < o->cpus)
        return error_set(err, EINVAL, "--max-cpus %u is less than --cpus %u; leave it out or raise it",
                         (unsigned)o->max_cpus, (unsigned)o->cpus);
    if (o->trace_file && !o->trace)
        return error_set(err, EINVAL, "--trace-file %s has nothing to write; say what with --trace CLASSES",
                         o->trace_file);
    return 0;
}
