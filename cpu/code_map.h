/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/code_map.h - where in host memory there is code that some processor has decoded, at the grain of 64-byte lines,
 * and how all of them learn that it was changed.
 *
 * Whatever was made from the code of a page carries the page's generation; it is good while the page still has it. A
 * change makes the next generation, drops the page's translations and is then known to everybody: no
 * processor is asked or waited for.
 *  C1  A store that returned from code_map_stored() is seen by every block decoded, found or translated afterwards.
 *      What already runs finishes its block or trace, as the ISA allows until the next context synchronisation.
 *  C2  Every store to a page with marked lines comes through code_map_stored(), once code_map_settled(); until then
 *      what was decoded there is used once and not kept.
 * A fixed table, some ways a set; a page that finds its set full takes the place of another, whose code is dropped.
 * Threads: any. */
#ifndef CPU_CODE_MAP_H
#define CPU_CODE_MAP_H

#include "cpu/group.h"

struct jit_trace;

struct code_page {
    _Atomic uint32_t gen;
    _Atomic bool settled;       /* nobody can store here unseen any more */
    _Atomic uint64_t lines;     /* which 64-byte lines hold code */
    uintptr_t host;             /* under the group's lock, as all below */
    uint64_t since;             /* the group's time when it became code */
    struct jit_trace *traces;   /* translations that contain code of it */
};

struct code_map *code_map_new(struct cpu_group *g);
void code_map_free(struct code_map *m);

/* Own thread: len bytes of code at host, inside one page, are going to be decoded. *gen: the generation to keep. */
struct code_page *code_map_mark(struct cpu *c, const uint8_t *host, uint64_t len, uint32_t *gen);
/* Own thread, where cpu_group_catch_up() may be called. */
bool code_map_settled(struct cpu *c, struct code_page *p);

static inline uint32_t code_page_gen(const struct code_page *p)
{
    return atomic_load_explicit(&p->gen, memory_order_acquire);
}

/* After len bytes at host were stored, by whomever. */
void code_map_stored(struct code_map *m, const uint8_t *host, uint64_t len);
/* Everything goes: memory changed in ways nobody noted. */
void code_map_drop_all(struct code_map *m);

/* May there be code in these bytes? Exact for one page of 4 KiB, on the safe side for more. */
bool code_map_has(const struct code_map *m, const uint8_t *host, uint64_t len);

uint64_t code_map_drops(const struct code_map *m);      /* pages whose code was dropped since the start */

#endif
