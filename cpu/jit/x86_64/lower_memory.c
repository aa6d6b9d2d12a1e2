/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_memory.c - fixed-point loads and stores: the soft TLB probe inline, everything else in a stub.
 *
 * rax = effective address throughout. The probe compares the tag with the page of the access's last byte, so that one
 * compare also catches accesses that leave the page. */
#include "cpu/jit/x86_64/sse.h"

#include "cpu/tlb.h"

/* rax = address. Update forms have no (RA|0). */
void emit_address(struct lower *x, const struct op *o, enum address form, bool update)
{
    struct assembler *a = &x->a;
    int base = o->ra || update ? use(x, o->ra) : NO_REG;

    if (form == ADDRESS_X) {
        int index = use(x, o->rb);

        if (base == NO_REG)
            asm_mov(a, RAX, index);
        else
            asm_rmx(a, W64, 0x8d, RAX, base, index, 0, 0);
    } else if (base == NO_REG) {
        asm_const(a, RAX, (uint64_t)(int64_t)o->imm);
    } else if (o->imm) {
        asm_rm(a, W64, 0x8d, RAX, base, o->imm);
    } else {
        asm_mov(a, RAX, base);
    }
}

const struct tlb_table tlb_granules = { TLB_PAGE_SHIFT, TLB_BITS, offsetof(struct tlb_set, entry) };
const struct tlb_table tlb_mid_table = { TLB_MID_SHIFT, TLB_MID_BITS, offsetof(struct tlb_set, mid) };
const struct tlb_table tlb_huge_table = { TLB_HUGE_SHIFT, TLB_HUGE_BITS, offsetof(struct tlb_set, huge) };

/* rax = address. Compares the tag, which is left in a register; returns the jump to take when it is another one.
 * Leaves the addend in rcx. */
uint8_t *emit_tag_check(struct assembler *a, int tag, unsigned width, bool store, struct tlb_table t)
{
    size_t field = store ? offsetof(struct tlb_entry, write_tag) : offsetof(struct tlb_entry, read_tag);
    enum width index_width = t.shift + t.bits <= 32 ? W32 : W64;
    uint8_t *miss;

    _Static_assert(sizeof(struct tlb_entry) == 32, "index scaling below");
    asm_rr(a, index_width, 0x8b, RCX, RAX);
    asm_shift(a, index_width, S_SHR, RCX, t.shift - 5);
    asm_ri(a, W32, G_AND, RCX, (int32_t)((1u << t.bits) - 1) << 5);
    if (width == 1)
        asm_mov(a, tag, RAX);
    else
        asm_rm(a, W64, 0x8d, tag, RAX, (int32_t)width - 1);
    asm_ri(a, W64, G_AND, tag, -(1 << t.shift));
    asm_rmx(a, W64, 0x3b, tag, R15, RCX, 0, (int32_t)(t.at + field));
    miss = asm_jcc(a, CC_NE);
    asm_rmx(a, W64, 0x8b, RCX, R15, RCX, 0, (int32_t)(t.at + offsetof(struct tlb_entry, addend)));
    return miss;
}

void place_begin(struct lower *x, const struct op *o, struct place *p)
{
    struct window *w = NULL;

    if (p->form == ADDRESS_D && !p->update)
        p->slot = slot_for(x, o);
    if (p->form == ADDRESS_D && o->ra && !p->slot)
        w = window_for(x, o, p->width, p->store, &p->is_new);
    p->windowed = w != NULL;
    if (p->slot) {
        p->base = RCX;
        p->index = NO_REG;
    } else if (w) {
        p->base = window_host(x, w);
        p->index = NO_REG;
        p->disp = o->imm + w->moved;
    } else {
        emit_address(x, o, p->form, p->update);
        if (p->aligned)
            asm_ri(&x->a, W64, G_AND, RAX, -16);
        p->base = RAX;
        p->index = RCX;
        if (p->form == ADDRESS_X)
            p->page = page_for(x, o);
    }
    if (p->update)
        use(x, o->ra);
}

struct stub *place_check(struct lower *x, const struct place *p, enum stub_kind kind)
{
    struct stub *s;
    uint8_t *miss;

    if (p->slot) {
        miss = slot_check(x, p->slot);
    } else if (p->page) {
        miss = page_check(x, p);
    } else if (!p->windowed) {
        miss = emit_tag_check(&x->a, RDX, p->width, p->store, tlb_granules);
    } else if (p->is_new) {
        miss = asm_jcc(&x->a, CC_NE);
    } else {
        asm_rr(&x->a, W64, 0x85, p->base, p->base);
        miss = asm_jcc(&x->a, CC_E);
    }
    s = new_stub(x, kind, miss);
    s->width = (uint8_t)p->width;
    s->windowed = p->windowed;
    s->page = (uint8_t)p->page;
    s->slot = (uint8_t)p->slot;
    if (p->page)
        page_addend(x, p->page);
    s->found = x->a.p;
    s->void_window = p->windowed && p->is_new ? (int8_t)p->base : NO_REG;
    return s;
}

