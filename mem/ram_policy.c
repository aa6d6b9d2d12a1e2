/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/ram_policy.h"

#include "base/size.h"
#include "mem/ram_window_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PREALLOC_CHUNK (64ull << 20)

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23          /* Linux 5.14; older C libraries lack the name */
#endif

static int open_file(const struct ram_policy *p, uint64_t len, struct error *err)
{
    unsigned flags = MFD_CLOEXEC;
    int fd;

    if (p->backing == RAM_ANONYMOUS)
        return -1;
    if (p->huge_shift)
        flags |= MFD_HUGETLB | p->huge_shift << MAP_HUGE_SHIFT;
    if (p->backing == RAM_MEMFD)
        fd = memfd_create("paprika-ram", flags);
    else
        fd = open(p->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set(err, errno, "guest memory %s: %s", p->backing == RAM_FILE ? p->path : "memfd",
                         strerror(errno));
    if (ftruncate(fd, (off_t)len) < 0) {
        int rc = error_set(err, errno, "guest memory of %" PRIu64 " MiB in %s: %s", len >> 20,
                           p->backing == RAM_FILE ? p->path : "a memfd", strerror(errno));

        close(fd);
        return rc;
    }
    return fd;
}

/* The reservation's own kind of mapping again. */
static int cover(struct ram_window *w, uint64_t start, uint64_t len)
{
    const int flags = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

    if (mmap(w->base + start, len, PROT_NONE, flags, -1, 0) == MAP_FAILED)
        return -errno;
    (void)madvise(w->base + start, len, MADV_HUGEPAGE);
    (void)madvise(w->base + start, len, MADV_DONTDUMP);
    return 0;
}

/* Pages of the pool are always reserved: what it lacks is told here, not by a signal at the guest's first touch. */
static int map_over(struct ram_window *w, uint64_t start, uint64_t len, const struct ram_policy *p, int fd)
{
    int flags = MAP_FIXED | (p->reserve || p->huge_shift ? 0 : MAP_NORESERVE), rc;

    flags |= fd < 0 || p->private_file ? MAP_PRIVATE : MAP_SHARED;
    if (fd < 0)
        flags |= MAP_ANONYMOUS;
    if (fd < 0 && p->huge_shift)
        flags |= MAP_HUGETLB | (int)(p->huge_shift << MAP_HUGE_SHIFT);
    if (mmap(w->base + start, len, PROT_READ | PROT_WRITE, flags, fd, 0) != MAP_FAILED)
        return 0;
    rc = -errno;
    (void)cover(w, start, len);         /* the kernel may have taken the old mapping away before it refused */
    return rc;
}

static int bind_node(const struct ram_window *w, uint64_t start, uint64_t len, unsigned node)
{
    unsigned long mask[16] = { 0 };

    if (node >= 16 * 64)
        return -EINVAL;
    mask[node / 64] = 1ul << node % 64;
    return syscall(SYS_mbind, w->base + start, len, MPOL_BIND, mask, sizeof(mask) * 8, 0) < 0 ? -errno : 0;
}

static int prealloc(const struct ram_window *w, uint64_t start, uint64_t len, const struct ram_policy *p)
{
    for (uint64_t done = 0; done < len;) {
        uint64_t n = len - done < PREALLOC_CHUNK ? len - done : PREALLOC_CHUNK;

        if (madvise(w->base + start + done, n, MADV_POPULATE_WRITE) < 0)
            return -errno;
        done += n;
        if (p->progress && !p->progress(p->opaque, done, len))
            return -ECANCELED;
    }
    return 0;
}

static int apply(struct ram_window *w, uint64_t start, uint64_t len, const struct ram_policy *p, struct error *err)
{
    int rc;

    (void)madvise(w->base + start, len, p->no_huge ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
    (void)madvise(w->base + start, len, MADV_DONTDUMP);
    if (p->node_plus_1) {
        rc = bind_node(w, start, len, (unsigned)p->node_plus_1 - 1);
        if (rc < 0)
            return error_set(err, -rc,
                             "guest memory cannot be bound to NUMA node %d: %s; numactl --hardware lists this host's "
                             "nodes", p->node_plus_1 - 1, strerror(-rc));
    }
    return 0;
}

static int open_locked(struct ram_window *w, uint64_t start, uint64_t len, const struct ram_policy *p,
                       struct error *err)
    REQUIRES(w->lock)
{
    struct special *s = malloc(sizeof(*s));
    char text[SIZE_TEXT_BYTES];
    int rc, fd = s ? open_file(p, len, err) : error_set(err, ENOMEM, "no memory for the RAM window");

    if (fd < -1 || !s || (p->backing != RAM_ANONYMOUS && fd < 0)) {
        free(s);
        return fd;
    }
    rc = window_reclaim(w, start, len);
    if (rc == 0)
        rc = special_close(w, start, len);
    if (rc == 0)
        rc = map_over(w, start, len, p, fd);
    if (rc < 0) {
        if (fd >= 0)
            close(fd);
        free(s);
        return error_set(err, -rc, "the host refuses %s of guest memory%s: %s", size_format(len, text),
                         p->huge_shift ? " in huge pages (see /sys/kernel/mm/hugepages)"
                         : p->reserve  ? " (see vm.overcommit_memory)"
                                       : "",
                         strerror(-rc));
    }
    *s = (struct special){ .start = start, .len = len, .fd = fd, .next = w->special };
    w->special = s;
    rc = apply(w, start, len, p, err);
    if (rc < 0)
        (void)special_close(w, start, len);
    return rc;
}

int ram_window_open_policy(struct ram_window *w, ra_t start, uint64_t len, const struct ram_policy *p,
                           struct error *err)
{
    uint64_t huge = p->huge_shift ? 1ull << p->huge_shift : 1;
    char text[SIZE_TEXT_BYTES], page[SIZE_TEXT_BYTES];
    int rc;

    if (!window_range_ok(w, start, len))
        return window_bad_range(start, len, err);
    if ((start.v | len) & (huge - 1))
        return error_set(err, EINVAL, "guest memory of %s at 0x%" PRIx64 " is no multiple of huge pages of %s",
                         size_format(len, text), start.v, size_format(huge, page));
    lock_take(&w->lock);
    rc = open_locked(w, start.v, len, p, err);
    lock_drop(&w->lock);
    if (rc < 0 || !p->prealloc)
        return rc;
    rc = ram_window_take(w, start, len, p, err);        /* may take long: without the lock */
    if (rc < 0)
        (void)ram_window_close(w, start, len, NULL);
    return rc;
}

/* What the host could give without swapping, as it says itself; all there is if it does not. */
static uint64_t host_available_bytes(void)
{
    FILE *f = fopen("/proc/meminfo", "re");
    unsigned long long kib = 0;
    char line[128];

    while (f && !kib && fgets(line, sizeof(line), f))
        (void)sscanf(line, "MemAvailable: %llu kB", &kib);
    if (f)
        fclose(f);
    return kib ? kib << 10 : UINT64_MAX;
}

/* The host refuses nothing while it can still kill somebody for it: more than there is must not be asked for. */
static int check_available(uint64_t len, const struct ram_policy *p, struct error *err)
{
    uint64_t available = p->huge_shift || p->backing == RAM_FILE ? UINT64_MAX : host_available_bytes();
    char wanted[SIZE_TEXT_BYTES], there[SIZE_TEXT_BYTES];

    if (len <= available)
        return 0;
    return error_set(err, ENOMEM, "guest memory cannot all be taken now: %s, and the host has %s",
                     size_format_rounded(len, wanted), size_format_rounded(available, there));
}

int ram_window_take(struct ram_window *w, ra_t start, uint64_t len, const struct ram_policy *p, struct error *err)
{
    int rc = check_available(len, p, err);

    if (rc < 0)
        return rc;
    rc = window_range_ok(w, start, len) ? prealloc(w, start.v, len, p) : -EINVAL;
    return rc < 0 ? error_set(err, -rc, "guest memory cannot all be taken now: %s", strerror(-rc)) : 0;
}

bool ram_window_has_policy(struct ram_window *w, ra_t at)
{
    bool found = false;

    lock_take(&w->lock);
    for (const struct special *s = w->special; s; s = s->next)
        found = found || (at.v >= s->start && at.v - s->start < s->len);
    lock_drop(&w->lock);
    return found;
}

int ram_window_fd(struct ram_window *w, ra_t at, uint64_t *off)
{
    int fd = -1;

    lock_take(&w->lock);
    for (const struct special *s = w->special; s; s = s->next)
        if (at.v >= s->start && at.v - s->start < s->len && s->fd >= 0) {
            fd = s->fd;
            *off = s->fd_off + (at.v - s->start);
        }
    lock_drop(&w->lock);
    return fd;
}

int special_close(struct ram_window *w, uint64_t start, uint64_t len)
{
    struct special **at = &w->special, *s;
    uint64_t end = start + len;

    while ((s = *at)) {
        uint64_t s_end = s->start + s->len, from = s->start > start ? s->start : start, to = s_end < end ? s_end : end;
        struct special *tail = NULL;
        int rc;

        if (from >= to) {
            at = &s->next;
            continue;
        }
        if (from > s->start && to < s_end && !(tail = malloc(sizeof(*tail))))
            return -ENOMEM;
        rc = cover(w, from, to - from);
        if (rc < 0) {
            free(tail);
            return rc;
        }
        if (tail) {
            *tail = (struct special){ to, s_end - to, s->fd >= 0 ? dup(s->fd) : -1, s->fd_off + (to - s->start),
                                      s->next };
            s->next = tail;
        }
        if (from > s->start) {
            s->len = from - s->start;
            at = &s->next;
        } else if (to < s_end) {
            s->fd_off += to - s->start;
            s->len = s_end - to;
            s->start = to;
            at = &s->next;
        } else {
            *at = s->next;
            if (s->fd >= 0)
                close(s->fd);
            free(s);
        }
    }
    return 0;
}

int special_clear(struct ram_window *w, uint64_t start, uint64_t len)
{
    uint64_t end = start + len;

    for (const struct special *s = w->special; s; s = s->next) {
        uint64_t s_end = s->start + s->len, from = s->start > start ? s->start : start, to = s_end < end ? s_end : end;

        if (from < to && s->fd >= 0 &&
            fallocate(s->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(s->fd_off + (from - s->start)),
                      (off_t)(to - from)) < 0)
            return -errno;
    }
    return 0;
}

void special_free_all(struct ram_window *w)
{
    struct special *next;

    for (struct special *s = w->special; s; s = next) {
        next = s->next;
        if (s->fd >= 0)
            close(s->fd);
        free(s);
    }
}
