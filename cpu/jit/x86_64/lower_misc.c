/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_misc.c - moves to and from LR, CTR and CR, traps, fences, CR bits. */
#include "cpu/jit/x86_64/lower.h"

static unsigned guest_spr(const struct op *o)
{
    unsigned spr = op_spr(o);

    return spr == SPR_LR ? GUEST_LR : spr == SPR_CTR ? GUEST_CTR : GUEST_REGS;
}

static bool emit_mfspr(struct lower *x, const struct op *o)
{
    unsigned g = guest_spr(o);
    int s, d;

    if (g == GUEST_REGS)
        return false;
    s = use(x, g);
    d = def(x, o->rt);
    asm_mov(&x->a, d, s);
    return true;
}

static bool emit_mtspr(struct lower *x, const struct op *o)
{
    unsigned g = guest_spr(o);
    int s, d;

    if (g == GUEST_REGS)
        return false;
    s = use(x, o->rt);
    d = def(x, g);
    asm_mov(&x->a, d, s);
    return true;
}

/* The CR bytes, field 0 first, squeezed into 32 bits: pext over the byte-swapped eight. */
static bool get_cr(struct lower *x, const struct op *o, uint32_t mask)
{
    struct assembler *a = &x->a;
    int d;

    if (!__builtin_cpu_supports("bmi2"))
        return false;
    cr_flush(x);
    d = def(x, o->rt);
    asm_load(a, RAX, RBP, OFF(cr));
    asm_prefix(a, W64, 0, 0, 0, RAX);                       /* bswap rax */
    asm_byte(a, 0x0f);
    asm_byte(a, 0xc8);
    asm_const(a, RCX, 0x0f0f0f0f0f0f0f0full);
    asm_byte(a, 0xc4);                                      /* pext rax, rax, rcx: VEX.LZ.F3.0F38.W1 F5 /r */
    asm_byte(a, 0xe2);
    asm_byte(a, 0xfa);
    asm_byte(a, 0xf5);
    asm_byte(a, 0xc1);
    if (mask != UINT32_MAX)
        asm_ri(a, W32, G_AND, RAX, (int32_t)mask);
    asm_mov(a, d, RAX);
    return true;
}

EMIT(mfcr, get_cr, UINT32_MAX)

static bool emit_mfocrf(struct lower *x, const struct op *o)
{
    uint32_t mask = 0;

    for (unsigned f = 0; f < 8; f++)
        if (o->n & (0x80u >> f))
            mask |= 0xf0000000u >> (4 * f);
    return get_cr(x, o, mask);
}

/* One field: a nibble into a byte. */
static bool emit_mtcrf(struct lower *x, const struct op *o)
{
    struct assembler *a = &x->a;
    int s = use(x, o->rt);

    for (unsigned f = 0; f < 8; f++) {
        if (!(o->n & (0x80u >> f)))
            continue;
        asm_rr(a, W32, 0x8b, RAX, s);
        asm_shift(a, W32, S_SHR, RAX, 28 - 4 * f);
        asm_ri(a, W32, G_AND, RAX, 15);
        asm_rm(a, W8, 0x88, RAX, RBP, OFF_CR_FIELD(f));
        cr_written(x, f);
    }
    return true;
}

/* One bit of CR into the low bit of a register. */
static void get_bit(struct assembler *a, int reg, unsigned bit)
{
    asm_rm(a, W32, 0x0fb6, reg, RBP, OFF_CR_FIELD(bit >> 2));
    asm_shift(a, W32, S_SHR, reg, 3 - (bit & 3));
}

/* cr[n] = low bit of rax; rcx scratch. */
static void put_bit(struct assembler *a, unsigned bit)
{
    unsigned place = 3 - (bit & 3);

    asm_ri(a, W32, G_AND, RAX, 1);
    asm_shift(a, W32, S_SHL, RAX, place);
    asm_rm(a, W32, 0x0fb6, RCX, RBP, OFF_CR_FIELD(bit >> 2));
    asm_ri(a, W32, G_AND, RCX, ~(1 << place));
    asm_rr(a, W32, 0x0b, RAX, RCX);
    asm_rm(a, W8, 0x88, RAX, RBP, OFF_CR_FIELD(bit >> 2));
}

static bool set_constant_bit(struct assembler *a, unsigned bit, bool one)
{
    unsigned m = 8u >> (bit & 3);

    asm_mi(a, W8, one ? G_OR : G_AND, RBP, OFF_CR_FIELD(bit >> 2), (int8_t)(one ? m : ~m));
    return true;
}

