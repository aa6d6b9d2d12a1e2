/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/slots_soft.h"

#include <errno.h>
#include <stdlib.h>

struct slots_soft {
    unsigned max;
    struct slot slot[];         /* len 0: free */
};

struct slots_soft *slots_soft_new(unsigned max_slots)
{
    struct slots_soft *s = calloc(1, sizeof(*s) + max_slots * sizeof(s->slot[0]));

    if (s)
        s->max = max_slots;
    return s;
}

void slots_soft_free(struct slots_soft *s)
{
    free(s);
}

static int add(void *opaque, const struct slot *slot)
{
    struct slots_soft *s = opaque;

    if (slot->id >= s->max || s->slot[slot->id].len)
        return -EEXIST;
    for (unsigned i = 0; i < s->max; i++)
        if (s->slot[i].len && s->slot[i].start.v < slot->start.v + slot->len &&
            slot->start.v < s->slot[i].start.v + s->slot[i].len)
            return -EEXIST;
    s->slot[slot->id] = *slot;
    return 0;
}

static int del(void *opaque, const struct slot *slot)
{
    struct slots_soft *s = opaque;

    if (slot->id >= s->max || !s->slot[slot->id].len || s->slot[slot->id].start.v != slot->start.v)
        return -ENOENT;
    s->slot[slot->id].len = 0;
    return 0;
}

struct slots_backend slots_soft_backend(struct slots_soft *s)
{
    return (struct slots_backend){ .max_slots = s->max, .add = add, .del = del, .opaque = s };
}

uint8_t *slots_soft_at(const struct slots_soft *s, ra_t at)
{
    for (unsigned i = 0; i < s->max; i++)
        if (s->slot[i].len && at.v >= s->slot[i].start.v && at.v - s->slot[i].start.v < s->slot[i].len)
            return s->slot[i].host + (at.v - s->slot[i].start.v);
    return NULL;
}
