/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/fault_map.c - what is to be done when a memory access of translated code raises an interrupt, as data.
 *
 * Behind a trace's code stands its map: an entry for each call of an access's slow path, in the order of the code. It
 * says which instruction that is, which guest registers are in host registers and not in memory, whether LR is a
 * constant that is not in memory, and which CR fields are pending. An entry is told as what differs from the one
 * before, so finding one reads those before it; only faults do. Integers are in groups of seven bits, lowest first.
 *
 *     map:     instructions of the region, entry...
 *     entry:   distance of its return address from the last one (the first: from the trace's start)
 *              instructions completed since the last one, or JUMPED: then instructions completed,
 *              address - region's (4 bytes)
 *              number of changes, change...
 *     change:  host register, guest register in it that is due in memory or NO_REG
 *              or IS_LR (in memory), IS_LR | LR_DUE, address - region's (4 bytes)
 *              or IS_CR | field | flags, operands
 */
#include "cpu/jit/x86_64/lower.h"

#include <assert.h>

#include "cpu/jit/jit_space.h"

enum { JUMPED = 0x7f, IS_LR = 0x40, LR_DUE = 1 };
enum { IS_CR = 0x80, CR_VALID = 0x08, CR_UNSIGNED = 0x10, CR_WIDE = 0x20, CR_HAS_B = 0x40 };

struct view {
    uint64_t nip;
    uint32_t done, ret;
    int8_t due[16];                 /* by host register: the guest's */
    bool lr_due;
    uint64_t lr;
    struct cr_pending cr[8];
};

/* ---- writing ---- */

static void put(struct assembler *a, uint32_t v)
{
    for (; v > 0x7f; v >>= 7)
        asm_byte(a, 0x80 | (v & 0x7f));
    asm_byte(a, v);
}

static struct view view_of(const struct lower *x, const struct stub *s)
{
    struct view v = { .nip = s->item->ea, .done = s->done, .ret = (uint32_t)(s->ret - x->a.start),
                      .lr_due = s->regs.lr_due, .lr = s->regs.lr };

    for (int h = 0; h < 16; h++)
        v.due[h] = (s->regs.dirty >> h & 1) && s->regs.guest_of[h] < GUEST_WINDOW ? s->regs.guest_of[h] : NO_REG;
    memcpy(v.cr, s->regs.cr, sizeof(v.cr));
    return v;
}

static bool cr_differs(const struct cr_pending *p, const struct cr_pending *q)
{
    return p->valid != q->valid || (p->valid && memcmp(p, q, sizeof(*p)));
}

static void put_cr(struct assembler *a, unsigned crf, const struct cr_pending *p)
{
    bool has_b = p->b != NO_REG;

    if (!p->valid) {
        asm_byte(a, IS_CR | crf);
        return;
    }
    asm_byte(a, IS_CR | crf | CR_VALID | (p->is_unsigned ? CR_UNSIGNED : 0) | (p->width == W64 ? CR_WIDE : 0) |
             (has_b ? CR_HAS_B : 0));
    asm_byte(a, (uint8_t)p->a);
    if (has_b)
        asm_byte(a, (uint8_t)p->b);
    else
        put(a, (uint32_t)p->imm << 1 ^ (uint32_t)(p->imm >> 31));       /* small ones of both signs are short */
}

static bool lr_differs(const struct view *v, const struct view *w)
{
    return v->lr_due != w->lr_due || (v->lr_due && v->lr != w->lr);
}

static void put_lr(struct lower *x, const struct view *v)
{
    int64_t distance = (int64_t)(v->lr - x->r->ea);

    asm_byte(&x->a, IS_LR | (v->lr_due ? LR_DUE : 0));
    if (!v->lr_due)
        return;
    asm_u32(&x->a, (uint32_t)distance);
    if (distance != (int32_t)distance)
        x->failed = true;
}

static void put_changes(struct lower *x, const struct view *last, const struct view *v)
{
    struct assembler *a = &x->a;
    unsigned n = lr_differs(v, last);

    for (int h = 0; h < 16; h++)
        n += v->due[h] != last->due[h];
    for (unsigned f = 0; f < 8; f++)
        n += cr_differs(&v->cr[f], &last->cr[f]);
    asm_byte(a, n);
    for (int h = 0; h < 16; h++) {
        if (v->due[h] == last->due[h])
            continue;
        asm_byte(a, (unsigned)h);
        asm_byte(a, (uint8_t)v->due[h]);
    }
    if (lr_differs(v, last))
        put_lr(x, v);
    for (unsigned f = 0; f < 8; f++)
        if (cr_differs(&v->cr[f], &last->cr[f]))
            put_cr(a, f, &v->cr[f]);
}

static void put_entry(struct lower *x, const struct view *last, const struct view *v)
{
    struct assembler *a = &x->a;
    uint32_t done = v->done - last->done;
    int64_t distance = (int64_t)(v->nip - x->r->ea);

    put(a, v->ret - last->ret);
    if (done < JUMPED && v->nip - last->nip == 4ull * done) {
        asm_byte(a, done);
    } else {
        asm_byte(a, JUMPED);
        put(a, v->done);
        asm_u32(a, (uint32_t)distance);
        if (distance != (int32_t)distance)
            x->failed = true;
    }
    put_changes(x, last, v);
}

static struct view first_view(uint64_t ea)
{
    struct view v = { .nip = ea };

    memset(v.due, NO_REG, sizeof(v.due));
    return v;
}

void fault_map_write(struct lower *x)
{
    struct view last = first_view(x->r->ea);

    put(&x->a, x->r->n_ops);
    for (unsigned i = 0; i < x->n_stubs && !x->failed; i++) {
        struct view v;

        if (!x->stubs[i].ret)
            continue;
        v = view_of(x, &x->stubs[i]);
        put_entry(x, &last, &v);
        last = v;
    }
}

/* ---- reading ---- */

static uint32_t get(const uint8_t **p)
{
    uint32_t v = 0;

    for (unsigned shift = 0;; shift += 7) {
        v |= (uint32_t)(**p & 0x7f) << shift;
        if (!(*(*p)++ & 0x80))
            return v;
    }
}

static void get_cr(const uint8_t **p, unsigned tag, struct cr_pending *cr)
{
    uint32_t imm;

    *cr = (struct cr_pending){ .valid = tag & CR_VALID, .is_unsigned = tag & CR_UNSIGNED,
                               .width = tag & CR_WIDE ? W64 : W32, .b = NO_REG };
    if (!cr->valid)
        return;
    cr->a = (int8_t)*(*p)++;
    if (tag & CR_HAS_B) {
        cr->b = (int8_t)*(*p)++;
    } else {
        imm = get(p);
        cr->imm = (int32_t)(imm >> 1 ^ -(imm & 1));
    }
}

/* An address told as the distance from the region's. */
static uint64_t get_address(const uint8_t **p, uint64_t ea)
{
    int32_t distance;

    memcpy(&distance, *p, 4);
    *p += 4;
    return ea + (uint64_t)(int64_t)distance;
}

static void get_entry(const uint8_t **p, uint64_t ea, struct view *v)
{
    uint32_t done;
    unsigned n;

    v->ret += get(p);
    done = *(*p)++;
    if (done != JUMPED) {
        v->done += done;
        v->nip += 4ull * done;
    } else {
        v->done = get(p);
        v->nip = get_address(p, ea);
    }
    for (n = *(*p)++; n; n--) {
        unsigned tag = *(*p)++;

        if (tag & IS_CR) {
            get_cr(p, tag, &v->cr[tag & 7]);
        } else if (tag & IS_LR) {
            v->lr_due = tag & LR_DUE;
            v->lr = v->lr_due ? get_address(p, ea) : 0;
        } else
            v->due[tag] = (int8_t)*(*p)++;
    }
}

int64_t fault_map_leave(struct cpu *c, const uint8_t *ret, const uint64_t *host)
{
    const struct jit_trace *t = jit_trace_of(c->jit->space, ret);
    struct view v = first_view(t->ea);
    const uint8_t *p = t->map;
    uint32_t n_ops = get(&p);

    while (v.ret != (uint32_t)(ret - t->guarded))
        get_entry(&p, t->ea, &v);
    for (unsigned h = 0; h < 16; h++)
        if (v.due[h] != NO_REG)
            *guest_value(c, (unsigned)v.due[h]) = host[h];
    if (v.lr_due)
        c->lr = v.lr;
    for (unsigned f = 0; f < 8; f++)
        if (v.cr[f].valid)
            cr_compute_now(c, f, &v.cr[f]);
    c->nip = v.nip;
    return (int64_t)(n_ops - v.done);
}
