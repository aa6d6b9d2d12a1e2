/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/region.c - chooses what is translated together: from a hot block along its likely path.
 *
 * Direct jumps and calls are followed, conditional branches and returns towards the side that ran more often, returns
 * to a call inside the region. The path may leave the page when the soft TLB knows where the next page is; a guard
 * checks that again at run time. It ends where it meets itself, where another translation starts (unless it is still
 * short, or time is known to go there), at an instruction that sets nip in its own way, or when it is long
 * enough. */
#include "cpu/jit/jit_int.h"

#include <string.h>

#include "cpu/isa.h"
#include "cpu/jit/jit_space.h"
#include "cpu/tlb.h"

struct walk {
    struct cpu *c;
    struct region *r;
    uint64_t nip;
    const uint8_t *page_host;       /* host page of nip's page */
    uint64_t page_ea;
    uint64_t lr;                    /* what LR holds, when an item of the region put it there */
    bool lr_known;
};

static struct item *add(struct walk *w, enum item_kind kind, const struct op *o, uint64_t ea)
{
    struct item *it = &w->r->items[w->r->n_items++];

    *it = (struct item){ .kind = kind, .ea = ea, .caller = w->lr_known ? w->lr : 0 };
    if (o) {
        it->op = *o;
        it->op.index = 0;
        w->r->n_ops++;
    }
    return it;
}

static uint64_t page_of(uint64_t a)
{
    return a & ~(TLB_PAGE - 1);
}

/* Moves the walk to an address; a page other than the present one needs a guard. False: its place is not known. */
static bool go_to(struct walk *w, uint64_t nip)
{
    const struct tlb_fetch *e;

    w->nip = nip;
    if (page_of(nip) == w->page_ea)
        return true;
    e = tlb_fetch(w->c->tlb, w->c->imode, ea(nip));
    if (e->tag != page_of(nip) || w->r->n_pages == REGION_MAX_PAGES)
        return false;
    w->page_ea = page_of(nip);
    w->page_host = (const uint8_t *)(e->addend + w->page_ea);
    for (unsigned i = 0; i < w->r->n_pages; i++)
        if (w->r->pages[i] == (uintptr_t)w->page_host)
            goto known;
    w->r->pages[w->r->n_pages++] = (uintptr_t)w->page_host;
known:
    add(w, ITEM_PAGE, NULL, w->page_ea)->host = w->page_host;
    return true;
}

/* Is the walk's place on the path already? A function that is called from two places is there twice. */
static bool seen(const struct walk *w)
{
    for (unsigned i = 0; i < w->r->n_items; i++) {
        const struct item *it = &w->r->items[i];

        if (it->ea == w->nip && it->kind != ITEM_PAGE && it->caller == (w->lr_known ? w->lr : 0))
            return true;
    }
    return false;
}

static const uint8_t *host_of(const struct walk *w, uint64_t nip)
{
    return w->page_host + (nip & (TLB_PAGE - 1));
}

/* Is there a translation to go on with? */
static bool joins_another(const struct walk *w)
{
    const struct cpu *c = w->c;

    return w->r->n_ops >= REGION_JOIN_OPS && !w->r->through &&
           jit_find(c->jit->space, host_of(w, w->nip), c->block_mode, w->nip);
}

static const char *name_of(const struct walk *w, const struct op *o)
{
    return o->row == UINT16_MAX ? "" : isa_row_at(w->c->isa, o->row)->name;
}

static uint32_t heat(const struct walk *w, uint64_t nip)
{
    const struct block *b;

    if (page_of(nip) != w->page_ea)
        return 0;
    b = block_find(w->c, host_of(w, nip));
    return b ? b->heat : 0;
}

/* Which way does a conditional branch usually go? By how often its sides ran; backward when nothing is known. */
static bool likely_taken(const struct walk *w, uint64_t target, uint64_t next)
{
    uint32_t t = heat(w, target), n = heat(w, next);

    return t != n ? t > n : target < next;
}

static bool sets_lr(const struct walk *w, const struct op *o)
{
    return !strcmp(name_of(w, o), "mtspr") && op_spr(o) == SPR_LR;
}

enum branch_form { FORM_OTHER, FORM_JUMP, FORM_COND, FORM_RETURN, FORM_COND_RETURN, FORM_CTR };

static enum branch_form form_of(const struct walk *w, const struct op *o)
{
    const char *n = name_of(w, o);

    if (!strcmp(n, "b") || !strcmp(n, "bl") || !strcmp(n, "bc"))
        return FORM_JUMP;
    if (!strcmp(n, "bt") || !strcmp(n, "bf") || !strcmp(n, "bdnz") || !strcmp(n, "bdz"))
        return o->lk ? FORM_OTHER : FORM_COND;
    if (!strcmp(n, "blr"))
        return FORM_RETURN;
    if (!strcmp(n, "btlr") || !strcmp(n, "bflr"))
        return o->lk ? FORM_OTHER : FORM_COND_RETURN;
    if (!strcmp(n, "bctr"))
        return FORM_CTR;
    return FORM_OTHER;
}

