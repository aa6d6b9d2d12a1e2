/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa.c - turns the chapters' bit texts into a decode index.
 *
 * Rows are spread over buckets by the primary opcode and the five low bits of the extended opcode (word bits 26:30),
 * which leaves a handful of rows to compare.
 * A row that does not fix all of these bits stands in every bucket it may match. */
#include "cpu/isa.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/isa/chapters.h"

enum { BUCKETS = 2048, MAX_SEGMENTS = 12 };

/* A run of equal letters: word bits [shift, shift + width) belong to a field. */
struct segment {
    char letter;
    uint8_t shift, width;
};

struct prepared_row {
    const struct isa_row *row;
    uint32_t mask, value;
    uint8_t n_segments;
    struct segment segments[MAX_SEGMENTS];
};

struct isa {
    size_t n_rows;
    struct prepared_row *rows;
    uint32_t first[BUCKETS + 1];    /* bucket b = members[first[b] .. first[b + 1]) */
    uint16_t *members;
};

static unsigned bucket_of(uint32_t word)
{
    return (word >> 26) << 5 | (word >> 1 & 31);
}

static void prepare(struct prepared_row *p, const struct isa_row *row)
{
    int bit = 31;

    memset(p, 0, sizeof(*p));
    p->row = row;
    for (const char *s = row->bits; *s; s++) {
        struct segment *last = p->n_segments ? &p->segments[p->n_segments - 1] : NULL;

        if (*s == ' ')
            continue;
        assert(bit >= 0);
        if (*s == '0' || *s == '1') {
            p->mask |= 1u << bit;
            p->value |= (uint32_t)(*s - '0') << bit;
        } else if (*s != 'x') {
            if (last && last->letter == *s && last->shift == bit + 1) {
                last->shift--;
                last->width++;
            } else {
                assert(p->n_segments < MAX_SEGMENTS);
                p->segments[p->n_segments++] = (struct segment){ *s, (uint8_t)bit, 1 };
            }
        }
        bit--;
    }
    assert(bit == -1);
}

/* Calls fn(isa, bucket, row) for every bucket a row may match. */
static void for_each_bucket(struct isa *isa, size_t row, void (*fn)(struct isa *, unsigned, size_t))
{
    unsigned mask = bucket_of(isa->rows[row].mask), value = bucket_of(isa->rows[row].value);

    for (unsigned low = 0; low < 32; low++) {
        unsigned b = (value & ~31u) | low;

        assert((mask & ~31u) == (BUCKETS - 1 - 31));    /* the primary opcode is always fixed */
        if ((b & mask) == value)
            fn(isa, b, row);
    }
}

static void count_member(struct isa *isa, unsigned b, size_t row)
{
    (void)row;
    isa->first[b + 1]++;
}

static void put_member(struct isa *isa, unsigned b, size_t row)
{
    isa->members[isa->first[b]++] = (uint16_t)row;
}

static bool level_has(enum isa_level level, const struct isa_row *row)
{
    return level == ISA_LEVEL_3_00 ? !(row->flags & ISA_V2_ONLY) : !(row->flags & ISA_V3);
}

static size_t count_rows(enum isa_level level)
{
    size_t n = 0;

    for (const struct isa_chapter *const *ch = isa_chapters; *ch; ch++)
        for (size_t i = 0; i < (*ch)->n_rows; i++)
            n += level_has(level, &(*ch)->rows[i]);
    return n;
}

static bool build_buckets(struct isa *isa)
{
    for (size_t i = 0; i < isa->n_rows; i++)
        for_each_bucket(isa, i, count_member);
    for (unsigned b = 0; b < BUCKETS; b++)
        isa->first[b + 1] += isa->first[b];
    isa->members = calloc(isa->first[BUCKETS] + 1, sizeof(*isa->members));
    if (!isa->members)
        return false;
    for (size_t i = 0; i < isa->n_rows; i++)
        for_each_bucket(isa, i, put_member);
    memmove(isa->first + 1, isa->first, BUCKETS * sizeof(isa->first[0]));
    isa->first[0] = 0;
    return true;
}

struct isa *isa_new(enum isa_level level)
{
    struct isa *isa = calloc(1, sizeof(*isa));
    size_t n = count_rows(level);

