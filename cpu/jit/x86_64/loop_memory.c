/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/loop_memory.c - what the accesses of a loop remember from one round to the next.
 *
 * A displaced access off a register that the loop leaves alone, or off a copy of it, keeps its host address in a
 * *slot*; 0: not known. An indexed access with one register that the loop leaves alone remembers the page of 16 MiB or
 * the granule it touched last: its place and addend at an address of their own do not wait for the effective address.
 * The first copy of the loop forgets them, the second uses them, unless the loop calls C functions. What may be
 * accessed is not taken back by other processors but between two runs of translated code.
 *
 * What the loop leaves alone is guessed by names of instructions. For slots the truth is found out when the second copy
 * is written: the origin of every register's value, as a register at the loop's top and a constant. */
#include "cpu/jit/x86_64/lower.h"

#include "cpu/isa.h"
#include "cpu/tlb.h"

/* ---- where values come from ---- */

void origins_begin(struct lower *x)
{
    for (int8_t g = 0; g < 32; g++)
        x->origin[g] = (struct origin){ g, 0 };
    x->slot_bases = 0;
}

void origins_forget(struct lower *x)
{
    for (unsigned g = 0; g < 32; g++)
        x->origin[g].gpr = NO_REG;
}

/* Is what the slots' addresses were made from at the end of the loop as it was at the top? */
bool origins_hold(const struct lower *x)
{
    for (int8_t g = 0; g < 32; g++)
        if ((x->slot_bases >> g & 1) && (x->origin[g].gpr != g || x->origin[g].plus))
            return false;
    return true;
}

bool is_written(const struct lower *x, unsigned gpr)
{
    for (unsigned i = 0; i < x->r->n_items; i++) {
        const struct op *o = &x->r->items[i].op;
        struct window_hint h;

        if (x->r->items[i].kind != ITEM_OP || o->row == UINT16_MAX)
            continue;
        h = x->j->thunks->hint[o->row];
        if (((h.writes == 1 || h.adds) && o->rt == gpr) || ((h.writes == 2 || h.update) && o->ra == gpr))
            return true;
    }
    return false;
}

static bool stub_stores(const struct stub *s)
{
    return s->kind == STUB_STORE || s->kind == STUB_STORE_XMM;
}

/* ---- slots ---- */

static int32_t slot_offset(unsigned slot)
{
    return OFF(jit_slot) + 8 * (int32_t)(slot - 1);
}

/* The register at the loop's top that the address is made from, NO_REG for none. False: not always the same address. */
static bool same_address(const struct lower *x, const struct op *o, int *base)
{
    *base = o->ra ? x->origin[o->ra].gpr : NO_REG;
    return !o->ra || (*base != NO_REG && !is_written(x, (unsigned)*base));
}

/* The slot of this displaced access + 1; 0: none. */
unsigned slot_for(struct lower *x, const struct op *o)
{
    unsigned n;
    int base;

    if (!x->will_loop || !same_address(x, o, &base))
        return 0;
    if (!x->in_loop) {
        if (x->n_slots < CPU_JIT_SLOTS) {
            x->slot_item[x->n_slots++] = x->item;
            x->names[x->item - x->r->items] &= ~(1ull << o->ra);        /* not wanted in the loop */
            asm_rm(&x->a, W64, 0xc7, 0, RBP, slot_offset(x->n_slots));
            asm_u32(&x->a, 0);
        }
        return 0;
    }
    for (n = 0; n < x->n_slots && x->slot_item[n] != x->item; n++)
        ;
    if (n == x->n_slots || x->called_c)
        return 0;
    if (base != NO_REG)
        x->slot_bases |= 1u << base;
    return n + 1;
}

/* rcx = host address; returns the jump to take when it is not known. */
uint8_t *slot_check(struct lower *x, unsigned slot)
{
    asm_load(&x->a, RCX, RBP, slot_offset(slot));
    asm_rr(&x->a, W64, 0x85, RCX, RCX);
    return asm_jcc(&x->a, CC_E);
}

/* In the stub: rax = address; looks for the granule, keeps the host address and goes back, or falls through. */
void slot_fill(struct lower *x, const struct stub *s)
{
    const struct op *o = &s->item->op;
    struct assembler *a = &x->a;
    int base = s->regs.host_of[o->ra];
    uint8_t *miss;

    if (o->ra && base == NO_REG)
        asm_load(a, base = RAX, RBP, guest_offset(o->ra));
    if (o->ra)
        asm_rm(a, W64, 0x8d, RAX, base, o->imm);
    else
        asm_const(a, RAX, (uint64_t)(int64_t)o->imm);
    miss = emit_tag_check(a, RDX, s->width, stub_stores(s), tlb_granules);
    asm_rr(a, W64, 0x03, RCX, RAX);
    asm_store(a, RCX, RBP, slot_offset(s->slot));
    asm_jmp_to(a, s->found);
    asm_bind(a, miss);
}

/* ---- pages ---- */

static int32_t page_offset(unsigned page, size_t field)
{
    return OFF(jit_page) + (int32_t)((page - 1) * sizeof(struct jit_page) + field);
}

static void set_page_limit(struct assembler *a, unsigned page, uint32_t limit)
{
    asm_rm(a, W64, 0xc7, 0, RBP, page_offset(page, offsetof(struct jit_page, limit)));
    asm_u32(a, limit);
}

/* The remembered page of this access + 1; 0: none. */
unsigned page_for(struct lower *x, const struct op *o)
{
    unsigned n;

    if (x->in_loop) {
        for (n = 0; n < x->n_pages && !x->called_c; n++)
            if (x->page_item[n] == x->item)
                return n + 1;
        return 0;
    }
    if (!x->will_loop || x->n_pages == CPU_JIT_PAGES || !o->ra || (is_written(x, o->ra) && is_written(x, o->rb)))
        return 0;
    n = x->n_pages++;
    x->page_item[n] = x->item;
    set_page_limit(&x->a, n + 1, 0);
    return 0;
}

/* rax = address; returns the jump to take when it is not all in the remembered page. */
uint8_t *page_check(struct lower *x, const struct place *p)
{
    struct assembler *a = &x->a;

    asm_mov(a, RDX, RAX);
    asm_rm(a, W64, 0x2b, RDX, RBP, page_offset(p->page, offsetof(struct jit_page, start)));
    asm_rm(a, W64, 0x3b, RDX, RBP, page_offset(p->page, offsetof(struct jit_page, limit)));
    return asm_jcc(a, CC_AE);
}

void page_addend(struct lower *x, unsigned page)
{
    asm_load(&x->a, RCX, RBP, page_offset(page, offsetof(struct jit_page, addend)));
}

/* Remembers the table's entry and goes back, or falls through. An access may begin in all of the page but its end. */
static void fill_from(struct lower *x, const struct stub *s, struct tlb_table t)
{
    struct assembler *a = &x->a;
    uint8_t *miss = emit_tag_check(a, RDX, s->width, stub_stores(s), t);

    asm_store(a, RDX, RBP, page_offset(s->page, offsetof(struct jit_page, start)));
    set_page_limit(a, s->page, (1u << t.shift) - s->width + 1);
    asm_store(a, RCX, RBP, page_offset(s->page, offsetof(struct jit_page, addend)));
    asm_jmp_to(a, s->found);
    asm_bind(a, miss);
}

/* In the stub: looks for the page of 16 MiB or the granule and goes back, or falls through with rax as it was. */
void page_fill(struct lower *x, const struct stub *s)
{
    fill_from(x, s, tlb_huge_table);
    fill_from(x, s, tlb_granules);
}
