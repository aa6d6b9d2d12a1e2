/* SPDX-License-Identifier: Apache-2.0 */
/* papr/of_claims.c - see the header. */
#include "papr/of_claims.h"

#include <string.h>

#define FOUR_GIB (1ull << 32)

void of_claims_init(struct of_claims *c, uint64_t ram_bytes)
{
    c->n = 0;
    c->limit = ram_bytes < FOUR_GIB ? ram_bytes : FOUR_GIB;
}

static void insert(struct of_claims *c, uint32_t at, struct of_range r)
{
    memmove(&c->range[at + 1], &c->range[at], (c->n - at) * sizeof(r));
    c->range[at] = r;
    c->n++;
}

static void drop(struct of_claims *c, uint32_t at)
{
    c->n--;
    memmove(&c->range[at], &c->range[at + 1], (c->n - at) * sizeof(c->range[0]));
}

/* The first range that ends above addr. */
static uint32_t first_above(const struct of_claims *c, uint64_t addr)
{
    uint32_t i = 0;

    while (i < c->n && c->range[i].end <= addr)
        i++;
    return i;
}

bool of_claims_take(struct of_claims *c, uint64_t start, uint64_t bytes)
{
    uint32_t at = first_above(c, start);
    bool before, after;

    if (!bytes || start > c->limit || bytes > c->limit - start)
        return false;
    if (at < c->n && c->range[at].start < start + bytes)
        return false;
    before = at > 0 && c->range[at - 1].end == start;
    after = at < c->n && c->range[at].start == start + bytes;
    if (before && after) {
        c->range[at - 1].end = c->range[at].end;
        drop(c, at);
    } else if (before) {
        c->range[at - 1].end = start + bytes;
    } else if (after) {
        c->range[at].start = start;
    } else if (c->n == OF_CLAIMS_MAX) {
        return false;
    } else {
        insert(c, at, (struct of_range){ start, start + bytes });
    }
    return true;
}

uint64_t of_claims_find(const struct of_claims *c, uint64_t bytes, uint64_t align)
{
    uint64_t start = 0;

    for (uint32_t i = 0; i <= c->n; i++) {
        uint64_t end = i < c->n ? c->range[i].start : c->limit;

        start = (start + align - 1) & -align;
        if (start < end && bytes <= end - start)
            return start;
        if (i < c->n)
            start = c->range[i].end;
    }
    return UINT64_MAX;
}

bool of_claims_release(struct of_claims *c, uint64_t start, uint64_t bytes)
{
    uint64_t end = bytes > UINT64_MAX - start ? UINT64_MAX : start + bytes;
    uint32_t at = first_above(c, start);

    if (!bytes)
        return true;
    if (at < c->n && c->range[at].start < start && c->range[at].end > end) {
        if (c->n == OF_CLAIMS_MAX)
            return false;
        insert(c, at + 1, (struct of_range){ end, c->range[at].end });
        c->range[at].end = start;
        return true;
    }
    if (at < c->n && c->range[at].start < start)
        c->range[at++].end = start;
    while (at < c->n && c->range[at].end <= end)
        drop(c, at);
    if (at < c->n && c->range[at].start < end)
        c->range[at].start = end;
    return true;
}
