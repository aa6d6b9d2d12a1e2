/* SPDX-License-Identifier: Apache-2.0 */
/* bench/guest/main.c - times one program inside a guest.
 *
 *     guest kernel NAME MIB        a kernel of this folder
 *     guest run NAME COMMAND       a shell command; the checksum is of its standard output. A line "WORK n" is not
 *                                  part of it: it says how much was done by a program that runs for a fixed time.
 *
 * Prints "BEGIN name" and "END name seconds work checksum status". bench/cpu.py reads this, and looks at the processor
 * time of the whole machine when either line comes. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

static const char *name;
static double started;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void begin(void)
{
    printf("BEGIN %s\n", name);
    fflush(stdout);
    started = now();
}

static void end(double work, uint64_t sum, int status)
{
    printf("END %s %.6f %.0f %016llx %d\n", name, now() - started, work, (unsigned long long)sum, status);
    fflush(stdout);
}

uint64_t mix(uint64_t sum, uint64_t value)
{
    return (sum ^ value) * 0x100000001b3ull;
}

uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

void *must_alloc(size_t bytes)
{
    void *p = malloc(bytes);

    if (!p) {
        perror("malloc");
        exit(1);
    }
    return p;
}

static int run_kernel(size_t mib)
{
    const struct kernel *const tables[] = { integer_kernels, float_kernels, vector_kernels, memory_kernels,
                                            shared_kernels };

    for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        for (const struct kernel *k = tables[i]; k->name; k++)
            if (!strcmp(k->name, name)) {
                end(1, k->run(mib), 0);
                return 0;
            }
    fprintf(stderr, "no kernel %s\n", name);
    return 1;
}

static int run_command(const char *command)
{
    char line[65536];
    uint64_t sum = 0;
    double work = 0;
    FILE *out;
    int status;

    begin();
    out = popen(command, "r");
    while (out && fgets(line, sizeof(line), out)) {
        if (sscanf(line, "WORK %lf", &work) == 1)
            continue;
        for (const char *c = line; *c; c++)
            sum = mix(sum, (uint8_t)*c);
    }
    status = out ? pclose(out) : -1;
    end(work > 0 ? work : 1, sum, WIFEXITED(status) ? WEXITSTATUS(status) : 255);
    return status != 0;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    name = argv[2];
    return !strcmp(argv[1], "kernel") ? run_kernel(strtoul(argv[3], NULL, 0)) : run_command(argv[3]);
}
