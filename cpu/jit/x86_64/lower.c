/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower.c - turns a region into host code.
 *
 * Shape of a trace:
 *     head: budget -= instructions of the region; out when negative or when attention is wanted
 *     the region's items; a loop's body stands twice: once from memory, once with values in registers, closed on itself
 *     stubs: exits and slow paths, each with the register state of where it is taken
 *     fault map: what to write back when an access raises an interrupt */
#include "cpu/jit/x86_64/lower.h"

#include "cpu/isa.h"
#include "cpu/tlb.h"

struct stub *new_stub(struct lower *x, enum stub_kind kind, uint8_t *from)
{
    struct stub *s;

    if (x->n_stubs == MAX_STUBS) {
        x->failed = true;
        x->n_stubs--;
    }
    s = &x->stubs[x->n_stubs++];
    *s = (struct stub){ .kind = kind, .from = from, .item = x->item, .done = x->done, .regs = x->regs };
    s->nip = x->item ? x->item->ea : x->r->ea;
    return s;
}

static uint64_t page_of(uint64_t ea)
{
    return ea & ~(TLB_PAGE - 1);
}

/* ---- exits ---- */

static void set_nip(struct assembler *a, uint64_t nip)
{
    asm_const(a, RAX, nip);
    asm_store(a, RAX, RBP, OFF(nip));
}

static void give_back(struct lower *x, uint32_t done)
{
    if (x->r->n_ops != done)
        asm_ri(&x->a, W64, G_ADD, BUDGET, (int32_t)(x->r->n_ops - done));
}

enum { EXIT_CALL_BYTES = 5, EXIT_CHECKED = 1 };

/* A jump that can be linked to a trace at nip; until then it goes on to a call that returns this place, where nip
 * stands. Registers are written back already. checked: is the page of nip known to be where it was? */
static void emit_exit(struct lower *x, uint64_t nip, bool checked)
{
    while (((uintptr_t)x->a.p + 1) & 3)
        /* links are written by one aligned store, under running processors */
        asm_byte(&x->a, 0x90);
    asm_jmp(&x->a);
    asm_call(&x->a, x->j->thunks->leave);
    asm_u64(&x->a, nip | (checked ? EXIT_CHECKED : 0));
}

static void leave_here(struct lower *x, uint64_t nip, bool checked)
{
    cr_flush(x);
    flush_regs(x);
    give_back(x, x->done);
    emit_exit(x, nip, checked);
}

static void emit_head(struct lower *x)
{
    struct stub *s;

    asm_ri(&x->a, W64, G_SUB, BUDGET, (int32_t)x->r->n_ops);
    s = new_stub(x, STUB_HEAD, asm_jcc(&x->a, CC_S));
    asm_mi(&x->a, W32, G_CMP, RBP, OFF(attention), 0);
    s->also[0] = asm_jcc(&x->a, CC_NE);
}

/* ---- items ---- */

unsigned emit_op_number(struct lower *x, const struct op *o)
{
    struct op *copy = jit_new_op(x->j, o);

    if (!copy)
        x->failed = true;
    return copy ? (unsigned)(copy - x->j->ops) : 0;
}

struct stub *new_float_stub(struct lower *x, uint8_t *from)
{
    return new_stub(x, STUB_FLOAT, from);
}

/* Changes rax and flags. */
static void count_c_call(struct lower *x, const struct op *o)
{
    if (o->row == UINT16_MAX)
        return;
    asm_load(&x->a, RAX, RBP, OFF(jit));
    asm_mi(&x->a, W64, G_ADD, RAX, (int32_t)(offsetof(struct jit, c_calls) + o->row * sizeof(uint64_t)), 1);
}

/* Through the thunk that keeps guest registers; jump to take when stop is set. */
static uint8_t *call_kept(struct lower *x, const struct op *o)
{
    count_c_call(x, o);
    asm_const(&x->a, RAX, (uint64_t)(uintptr_t)&x->j->ops[emit_op_number(x, o)]);
    asm_call(&x->a, x->j->thunks->call_kept);
    return asm_jcc(&x->a, CC_NE);
}