void asm_at(struct assembler *a, enum width w, unsigned opc, int reg, const struct place *p)
{
    if (p->index == NO_REG)
        asm_rm(a, w, opc, reg, p->base, p->disp);
    else
        asm_rmx(a, w, opc, reg, p->base, p->index, 0, 0);
}

void place_end(struct lower *x, const struct op *o, const struct place *p)
{
    if (!p->update)
        return;
    if (p->windowed)
        add_to(x, o->ra, o->imm);
    else
        asm_mov(&x->a, def(x, o->ra), RAX);
}

/* Swaps the bytes of a value of this width, zero-extended. */
void emit_swap(struct assembler *a, int reg, unsigned width)
{
    if (width == 2) {
        asm_shift(a, W16, S_ROL, reg, 8);
        asm_rr(a, W32, 0x0fb7, reg, reg);
    } else if (width > 2) {                                 /* bswap */
        asm_prefix(a, width == 8 ? W64 : W32, 0, 0, 0, reg);
        asm_byte(a, 0x0f);
        asm_byte(a, 0xc8u | (unsigned)(reg & 7));
    }
}

static void load_host(struct assembler *a, int dst, unsigned width, bool sign, const struct place *p)
{
    static const unsigned zero_extend[] = { [1] = 0x0fb6, [2] = 0x0fb7, [4] = 0x8b, [8] = 0x8b };
    static const unsigned sign_extend[] = { [1] = 0x0fbe, [2] = 0x0fbf, [4] = 0x63, [8] = 0x8b };

    asm_at(a, sign || width == 8 ? W64 : W32, sign ? sign_extend[width] : zero_extend[width], dst, p);
}

struct load_form {
    uint8_t width;
    bool sign, update, reversed;
    enum address address;
};

static bool load(struct lower *x, const struct op *o, struct load_form f)
{
    bool swapped = x->big_endian != f.reversed;
    struct place p = { .width = f.width, .update = f.update, .form = f.address };
    struct reg_state before;
    struct stub *s;
    int dst;

    if (f.update && (!o->ra || o->ra == o->rt))
        return false;                                       /* invalid forms: the C function decides */
    place_begin(x, o, &p);
    before = x->regs;               /* the target keeps its old value when the access faults */
    dst = def(x, o->rt);            /* what this evicts is stored before the paths part */
    s = place_check(x, &p, STUB_LOAD);
    s->regs = before;
    load_host(&x->a, dst, f.width, f.sign && !swapped, &p);
    if (swapped) {
        emit_swap(&x->a, dst, f.width);
        if (f.sign)
            asm_rr(&x->a, W64, f.width == 2 ? 0x0fbf : 0x63, dst, dst);
    }
    s->back = x->a.p;
    s->dst = (int8_t)dst;
    s->sign = f.sign;
    s->reversed = f.reversed;
    place_end(x, o, &p);
    return true;
}

static bool store(struct lower *x, const struct op *o, struct load_form f)
{
    static const unsigned opcode[] = { [1] = 0x88, [2] = 0x89, [4] = 0x89, [8] = 0x89 };
    bool swapped = x->big_endian != f.reversed;
    struct place p = { .width = f.width, .store = true, .update = f.update, .form = f.address };
    struct stub *s;
    int value;

    if (f.update && !o->ra)
        return false;
    place_begin(x, o, &p);
    value = use(x, o->rt);
    s = place_check(x, &p, STUB_STORE);
    s->dst = (int8_t)value;
    s->reversed = f.reversed;
    if (swapped && f.width > 1) {
        asm_mov(&x->a, RDX, value);
        emit_swap(&x->a, RDX, f.width);
        value = RDX;
    }
    asm_at(&x->a, (enum width)f.width, opcode[f.width], value, &p);
    s->back = x->a.p;
    place_end(x, o, &p);
    return true;
}

#define LOAD(name, w, sg, upd, rev, form)                                                                             \
    static bool emit_##name(struct lower *x, const struct op *o)                                                      \
    {                                                                                                                 \
        return load(x, o, (struct load_form){ w, sg, upd, rev, form });                                               \
    }
#define STORE(name, w, upd, rev, form)                                                                                \
    static bool emit_##name(struct lower *x, const struct op *o)                                                      \
    {                                                                                                                 \
        return store(x, o, (struct load_form){ w, false, upd, rev, form });                                           \
    }

