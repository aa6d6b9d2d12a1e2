/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/code_cache.c - anonymous memory, two mappings: W^X without switching protections. */
#include "cpu/jit/code_cache.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

enum { SETTLE_BYTES = 128 << 10 };

/* Not a file with a name of its own: perf looks for the names of such code in it, and not in its map of the process. */
int code_cache_init(struct code_cache *cc, size_t size, struct error *err)
{
    uint8_t *rw = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *rx;
    int rc = 0;

    if (rw == MAP_FAILED)
        return error_set(err, errno, "cannot map memory for translated code: %s; use --engine interp", strerror(errno));
    rx = mremap(rw, 0, size, MREMAP_MAYMOVE);           /* the same memory once more */
    if (rx == MAP_FAILED || mprotect(rx, size, PROT_READ | PROT_EXEC))
        rc = error_set(err, errno, "cannot map memory for translated code: %s; use --engine interp", strerror(errno));
    cc->rw = rw;
    cc->to_rx = rx - rw;
    cc->size = size;
    if (!rc)
        return 0;
    munmap(rw, size);
    if (rx != MAP_FAILED)
        munmap(rx, size);
    cc->rw = NULL;
    return rc;
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
