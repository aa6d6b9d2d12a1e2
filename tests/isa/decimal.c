/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/decimal.c - decimal floating point in the instruction tests. */
#include "decimal.h"

#include <string.h>

#include "values.h"

static bool is(const struct isa_row *row, const char *name)
{
    return !strcmp(row->name, name);
}

static bool starts(const struct isa_row *row, const char *prefix)
{
    return !strncmp(row->name, prefix, strlen(prefix));
}

static bool is_quad(const struct isa_row *row)
{
    return row->name[strlen(row->name) - 1] == 'q';
}

bool decimal_row(const struct isa_row *row, uint32_t word)
{
    return row->name[0] == 'd' && (word >> 26 == 59 || word >> 26 == 63);
}

bool decimal_always(const struct isa_row *row, const struct wire_state *in)
{
    return decimal_row(row, (uint32_t)in->word[0]);
}

static unsigned nibble(const uint64_t v[2], unsigned i)
{
    return v[i / 16] >> (60 - 4 * (i % 16)) & 15;
}

bool decimal_digits_invalid(const struct isa_row *row, const struct wire_state *in)
{
    uint32_t word = (uint32_t)in->word[0];
    unsigned b = word >> 11 & 31, digits = is_quad(row) ? 32 : 16;
    uint64_t v[2] = { in->vsr[b][0], in->vsr[b | 1][0] };
    bool has_sign = word >> 20 & 1, bad = has_sign && nibble(v, digits - 1) < 10;

    for (unsigned i = 0; i < digits - has_sign; i++)
        bad |= nibble(v, i) > 9;
    return bad;
}

bool decimal_special(const struct isa_row *row, const struct wire_state *in)
{
    uint32_t word = (uint32_t)in->word[0];
    uint64_t a = in->vsr[word >> 16 & 31][0], b = in->vsr[word >> 11 & 31][0];

    if (starts(row, "dsc"))
        return (a >> 59 & 15) == 15;
    return (b >> 59 & 15) == 15 || (starts(row, "diex") && a > (is_quad(row) ? 12287 : 767));
}

/* The emulator takes 10 for a digit. */
static uint64_t without_tens(uint64_t v)
{
    for (unsigned i = 0; i < 64; i += 4)
        v += (v >> i & 15) == 10 ? 1ull << i : 0;
    return v;
}

static void make_packed(struct rng *r, bool quad, struct wire_state *s)
{
    for (unsigned i = 0; i < 32; i += 2) {
        uint64_t v[2];

        value_vsr(r, VALUE_BCD, v);
        s->vsr[i][0] = without_tens(v[!quad]);
        s->vsr[i + 1][0] = without_tens(v[1]);
    }
}

void decimal_adjust(const struct isa_row *row, uint32_t word, struct rng *r, struct wire_state *s)
{
    s->fpscr &= ~0xF8ull;                               /* the emulator ignores the enables of decimal exceptions */
    if (starts(row, "denbcd") || starts(row, "drrnd"))  /* and in these takes any bit for one */
        s->fpscr &= ~0xFFFFFFFFull;
    if (starts(row, "denbcd"))
        make_packed(r, is_quad(row), s);
    if (starts(row, "diex"))
        s->vsr[word >> 16 & 31][0] =
            rng_once_in(r, 3) ? (uint64_t)rng_below(r, 10) - 5 : rng_below(r, is_quad(row) ? 12300 : 780);
    if (is(row, "drdpq"))                               /* the emulator misses some signalling NaNs */
        for (unsigned i = 0; i < 32; i++)
            s->vsr[i][0] &= ~((s->vsr[i][0] >> 58 & 31) == 31 ? 1ull << 57 : 0);
}
