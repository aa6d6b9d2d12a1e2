/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/slab.h"

#include <stdlib.h>
#include <sys/mman.h>

#define LINE 64
#define FIRST (16u << 10)
#define HUGE_PAGE (2u << 20)

struct slab_chunk {                     /* at its start; nodes begin a line later */
    struct slab_chunk *next;
};

static struct slab_chunk *chunk_new(size_t bytes)
{
    struct slab_chunk *c = aligned_alloc(bytes == HUGE_PAGE ? HUGE_PAGE : LINE, bytes);

    if (c && bytes == HUGE_PAGE)
        (void)madvise(c, bytes, MADV_HUGEPAGE);         /* a wish */
    return c;
}

void *slab_get(struct slab *s, size_t size)
{
    void *node;

    if (s->used + size > s->bytes) {
        size_t bytes = s->bytes ? s->bytes * 2 : FIRST;
        struct slab_chunk *c;

        bytes = bytes > HUGE_PAGE ? HUGE_PAGE : bytes;
        c = chunk_new(bytes);
        if (!c)
            return NULL;
        c->next = s->chunks;
        *s = (struct slab){ .chunks = c, .bytes = bytes, .used = LINE };
    }
    node = (char *)s->chunks + s->used;
    s->used += size;
    return node;
}

void slab_fini(struct slab *s)
{
    struct slab_chunk *c;

    while ((c = s->chunks)) {
        s->chunks = c->next;
        free(c);
    }
    *s = (struct slab){ 0 };
}
