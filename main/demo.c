/* SPDX-License-Identifier: Apache-2.0 */
/* main/demo.c - `paprika demo`: runs the test guest that the program carries, as `paprika run` would, with a report. */
#include "main/command.h"
#include "main/guest_image.h"
#include "main/run_opts.h"

#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ARGS_MAX = 32, PATH_ROOM = 32 };

struct demo_opts {
    const char *append, *memory, *max_memory, *cpus, *max_cpus, *cpu, *engine, *serial, *qmp, *save;
    bool json;
};

#define AT(field) offsetof(struct demo_opts, field)
static const struct opt opts[] = {
    { "append", 'a', OPT_STRING, "TEXT", "Words for the guest, for example only=hpt.", AT(append) },
    { "memory", 'm', OPT_STRING, "SIZE", "Memory at start; 2G if left out.", AT(memory) },
    { "max-memory", 0, OPT_STRING, "SIZE", "How far memory can grow; 8T if left out.", AT(max_memory) },
    { "cpus", 0, OPT_STRING, "N", "Processors at start; one if left out.", AT(cpus) },
    { "max-cpus", 0, OPT_STRING, "N", "How many processors there can be; as many as --cpus if left out.",
      AT(max_cpus) },
    { "cpu", 0, OPT_STRING, NULL, "The processor's model; power9 if left out.", AT(cpu), .choices = cpu_models },
    { "engine", 0, OPT_STRING, NULL, "How guest code runs (see paprika run); auto if left out.", AT(engine),
      .choices = engine_names },
    { "serial", 0, OPT_STRING, "WHERE", "The serial line: stdio, file:FILE, unix:SOCKET or none; stdio if left out.",
      AT(serial), .choices = serial_places },
    { "qmp", 0, OPT_FILE, "SOCKET", "The monitor listens on this unix socket.", AT(qmp) },
    { "json", 0, OPT_FLAG, NULL, "Ends with the report as one line of JSON on standard output.", AT(json) },
    { "save", 0, OPT_FILE, "FILE",
      "Writes the guest to this file instead of running it; paprika run --kernel takes it.", AT(save) },
};
const struct opt_table demo_opt_table = { opts, sizeof(opts) / sizeof(opts[0]) };

static int write_image(int fd, const char *where, struct error *err)
{
    for (size_t done = 0; done < guest_image_bytes;) {
        ssize_t n = write(fd, guest_image + done, guest_image_bytes - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, errno, "%s: %s", where, strerror(errno));
        done += (size_t)n;
    }
    return 0;
}

static int save(const char *path, struct error *err)
{
    FILE *f = fopen(path, "we");
    int rc;

    if (!f)
        return error_set(err, errno, "--save %s: %s", path, strerror(errno));
    rc = write_image(fileno(f), path, err);
    fclose(f);
    return rc;
}

static void add(const char *args[ARGS_MAX], int *n, const char *name, const char *value)
{
    if (!value)
        return;
    args[(*n)++] = name;
    args[(*n)++] = value;
}

/* The options as `paprika run` takes them; it checks their values. */
static int run(const struct command *c, const struct demo_opts *o, const char *kernel)
{
    const char *args[ARGS_MAX];
    int n = 0;

    add(args, &n, "--kernel", kernel);
    add(args, &n, "--memory", o->memory);
    add(args, &n, "--max-memory", o->max_memory);
    add(args, &n, "--append", o->append);
    add(args, &n, "--cpus", o->cpus);
    add(args, &n, "--max-cpus", o->max_cpus);
    add(args, &n, "--cpu", o->cpu);
    add(args, &n, "--engine", o->engine);
    add(args, &n, "--serial", o->serial);
    add(args, &n, "--qmp", o->qmp);
    args[n++] = o->json ? "--json" : "--report";
    return run_main(c, n, (char **)args);
}

static int run_from_memory(const struct command *c, const struct demo_opts *o, struct error *err)
{
    char kernel[PATH_ROOM];
    int fd = memfd_create("paprika-guest", MFD_CLOEXEC), rc;

    if (fd < 0)
        return error_set(err, errno, "no memory file for the guest: %s", strerror(errno));
    rc = write_image(fd, "the guest's memory file", err);
    if (!rc) {
        snprintf(kernel, sizeof(kernel), "/proc/self/fd/%d", fd);
        rc = run(c, o, kernel);
    }
    close(fd);
    return rc;
}

int demo_main(const struct command *c, int argc, char **argv)
{
    struct demo_opts o = { .memory = "2G", .max_memory = "8T" };
    struct error err = { 0 };
    bool help = false;
    int rc = opt_parse(&demo_opt_table, argc, argv, &o, &help, &err);

    if (help) {
        command_help(c);
        return EXIT_STATUS_OK;
    }
    if (rc >= 0 && rc < argc)
        rc = error_set(&err, EINVAL, "'%s' is too much; words for the guest go into --append", argv[rc]);
    if (rc < 0)
        return command_usage_error(c, &err);
    if (!guest_image_bytes)
        rc = error_set(&err, ENOENT,
                       "this program was built without its guest: install gcc-powerpc64le-linux-gnu, build again");
    else
        rc = o.save ? save(o.save, &err) : run_from_memory(c, &o, &err);
    if (rc >= 0)
        return rc;
    fprintf(stderr, "paprika: %s\n", err.msg);
    return EXIT_STATUS_VMM;
}