/* op: 0x23 and, 0x0b or, 0x33 xor; bits q inverted before, result inverted after. */
static bool cr_logical(struct lower *x, const struct op *o, unsigned opcode, bool invert_q, bool invert)
{
    struct assembler *a = &x->a;

    cr_flush(x);
    if (opcode == 0x33 && o->p == o->q)
        return set_constant_bit(a, o->n, invert);
    get_bit(a, RAX, o->p);
    get_bit(a, RCX, o->q);
    if (invert_q)
        asm_rr(a, W32, 0xf7, 2, RCX);
    asm_rr(a, W32, opcode, RAX, RCX);
    if (invert)
        asm_rr(a, W32, 0xf7, 2, RAX);
    put_bit(a, o->n);
    return true;
}

EMIT(crand, cr_logical, 0x23, false, false)
EMIT(crandc, cr_logical, 0x23, true, false)
EMIT(creqv, cr_logical, 0x33, false, true)
EMIT(crnand, cr_logical, 0x23, false, true)
EMIT(crnor, cr_logical, 0x0b, false, true)
EMIT(cror, cr_logical, 0x0b, false, false)
EMIT(crorc, cr_logical, 0x0b, true, false)
EMIT(crxor, cr_logical, 0x33, false, false)

static bool emit_mcrf(struct lower *x, const struct op *o)
{
    cr_flush(x);
    asm_rm(&x->a, W32, 0x0fb6, RAX, RBP, OFF_CR_FIELD(o->p));
    asm_rm(&x->a, W8, 0x88, RAX, RBP, OFF_CR_FIELD(o->n));
    return true;
}

/* ---- traps: a jump per condition to the C function, which raises the interrupt ---- */

static void trap_if(struct lower *x, enum cc cc)
{
    struct stub *s = new_stub(x, STUB_CALL, asm_jcc(&x->a, cc));

    s->back = s->from;                                      /* any address: the C function is still to run */
}

static bool trap(struct lower *x, const struct op *o)
{
    static const uint8_t conditions[] = { CC_A, CC_B, CC_E, CC_G, CC_L };   /* TO bits from the lowest */

    if ((o->n & 31) == 31)
        return false;
    if ((o->n & 0x1c) == 0x18 && !(o->n & 3)) {
        trap_if(x, CC_NE);
        return true;
    }
    for (unsigned i = 0; i < 5; i++)
        if (o->n >> i & 1)
            trap_if(x, conditions[i]);
    return true;
}

static bool trap_register(struct lower *x, const struct op *o, enum width w)
{
    int a = use(x, o->ra), b = use(x, o->rb);

    if ((o->n & 31) == 31)
        return false;
    asm_rr(&x->a, w, 0x3b, a, b);
    return trap(x, o);
}

static bool trap_imm(struct lower *x, const struct op *o, enum width w)
{
    if (!o->n)
        return true;
    if ((o->n & 31) == 31)
        return false;
    asm_ri(&x->a, w, G_CMP, use(x, o->ra), o->imm);
    return trap(x, o);
}

EMIT(tw, trap_register, W32)
EMIT(td, trap_register, W64)
EMIT(twi, trap_imm, W32)
EMIT(tdi, trap_imm, W64)

/* ---- ordering: the host keeps everything but store-load ---- */

static bool emit_sync(struct lower *x, const struct op *o)
{
    (void)o;
    /* lock or dword [rsp], 0: a full fence, cheaper than mfence */
    asm_byte(&x->a, 0xf0);
    asm_mi(&x->a, W32, G_OR, RSP, 0, 0);
    return true;
}

static bool emit_nothing(struct lower *x, const struct op *o)
{
    (void)x;
    (void)o;
    return true;
}

const struct emit_row emit_misc[] = {
    { "mfspr", emit_mfspr },     { "mtspr", emit_mtspr },     { "mfcr", emit_mfcr },       { "mfocrf", emit_mfocrf },
    { "mtcrf", emit_mtcrf },     { "mtocrf", emit_mtcrf },    { "crand", emit_crand },     { "crandc", emit_crandc },
    { "creqv", emit_creqv },     { "crnand", emit_crnand },   { "crnor", emit_crnor },     { "cror", emit_cror },
    { "crorc", emit_crorc },     { "crxor", emit_crxor },     { "mcrf", emit_mcrf },       { "tw", emit_tw },
    { "td", emit_td },           { "twi", emit_twi },         { "tdi", emit_tdi },         { "sync", emit_sync },
    { "ptesync", emit_sync },    { "lwsync", emit_nothing },  { "eieio", emit_nothing },   { "dcbt", emit_nothing },
    { "dcbtst", emit_nothing },  { "icbt", emit_nothing },    { "cpabort", emit_nothing }, { NULL, NULL },
};
