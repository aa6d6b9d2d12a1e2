/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/amo.c - atomic memory operations: lwat, ldat, stwat, stdat.
 *
 * Spec: Power ISA 3.0B Book II, 4.5 (Atomic Memory Operations), figures of the load and store function codes.
 * Threads: the processor's own; other processors work on the same memory meanwhile.
 * Each is a loop of compare-and-swap on the operand.  The functions that look at a second operand beside the first read
 * it on its own: it may have changed by the time the first one is stored (docs/isa-notes.md). */
#include "cpu/access.h"
#include "cpu/isa/atomic_int.h"
#include "cpu/isa/chapters.h"
#include "cpu/isa/fixed_mem.h"

enum {
    AMO_ADD = 0,
    AMO_XOR = 1,
    AMO_OR = 2,
    AMO_AND = 3,
    AMO_MAX_UNSIGNED = 4,
    AMO_MAX_SIGNED = 5,
    AMO_MIN_UNSIGNED = 6,
    AMO_MIN_SIGNED = 7,
    AMO_SWAP = 8,
    AMO_SWAP_NOT_EQUAL = 16,
    AMO_INC_BOUNDED = 24,
    AMO_STORE_TWIN = 24,
    AMO_INC_EQUAL = 25,
    AMO_DEC_BOUNDED = 28,
};

#define DSISR_STORE 0x02000000u
#define DSISR_AMO_FUNCTION 0x4u /* no such function code */

/* An operand: where it is, how large, and the registers' part. */
struct amo {
    void *p;
    unsigned size, function;
    uint64_t value, value2;
};

static inline int64_t sign_extend(uint64_t v, unsigned size)
{
    return size == 4 ? (int32_t)v : (int64_t)v;
}

/* The functions that loads and stores share: what the memory becomes. */
static uint64_t combine(const struct amo *a, uint64_t old)
{
    uint64_t v = a->value;
    bool less_signed = sign_extend(old, a->size) < sign_extend(v, a->size);

    switch (a->function) {
    case AMO_ADD:
        return old + v;
    case AMO_XOR:
        return old ^ v;
    case AMO_OR:
        return old | v;
    case AMO_AND:
        return old & v;
    case AMO_MAX_UNSIGNED:
        return old < v ? v : old;
    case AMO_MAX_SIGNED:
        return less_signed ? v : old;
    case AMO_MIN_UNSIGNED:
        return old < v ? old : v;
    case AMO_MIN_SIGNED:
        return less_signed ? old : v;
    case AMO_SWAP_NOT_EQUAL:
        return old != v ? a->value2 : old;
    default: /* AMO_SWAP */
        return v;
    }
}

static inline uint64_t load_operand(const struct cpu *c, const struct amo *a, int place)
{
    return in_order(c, peek((const uint8_t *)a->p + place * (int)a->size, a->size), a->size);
}

static inline bool swap_operand(const struct cpu *c, const struct amo *a, int place, uint64_t old, uint64_t desired)
{
    return swap_if((uint8_t *)a->p + place * (int)a->size, a->size, in_order(c, old, a->size),
                   in_order(c, desired, a->size));
}

static uint64_t fetch_and_combine(struct cpu *c, const struct amo *a)
{
    uint64_t old;

    do
        old = load_operand(c, a, 0);
    while (!swap_operand(c, a, 0, old, combine(a, old)));
    return old;
}

/* Steps the operand when it differs from its neighbour (or equals it); the answer otherwise is the most negative
 * number. */
static uint64_t fetch_and_step(struct cpu *c, const struct amo *a)
{
    int neighbour = a->function == AMO_DEC_BOUNDED ? -1 : 1;
    uint64_t step = a->function == AMO_DEC_BOUNDED ? UINT64_MAX : 1, old;

    do {
        old = load_operand(c, a, 0);
        if ((old == load_operand(c, a, neighbour)) != (a->function == AMO_INC_EQUAL))
            return 1ull << (8 * a->size - 1);
    } while (!swap_operand(c, a, 0, old, old + step));
    return old;
}