static void call_op(struct lower *x, const struct op *o)
{
    struct op *copy = jit_new_op(x->j, o);
    void *fn;

    if (!copy) {
        x->failed = true;
        return;
    }
    count_c_call(x, o);
    memcpy(&fn, &o->run, sizeof(fn));
    asm_const(&x->a, RSI, (uint64_t)(uintptr_t)copy);
    asm_rm(&x->a, W64, 0x8d, RDI, RBP, -128);
    asm_call_abs(&x->a, fn);
}

/* The C function of an instruction that goes on: registers are in memory while it runs. */
static void emit_c_call(struct lower *x, const struct op *o)
{
    struct stub *s;

    cr_flush(x);
    if (o->row != UINT16_MAX && !o->denied && (x->j->thunks->traits[o->row] & ROW_KEEPS)) {
        s = new_stub(x, STUB_CALL, call_kept(x, o));
        s->back = NULL;
        return;
    }
    x->called_c = true;
    flush_regs(x);
    drop_regs(x);
    call_op(x, o);
    asm_mi(&x->a, W32, G_CMP, RBP, OFF(stop), 0);
    s = new_stub(x, STUB_CALL, asm_jcc(&x->a, CC_NE));
    s->back = NULL;
}

static void emit_end(struct lower *x, const struct op *o)
{
    uint8_t *fine;

    cr_flush(x);
    flush_regs(x);
    drop_regs(x);
    asm_const(&x->a, RAX, x->item->ea);
    asm_store(&x->a, RAX, RBP, OFF(block_ea));
    call_op(x, o);
    asm_rm(&x->a, W8, 0xf6, 0, RBP, OFF(stop));
    asm_byte(&x->a, STOP_EXCEPTION);
    fine = asm_jcc(&x->a, CC_E);
    set_nip(&x->a, x->item->ea);
    asm_ri(&x->a, W64, G_ADD, BUDGET, 1);
    asm_bind(&x->a, fine);
    asm_jmp_to(&x->a, x->j->thunks->leave_null);
}

/* Is the page at page_ea still at host, for the processor that runs this? Jumps to take when not. */
static void emit_page_check(struct lower *x, uint64_t page_ea, const uint8_t *host, uint8_t *moved[2])
{
    const struct cpu *c = x->j->cpu;
    const struct tlb_fetch *e = tlb_fetch(c->tlb, c->imode, ea(page_ea));
    /* the same for every processor */
    int32_t entry = (int32_t)((const uint8_t *)e - (const uint8_t *)&c->tlb->set[c->dmode]);

    asm_const(&x->a, RCX, page_ea);
    asm_rm(&x->a, W64, 0x3b, RCX, R15, entry + (int32_t)offsetof(struct tlb_fetch, tag));
    moved[0] = asm_jcc(&x->a, CC_NE);
    asm_const(&x->a, RCX, (uint64_t)(uintptr_t)host - page_ea);
    asm_rm(&x->a, W64, 0x3b, RCX, R15, entry + (int32_t)offsetof(struct tlb_fetch, addend));
    moved[1] = asm_jcc(&x->a, CC_NE);
}

/* The next page must be where it was when we looked. In a loop's second copy the first one has looked:
 * only C functions and what comes in at the head change translations. */
static void emit_page(struct lower *x)
{
    const struct item *it = x->item;
    uint8_t *moved[2];
    struct stub *s;

    x->page_ea = it->ea;
    if (x->in_loop && !x->called_c)
        return;
    emit_page_check(x, it->ea, it->host, moved);
    s = new_stub(x, STUB_LEAVE, moved[0]);
    s->also[0] = moved[1];
    s->nip = x->item[1].ea;
}