static bool links(const struct walk *w, const struct op *o)
{
    return o->lk || !strcmp(name_of(w, o), "bl");
}

static uint64_t target_of(const struct op *o, uint64_t ea)
{
    return (o->aa ? 0 : ea) + (uint64_t)(int64_t)o->imm;
}

/* A conditional branch whose target is known. */
static bool branch(struct walk *w, const struct op *o, uint64_t at, uint64_t target)
{
    struct item *it = add(w, ITEM_BRANCH, o, at);

    it->taken = likely_taken(w, target, at + 4);
    it->other = it->taken ? at + 4 : target;
    w->r->next = it->taken ? target : at + 4;
    return go_to(w, w->r->next);
}

/* A branch to LR or CTR. */
static bool indirect(struct walk *w, const struct block *b, const struct op *o, uint64_t at)
{
    uint64_t target = block_usual_target(b, at);

    if (!target) {
        add(w, ITEM_INDIRECT, o, at);
        return false;
    }
    add(w, ITEM_GUESS, o, at)->other = target;
    w->lr = at + 4;
    w->lr_known = o->lk;
    w->r->next = target;
    return go_to(w, target);
}

/* The instruction that ends a block. True: the walk goes on at w->nip. */
static bool end_of_block(struct walk *w, const struct block *b, const struct op *o, uint64_t at)
{
    uint64_t target, next = at + 4;

    switch (form_of(w, o)) {
    case FORM_JUMP:
        target = target_of(o, at);
        add(w, ITEM_JUMP, o, at);
        if (links(w, o)) {
            w->lr = next;
            w->lr_known = true;
        }
        w->r->next = target;
        return go_to(w, target);
    case FORM_COND:
        return branch(w, o, at, target_of(o, at));
    case FORM_COND_RETURN:
        if (w->lr_known)
            return branch(w, o, at, w->lr);
        add(w, ITEM_LEAVE_TO_LR, o, at);
        w->r->next = next;
        return go_to(w, next);
    case FORM_RETURN:
        if (w->lr_known && !o->lk) {
            add(w, ITEM_RETURN, o, at);
            w->r->next = w->lr;
            w->lr_known = false;
            return go_to(w, w->r->next);
        }
        return indirect(w, b, o, at);
    case FORM_CTR:
        return indirect(w, b, o, at);
    default:
        add(w, ITEM_END, o, at);
        return false;
    }
}

/* Notes from which generation of the page the instructions are: the first one stays, so that
 * a change in between shows. */
static void note_page(struct region *r, const struct block *b)
{
    unsigned i = 0;

    while (r->pages[i] != page_of((uintptr_t)b->host))
        i++;
    if (!r->code[i]) {
        r->code[i] = b->page;
        r->gen[i] = b->gen;
    }
}

/* Adds a block's instructions. True: the walk goes on. */
static bool add_block(struct walk *w, const struct block *b)
{
    note_page(w->r, b);
    for (unsigned i = 0; i < b->n_ops; i++) {
        const struct op *o = &b->ops[i];
        uint64_t at = w->nip;

        if (w->r->n_items >= REGION_MAX_ITEMS - 4 || (i && at == w->r->ea)) {
            w->r->next = at;
            return false;
        }
        if (i == b->n_ops - 1u &&
            (o->row == UINT16_MAX || o->denied || (isa_row_at(w->c->isa, o->row)->flags & ISA_ENDS)))
            return end_of_block(w, b, o, at);
        if (sets_lr(w, o))
            w->lr_known = false;
        add(w, ITEM_OP, o, at);
        w->r->next = w->nip = at + 4;
    }
    return go_to(w, w->nip);
}

bool region_collect(struct cpu *c, struct block *b, struct region *r)
{
    struct walk w = { .c = c, .r = r, .nip = c->nip };

    r->n_items = r->n_ops = r->n_pages = 0;
    r->ea = c->nip;
    r->loops = false;
    memset(r->code, 0, sizeof(r->code));
    w.page_ea = page_of(c->nip);
    w.page_host = b->host - (c->nip & (TLB_PAGE - 1));
    r->pages[r->n_pages++] = (uintptr_t)w.page_host;
    while (add_block(&w, b)) {
        if (w.nip == r->ea || seen(&w) || r->n_items >= REGION_MAX_ITEMS - 8 || joins_another(&w))
            break;
        b = block_find(c, host_of(&w, w.nip));
        if (!b)
            break;
    }
    while (r->n_items && r->items[r->n_items - 1].kind == ITEM_PAGE)
        r->n_items--;               /* the way on leads out: its target is checked there */
    r->loops = r->next == r->ea;
    return r->n_ops > 0 && r->items[0].kind != ITEM_END;
}
