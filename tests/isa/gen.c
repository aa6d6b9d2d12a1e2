/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/gen.c - makes cases from a row's bit text, name and operand list.
 *
 * First a random state and random fields, then adjustments by family: effective addresses, branch targets, SPR numbers.
 * Invalid forms (the book's term: update with RA = 0, overlapping register ranges, odd pairs) are avoided: each
 * implementation may answer them as it likes. */
#include "gen.h"

#include <string.h>
#include <xxhash.h>

#include "cpu/operand.h"
#include "decimal.h"
#include "values.h"

struct gen {
    const struct isa_row *row;
    struct rng r;
    struct wire_state *s;
    uint32_t word;
};

static bool starts(const struct gen *g, const char *prefix)
{
    return !strncmp(g->row->name, prefix, strlen(prefix));
}

static bool is(const struct gen *g, const char *name)
{
    return !strcmp(g->row->name, name);
}

static bool has(const struct gen *g, const char *part)
{
    return strstr(g->row->name, part) != NULL;
}

static bool ends(const struct gen *g, const char *suffix)
{
    size_t n = strlen(g->row->name), m = strlen(suffix);

    return n >= m && !strcmp(g->row->name + n - m, suffix);
}

static bool has_field(const struct gen *g, char letter)
{
    return row_bits_width(g->row->bits, letter) != 0;
}

static uint32_t field(const struct gen *g, char letter)
{
    return row_bits_get(g->row->bits, letter, g->word);
}

static void set_field(struct gen *g, char letter, uint32_t value)
{
    g->word = row_bits_put(g->row->bits, letter, g->word, value);
}

static unsigned primary(const struct gen *g)
{
    return g->word >> 26;
}

/* Loads, stores and cache operations: what their registers hold are addresses. */
static bool is_memory(const struct gen *g)
{
    if (starts(g, "lvs") || starts(g, "sto"))
        return false;
    return starts(g, "l") || starts(g, "st") || starts(g, "dcb") || starts(g, "icb");
}

static bool is_store_conditional(const struct gen *g)
{
    return starts(g, "st") && ends(g, "cx.");
}

/* Bytes one access moves, at most; a multiple access counts whole. */
static unsigned access_bytes(const struct gen *g)
{
    if (has(g, "mw") || starts(g, "lsw") || starts(g, "stsw") || starts(g, "dcb") || starts(g, "icb"))
        return 128;
    if (ends(g, "at") || primary(g) == 56 || primary(g) == 61 || primary(g) == 6 || starts(g, "lq") ||
        starts(g, "stq") || has(g, "vx") || starts(g, "lxv") || starts(g, "stxv") || has(g, "fdp") || starts(g, "lva"))
        return 16;
    return 8;
}

static bool must_align(const struct gen *g)
{
    return starts(g, "lq") || starts(g, "stq") || ends(g, "arx") || is_store_conditional(g) || has(g, "at") ||
           starts(g, "lxvx") || starts(g, "copy") || starts(g, "paste");
}

/* ---- the state before ---- */

static enum value_kind pick_kind(struct gen *g)
{
    static const enum value_kind ints[] = { VALUE_BITS, VALUE_INT8, VALUE_INT16, VALUE_INT32, VALUE_INT64,
                                            VALUE_INT128 };

    if (rng_once_in(&g->r, 8))
        return (enum value_kind)rng_below(&g->r, VALUE_KINDS);
    if (has(g, "bcd"))
        return rng_once_in(&g->r, 3) ? ints[rng_below(&g->r, 6)] : VALUE_BCD;
    if ((primary(g) == 59 || primary(g) == 63) && starts(g, "d"))
        return (ends(g, "q") || starts(g, "drdpq") || starts(g, "dctfixq")) && !is(g, "dctqpq") && !is(g, "dcffixq")
                   ? VALUE_DFP128 : VALUE_DFP64;
    if (has(g, "qp"))
        return VALUE_F128;
    if (has(g, "hp"))
        return rng_once_in(&g->r, 2) ? VALUE_F16 : rng_once_in(&g->r, 2) ? VALUE_F32 : VALUE_F64;
    if (primary(g) == 59 || primary(g) == 63 || (primary(g) == 60 && (has(g, "dp") || starts(g, "xs"))))
        return rng_once_in(&g->r, 8) ? ints[rng_below(&g->r, 6)] : VALUE_F64;
    if ((primary(g) == 60 && has(g, "sp")) || (primary(g) == 4 && has(g, "fp")))
        return rng_once_in(&g->r, 8) ? ints[rng_below(&g->r, 6)] : VALUE_F32;
    if (has(g, "lfs") || has(g, "stfs") || has(g, "ssp"))
        return rng_once_in(&g->r, 2) ? VALUE_F32 : VALUE_F64;
    return rng_once_in(&g->r, 6) ? (rng_once_in(&g->r, 2) ? VALUE_F32 : VALUE_F64) : ints[rng_below(&g->r, 6)];
}

static void make_vsrs(struct gen *g)
{
    struct wire_state *s = g->s;

    for (unsigned i = 0; i < 64; i++) {
        enum value_kind kind = pick_kind(g);

        value_vsr(&g->r, kind, s->vsr[i]);
        if (kind == VALUE_DFP128 && i < 32 && i % 2) {  /* a pair of FPRs holds one number */
            uint64_t q[2];

            value_vsr(&g->r, kind, q);
            s->vsr[i - 1][0] = q[0];
            s->vsr[i][0] = q[1];
        }
    }
}

/* VX must be the sum of its causes.  No enabled exception may be pending: it would have interrupted before. */
static uint64_t fpscr_with_sums(uint64_t f)
{
    if (f & 0x80)                                       /* VE */
        f &= ~0x01F80700ull;
    f &= ~((f & 0x78) << 22);                           /* OE UE ZE XE: OX UX ZX XX */
    return (f & ~0x60000000ull) | (f & 0x01F80700 ? 0x20000000 : 0);
}

static uint64_t make_fpscr(struct gen *g)
{
    uint64_t f = 0;

    if (rng_once_in(&g->r, 2))
        f |= rng_next(&g->r) & 3;                       /* RN */
    if (rng_once_in(&g->r, 4))
        f |= rng_next(&g->r) & rng_next(&g->r) & 0xF8;  /* enables */
    else if (rng_once_in(&g->r, 2))                     /* the oracle can set it only while nothing is enabled */
        f |= (rng_next(&g->r) & 7) << 32;               /* DRN */
    if (rng_once_in(&g->r, 5))
        f |= rng_next(&g->r) & 0x9FFFF700;              /* status */
    else
        f |= rng_next(&g->r) & 0x8007F000;              /* FX FR FI FPRF */
    return fpscr_with_sums(f);
}

static void make_state(struct gen *g)
{
    struct wire_state *s = g->s;

    for (unsigned i = 0; i < 32; i++)
        s->gpr[i] = value_int(&g->r, 64);
    make_vsrs(g);
    s->cr = rng_next(&g->r) & 0xffffffff;
    s->xer = rng_next(&g->r) & 0xE00C007F;
    s->lr = rng_next(&g->r);
    s->ctr = rng_once_in(&g->r, 4) ? rng_below(&g->r, 3) : value_int(&g->r, 64);
    s->tar = rng_next(&g->r);
    s->fpscr = make_fpscr(g);
    s->vscr = rng_next(&g->r) & (VSCR_SAT | VSCR_NJ);
    s->vrsave = rng_next(&g->r) & 0xffffffff;
    s->flags = rng_once_in(&g->r, is_memory(g) ? 3 : 16) ? WIRE_BIG_ENDIAN : 0;
    for (unsigned w = 0; w < 2; w++)
        for (unsigned i = 0; i < WIRE_WINDOW; i += 16) {
            uint64_t v[2];

            value_vsr(&g->r, pick_kind(g), v);
            memcpy(&s->mem[w][i], v, 16);
        }
}

static bool is_any(const struct gen *g, const char *const names[])
{
    for (; *names; names++)
        if (is(g, *names))
            return true;
    return false;
}

static bool is_nan64(uint64_t v)
{
    return v << 1 > 0xffe0000000000000ull;
}

/* Zeros become one (double) or small numbers (single). */
static uint64_t without_zeros(uint64_t v, bool singles)
{
    if (!singles)
        return v << 1 ? v : 0x3ff0000000000000ull;
    v |= v << 33 ? 0 : 0x3f800000;
    return v | (v >> 32 << 33 ? 0 : 0x3f80000000000000ull);
}

static void make_bcd(struct gen *g)
{
    uint64_t *a = g->s->vsr[32 + field(g, 'a')], *b = g->s->vsr[32 + field(g, 'b')];

    while (field(g, 't') == field(g, 'a') || field(g, 't') == field(g, 'b'))    /* reads its target after writing it */
        set_field(g, 't', field(g, 't') + 1);
    if (!b[0] && !(b[1] >> 4)) {
        if (is(g, "bcdus."))
            a[0] &= ~0xe0ull;                           /* shifts of 32 and more lose digits even of zero */
        if (is(g, "bcdadd.") || is(g, "bcdsub."))
            a[1] |= 0x10;                               /* zero plus zero is greater than zero */
    }
    if (has(g, "trunc"))
        a[0] = (a[0] & ~0xffffull) | (a[0] & 0x27);     /* takes the length for signed */
}

/* Cases that the emulator is known to answer wrongly: tests/unit/fp_*_test.c has them. */
static void avoid_known_defects(struct gen *g)
{
    static const char *const narrows[] = { "frsp", "xsrsp", "xscvdpsp", "xvcvdpsp", "xscvqpdp", "xvcvsphp", "xscvdphp",
                                           NULL };
    static const char *const extremes[] = { "xsmaxdp", "xsmindp", "xvmaxdp", "xvmindp", "xvmaxsp", "xvminsp", NULL };
    static const char *const estimates[] = { "fre", "fres", "frsqrte", "frsqrtes", "xsredp", "xsresp", "xsrsqrtedp",
                                             "xsrsqrtesp", "xvredp", "xvresp", "xvrsqrtedp", "xvrsqrtesp", NULL };
    struct wire_state *s = g->s;
    uint64_t *b = s->vsr[operand_get(g->row, 'b', g->word)], *a = s->vsr[operand_get(g->row, 'a', g->word)];

    if (starts(g, "fnm") || starts(g, "xsnm") || starts(g, "xvnm"))
        s->fpscr &= ~2ull;                              /* directed rounding: it negates before it rounds */
    if (is(g, "xsnmsubqp"))
        set_field(g, 'o', 0);                           /* does not know rounding to odd */
    if (starts(g, "xsrqp")) {
        s->fpscr &= ~1ull;                              /* takes RN for a mode of its own numbering */
        if (!field(g, 'n'))                             /* R = 0: two modes are reserved */
            set_field(g, 'p', field(g, 'p') & 1 ? 3 : 0);
    }
    if (is_any(g, narrows))
        s->fpscr &= ~0x60ull;                           /* OE, UE: folds exponents that do not fit */
    if (is_any(g, extremes))
        s->fpscr &= ~0x20ull;                           /* UE: takes a denormal maximum for an underflow */
    if (is(g, "xststdcsp") && (b[0] >> 52 & 0x7ff) < 897)
        b[0] |= 0x4000000000000000ull;                  /* denormal singles match any class */
    if ((is(g, "xsmaxjdp") || is(g, "xsminjdp")) && is_nan64(a[0]) && is_nan64(b[0]))
        b[0] |= 0x8000000000000ull;                     /* forgets the second signalling NaN */
    if (is_any(g, estimates)) {
        s->fpscr &= ~0x8ull;                            /* XE: XX is undefined */
        for (unsigned i = 0; i < 2; i++)                /* one over zero is not infinity there */
            b[i] = without_zeros(b[i], starts(g, "xv") && ends(g, "sp"));
    }
    if (starts(g, "xvcmpg"))
        s->fpscr &= ~0x80ull;                           /* VE: an enabled VXVC does not interrupt */
    if (starts(g, "bcd"))
        make_bcd(g);
    if (is(g, "mtfsb1") && field(g, 'n') == 29)
        set_field(g, 'n', 28);                          /* NI */
    if (has(g, "fdp"))
        /* swaps the pair in little-endian mode; Linux and the book do not */
        s->flags |= WIRE_BIG_ENDIAN;
    if (ends(g, "at") && starts(g, "l") && !field(g, 'a'))
        set_field(g, 'a', 1);
    if (ends(g, "at") && (g->word >> 11 & 31) == 28)
        g->word ^= 4u << 11;                            /* fetch and decrement bounded looks for its bound above */
    if ((is(g, "dst") || is(g, "dstst")) && !field(g, 'a'))
        set_field(g, 'a', 1);
    if ((is(g, "stwat") || is(g, "lwat")) && (g->word >> 11 & 0x1d) == 5)
        g->word ^= 1u << 11;                            /* signed maximum and minimum compare unsigned */
}

/* Size of the source elements of a vector instruction. */
static unsigned element_bits(const struct gen *g)
{
    const char *from = strstr(g->row->name, "cv");
    const char *name = from ? from + 2 : g->row->name;

    if (from && name[1] == 'x')
        return name[2] == 'w' ? 32 : 64;
    if (from)
        return name[0] == 'd' ? 64 : name[0] == 's' ? 32 : 16;
    return strstr(name, "sp") ? 32 : 64;
}

/* The emulator mixes the exceptions of a vector's elements.
 * So either all elements are alike, or none is exceptional. */
static void make_elements_agree(struct gen *g)
{
    unsigned bits = element_bits(g);
    bool alike = rng_once_in(&g->r, 2);

    for (unsigned i = 0; i < 64; i++)
        for (unsigned d = 0; d < 2; d++) {
            uint64_t *v = &g->s->vsr[i][d];

            if (alike && d == 0)
                *v = bits == 64 ? *v : bits == 32 ? (*v & 0xffffffff) * 0x100000001ull
                                                  : (*v & 0xffff) * 0x1000100010001ull;
            else if (alike)
                *v = g->s->vsr[i][0];
            else
                *v = value_tame(&g->r, bits, has(g, "sqrt") || has(g, "pux"));
        }
}

/* Scalar single arithmetic defines results for operands that a single can hold. */
static bool takes_singles(const struct gen *g)
{
    if (primary(g) == 59)
        return !starts(g, "fcfid") && !starts(g, "d");
    return primary(g) == 60 && starts(g, "xs") && ends(g, "sp") && !has(g, "cv") && !is(g, "xsrsp");
}

static void make_singles(struct gen *g)
{
    for (unsigned i = 0; i < 64; i++)
        for (unsigned d = 0; d < 2; d++)
            g->s->vsr[i][d] = value_single_in_double(&g->r);
}

/* ---- fields ---- */

static void make_fields(struct gen *g, unsigned number)
{
    uint32_t mask, value;

    row_bits_fixed(g->row->bits, &mask, &value);
    g->r.state = XXH64(g->row->name, strlen(g->row->name), (uint64_t)number << 32 | value);
    g->word = value;
    for (char l = 'A'; l <= 'z'; l++) {
        unsigned width = row_bits_width(g->row->bits, l);

        if (!width || l == 'x')
            continue;
        if (strchr("iud", l))
            set_field(g, l, (uint32_t)value_int(&g->r, width));
        else
            set_field(g, l, (uint32_t)rng_next(&g->r));
    }
    if (has_field(g, 'b') && has_field(g, 'a') && rng_once_in(&g->r, 12))
        set_field(g, 'b', field(g, 'a'));
    if (has_field(g, 't') && has_field(g, 'a') && rng_once_in(&g->r, 12))
        set_field(g, 't', field(g, 'a'));
    if (has_field(g, 'a') && rng_once_in(&g->r, 12))
        set_field(g, 'a', 0);
}

/* ---- effective addresses ---- */

static uint64_t pick_address(struct gen *g)
{
    static const uint64_t wild[] = { 0, 8, 0x7ff8, WIRE_DATA - 256, WIRE_DATA + WIRE_DATA_BYTES, 0x8000000000000000ull,
                                     0xfffffffffffff000ull, WIRE_DATA + 0x10000 };
    unsigned bytes = access_bytes(g), room = WIRE_WINDOW - bytes, offset = rng_below(&g->r, room + 1);
    uint64_t at;

    if (rng_once_in(&g->r, 24))
        return ~(uint64_t)(must_align(g) ? 15 : 0) & wild[rng_below(&g->r, sizeof(wild) / sizeof(wild[0]))];
    if (rng_once_in(&g->r, 2))                          /* across the page border, or near it */
        at = WIRE_WINDOW0 + (bytes == 128 ? offset : WIRE_WINDOW / 2 - 24 + rng_below(&g->r, 40));
    else
        at = (rng_next(&g->r) & 1 << 20 ? WIRE_WINDOW0 : WIRE_WINDOW1) + offset;
    if (must_align(g) || rng_once_in(&g->r, 2))
        at &= ~(uint64_t)15;
    if (ends(g, "arx") && rng_once_in(&g->r, 10))
        at |= rng_below(&g->r, 16);
    return WIRE_DATA + at;
}

static bool is_update(const struct gen *g)
{
    return !strstr(g->row->args, "a0") && (ends(g, "u") || ends(g, "ux")) && strchr(g->row->args, 'a');
}

static bool loads_gpr(const struct gen *g)
{
    return starts(g, "l") && !starts(g, "lx") && !starts(g, "lv") && !starts(g, "lf");
}

/* Moves RA and RT out of the invalid forms. */
static void make_valid_form(struct gen *g)
{
    bool quad = starts(g, "lq") || starts(g, "stq") || has(g, "fdp");

    if (quad)
        set_field(g, 't', field(g, 't') & 30);
    if (is(g, "stq"))
        set_field(g, 'd', field(g, 'd') & ~3u);
    if (is(g, "lmw")) {
        set_field(g, 't', field(g, 't') | 1);
        set_field(g, 'a', rng_below(&g->r, field(g, 't')));
    }
    if (is_update(g)) {
        if (!field(g, 'a'))
            set_field(g, 'a', 1 + rng_below(&g->r, 31));
        if (loads_gpr(g) && field(g, 'a') == field(g, 't'))
            set_field(g, 't', field(g, 'a') ^ 1);
    }
    if (starts(g, "lq")) {
        if (field(g, 'a') / 2 == field(g, 't') / 2)
            set_field(g, 't', field(g, 't') ^ 2);
        if (has_field(g, 'b') && (field(g, 'b') / 2 == field(g, 't') / 2 || field(g, 'a') / 2 == field(g, 't') / 2)) {
            set_field(g, 't', 4);
            set_field(g, 'a', 2);
            set_field(g, 'b', 9);
        }
    }
}

static bool in_range(unsigned r, unsigned first, unsigned n)
{
    return ((r - first) & 31) < n;
}

/* lswi and lswx: RA (and RB) must lie outside the registers loaded. */
static void make_string(struct gen *g)
{
    unsigned n = is(g, "lswi") ? row_bits_width(g->row->bits, 's') ? field(g, 's') : field(g, 'n') : 0;

    if (is(g, "lswi")) {
        n = (n ? n : 32) / 4 + 1;
        while (in_range(field(g, 'a'), field(g, 't'), n))
            set_field(g, 'a', rng_below(&g->r, 32));
    } else if (is(g, "lswx")) {
        n = (unsigned)(g->s->xer & 127) / 4 + 1;
        if (in_range(field(g, 'a'), field(g, 't'), n) || in_range(field(g, 'b'), field(g, 't'), n)) {
            set_field(g, 't', 8);
            set_field(g, 'a', 5);
            set_field(g, 'b', 6);
            g->s->xer &= ~63ull;
        }
    }
    g->s->flags |= WIRE_BIG_ENDIAN;                     /* little-endian ones only fault, and qemu aborts on them */
}

/* Sets registers so that (RA|0) + displacement is the target. */
static void aim_d_form(struct gen *g, uint64_t target)
{
    unsigned low = row_bits_low(g->row->bits, 'd'), width = row_bits_width(g->row->bits, 'd');
    int64_t d = (int64_t)((uint64_t)field(g, 'd') << (64 - width)) >> (64 - width - low);

    if (field(g, 'a'))
        g->s->gpr[field(g, 'a')] = target - (uint64_t)d;
}

/* Sets registers so that (RA|0) + (RB) is the target. */
static void aim_x_form(struct gen *g, uint64_t target)
{
    uint64_t *gpr = g->s->gpr;
    unsigned a = field(g, 'a'), b = field(g, 'b');

    if (!a)
        gpr[b] = target;
    else if (a == b)
        gpr[a] = target / 2;                            /* odd targets become even */
    else
        gpr[a] = target - gpr[b];
}

/* The length forms have the address in RA alone and a length in the top byte of RB. */
static void aim_length_form(struct gen *g, uint64_t target)
{
    uint64_t length;

    if (field(g, 'a') == field(g, 'b'))
        set_field(g, 'b', field(g, 'a') ^ 1);
    if (field(g, 'a'))
        g->s->gpr[field(g, 'a')] = target;
    length = rng_once_in(&g->r, 4) ? rng_below(&g->r, 256) : rng_below(&g->r, 18);
    g->s->gpr[field(g, 'b')] = length << 56 | rng_next(&g->r) >> 8;
}

static void aim(struct gen *g)
{
    uint64_t target = pick_address(g);

    if (ends(g, "vl") || ends(g, "vll"))
        aim_length_form(g, target);
    else if (has_field(g, 'd'))
        aim_d_form(g, target);
    else if (has_field(g, 'b') && strchr(g->row->args, 'b'))
        aim_x_form(g, target);
    else if (ends(g, "at") && field(g, 'a'))            /* bounded forms need their 32-byte block whole */
        g->s->gpr[field(g, 'a')] = (target & ~(uint64_t)31) + 8;
    else if (has_field(g, 'a') && field(g, 'a'))
        g->s->gpr[field(g, 'a')] = target;
}

/* ---- sequences, branches, SPRs ---- */

/* Puts a load and reserve of the same size before a store conditional, mostly to the same address. */
static void prepend_reserve(struct gen *g)
{
    static const struct {
        const char *name;
        uint32_t xo;
    } larx[] = { { "stbcx.", 52 }, { "sthcx.", 116 }, { "stwcx.", 20 }, { "stdcx.", 84 }, { "stqcx.", 276 } };

    for (unsigned i = 0; i < sizeof(larx) / sizeof(larx[0]); i++) {
        unsigned a = field(g, 'a'), b = field(g, 'b'), t = 0;

        if (!is(g, larx[i].name) || rng_once_in(&g->r, 12))
            continue;
        while (t / 2 == a / 2 || t / 2 == b / 2 || t / 2 == field(g, 't') / 2)
            t += 2;
        g->s->word[1] = g->s->word[0];
        g->s->word[0] = 31u << 26 | t << 21 | a << 16 | b << 11 | larx[i].xo << 1;
        g->s->n_words = 2;
    }
}

static uint64_t pick_target(struct gen *g)
{
    uint64_t at = WIRE_CODE + (rng_next(&g->r) & 4095);

    if (at >= WIRE_START - 16 && at < WIRE_START + 16)
        at += 64;
    return rng_once_in(&g->r, 4) ? 0x7000000000000000ull + rng_next(&g->r) % 0x1000000000ull : at;
}

static void make_branch(struct gen *g)
{
    if (has_field(g, 'd') && rng_once_in(&g->r, 2)) {   /* inside the page */
        unsigned back = rng_once_in(&g->r, 2) ? 450 : 0;

        set_field(g, 'd', 8 + rng_below(&g->r, 400) - back);
    }
    if (has_field(g, 'd') && ((field(g, 'd') + 2) & ((1u << row_bits_width(g->row->bits, 'd')) - 1)) < 4)
        set_field(g, 'd', 5);                           /* to itself: would never end */
    g->s->lr = pick_target(g);
    g->s->tar = pick_target(g);
    if (ends(g, "ctr"))
        g->s->ctr = pick_target(g);
}

/* qemu 7.2 errs in some atomic memory operations (docs/isa-fixed.md); tests/unit/fixed_mem_test.c has those. */
static void make_amo(struct gen *g)
{
    unsigned function = field(g, 'n');

    if (ends(g, "wat") && (function == 5 || function == 7))
        set_field(g, 'n', function - 1);                /* signed maximum, minimum */
    if (starts(g, "l") && function >= 24)
        set_field(g, 'n', function & 3);                /* what looks at a second operand */
}

/* SPRs a user program may reach with the same answer everywhere, and a few it may not. */
static void make_spr(struct gen *g)
{
    static const uint16_t user[] = { 1, 8, 9, 256, 815, 1, 8, 9, 18, 19, 22, 26, 27, 272, 274 };
    unsigned n = user[rng_below(&g->r, sizeof(user) / sizeof(user[0]))];

    set_field(g, 'n', (n & 31) << 5 | n >> 5);
    if (n == 1 && is(g, "mtspr"))
        g->s->gpr[field(g, 't')] &= 0xE00C007F;
}

/* Element numbers must leave room for the element. */
static void make_element(struct gen *g)
{
    static const struct {
        const char *name;
        unsigned last;
    } number[] = { { "vextractuh", 14 }, { "vinserth", 14 }, { "vextractuw", 12 }, { "vinsertw", 12 },
                   { "vextractd", 8 }, { "vinsertd", 8 }, { "xxextractuw", 12 }, { "xxinsertw", 12 } };
    uint64_t *ra = &g->s->gpr[field(g, 'a') & 31];

    for (unsigned i = 0; i < sizeof(number) / sizeof(number[0]); i++)
        if (is(g, number[i].name) && field(g, 'n') > number[i].last)
            set_field(g, 'n', field(g, 'n') - 8);
    if (starts(g, "vextuh") && (*ra & 15) == 15)
        *ra -= 1;
    if (starts(g, "vextuw") && (*ra & 15) > 12)
        *ra -= 3;
}

static void adjust(struct gen *g)
{
    make_element(g);
    if (takes_singles(g))
        make_singles(g);
    if (starts(g, "xv"))
        make_elements_agree(g);
    avoid_known_defects(g);
    if (is(g, "mtocrf") || is(g, "mfocrf"))
        set_field(g, 'n', 1u << rng_below(&g->r, 8));
    if (is(g, "dcbf") && has_field(g, 'n'))
        set_field(g, 'n', field(g, 'n') & 1);   /* qemu 7.2 knows no L = 3 */
    if (is(g, "lwat") || is(g, "ldat") || is(g, "stwat"))
        make_amo(g);
    if (starts(g, "dst") && !field(g, 'a'))
        set_field(g, 'a', 1);                           /* RA = 0 is an invalid form */
    if (is(g, "mfspr") || is(g, "mtspr"))
        make_spr(g);
    if (g->row->flags & ISA_ENDS && (primary(g) == 16 || primary(g) == 18 || primary(g) == 19))
        make_branch(g);
    if ((primary(g) == 59 || primary(g) == 63) && starts(g, "d") && has(g, "q"))
        for (const char *l = "tab"; *l; l++)            /* quad decimal: register pairs */
            if (has_field(g, *l))
                set_field(g, *l, field(g, *l) & 30);
    if (decimal_row(g->row, g->word))
        decimal_adjust(g->row, g->word, &g->r, g->s);
    if (!is_memory(g))
        return;
    make_valid_form(g);
    if (has(g, "mw") || starts(g, "lsw") || starts(g, "stsw"))
        make_string(g);
    aim(g);
}

void gen_case(const struct isa_row *row, unsigned number, struct wire_state *out)
{
    struct gen g = { .row = row, .s = out };

    memset(out, 0, sizeof(*out));
    make_fields(&g, number);
    make_state(&g);
    adjust(&g);
    out->word[0] = g.word;
    out->n_words = 1;
    if (is_store_conditional(&g))
        prepend_reserve(&g);
}

uint32_t gen_word(const struct isa_row *row, struct rng *r)
{
    uint32_t mask, word;

    row_bits_fixed(row->bits, &mask, &word);
    for (char l = 'A'; l <= 'z'; l++)
        if (l != 'x' && row_bits_width(row->bits, l))
            word = row_bits_put(row->bits, l, word, (uint32_t)rng_next(r));
    return word;
}