/* A way out of a conditional branch, when it is taken or when it is not. */
static struct stub *branch_stub(struct lower *x, enum stub_kind kind, bool when_taken)
{
    const struct op *o = &x->item->op;
    const char *name = isa_row_at(x->j->cpu->isa, o->row)->name;
    bool ctr = name[1] == 'd', set = (strncmp(name, "bf", 2) && strcmp(name, "bdz")) == when_taken;
    struct stub *s;
    enum cc cc;

    if (ctr) {
        asm_ri(&x->a, W64, G_SUB, use_def(x, GUEST_CTR), 1);
        cc = CC_NE;
    } else {
        cc = cr_test(x, o->p >> 2, o->p & 3);
    }
    s = new_stub(x, kind, asm_jcc(&x->a, set ? cc : cc ^ 1));
    s->done = x->done + 1;
    if (!ctr && set)
        cr_is_set(s, o->p >> 2, o->p & 3);
    return s;
}

static void emit_branch(struct lower *x)
{
    branch_stub(x, STUB_LEAVE, !x->item->taken)->nip = x->item->other;
}

static bool is_linking(const struct lower *x, const struct op *o)
{
    return o->lk || !strcmp(isa_row_at(x->j->cpu->isa, o->row)->name, "bl");
}

/* To the address in rax: its trace by the table of indirect targets, or the engine. The low bits count as 0; they are
 * 11 in the tag of an empty place, so that no address is like it. Registers are written back already. */
static void emit_jump_to_rax(struct lower *x)
{
    struct assembler *a = &x->a;
    uint8_t *miss;

    asm_ri(a, W64, G_AND, RAX, -4);
    asm_load(a, R8, RBP, OFF(jit));                         /* jit.jumps, of the processor that runs this */
    asm_rr(a, W32, 0x8b, RCX, RAX);
    asm_ri(a, W32, G_AND, RCX, 4 * (JUMP_CACHE - 1));
    asm_mov(a, RDX, RAX);
    asm_ri(a, W64, G_XOR, RDX, (int32_t)jump_tag(0, x->j->cpu->block_mode));
    asm_rmx(a, W64, 0x3b, RDX, R8, RCX, 2, 0);
    miss = asm_jcc(a, CC_NE);
    asm_rmx(a, W32, 0xff, 4, R8, RCX, 2, 8);                /* jmp [slot.code] */
    asm_bind(a, miss);
    asm_store(a, RAX, RBP, OFF(nip));
    asm_jmp_to(a, x->j->thunks->leave_null);
}

static unsigned target_register(const struct lower *x, const struct op *o)
{
    return strcmp(isa_row_at(x->j->cpu->isa, o->row)->name, "bctr") ? GUEST_LR : GUEST_CTR;
}

static void emit_guess(struct lower *x)
{
    uint64_t target = x->item->other;
    int h = use(x, target_register(x, &x->item->op));

    if (target == (uint64_t)(int32_t)target) {
        asm_ri(&x->a, W64, G_CMP, h, (int32_t)target);
    } else {
        asm_const(&x->a, RAX, target);
        asm_rr(&x->a, W64, 0x3b, h, RAX);
    }
    new_stub(x, STUB_INDIRECT, asm_jcc(&x->a, CC_NE))->done = x->done + 1;
    if (x->item->op.lk)
        set_lr(x, x->item->ea + 4);
}

static void emit_indirect(struct lower *x, const struct op *o)
{
    cr_flush(x);
    asm_mov(&x->a, RAX, use(x, target_register(x, o)));
    if (o->lk)
        set_lr(x, x->item->ea + 4);
    flush_regs(x);
    emit_jump_to_rax(x);
}

static void emit_op(struct lower *x, const struct op *o)
{
    emit_fn *emit = o->row == UINT16_MAX || o->denied ? NULL : x->j->thunks->emit[o->row];

    if (!emit || !emit(x, o))
        emit_c_call(x, o);
}

