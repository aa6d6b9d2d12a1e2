/* SPDX-License-Identifier: Apache-2.0 */
#include "cpu/perf_log.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/thread.h"

enum { JIT_CODE_LOAD = 0, JIT_CODE_CLOSE = 3, DUMP_MAGIC = 0x4a695444, DUMP_VERSION = 1 };

struct dump_header {
    uint32_t magic, version, bytes, elf_machine, pad, pid;
    uint64_t time_ns, flags;
};

struct dump_record {
    uint32_t id, bytes;
    uint64_t time_ns;
};

struct dump_load {
    struct dump_record record;
    uint32_t pid, tid;
    uint64_t vma, address, code_bytes, index;
};

struct perf_log {
    struct lock lock;               /* a leaf; guards all */
    FILE *map, *dump;
    void *marker;                   /* mapping by which perf finds the dump */
    uint64_t index;
};

static size_t marker_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* What this program runs on, from its own ELF header. */
static uint32_t own_machine(void)
{
    Elf64_Ehdr h = { 0 };
    FILE *f = fopen("/proc/self/exe", "re");
    size_t got = f ? fread(&h, sizeof(h), 1, f) : 0;

    if (f)
        fclose(f);
    return got ? h.e_machine : EM_NONE;
}

static FILE *create(const char *form, struct error *err)
{
    char path[64];
    FILE *f;

    snprintf(path, sizeof(path), form, (int)getpid());
    unlink(path);                   /* of an earlier process of that number; never through somebody's link */
    f = fopen(path, "w+xe");
    if (!f)
        error_set(err, errno, "--perf: cannot create %s: %s", path, strerror(errno));
    return f;
}

/* perf notices that the file is mapped executable. */
static int start_dump(struct perf_log *log, struct error *err)
{
    struct dump_header h = { .magic = DUMP_MAGIC, .version = DUMP_VERSION, .bytes = sizeof(h),
                             .elf_machine = own_machine(),
                             .pid = (uint32_t)getpid(), .time_ns = (uint64_t)time_now_ns() };

    if (fwrite(&h, sizeof(h), 1, log->dump) != 1 || fflush(log->dump))
        return error_set(err, errno, "--perf: cannot write to /tmp: %s", strerror(errno));
    log->marker = mmap(NULL, marker_bytes(), PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno(log->dump), 0);
    if (log->marker == MAP_FAILED)
        return error_set(err, errno, "--perf: files of /tmp may not be mapped as code: %s", strerror(errno));
    return 0;
}

struct perf_log *perf_log_new(struct error *err)
{
    struct perf_log *log = calloc(1, sizeof(*log));

    if (!log) {
        error_set(err, ENOMEM, "out of memory");
        return NULL;
    }
    lock_init(&log->lock);
    log->marker = MAP_FAILED;
    log->map = create("/tmp/perf-%d.map", err);
    log->dump = log->map ? create("/tmp/jit-%d.dump", err) : NULL;
    if (!log->dump || start_dump(log, err)) {
        perf_log_free(log);
        return NULL;
    }
    setvbuf(log->map, NULL, _IOLBF, 0);         /* whoever looks while we run sees whole lines */
    return log;
}

void perf_log_free(struct perf_log *log)
{
    struct dump_record end = { .id = JIT_CODE_CLOSE, .bytes = sizeof(end), .time_ns = (uint64_t)time_now_ns() };

    if (!log)
        return;
    if (log->marker != MAP_FAILED) {
        fwrite(&end, sizeof(end), 1, log->dump);
        munmap(log->marker, marker_bytes());
    }
    if (log->dump)
        fclose(log->dump);
    if (log->map)
        fclose(log->map);
    lock_fini(&log->lock);
    free(log);
}

void perf_log_add(struct perf_log *log, const void *rx, const void *bytes, size_t len, const char *name)
{
    struct dump_load load = {
        .record = { .id = JIT_CODE_LOAD, .bytes = (uint32_t)(sizeof(load) + strlen(name) + 1 + len),
                    .time_ns = (uint64_t)time_now_ns() },
        .pid = (uint32_t)getpid(), .tid = (uint32_t)syscall(SYS_gettid), .vma = (uintptr_t)rx, .address = (uintptr_t)rx,
        .code_bytes = len,
    };

    lock_take(&log->lock);
    load.index = log->index++;
    fwrite(&load, sizeof(load), 1, log->dump);
    fwrite(name, strlen(name) + 1, 1, log->dump);
    fwrite(bytes, len, 1, log->dump);
    fprintf(log->map, "%" PRIxPTR " %zx %s\n", (uintptr_t)rx, len, name);
    lock_drop(&log->lock);
}
