/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/engine.h - runs test cases on our processor, through everything a guest's instruction goes through.
 *
 * A machine of one processor, 1 MiB of memory and a hash table with the pages of oracle/wire.h.  The instructions run
 * in problem state behind the MMU; the interrupt that ends a case lands on a hypercall, which brings control back. */
#ifndef TESTS_ISA_ENGINE_H
#define TESTS_ISA_ENGINE_H

#include "base/error.h"
#include "cpu/isa.h"
#include "cpu/run.h"
#include "tests/isa/oracle/wire.h"

struct engine;

struct engine *engine_new(enum isa_level level, struct error *err);
struct engine *engine_new_kind(enum isa_level level, enum cpu_engine kind, struct error *err);
void engine_free(struct engine *e);

const struct isa *engine_isa(const struct engine *e);
struct cpu *engine_cpu(struct engine *e);

/* Runs a case: its outcome in out->sig (enum outcome of result.h), out->sig_code 0. */
void engine_run(struct engine *e, const struct wire_state *in, struct wire_state *out);

/* Moves a whole problem state into the processor and memory, and back (registers and windows only). */
void engine_load(struct engine *e, const struct wire_state *in);
void engine_store(struct engine *e, struct wire_state *out);

/* Runs one instruction in the state the processor is in; msr is put in first.  It stands at ENGINE_EA when msr says
 * MSR[IR], else at ENGINE_RA; a hypercall follows it, and every interrupt vector is one (real, and relocated by AIL 3).
 * Returns where the hypercall stood: ENGINE_EA + 4 or ENGINE_RA + 4, or a vector; the processor is left behind it. */
#define ENGINE_EA (WIRE_CODE + 2048)
#define ENGINE_RA 0x30800ull
uint64_t engine_step(struct engine *e, uint64_t msr, uint32_t word);

/* More of the address space: a segment in an SLB entry, whose pages are of one size (shift 12, 16 or 24), and a page of
 * it.  Unmapping does what H_REMOVE does. */
void engine_segment(struct engine *e, unsigned slot, uint64_t ea, unsigned shift);
void engine_map(struct engine *e, uint64_t ea, uint64_t page_ra, unsigned shift);
void engine_map_read_only(struct engine *e, uint64_t ea, uint64_t page_ra, unsigned shift);
void engine_unmap(struct engine *e, uint64_t ea);

/* What the second page of data allows from now on. */
enum engine_page { ENGINE_PAGE_ABSENT, ENGINE_PAGE_READ_ONLY, ENGINE_PAGE_WRITABLE };
void engine_second_page(struct engine *e, enum engine_page state);

/* Memory of the machine, by real address; ENGINE_DATA_RA is what WIRE_DATA maps to. */
#define ENGINE_DATA_RA 0x20000ull
#define ENGINE_RAM_BYTES (1ull << 20)
uint8_t *engine_ram(struct engine *e);
/* More of it, somewhere below 128 MiB. */
int engine_add_ram(struct engine *e, uint64_t start, uint64_t bytes, struct error *err);

/* True when the last case stored outside the windows; the bytes are cleared. */
bool engine_stored_outside(struct engine *e);

#endif