static void emit_item(struct lower *x)
{
    const struct item *it = x->item;

    x->locked = 0;
    switch (it->kind) {
    case ITEM_OP: emit_op(x, &it->op); break;
    case ITEM_PAGE: emit_page(x); return;
    case ITEM_JUMP:
        if (is_linking(x, &it->op))
            set_lr(x, it->ea + 4);
        break;
    case ITEM_BRANCH: emit_branch(x); break;
    case ITEM_RETURN: break;
    case ITEM_LEAVE_TO_LR: branch_stub(x, STUB_INDIRECT, true); break;
    case ITEM_GUESS: emit_guess(x); break;
    case ITEM_INDIRECT: emit_indirect(x, &it->op); break;
    case ITEM_END: emit_end(x, &it->op); break;
    }
    x->done++;
}

static void emit_body(struct lower *x)
{
    x->done = 0;
    x->carry_for = NULL;
    x->page_ea = page_of(x->r->ea);
    for (unsigned i = 0; i < x->r->n_items && !x->failed; i++) {
        x->item = &x->r->items[i];
        emit_item(x);
    }
}

/* ---- stubs ---- */

static void write_back_all(struct lower *x, const struct stub *s)
{
    cr_write_back(&x->a, x->j->thunks, &s->regs);
    write_back(&x->a, &s->regs);
}

static unsigned log2_of(unsigned width)
{
    return (unsigned)__builtin_ctz(width);
}

/* Calls the slow path of an access. An access through a window has no address in rax yet, and its
 * window may be void for others' sake. */
static void call_access(struct lower *x, struct stub *s, const struct access_thunk *thunks)
{
    const struct access_thunk *t = &thunks[log2_of(s->width)];
    unsigned ra = s->item->op.ra;
    int base = s->regs.host_of[ra];

    if (s->windowed) {
        if (s->void_window != NO_REG)
            asm_zero(&x->a, s->void_window);
        if (base == NO_REG) {
            asm_load(&x->a, RAX, RBP, guest_offset(ra));
            base = RAX;
        }
        asm_rm(&x->a, W64, 0x8d, RAX, base, s->item->op.imm);
    }
    asm_call(&x->a, x->big_endian ? t->call : s->windowed ? t->near : t->far);
    s->ret = x->a.p;
}

static void stub_load(struct lower *x, struct stub *s)
{
    call_access(x, s, x->j->thunks->load);
    if (s->reversed)
        emit_swap(&x->a, RDX, s->width);
    if (s->sign)
        asm_rr(&x->a, W64, s->width == 2 ? 0x0fbf : 0x63, s->dst, RDX);
    else
        asm_mov(&x->a, s->dst, RDX);
    asm_jmp_to(&x->a, s->back);
}

static void stub_store(struct lower *x, struct stub *s)
{
    asm_mov(&x->a, RDX, s->dst);
    if (s->reversed)
        emit_swap(&x->a, RDX, s->width);
    call_access(x, s, x->j->thunks->store);
    asm_jmp_to(&x->a, s->back);
}

/* Value in xmm0, as a register holds it. */
static void stub_load_xmm(struct lower *x, struct stub *s)
{
    call_access(x, s, x->j->thunks->load);
    if (s->sign)
        asm_rr(&x->a, W64, 0x63, RDX, RDX);
    if (s->width < 16)
        asm_rr(&x->a, W64, 0x66000f6e, 0, RDX);
    asm_jmp_to(&x->a, s->back);
}

static void stub_store_xmm(struct lower *x, struct stub *s)
{
    if (s->width < 16)
        asm_rr(&x->a, W64, 0x66000f7e, 0, RDX);
    call_access(x, s, x->j->thunks->store);
    asm_jmp_to(&x->a, s->back);
}

static void stub_float(struct lower *x, const struct stub *s)
{
    const struct op *o = &s->item->op;
    uint8_t *stopped;

    cr_write_back(&x->a, x->j->thunks, &s->regs);
    if (!(x->j->thunks->traits[o->row] & ROW_KEEPS))
        write_back(&x->a, &s->regs);                        /* it reads GPRs */
    stopped = call_kept(x, o);
    asm_jmp_to(&x->a, s->back);
    asm_bind(&x->a, stopped);
    write_back(&x->a, &s->regs);
    set_nip(&x->a, s->item->ea);
    give_back(x, s->done);
    asm_jmp_to(&x->a, x->j->thunks->stopped);
}

