/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/window.c - one soft-TLB probe for several accesses off the same base register.
 *
 * A window is a span of displacements off a GPR whose bytes lie in one granule that may be loaded from, or stored to.
 * Its host address (of displacement 0) is a value like a guest register's: it lives in a host register and moves to
 * memory when it must; 0 says that the span crosses a granule or the access is not allowed, and each access then takes
 * its slow path. Made at the first of at least two accesses; moves along with additions of a constant to its base; void
 * when the base gets another value and when a C function runs that may change translations. What may be accessed is not
 * taken back by other processors but between two runs of translated code.
 *
 * Looking ahead is a guess (how far the span reaches, whether it pays);
 * what is true is found out when the base is written. */
#include "cpu/jit/x86_64/lower.h"

#include "cpu/isa.h"
#include "cpu/tlb.h"

enum { MAX_SPAN = 1024 };

static const struct {
    const char *name;
    struct window_hint hint;
} forms[] = {
    { "lbz", { 1, false, false } },  { "lbzu", { 1, false, true } },  { "lhz", { 2, false, false } },
    { "lhzu", { 2, false, true } }, { "lha", { 2, false, false } }, { "lhau", { 2, false, true } },
    { "lwz", { 4, false, false } }, { "lwzu", { 4, false, true } }, { "lwa", { 4, false, false } },
    { "ld", { 8, false, false } }, { "ldu", { 8, false, true } }, { "lfs", { 4, false, false } },
    { "lfsu", { 4, false, true } }, { "lfd", { 8, false, false } }, { "lfdu", { 8, false, true } },
    { "lxsd", { 8, false, false } }, { "lxssp", { 4, false, false } }, { "lxv", { 16, false, false } },
    { "stb", { 1, true, false } }, { "stbu", { 1, true, true } }, { "sth", { 2, true, false } },
    { "sthu", { 2, true, true } }, { "stw", { 4, true, false } }, { "stwu", { 4, true, true } },
    { "std", { 8, true, false } }, { "stdu", { 8, true, true } }, { "stfs", { 4, true, false } },
    { "stfsu", { 4, true, true } }, { "stfd", { 8, true, false } }, { "stfdu", { 8, true, true } },
    { "stxsd", { 8, true, false } }, { "stxssp", { 4, true, false } }, { "stxv", { 16, true, false } },
};

/* What the look ahead wants to know of an instruction: its access, which GPR field it writes. */
struct window_hint window_hint(const struct isa_row *row)
{
    struct window_hint h = { 0 };
    bool gpr = !(row->flags & (ISA_FP | ISA_VEC | ISA_VSX | ISA_VSX_T | ISA_FPVEC_T));

    for (unsigned i = 0; row->args && strstr(row->args, "d(a") && i < sizeof(forms) / sizeof(forms[0]); i++)
        if (!strcmp(row->name, forms[i].name))
            h = forms[i].hint;
    if (!strcmp(row->name, "addi"))
        h.adds = true;
    else if (gpr && !h.store && row->args)
        h.writes = row->args[0] == 't' ? 1 : row->args[0] == 'a' ? 2 : 0;
    for (const char *arg = row->args; arg && *arg; arg++)
        h.names |= *arg == 't' && gpr ? 1 : *arg == 'a' ? 2 : *arg == 'b' ? 4 : *arg == 'c' ? 8 : 0;
    return h;
}

static unsigned pseudo(const struct lower *x, const struct window *w)
{
    return GUEST_WINDOW + (unsigned)(w - x->windows);
}

static void drop(struct lower *x, struct window *w)
{
    w->valid = false;
    forget_guest(x, pseudo(x, w));
}

void windows_drop(struct lower *x)
{
    for (unsigned i = 0; i < N_WINDOWS; i++)
        if (x->windows[i].valid)
            drop(x, &x->windows[i]);
}

void windows_drop_base(struct lower *x, unsigned base)
{
    for (unsigned i = 0; i < N_WINDOWS; i++)
        if (x->windows[i].valid && x->windows[i].base == base)
            drop(x, &x->windows[i]);
}

/* base += by. */
void windows_move(struct lower *x, unsigned base, int32_t by)
{
    for (unsigned i = 0; i < N_WINDOWS; i++)
        if (x->windows[i].valid && x->windows[i].base == base)
            x->windows[i].moved += by;
}

