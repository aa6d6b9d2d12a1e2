/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/code_cache.h - memory for translated code, mapped twice: writable here, executable
 * there, never both at one address.
 *
 * Threads: the owner of the piece that is written. */
#ifndef CPU_JIT_CODE_CACHE_H
#define CPU_JIT_CODE_CACHE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct code_cache {
    uint8_t *rw;                /* write here */
    ptrdiff_t to_rx;            /* rw + to_rx is where it runs */
    size_t size;
    _Atomic size_t grown;       /* bytes of code written so far */
};

int code_cache_init(struct code_cache *cc, size_t size, struct error *err);
void code_cache_fini(struct code_cache *cc);

/* So many bytes of code were added. From time to time gives up the writable mapping's pages, which would count a second
 * time as resident memory; the next write brings one back. */
void code_cache_grown(struct code_cache *cc, size_t bytes);

static inline uint8_t *code_cache_rx(const struct code_cache *cc, uint8_t *rw)
{
    return rw + cc->to_rx;
}

#endif