/* Either the C function has run and set stop (back NULL), or it must run now because it will raise an interrupt. */
static void stub_call(struct lower *x, const struct stub *s)
{
    write_back_all(x, s);
    if (s->back)
        call_op(x, &s->item->op);
    set_nip(&x->a, s->item->ea);
    give_back(x, s->done);
    asm_jmp_to(&x->a, x->j->thunks->stopped);
}

static void stub_indirect(struct lower *x, const struct stub *s)
{
    write_back_all(x, s);
    give_back(x, s->done);
    asm_load(&x->a, RAX, RBP, guest_offset(target_register(x, &s->item->op)));
    if (s->item->op.lk) {
        asm_const(&x->a, RCX, s->item->ea + 4);
        asm_store(&x->a, RCX, RBP, OFF(lr));
    }
    emit_jump_to_rax(x);
}

/* To where the region starts, of which ecx instructions show in the budget. */
static void leave_head(struct lower *x)
{
    asm_const(&x->a, RAX, x->r->ea);
    asm_jmp_to(&x->a, x->j->thunks->leave_head);
}

static void write_stub(struct lower *x, struct stub *s)
{
    asm_bind(&x->a, s->from);
    for (unsigned i = 0; i < 2; i++)
        if (s->also[i])
            asm_bind(&x->a, s->also[i]);
    if (s->page)
        page_fill(x, s);
    if (s->slot)
        slot_fill(x, s);
    switch (s->kind) {
    case STUB_LEAVE:
        cr_write_here(&x->a, &s->regs);
        write_back(&x->a, &s->regs);
        give_back(x, s->done);
        emit_exit(x, s->nip, s->item->kind != ITEM_PAGE && page_of(s->item->ea) == page_of(s->nip));
        break;
    case STUB_INDIRECT: stub_indirect(x, s); break;
    case STUB_HEAD:
        write_back_all(x, s);
        asm_const(&x->a, RCX, x->r->n_ops);
        leave_head(x);
        break;
    case STUB_LOAD: stub_load(x, s); break;
    case STUB_STORE: stub_store(x, s); break;
    case STUB_CALL: stub_call(x, s); break;
    case STUB_FLOAT: stub_float(x, s); break;
    case STUB_LOAD_XMM: stub_load_xmm(x, s); break;
    case STUB_STORE_XMM: stub_store_xmm(x, s); break;
    case STUB_SINGLE:
        asm_call(&x->a, s->thunk);
        asm_jmp_to(&x->a, s->back);
        break;
    }
}

/* ---- the whole ---- */

/* Is the same due in memory? */
static bool same_due(const struct reg_state *s, const struct reg_state *t)
{
    return cr_same(s, t) && (!t->lr_due || (s->lr_due && s->lr == t->lr));
}

/* Second copy of a loop's body: starts and ends with the register state the first one ended with. False: not the same
 * is pending at both ends; nothing was written. */
static bool emit_loop_body(struct lower *x)
{
    struct reg_state at_top = x->regs;
    uint8_t *top = x->a.p;
    unsigned n_stubs = x->n_stubs;

    /* What the body writes is dirty at the top whether or not this pass wrote it. */
    x->item = NULL;
    x->done = 0;
    origins_begin(x);
    emit_head(x);
    emit_body(x);
    windows_drop(x);
    if (!origins_hold(x))
        x->n_slots = 0;
    if ((x->slot_bases && !x->n_slots) || !same_due(&x->regs, &at_top)) {
        x->a.p = top;
        x->n_stubs = n_stubs;
        x->regs = at_top;
        return false;
    }
    reconcile(x, &at_top);
    asm_jmp_to(&x->a, top);
    return true;
}