/* Stores both operands when they are equal. */
static void store_twin(struct cpu *c, const struct amo *a)
{
    uint64_t old;

    do {
        old = load_operand(c, a, 0);
        if (old != load_operand(c, a, 1))
            return;
    } while (!swap_operand(c, a, 0, old, a->value));
    swap_operand(c, a, 1, old, a->value);
}

/* Checks function and address and finds the operand; false: an interrupt was raised. */
static bool amo_prepare(struct cpu *c, const struct op *o, uint32_t valid, struct amo *a, unsigned size)
{
    ea_t at = fixed_ea_a(c, o);
    unsigned place = at.v & 31;
    bool neighbour_outside =
        o->n >= AMO_INC_BOUNDED && (o->n == AMO_DEC_BOUNDED ? place < size : place + 2 * size > 32);

    if (!(valid >> o->n & 1)) {
        c->spr[SPR_DAR] = at.v;
        c->spr[SPR_DSISR] = DSISR_STORE | DSISR_AMO_FUNCTION;
        cpu_raise(c, VEC_DSI, 0);
        return false;
    }
    if (neighbour_outside) {
        cpu_alignment(c, at);
        return false;
    }
    a->size = size;
    a->function = o->n;
    a->p = cpu_atomic_ptr(c, at, size, true, NULL);
    return a->p;
}

/* RT + 1 and RT + 2 hold the values; they wrap after 31. */
static inline void amo_load(struct cpu *c, const struct op *o, unsigned size)
{
    static const uint32_t valid =
        0x1FF | 1u << AMO_SWAP_NOT_EQUAL | 1u << AMO_INC_BOUNDED | 1u << AMO_INC_EQUAL | 1u << AMO_DEC_BOUNDED;
    uint64_t mask = size == 4 ? UINT32_MAX : UINT64_MAX;
    struct amo a = { .value = c->gpr[(o->rt + 1) & 31] & mask, .value2 = c->gpr[(o->rt + 2) & 31] & mask };

    if (amo_prepare(c, o, valid, &a, size))
        c->gpr[o->rt] = a.function >= AMO_INC_BOUNDED ? fetch_and_step(c, &a) : fetch_and_combine(c, &a);
}

static inline void amo_store(struct cpu *c, const struct op *o, unsigned size)
{
    uint64_t mask = size == 4 ? UINT32_MAX : UINT64_MAX;
    struct amo a = { .value = c->gpr[o->rt] & mask };

    if (!amo_prepare(c, o, 0xFF | 1u << AMO_STORE_TWIN, &a, size))
        return;
    if (a.function == AMO_STORE_TWIN)
        store_twin(c, &a);
    else
        fetch_and_combine(c, &a);
}

static void run_lwat(struct cpu *c, const struct op *o)
{
    amo_load(c, o, 4);
}

static void run_ldat(struct cpu *c, const struct op *o)
{
    amo_load(c, o, 8);
}

static void run_stwat(struct cpu *c, const struct op *o)
{
    amo_store(c, o, 4);
}

static void run_stdat(struct cpu *c, const struct op *o)
{
    amo_store(c, o, 8);
}

static const struct isa_row rows[] = {
    { "lwat", "011111 ttttt aaaaa nnnnn 1001000110 x", run_lwat, "t,a0,n", ISA_V3 },
    { "ldat", "011111 ttttt aaaaa nnnnn 1001100110 x", run_ldat, "t,a0,n", ISA_V3 },
    { "stwat", "011111 ttttt aaaaa nnnnn 1011000110 x", run_stwat, "t,a0,n", ISA_V3 },
    { "stdat", "011111 ttttt aaaaa nnnnn 1011100110 x", run_stdat, "t,a0,n", ISA_V3 },
};

ISA_CHAPTER(isa_amo, "Power ISA II, 4.5 atomic memory operations", rows);
