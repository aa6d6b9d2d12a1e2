/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/jit_int.h - regions, traces and exits: what the host-independent part and the host folders share. */
#ifndef CPU_JIT_JIT_INT_H
#define CPU_JIT_JIT_INT_H

#include "cpu/jit/code_cache.h"
#include "cpu/group.h"
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
    ITEM_GUESS,         /* blr, bctr that usually go to the next item (or out there, as the last); leaves when not */
    ITEM_INDIRECT,      /* last: blr, bctr */
    ITEM_END,           /* last: an instruction that sets nip itself, by its C function */
};

struct item {
    struct op op;
    uint64_t ea;
    uint64_t other;             /* BRANCH: where the unlikely side goes; GUESS: where it usually goes */
    uint64_t caller;            /* where the function returns to that it is of; 0: not known */
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
    bool through;               /* wanted: a path that goes on where others start */
    uintptr_t pages[REGION_MAX_PAGES];
    /* of the same pages, with the generation of what was collected; NULL: nothing was */
    struct code_page *code[REGION_MAX_PAGES];
    uint32_t gen[REGION_MAX_PAGES];
    unsigned n_pages;
};

/* Collects the likely path from b at c->nip; r->through is the caller's. False: not worth translating. */
bool region_collect(struct cpu *c, struct block *b, struct region *r);

struct jit_trace;

/* A way out of a trace that leads to another one. Numbers are of the space's arrays + 1;
 * 0: none. Under the group's lock. */
struct jit_link {
    uint32_t way;               /* where its jump stands, from the start of the cache */
    uint32_t to;                /* trace; 0: this record is free */
    uint32_t next, prev;        /* of those that lead there; next: of those that are free */
};

/* What it is is fixed while code is set; the rest is under the group's lock. */
struct jit_trace {
    const uint8_t *_Atomic code;    /* rx; NULL: dead */
    uint64_t ea;
    const uint8_t *host;            /* of the first instruction */
    const uint8_t *guarded;         /* where its code begins */
    const uint8_t *map;             /* the host folder's, behind the code */
    uint8_t mode;
    uint8_t n_pages;
    bool loops;
    _Atomic uint8_t samples;        /* how often the budget ended here; any thread */
    struct code_page *pages[REGION_MAX_PAGES];
    struct jit_trace *next_on_page[REGION_MAX_PAGES];
    uint32_t incoming;              /* first link */
};

/* Remembered indirect targets. The place tells the bits of nip that the tag mixes with the mode. */
struct jump_slot {
    uint64_t tag;
    const uint8_t *code;
};

/* A part of the code cache with its share of the records. A translator fills one alone. */
struct jit_chunk {
    unsigned number;
    uint8_t *start;                 /* rw */
    size_t used;
    unsigned n_traces, n_ops;
    unsigned n_links;               /* under the group's lock, as all below */
    uint32_t free_link;
    bool open;                      /* a translator's */
    uint64_t filled;                /* when it was full, in chunks filled; 0: empty */
    uint64_t evicted;               /* the group's time when it was emptied: processors may still run what was there */
};

/* What the processors of a group share. */
struct jit_space {
    struct cpu_group *group;
    struct code_cache cache;
    struct host_thunks *thunks;
    struct jit_trace *traces;
    struct jit_link *links;
    struct op *ops;                         /* copies that translated code passes to C functions */
    _Atomic uint64_t *index;                /* by head (jit_space.c); written under the lock */
    size_t array_bytes;                     /* of these four */
    struct jit_chunk chunks[JIT_CHUNKS];
    uint64_t filled;
    unsigned turn;
    _Atomic uint64_t deaths;                /* moves when addresses that processors remember may be void */
    struct jit_space_counts counts;
};

/* A processor's translator. */
struct jit {
    struct jump_slot jumps[JUMP_CACHE];     /* first: host code indexes it from the struct's address */
    struct cpu *cpu;
    struct jit_space *space;
    struct host_thunks *thunks;             /* the space's */
    struct op *ops;
    struct jit_chunk *chunk;                /* being filled; NULL: none */
    struct region region;
    struct jit_counts counts;
    uint64_t deaths;                        /* of the space, when jumps was right */
    bool sampled;                           /* translated code last came back because the budget was used up */
    bool jumps_used;
    /* by row: times translated code ran the instruction's C function; translated code counts */
    uint64_t c_calls[];
};

static inline uint64_t jump_tag(uint64_t nip, uint8_t mode)
{
    _Static_assert(JUMP_CACHE >= 64, "translated modes, which are below 64, fit what the place tells");
    return nip ^ (uint64_t)mode << 2;
}

/* A new record of the present chunk; NULL: used up. */
struct op *jit_new_op(struct jit *j, const struct op *from);

/* Tell perf what host code is: a region's, by its writable address, and the pieces that all share. */
void jit_name_region(const struct jit *j, const struct region *r, uint8_t *from, const uint8_t *to);
void jit_name_shared(const struct jit *j);

/* ---- the host folder ---- */
struct host_thunks;
/* writes the thunks at the start of the cache */
int host_init(struct jit_space *s, const struct isa *isa, struct error *err);
void host_fini(struct jit_space *s);
/* Where translated code runs (rx): from inside its first page, and from elsewhere, which checks
 * that the page is still there. */
struct host_code {
    const uint8_t *code, *guarded, *map;
};
/* Lowers r into the present chunk. False: it did not fit. */
bool host_lower(struct jit *j, const struct region *r, struct host_code *out);
/* What a run of translated code came back with: the direct way out it took (rx), or NULL when nip is set already. */
const uint8_t *host_enter(struct jit *j, const uint8_t *code);
struct host_exit {
    uint64_t nip;
    bool checked;               /* the source has looked whether the page of nip is where it was */
};
struct host_exit host_exit(const uint8_t *way);
bool host_is_linked(const uint8_t *way);
void host_link(struct jit_space *s, const uint8_t *way, const uint8_t *target_rx);
void host_unlink(struct jit_space *s, const uint8_t *way);

#endif