    if (!isa)
        return NULL;
    isa->rows = calloc(n + 1, sizeof(*isa->rows));
    if (!isa->rows) {
        isa_free(isa);
        return NULL;
    }
    for (const struct isa_chapter *const *ch = isa_chapters; *ch; ch++)
        for (size_t i = 0; i < (*ch)->n_rows; i++)
            if (level_has(level, &(*ch)->rows[i]))
                prepare(&isa->rows[isa->n_rows++], &(*ch)->rows[i]);
    if (!build_buckets(isa)) {
        isa_free(isa);
        return NULL;
    }
    return isa;
}

void isa_free(struct isa *isa)
{
    if (!isa)
        return;
    free(isa->members);
    free(isa->rows);
    free(isa);
}

/* Collected letters of one word; index = letter - 'A'. */
struct letters {
    uint32_t value[64];
    uint8_t width[64];
    uint8_t low_bit[64];
};

static int64_t sign_extend(uint32_t v, unsigned width)
{
    return (int64_t)((uint64_t)v << (64 - width)) >> (64 - width);
}

static void put_letter(struct op *o, const struct segment *s, const struct letters *l)
{
    unsigned i = (unsigned)(s->letter - 'A');
    uint32_t v = l->value[i];

    switch (s->letter) {
    case 't': o->rt = (uint8_t)(o->rt | v); break;
    case 'a': o->ra = (uint8_t)(o->ra | v); break;
    case 'b': o->rb = (uint8_t)(o->rb | v); break;
    case 'c': o->rc = (uint8_t)(o->rc | v); break;
    case 'T': o->rt = (uint8_t)(o->rt | v << 5); break;
    case 'A': o->ra = (uint8_t)(o->ra | v << 5); break;
    case 'B': o->rb = (uint8_t)(o->rb | v << 5); break;
    case 'C': o->rc = (uint8_t)(o->rc | v << 5); break;
    case 'i': o->imm = (int32_t)sign_extend(v, l->width[i]); break;
    case 'u': o->imm = (int32_t)v; break;
    case 'd': o->imm = (int32_t)(sign_extend(v, l->width[i]) * (1 << l->low_bit[i])); break;
    case 's': o->sh = (uint8_t)(o->sh | v); break;
    case 'S': o->sh = (uint8_t)(o->sh | v << 5); break;
    case 'm': o->mb = (uint8_t)(o->mb | v); break;
    case 'M': o->mb = (uint8_t)(o->mb | v << 5); break;
    case 'e': o->me = (uint8_t)v; break;
    case 'n': o->n = (uint16_t)v; break;
    case 'p': o->p = (uint8_t)v; break;
    case 'q': o->q = (uint8_t)v; break;
    case 'o': o->oe = v; break;
    case 'r': o->rc_bit = v; break;
    case 'l': o->lk = v; break;
    case 'k': o->aa = v; break;
    default: assert(!"unknown letter in a row's bits");
    }
}

static void extract(const struct prepared_row *p, uint32_t word, struct op *o)
{
    struct letters l;

    for (unsigned i = 0; i < p->n_segments; i++) {
        unsigned at = (unsigned)(p->segments[i].letter - 'A');

        l.value[at] = 0;
        l.width[at] = 0;
    }
    for (unsigned i = 0; i < p->n_segments; i++) {
        const struct segment *s = &p->segments[i];
        unsigned at = (unsigned)(s->letter - 'A');

        l.value[at] = l.value[at] << s->width | (word >> s->shift & ((1u << s->width) - 1));
        l.width[at] = (uint8_t)(l.width[at] + s->width);
        l.low_bit[at] = s->shift;
    }
    for (unsigned i = 0; i < p->n_segments; i++)
        put_letter(o, &p->segments[i], &l);
}

const struct isa_row *isa_decode(const struct isa *isa, uint32_t word, struct op *o)
{
    unsigned b = bucket_of(word);

    for (uint32_t i = isa->first[b]; i < isa->first[b + 1]; i++) {
        const struct prepared_row *p = &isa->rows[isa->members[i]];

        if ((word & p->mask) != p->value)
            continue;
        memset(o, 0, sizeof(*o));
        o->run = p->row->run;
        o->word = word;
        o->row = isa->members[i];
        extract(p, word, o);
        return p->row;
    }
    return NULL;
}

size_t isa_row_count(const struct isa *isa)
{
    return isa->n_rows;
}

const struct isa_row *isa_row_at(const struct isa *isa, size_t i)
{
    return isa->rows[i].row;
}

void isa_row_pattern(const struct isa *isa, size_t i, uint32_t *mask, uint32_t *value)
{
    *mask = isa->rows[i].mask;
    *value = isa->rows[i].value;
}
