/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/jit_space.h - the translations of a group of processors: memory for them, finding,
 * publishing, linking and dropping them.
 *
 * A chunk is filled by one translator without a lock. Some are kept empty by evicting the oldest full one ahead of
 * need: its traces die at once, and by the time it is used again the processors have caught up; if they have not,
 * nobody waits and less is translated. */
#ifndef CPU_JIT_JIT_SPACE_H
#define CPU_JIT_JIT_SPACE_H

#include "cpu/jit/jit_int.h"

/* The group's, made by its first translator. */
struct jit_space *jit_space_get(struct cpu_group *g, const struct isa *isa, struct error *err);

/* The translation of the code at host for an address; NULL: none. Good until the caller next catches up. */
struct jit_trace *jit_find(const struct jit_space *s, const uint8_t *host, uint8_t mode, uint64_t ea);

/* The trace whose code holds an address that was run since the caller last caught up; it may be dead. */
struct jit_trace *jit_trace_of(struct jit_space *s, const uint8_t *rx);

/* Makes t, the next of chunk k, known with this code. False: the code it was made from has changed since. */
bool jit_publish(struct jit_space *s, struct jit_chunk *k, struct jit_trace *t, const struct region *r,
                 const uint8_t *code);
/* Another trace has taken its place. */
void jit_retire(struct jit_space *s, struct jit_trace *t);
/* Lets a way out jump straight to a trace. */
void jit_link(struct jit_space *s, const uint8_t *way, struct jit_trace *t);

/* An empty chunk for c's translator; NULL: none can be used yet. */
struct jit_chunk *jit_chunk_open(struct cpu *c) REQUIRES(c->group->lock);
/* It is full, or its translator goes away. k may be NULL. */
void jit_chunk_close(struct cpu *c, struct jit_chunk *k) REQUIRES(c->group->lock);

#endif