static void emit_loop(struct lower *x)
{
    x->in_loop = true;
    windows_drop(x);
    regs_for_loop(x);
    if (emit_loop_body(x))
        return;
    cr_flush(x);
    flush_regs(x);
    /* something that the body leaves pending: an ordinary jump to the region's start does as well */
    if (!emit_loop_body(x)) {
        x->item = &x->r->items[x->r->n_items - 1];
        x->done = x->r->n_ops;
        leave_here(x, x->r->next, false);
    }
}

static bool last_goes_on(const struct region *r)
{
    unsigned kind = r->items[r->n_items - 1].kind;

    return kind != ITEM_INDIRECT && kind != ITEM_END;
}

/* What other pages' exits are linked to: the head, after a look whether its page is still there. */
static void emit_guard(struct lower *x, uint8_t *moved[2])
{
    emit_page_check(x, page_of(x->r->ea), (const uint8_t *)x->r->pages[0], moved);
}

static void finish_guard(struct lower *x, uint8_t *moved[2])
{
    asm_bind(&x->a, moved[0]);
    asm_bind(&x->a, moved[1]);
    asm_zero(&x->a, RCX);
    leave_head(x);
}

bool host_lower(struct jit *j, const struct region *r, struct host_code *out)
{
    static __thread struct lower x;
    struct code_cache *cc = &j->space->cache;
    uint8_t *start = j->chunk->start + j->chunk->used, *moved[2];

    memset(&x, 0, offsetof(struct lower, stubs));
    x.j = j;
    x.r = r;
    x.big_endian = !j->cpu->le;
    x.a = (struct assembler){ .p = start, .start = start, .end = start + JIT_REGION_BYTES_MAX };
    regs_clear(&x.regs);
    origins_begin(&x);
    emit_guard(&x, moved);
    out->code = code_cache_rx(cc, x.a.p);
    x.will_loop = r->loops && r->n_items < REGION_MAX_ITEMS / 2;
    regs_look_ahead(&x);
    emit_head(&x);
    emit_body(&x);
    if (last_goes_on(r)) {
        x.item = &r->items[r->n_items - 1];
        if (x.will_loop)
            emit_loop(&x);
        else
            leave_here(&x, r->next, page_of(r->next) == x.page_ea);
    }
    for (unsigned i = 0; i < x.n_stubs && !x.failed; i++)
        write_stub(&x, &x.stubs[i]);
    finish_guard(&x, moved);
    out->map = code_cache_rx(cc, x.a.p);
    fault_map_write(&x);
    if (x.failed || x.a.full)
        return false;
    j->chunk->used += (size_t)(x.a.p - x.a.start + 15) & ~(size_t)15;
    out->guarded = code_cache_rx(cc, x.a.start);
    jit_name_region(j, r, x.a.start, x.a.p);
    return true;
}

struct host_exit host_exit(const uint8_t *way)
{
    uint64_t v;

    memcpy(&v, way, 8);
    return (struct host_exit){ .nip = v & ~(uint64_t)EXIT_CHECKED, .checked = v & EXIT_CHECKED };
}

/* The jump's distance, from where the call begins. */
static int32_t *distance_of(const uint8_t *way)
{
    return __builtin_assume_aligned((uint8_t *)way - EXIT_CALL_BYTES - 4, 4);
}

bool host_is_linked(const uint8_t *way)
{
    return __atomic_load_n(distance_of(way), __ATOMIC_RELAXED);
}

/* Other processors may be running the code around the jump: they take the old way or the new one. */
static void set_jump(struct jit_space *s, const uint8_t *way, int32_t distance)
{
    __atomic_store_n(distance_of(way - s->cache.to_rx), distance, __ATOMIC_RELEASE);
}

void host_link(struct jit_space *s, const uint8_t *way, const uint8_t *target_rx)
{
    set_jump(s, way, (int32_t)(target_rx - (way - EXIT_CALL_BYTES)));
}

void host_unlink(struct jit_space *s, const uint8_t *way)
{
    set_jump(s, way, 0);
}