/* Makes room in the span for bytes [from, to) off the base, if it stays short. */
static bool widen(struct window *w, int64_t from, int64_t to)
{
    int64_t lo = from < w->lo ? from : w->lo, hi = to > w->hi ? to : w->hi;

    if (hi - lo > MAX_SPAN)
        return false;
    w->lo = (int32_t)lo;
    w->hi = (int32_t)hi;
    return true;
}

/* Which accesses follow off the base of this one? Returns how many fit one window, this one included. */
static unsigned look_ahead(struct lower *x, struct window *w)
{
    const struct item *end = x->r->items + x->r->n_items;
    int64_t moved = 0;
    unsigned n = 0;

    for (const struct item *it = x->item; it < end; it++) {
        const struct op *o = &it->op;
        struct window_hint h;

        if (it->kind != ITEM_OP)
            continue;
        if (o->row == UINT16_MAX || o->denied || !x->j->thunks->emit[o->row])
            break;
        h = x->j->thunks->hint[o->row];
        if (h.width && o->ra == w->base) {
            if (h.store == w->store)
                n += widen(w, moved + o->imm, moved + o->imm + h.width);
            if (h.update)
                moved += o->imm;
        } else if (h.adds && o->rt == w->base && o->ra == w->base) {
            moved += o->imm;
            continue;
        } else if (h.adds && o->rt == w->base) {
            break;
        }
        if ((h.writes == 1 && o->rt == w->base) || (h.writes == 2 && o->ra == w->base))
            break;
    }
    return n;
}

/* host = address of displacement 0; flags: equal when it is good. */
static void probe(struct lower *x, const struct window *w, int base, int host)
{
    struct assembler *a = &x->a;
    size_t tag = w->store ? offsetof(struct tlb_entry, write_tag) : offsetof(struct tlb_entry, read_tag);

    asm_rm(a, W64, 0x8d, RAX, base, w->lo);
    asm_rm(a, W64, 0x8d, RDX, base, w->hi - 1);
    asm_shift(a, W32, S_SHR, RAX, TLB_PAGE_SHIFT - 5);
    asm_ri(a, W64, G_AND, RDX, -(int32_t)TLB_PAGE);
    asm_ri(a, W32, G_AND, RAX, (TLB_ENTRIES - 1) * 32);
    asm_rmx(a, W64, 0x8b, host, R15, RAX, 0, offsetof(struct tlb_entry, addend));
    asm_rr(a, W64, 0x03, host, base);
    asm_rmx(a, W64, 0x3b, RDX, R15, RAX, 0, (int32_t)tag);
}

static struct window *find(struct lower *x, unsigned base, bool store, int64_t from, int64_t to)
{
    for (unsigned i = 0; i < N_WINDOWS; i++) {
        struct window *w = &x->windows[i];

        if (w->valid && w->base == base && w->store == store && from + w->moved >= w->lo && to + w->moved <= w->hi)
            return w;
    }
    return NULL;
}

static struct window *free_one(struct lower *x)
{
    for (unsigned i = 0; i < N_WINDOWS; i++)
        if (!x->windows[i].valid)
            return &x->windows[i];
    x->next_window = (x->next_window + 1) % N_WINDOWS;
    drop(x, &x->windows[x->next_window]);
    return &x->windows[x->next_window];
}

/* The window for an access at ra + imm; NULL: none pays. A new one leaves its verdict in the flags; where it is bad,
 * the slow path makes it 0. */
struct window *window_for(struct lower *x, const struct op *o, unsigned width, bool store, bool *is_new)
{
    struct window *w = find(x, o->ra, store, o->imm, (int64_t)o->imm + width), made;
    int base, host;

    *is_new = !w;
    if (w)
        return w;
    made = (struct window){ .valid = true, .base = o->ra, .store = store, .lo = o->imm, .hi = o->imm + (int32_t)width };
    made.uses = look_ahead(x, &made);
    if (made.uses < 2)
        return NULL;
    w = free_one(x);
    *w = made;
    base = use(x, o->ra);
    host = def(x, pseudo(x, w));
    probe(x, w, base, host);
    return w;
}

/* After the last use that was foreseen the host register is free again when this instruction is done. */
int window_host(struct lower *x, struct window *w)
{
    int host = use(x, pseudo(x, w));

    if (!--w->uses)
        drop(x, w);
    return host;
}
