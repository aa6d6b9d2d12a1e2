/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/code_cache.c - one anonymous file, two mappings: W^X without switching protections. */
#include "cpu/jit/code_cache.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SETTLE_BYTES = 512 << 10 };

static int map_twice(struct code_cache *cc, int fd, size_t size)
{
    uint8_t *rw = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    uint8_t *rx;

    if (rw == MAP_FAILED)
        return -errno;
    rx = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    if (rx == MAP_FAILED) {
        int rc = -errno;

        munmap(rw, size);
        return rc;
    }
    cc->rw = rw;
    cc->to_rx = rx - rw;
    cc->size = size;
    return 0;
}

int code_cache_init(struct code_cache *cc, size_t size, struct error *err)
{
    int fd = memfd_create("paprika-code", MFD_CLOEXEC);
    int rc;

    if (fd < 0)
        return error_set(err, errno, "cannot create memory for translated code: %s; use --engine interp", strerror(errno));
    rc = ftruncate(fd, (off_t)size) ? -errno : map_twice(cc, fd, size);
    close(fd);
    if (rc)
        return error_set(err, -rc, "cannot map memory for translated code: %s; use --engine interp", strerror(-rc));
    return 0;
}

void code_cache_fini(struct code_cache *cc)
{
    if (!cc->rw)
        return;
    munmap(cc->rw, cc->size);
    munmap(cc->rw + cc->to_rx, cc->size);
    cc->rw = NULL;
}

void code_cache_grown(struct code_cache *cc, size_t bytes)
{
    size_t before = atomic_fetch_add(&cc->grown, bytes);

    if (before / SETTLE_BYTES != (before + bytes) / SETTLE_BYTES)
        madvise(cc->rw, cc->size, MADV_DONTNEED);   /* shared memory: the contents stay */
}