LOAD(lbz, 1, false, false, false, ADDRESS_D)
LOAD(lbzu, 1, false, true, false, ADDRESS_D)
LOAD(lbzx, 1, false, false, false, ADDRESS_X)
LOAD(lbzux, 1, false, true, false, ADDRESS_X)
LOAD(lhz, 2, false, false, false, ADDRESS_D)
LOAD(lhzu, 2, false, true, false, ADDRESS_D)
LOAD(lhzx, 2, false, false, false, ADDRESS_X)
LOAD(lhzux, 2, false, true, false, ADDRESS_X)
LOAD(lha, 2, true, false, false, ADDRESS_D)
LOAD(lhau, 2, true, true, false, ADDRESS_D)
LOAD(lhax, 2, true, false, false, ADDRESS_X)
LOAD(lhaux, 2, true, true, false, ADDRESS_X)
LOAD(lwz, 4, false, false, false, ADDRESS_D)
LOAD(lwzu, 4, false, true, false, ADDRESS_D)
LOAD(lwzx, 4, false, false, false, ADDRESS_X)
LOAD(lwzux, 4, false, true, false, ADDRESS_X)
LOAD(lwa, 4, true, false, false, ADDRESS_D)
LOAD(lwax, 4, true, false, false, ADDRESS_X)
LOAD(lwaux, 4, true, true, false, ADDRESS_X)
LOAD(ld, 8, false, false, false, ADDRESS_D)
LOAD(ldu, 8, false, true, false, ADDRESS_D)
LOAD(ldx, 8, false, false, false, ADDRESS_X)
LOAD(ldux, 8, false, true, false, ADDRESS_X)
LOAD(lhbrx, 2, false, false, true, ADDRESS_X)
LOAD(lwbrx, 4, false, false, true, ADDRESS_X)
LOAD(ldbrx, 8, false, false, true, ADDRESS_X)
STORE(stb, 1, false, false, ADDRESS_D)
STORE(stbu, 1, true, false, ADDRESS_D)
STORE(stbx, 1, false, false, ADDRESS_X)
STORE(stbux, 1, true, false, ADDRESS_X)
STORE(sth, 2, false, false, ADDRESS_D)
STORE(sthu, 2, true, false, ADDRESS_D)
STORE(sthx, 2, false, false, ADDRESS_X)
STORE(sthux, 2, true, false, ADDRESS_X)
STORE(stw, 4, false, false, ADDRESS_D)
STORE(stwu, 4, true, false, ADDRESS_D)
STORE(stwx, 4, false, false, ADDRESS_X)
STORE(stwux, 4, true, false, ADDRESS_X)
STORE(std, 8, false, false, ADDRESS_D)
STORE(stdu, 8, true, false, ADDRESS_D)
STORE(stdx, 8, false, false, ADDRESS_X)
STORE(stdux, 8, true, false, ADDRESS_X)
STORE(sthbrx, 2, false, true, ADDRESS_X)
STORE(stwbrx, 4, false, true, ADDRESS_X)
STORE(stdbrx, 8, false, true, ADDRESS_X)

/* A block of zeros; it never crosses a page. */
static bool emit_dcbz(struct lower *x, const struct op *o)
{
    enum { BLOCK = 128 };
    struct assembler *a = &x->a;
    struct stub *s;

    emit_address(x, o, ADDRESS_X, false);
    asm_ri(a, W64, G_AND, RAX, -BLOCK);
    s = new_float_stub(x, emit_tag_check(a, RDX, BLOCK, true, tlb_granules));
    asm_rr(a, W32, SSE_PXOR, 0, 0);
    for (int i = 0; i < BLOCK; i += 16)
        asm_rmx(a, W32, SSE_MOVUPS_STORE, 0, RAX, RCX, 0, i);
    s->back = a->p;
    return true;
}

const struct emit_row emit_memory[] = {
    { "lbz", emit_lbz },       { "lbzu", emit_lbzu },     { "lbzx", emit_lbzx },     { "lbzux", emit_lbzux },
    { "lhz", emit_lhz },       { "lhzu", emit_lhzu },     { "lhzx", emit_lhzx },     { "lhzux", emit_lhzux },
    { "lha", emit_lha },       { "lhau", emit_lhau },     { "lhax", emit_lhax },     { "lhaux", emit_lhaux },
    { "lwz", emit_lwz },       { "lwzu", emit_lwzu },     { "lwzx", emit_lwzx },     { "lwzux", emit_lwzux },
    { "lwa", emit_lwa },       { "lwax", emit_lwax },     { "lwaux", emit_lwaux },   { "ld", emit_ld },
    { "ldu", emit_ldu },       { "ldx", emit_ldx },       { "ldux", emit_ldux },     { "lhbrx", emit_lhbrx },
    { "lwbrx", emit_lwbrx },   { "ldbrx", emit_ldbrx },   { "stb", emit_stb },       { "stbu", emit_stbu },
    { "stbx", emit_stbx },     { "stbux", emit_stbux },   { "sth", emit_sth },       { "sthu", emit_sthu },
    { "sthx", emit_sthx },     { "sthux", emit_sthux },   { "stw", emit_stw },       { "stwu", emit_stwu },
    { "stwx", emit_stwx },     { "stwux", emit_stwux },   { "std", emit_std },       { "stdu", emit_stdu },
    { "stdx", emit_stdx },     { "stdux", emit_stdux },   { "sthbrx", emit_sthbrx }, { "stwbrx", emit_stwbrx },
    { "stdbrx", emit_stdbrx }, { "dcbz", emit_dcbz },     { NULL, NULL },
};
