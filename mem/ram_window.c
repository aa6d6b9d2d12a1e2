/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/ram_window_int.h"

#include "base/size.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Host huge pages only form where base + ra is aligned like ra itself;
 * soft TLBs need the same for the guest's pages of up to 16 MiB. */
#define WINDOW_ALIGN (1ull << 30)
#define SMALL_WINDOW_ALIGN (1ull << 24)

static int reserve(struct ram_window *w)
{
    uint64_t align = w->size < WINDOW_ALIGN ? SMALL_WINDOW_ALIGN : WINDOW_ALIGN;
    uintptr_t addr;

    w->mapping_size = w->size + align;
    w->mapping = mmap(NULL, w->mapping_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (w->mapping == MAP_FAILED)
        return -errno;
    addr = ((uintptr_t)w->mapping + align - 1) & ~(uintptr_t)(align - 1);
    w->base = (uint8_t *)addr;
    /* On the whole reservation, so that opening and closing split and join the same kind of mapping. */
    (void)madvise(w->mapping, w->mapping_size, MADV_HUGEPAGE);
    (void)madvise(w->mapping, w->mapping_size, MADV_DONTDUMP);
    return 0;
}

struct ram_window *ram_window_new(uint64_t ceiling_bytes, struct error *err)
{
    struct ram_window *w;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    int rc;

    if (ceiling_bytes == 0 || ceiling_bytes > 1ull << 56) {
        error_set(err, EINVAL, "a memory ceiling of %" PRIu64 " bytes is not possible", ceiling_bytes);
        return NULL;
    }
    w = calloc(1, sizeof(*w));
    if (!w) {
        error_set(err, ENOMEM, "no memory for the RAM window");
        return NULL;
    }
    w->page = page;
    w->size = (ceiling_bytes + page - 1) & ~(page - 1);
    rc = reserve(w);
    if (rc < 0) {
        error_set(err, -rc, "cannot reserve %" PRIu64 " MiB of address space for guest memory: %s; "
                  "lower the memory ceiling or raise the limit (ulimit -v)", w->size >> 20, strerror(-rc));
        free(w);
        return NULL;
    }
    lock_init(&w->lock);
    return w;
}

void ram_window_free(struct ram_window *w)
{
    if (!w)
        return;
    rcu_barrier();
    munmap(w->mapping, w->mapping_size);
    special_free_all(w);
    lock_fini(&w->lock);
    free(w);
}

bool window_range_ok(const struct ram_window *w, ra_t start, uint64_t len)
{
    return len && start.v < w->size && len <= w->size - start.v && !((start.v | len) & (w->page - 1));
}

int window_bad_range(ra_t start, uint64_t len, struct error *err)
{
    return error_set(err, EINVAL, "memory range 0x%" PRIx64 " + 0x%" PRIx64
                     " is empty, not page aligned or beyond the ceiling", start.v, len);
}

static struct retired *retire_locked(struct ram_window *w, uint64_t start, uint64_t len) REQUIRES(w->lock)
{
    struct retired *r = malloc(sizeof(*r));

    if (!r)
        return NULL;
    *r = (struct retired){ .window = w, .start = start, .len = len, .next = w->retired };
    w->retired = r;
    return r;
}

static int close_locked(struct ram_window *w, uint64_t start, uint64_t len) REQUIRES(w->lock)
{
    int rc = special_close(w, start, len);

    if (rc < 0)
        return rc;
    /* Closed first: no page can come back between the two steps. */
    if (mprotect(w->base + start, len, PROT_NONE) < 0 || madvise(w->base + start, len, MADV_DONTNEED) < 0)
        return -errno;
    return 0;
}

static void close_retired(struct rcu_head *head)
{
    struct retired *r = caa_container_of(head, struct retired, rcu), **at;
    struct ram_window *w;

    rcu_grace_passed();
    w = r->window;
    lock_take(&w->lock);
    for (at = &w->retired; *at != r; at = &(*at)->next)
        ;
    *at = r->next;
    if (r->len)
        (void)close_locked(w, r->start, r->len);
    lock_drop(&w->lock);
    free(r);
}

int window_reclaim(struct ram_window *w, uint64_t start, uint64_t len)
{
    uint64_t end = start + len;

    for (struct retired *r = w->retired; r; r = r->next) {
        uint64_t r_end = r->start + r->len, from = r->start > start ? r->start : start, to = r_end < end ? r_end : end;
        struct retired *tail;

        if (!r->len || from >= to)
            continue;
        if (r_end > to && r->start < from) {
            tail = retire_locked(w, to, r_end - to);
            if (!tail)
                return -ENOMEM;
            call_rcu(&tail->rcu, close_retired);
            r_end = to;
        }
        if (madvise(w->base + from, to - from, MADV_DONTNEED) < 0)
            return -errno;
        if (special_clear(w, from, to - from) < 0)
            return -EIO;
        if (r->start < from)
            r->len = from - r->start;
        else
            r->start = to, r->len = r_end - to;
    }
    return 0;
}

int ram_window_open(struct ram_window *w, ra_t start, uint64_t len, struct error *err)
{
    char text[SIZE_TEXT_BYTES];
    int rc;

    if (!window_range_ok(w, start, len))
        return window_bad_range(start, len, err);
    lock_take(&w->lock);
    rc = window_reclaim(w, start.v, len);
    if (rc == 0 && mprotect(w->base + start.v, len, PROT_READ | PROT_WRITE) < 0)
        rc = -errno;
    lock_drop(&w->lock);
    if (rc < 0)
        return error_set(err, -rc, "the host refuses %s of guest memory at 0x%" PRIx64
                         ": %s (see vm.max_map_count and vm.overcommit_memory)", size_format(len, text), start.v,
                         strerror(-rc));
    return 0;
}

int ram_window_close(struct ram_window *w, ra_t start, uint64_t len, struct error *err)
{
    int rc;

    if (!window_range_ok(w, start, len))
        return window_bad_range(start, len, err);
    lock_take(&w->lock);
    rc = close_locked(w, start.v, len);
    lock_drop(&w->lock);
    if (rc < 0)
        return error_set(err, -rc, "cannot close %" PRIu64 " MiB of guest memory at 0x%" PRIx64 ": %s", len >> 20,
                         start.v, strerror(-rc));
    return 0;
}

int ram_window_retire(struct ram_window *w, ra_t start, uint64_t len, struct error *err)
{
    struct retired *r;

    if (!window_range_ok(w, start, len))
        return window_bad_range(start, len, err);
    lock_take(&w->lock);
    r = retire_locked(w, start.v, len);
    lock_drop(&w->lock);
    if (!r)
        return error_set(err, ENOMEM, "no memory to close guest memory later");
    call_rcu(&r->rcu, close_retired);
    return 0;
}

int ram_window_clear(struct ram_window *w, ra_t start, uint64_t len)
{
    int rc = 0;

    if (!window_range_ok(w, start, len))
        return -EINVAL;
    lock_take(&w->lock);
    if (madvise(w->base + start.v, len, MADV_DONTNEED) < 0)
        rc = -errno;
    if (rc == 0)
        rc = special_clear(w, start.v, len);
    lock_drop(&w->lock);
    return rc;
}

uint8_t *ram_window_base(const struct ram_window *w)
{
    return w->base;
}

uint64_t ram_window_size(const struct ram_window *w)
{
    return w->size;
}
