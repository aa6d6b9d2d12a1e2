/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/jit_int.h - regions, traces and exits: what the host-independent part and the host folders share. */
#ifndef CPU_JIT_JIT_INT_H
#define CPU_JIT_JIT_INT_H

#include "cpu/jit/code_cache.h"
#include "cpu/jit/jit.h"
#include "cpu/limits.h"
#include "cpu/op.h"

enum item_kind {
    ITEM_OP,            /* an instruction that goes on to the next item */
    ITEM_PAGE,          /* a guard: the page at ea must still be at host */
    ITEM_JUMP,          /* direct jump to the next item (or out, as the last); a linking one sets LR */
    ITEM_BRANCH,        /* conditional: goes on along `taken`, leaves to `other` */
    ITEM_RETURN,        /* blr to the address an earlier item of the region put into LR: goes on at the next item */
    ITEM_LEAVE_TO_LR,   /* conditional: leaves to the address in LR, else goes on at the next item */
    ITEM_INDIRECT,      /* last: blr, bctr */
    ITEM_END,           /* last: an instruction that sets nip itself, by its C function */
};

struct item {
    struct op op;
    uint64_t ea;
    uint64_t other;             /* BRANCH: where the unlikely side goes */
    const uint8_t *host;        /* PAGE */
    uint8_t kind;
    bool taken;
};

/* A path of instructions with one entry. */
struct region {
    uint64_t ea;
    struct item items[REGION_MAX_ITEMS];
    unsigned n_items, n_ops;
    uint64_t next;              /* where it goes after the last item, unless that is INDIRECT or END */
    bool loops;                 /* next is the region's own start */
    uintptr_t pages[REGION_MAX_PAGES];
    unsigned n_pages;
};

/* Collects the likely path from b at c->nip. False: not worth translating. */
bool region_collect(struct cpu *c, struct block *b, struct region *r);

struct jit_trace;

/* A direct way out of a trace. Its jump leads to `unlinked` until the target is translated. */
struct jit_exit {
    uint64_t nip;
    uint8_t *jump;              /* rw address of the jump's distance */
    uint8_t *unlinked;          /* rw address of the code that returns this record */
    uint64_t page_ea;           /* a page the source has checked: no guard needed for targets in it */
    struct jit_trace *to;
    struct jit_exit *next_incoming;
};

struct jit_trace {
    uint64_t ea;
    struct block *head;
    const uint8_t *code;        /* rx; NULL once dead */
    const uint8_t *guarded;
    struct jit_exit *incoming;
    struct jit_trace *next_on_page[REGION_MAX_PAGES];
    uintptr_t pages[REGION_MAX_PAGES];
    unsigned n_pages;
};

/* Remembered indirect targets: tag = nip ^ mode << 52. */
struct jump_slot {
    uint64_t tag;
    const uint8_t *code;
};

struct jit {
    struct jump_slot jumps[JUMP_CACHE];     /* first: host code indexes it from the struct's address */
    struct cpu *cpu;
    struct code_cache cache;
    struct host_thunks *thunks;
    struct region region;
    struct jit_trace *traces;
    unsigned n_traces;
    struct jit_exit *exits;
    unsigned n_exits;
    struct op *ops;                         /* copies that translated code passes to C functions */
    unsigned n_ops;
    struct jit_trace **page_hash;
    struct jit_counts counts;
    bool jumps_used;
};

enum { JIT_PAGE_HASH = 1 << 12 };

static inline uint64_t jump_tag(uint64_t nip, uint8_t mode)
{
    return nip ^ (uint64_t)mode << 52;
}

/* New records; NULL: pool used up. */
struct jit_exit *jit_new_exit(struct jit *j);
struct op *jit_new_op(struct jit *j, const struct op *from);

/* ---- the host folder ---- */
struct host_thunks;
int host_init(struct jit *j, struct error *err);        /* writes the thunks at the start of the cache, sets cache.floor */
void host_fini(struct jit *j);
/* Where translated code runs (rx): from inside its first page, and from elsewhere, which checks that the page is still there. */
struct host_code {
    const uint8_t *code, *guarded;
};
/* Lowers r. False: it did not fit. */
bool host_lower(struct jit *j, const struct region *r, struct host_code *out);
/* What a run of translated code came back with: an exit record, or NULL when nip is set already. */
struct jit_exit *host_enter(struct jit *j, const uint8_t *code);
void host_link(struct jit *j, struct jit_exit *e, const uint8_t *target_rx);
void host_unlink(struct jit *j, struct jit_exit *e);

#endif
