/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/run.c - the interpreter: finds blocks, runs them, takes interrupts, and comes back with an exit reason.
 *
 * Thread: the processor's own; cpu_kick() and cpu_set_irq() from any thread. The clock is looked at when the
 * instruction budget is used up, which bounds how late a decrementer interrupt may be. */
#include "cpu/run.h"

#include <errno.h>
#include <string.h>

#include "base/counter.h"
#include "base/rcu.h"
#include "cpu/access.h"
#include "cpu/block.h"
#include "cpu/code_map.h"
#include "cpu/cpu_int.h"
#include "cpu/hash_mmu.h"
#include "cpu/isa.h"
#include "cpu/jit/jit.h"
#include "cpu/limits.h"
#include "cpu/lockstep.h"
#include "cpu/tlb.h"
#include "cpu/trace.h"
#include "mem/dirty_log.h"
#include "mem/mem_map.h"

_Static_assert(sizeof(((struct cpu *)0)->exits) == CPU_EXIT_KINDS * sizeof(uint64_t), "one counter for each reason");

int cpu_init(struct cpu *c, const struct cpu_config *cfg, struct error *err)
{
    bool sees_all = cfg->trace && (cfg->trace->classes & (TRACE_EXEC | TRACE_BLOCK));
    enum cpu_engine engine = sees_all ? CPU_ENGINE_INTERP : cfg->engine;

    c->id = cfg->id;
    c->level = cfg->level;
    c->map = cfg->map;
    c->timebase = cfg->timebase;
    c->timebase_opaque = cfg->opaque;
    c->trace = cfg->trace;
    c->perf = cfg->perf;
    c->isa = isa_new(cfg->level);
    c->tlb = tlb_new();
    c->blocks = block_cache_new();
    c->own_group = cfg->group ? NULL : cpu_group_new();
    if (!c->isa || !c->tlb || !c->blocks || (!cfg->group && !c->own_group)) {
        cpu_fini(c);
        return error_set(err, ENOMEM, "no memory for processor %u's caches", cfg->id);
    }
    cpu_group_join(cfg->group ? cfg->group : c->own_group, c);
    if (engine != CPU_ENGINE_INTERP) {
        c->jit = jit_new(c, err);
        if (!c->jit) {
            cpu_fini(c);
            return err ? err->code : -ENOMEM;
        }
    }
    if (engine == CPU_ENGINE_LOCKSTEP) {
        c->journal = lockstep_new();
        if (!c->journal) {
            cpu_fini(c);
            return error_set(err, ENOMEM, "no memory for the lockstep test");
        }
    }
    cpu_reset(c);
    return 0;
}

void cpu_fini(struct cpu *c)
{
    if (c->log)
        dirty_log_detach(c->log, &c->log_engine);
    c->log = NULL;
    lockstep_free(c->journal);
    jit_free(c->jit);
    if (c->group)
        cpu_group_leave(c);
    cpu_group_free(c->own_group);
    c->journal = NULL;
    c->jit = NULL;
    c->own_group = NULL;
    isa_free((struct isa *)c->isa);
    tlb_free(c->tlb);
    block_cache_free(c->blocks);
    c->isa = NULL;
    c->tlb = NULL;
    c->blocks = NULL;
}

static const uint32_t pvr_of[] = { [ISA_LEVEL_2_07] = 0x004D0200, [ISA_LEVEL_3_00] = 0x004E1202 };

static void clear_registers(struct cpu *c)
{
    memset(c->gpr, 0, sizeof(c->gpr));
    memset(c->vsr, 0, sizeof(c->vsr));
    memset(c->cr, 0, sizeof(c->cr));
    memset(c->spr, 0, sizeof(c->spr));
    memset(c->slb, 0, sizeof(c->slb));
    cpu_set_xer(c, 0);
    c->nip = c->lr = c->ctr = c->fpscr = 0;
    c->vscr = 0;
    c->res_size = 0;
    c->halted = 0;
}

void cpu_reset(struct cpu *c)
{
    clear_registers(c);
    c->spr[SPR_PVR] = pvr_of[c->level];
    c->spr[SPR_PIR] = c->id;
    c->spr[SPR_CTRL] = 1;
    c->spr[SPR_MMCR0] = 0x80000000;
    c->spr[SPR_PPR] = 4ull << 50;
    c->ail = 0;
    c->ile = 0;
    c->tb_offset = 0;
    c->dec_tb = cpu_timebase(c) + 0x7fffffff;
    c->dec_pending = false;
    c->stop = STOP_NONE;
    c->budget = 0;
    atomic_store(&c->irq, 0);
    cpu_set_msr(c, MSR_ME | MSR_FP);
    tlb_flush_all(c->tlb);
    code_map_drop_all(c->group->code);
}

void cpu_kick(struct cpu *c)
{
    atomic_fetch_or(&c->attention, ATTENTION_KICK);
}

bool cpu_translates(const struct cpu *c)
{
    atomic_thread_fence(memory_order_seq_cst);
    return atomic_load(&c->translates);
}

static void kick_engine(void *cpu)
{
    cpu_kick(cpu);
}

void cpu_set_irq(struct cpu *c, uint32_t line, bool on)
{
    if (on) {
        atomic_fetch_or(&c->irq, line);
        atomic_fetch_or(&c->attention, ATTENTION_LOOK);
    } else
        atomic_fetch_and(&c->irq, ~line);
}

uint64_t cpu_dec_deadline(const struct cpu *c)
{
    return c->dec_tb + 1;
}

static bool dec_negative(const struct cpu *c)
{
    return (int64_t)(c->dec_tb - cpu_timebase(c)) < 0;
}

bool cpu_irq_pending(const struct cpu *c)
{
    return atomic_load(&c->irq) || dec_negative(c);
}

void cpu_look_soon(struct cpu *c)
{
    atomic_fetch_or(&c->attention, ATTENTION_LOOK);
}

void cpu_set_hpt(struct cpu *c, const struct cpu_hpt *hpt)
{
    c->hpt = hpt;
    tlb_flush_all(c->tlb);
}

void cpu_tlb_flush_all(struct cpu *c)
{
    tlb_flush_all(c->tlb);
}

/* The RAM (or ROM) from start on, up to the first address where nothing answers. */
static void for_each_ram(struct mem_map *map, ra_t start, uint64_t len,
                         void (*f)(void *arg, uint8_t *host, uint64_t len), void *arg)
{
    struct mem_hit hit;

    rcu_read_lock();
    for (uint64_t off = 0, n; off < len && mem_map_find_rcu(map, ra(start.v + off), &hit); off += n) {
        n = hit.len < len - off ? hit.len : len - off;
        if (hit.host)
            f(arg, hit.host, n);
    }
    rcu_read_unlock();
}

static void flush_ram(void *cpu, uint8_t *host, uint64_t len)
{
    cpu_tlb_flush_ram(cpu, host, len);
}

void cpu_tlb_flush_hpte(struct cpu *c, uint64_t hpte_v, uint64_t hpte_r, uint64_t ptex)
{
    const uint64_t rpn_16m = 0x0fffffffff000000ull, low_16m = 0xfff000;

    /* One of many entries that map parts of a 16 MiB page (base pages of 64 KiB): all of the page goes. */
    if ((hpte_v & 4) && ((hpte_r & low_16m) == 0x8000 || (hpte_r & low_16m) == 0x38000))
        for_each_ram(c->map, ra(hpte_r & rpn_16m), 1ull << 24, flush_ram, c);
    tlb_flush_ptex(c->tlb, ptex);
}

void cpu_tlb_flush_ram(struct cpu *c, const uint8_t *host, uint64_t len)
{
    tlb_protect(c->tlb, (uintptr_t)host, len, true);
}

static void ram_stored(void *code, uint8_t *host, uint64_t len)
{
    code_map_stored(code, host, len);
}

void cpu_group_code_written(struct cpu_group *g, struct mem_map *map, ra_t start, uint64_t len)
{
    for_each_ram(map, start, len, ram_stored, g->code);
}

void cpu_code_flush(struct cpu *c)
{
    code_map_drop_all(c->group->code);
}

void cpu_code_written(struct cpu *c, ra_t start, uint64_t len)
{
    cpu_group_code_written(c->group, c->map, start, len);
}

void cpu_code_gone(struct cpu_group *g, const uint8_t *host, uint64_t len)
{
    code_map_stored(g->code, host, len);
}

static void read_misses(const struct tlb_misses *from, struct tlb_misses *to)
{
    for (unsigned i = 0; i < TLB_SIZES; i++) {
        to->first[i] = counter_get(&from->first[i]);
        to->second[i] = counter_get(&from->second[i]);
    }
    to->faults = counter_get(&from->faults);
}

bool cpu_c_calls(const struct cpu *c, size_t row, const char **name, uint64_t *count)
{
    if (row >= isa_row_count(c->isa))
        return false;
    *name = isa_row_at(c->isa, row)->name;
    *count = c->jit ? jit_c_calls(c->jit, row) : 0;
    return true;
}

void cpu_stats(const struct cpu *c, struct cpu_stats *out)
{
    struct block_counts b = block_cache_counts(c->blocks);
    struct jit_counts j = c->jit ? jit_counts(c->jit) : (struct jit_counts){ 0 };

    *out = (struct cpu_stats){
        .insns = counter_get(&c->insns), .blocks_decoded = b.decoded, .block_evictions = b.evictions,
        .translations = j.translated, .translated_insns = j.guest_ops, .translate_ns = j.ns,
    };
    for (unsigned i = 0; i < TLB_KINDS; i++)
        read_misses(&c->tlb->misses[i], &out->tlb[i]);
    for (unsigned i = 0; i < CPU_EXIT_KINDS; i++)
        out->exits[i] = counter_get(&c->exits[i]);
}

void cpu_group_stats(const struct cpu_group *g, struct cpu_group_stats *out)
{
    struct jit_space_counts j = g->jit ? jit_space_counts(g->jit) : (struct jit_space_counts){ 0 };

    *out = (struct cpu_group_stats){
        .pages_dropped = code_map_drops(g->code), .code_bytes = j.host_bytes, .code_evictions = j.evictions,
        .code_capacity = g->jit ? (uint64_t)JIT_CHUNKS * JIT_CHUNK_BYTES : 0,
    };
}

/* ---- interrupts between blocks ---- */

static bool line_up(const struct cpu *c, uint32_t line)
{
    return atomic_load_explicit(&c->irq, memory_order_relaxed) & line;
}

static void take_edge(struct cpu *c, uint32_t line, unsigned vector)
{
    atomic_fetch_and(&c->irq, ~line);
    cpu_interrupt(c, vector, 0);
}

/* Takes the most favoured pending asynchronous interrupt that MSR allows; true when one was taken. */
static bool take_interrupt(struct cpu *c)
{
    if (line_up(c, CPU_IRQ_SRESET)) {
        take_edge(c, CPU_IRQ_SRESET, VEC_SRESET);
        return true;
    }
    if (!(c->msr & MSR_EE))
        return false;
    if (line_up(c, CPU_IRQ_EXTERNAL))
        cpu_interrupt(c, VEC_EXTERNAL, 0);
    else if (c->dec_pending)
        cpu_interrupt(c, VEC_DECREMENTER, 0);
    else if (line_up(c, CPU_IRQ_DOORBELL))
        take_edge(c, CPU_IRQ_DOORBELL, VEC_DOORBELL);
    else
        return false;
    return true;
}

/* Looks at the clock: is the decrementer negative, and how many instructions may run before the next look? Not always
 * the same number: where the budget ends tells where time goes (jit.c), and a loop must not end it in one place. */
static void look_at_clock(struct cpu *c)
{
    int64_t most = BUDGET_MAX - (c->looks++ * 61 & 255) % (BUDGET_MAX - BUDGET_MIN);
    int64_t left = (int64_t)(c->dec_tb - cpu_timebase(c));

    c->dec_pending = left < 0;
    left /= 4;                              /* about one instruction in 4 ticks of 2 ns */
    c->budget = c->dec_pending || left > most ? most : left < BUDGET_MIN ? BUDGET_MIN : left;
}

bool cpu_must_look(const struct cpu *c)
{
    if (c->budget < 0 || atomic_load_explicit(&c->attention, memory_order_relaxed))
        return true;
    return (c->msr & MSR_EE) && (c->dec_pending || atomic_load_explicit(&c->irq, memory_order_relaxed));
}

/* A synchronous interrupt of the instruction at nip. Machine checks are the machine's: false and *why. */
static bool deliver(struct cpu *c, enum cpu_exit *why)
{
    c->stop = STOP_NONE;
    c->budget--;                            /* a loop of nothing but interrupts must look at the clock, too */
    if (c->exc_vector == VEC_MCE) {
        *why = c->msr & MSR_ME ? CPU_EXIT_MACHINE_CHECK : CPU_EXIT_CHECKSTOP;
        return false;
    }
    cpu_interrupt(c, c->exc_vector, c->exc_srr1);
    return true;
}

/* ---- one instruction at a time: MSR[SE], MSR[BE], CIABR ---- */

static bool ciabr_armed(const struct cpu *c)
{
    unsigned privilege = c->spr[SPR_CIABR] & 3;

    return privilege && privilege == (c->msr & MSR_PR ? 1u : 2u);
}

static bool stepping(const struct cpu *c)
{
    return (c->msr & (MSR_SE | MSR_BE)) || c->spr[SPR_CIABR] || tracing(c, TRACE_EXEC);
}

static bool trace_after(const struct cpu *c, const struct op *o, uint64_t at, uint64_t msr)
{
    if (o->word >> 26 == 17)
        return false;                       /* sc and scv are not traced */
    if (msr & MSR_SE)
        return true;
    if ((msr & MSR_BE) && (o->word >> 26 == 16 || o->word >> 26 == 18 || o->word >> 26 == 19))
        return true;
    return ciabr_armed(c) && (c->spr[SPR_CIABR] & ~3ull) == at;
}

/* Runs the instruction at nip alone; false: stop bits tell why. */
static bool step(struct cpu *c)
{
    uint64_t msr = c->msr, at = c->nip;
    const uint8_t *host = cpu_fetch_ptr(c, ea(at));
    struct op o;
    uint32_t word;
    bool ends;

    if (!host)
        return false;
    word = *(const uint32_t *)host;
    word = c->le ? word : __builtin_bswap32(word);
    if (tracing(c, TRACE_EXEC))
        trace_exec(c, at, word);
    c->block_ea = at;
    ends = block_decode_one(c, word, &o);
    o.index = 0;
    o.run(c, &o);
    if (c->stop & STOP_EXCEPTION)
        return false;
    counter_add(&c->insns, 1);
    c->budget--;
    if (!ends)
        c->nip = op_next(c, &o);
    if (trace_after(c, &o, at, msr) && !(o.word >> 26 == 19 && (o.word >> 1 & 0x3ff) == 18)) {
        c->spr[SPR_SIAR] = at;
        cpu_interrupt(c, VEC_TRACE, 0x40000000);
    }
    return !c->stop;
}

/* ---- blocks ---- */

/* The successor of b when it lies in the same page of the same mode; NULL: look it up. */
static struct block *follow(struct cpu *c, struct block *b, uint64_t page_ea)
{
    const uint8_t *page = (const uint8_t *)((uintptr_t)b->host & ~(uintptr_t)(TLB_PAGE - 1));
    uint16_t off = c->nip & (TLB_PAGE - 1);

    if ((c->nip ^ page_ea) >> TLB_PAGE_SHIFT || b->mode != c->block_mode)
        return NULL;
    for (unsigned i = 0; i < 2; i++) {
        struct block *to = block_at(c->blocks, b->link[i]);

        if (b->link_off[i] == off && to->mode == b->mode && to->host - off == page && block_is_good(to))
            return to;                  /* its place in the pool was not used again, and its code did not change */
    }
    return NULL;
}

static void link_blocks(struct cpu *c, struct block *from, const struct block *to)
{
    unsigned i = from->next_link;

    if (from->mode != to->mode || ((uintptr_t)from->host ^ (uintptr_t)to->host) >> TLB_PAGE_SHIFT)
        return;
    from->link_off[i] = (uintptr_t)to->host & (TLB_PAGE - 1);
    from->link[i] = block_number(c->blocks, to);
    from->next_link = !i;
}

/* Finds the block at nip; NULL: a fetch interrupt was raised.
 * prev is the block that ran before in this chain, or NULL. */
static struct block *find(struct cpu *c, struct block *prev)
{
    uint64_t epoch = block_cache_epoch(c->blocks);
    const uint8_t *host;
    struct block *b;

    if (prev) {
        b = follow(c, prev, c->block_ea);
        if (b)
            return b;
    }
    host = cpu_fetch_ptr(c, ea(c->nip));
    if (!host)
        return NULL;
    b = block_get(c, host);
    if (prev && epoch == block_cache_epoch(c->blocks) && (c->nip ^ c->block_ea) >> TLB_PAGE_SHIFT == 0)
        link_blocks(c, prev, b);
    return b;
}

/* Runs b from its start; afterwards nip is current. */
static void run_block(struct cpu *c, struct block *b)
{
    const struct op *o = b->ops, *end = o + b->n_ops;
    unsigned done;

    c->block_ea = c->nip;
    /* where a block that does not end in a branch falls to */
    c->nip = (c->block_ea + 4ull * b->n_ops) & c->ea_mask;
    do {
        o->run(c, o);
        if (__builtin_expect(c->stop, 0)) {
            done = (unsigned)(o - b->ops) + !(c->stop & STOP_EXCEPTION);
            counter_add(&c->insns, done);
            c->budget -= done;
            if ((c->stop & STOP_EXCEPTION) || o + 1 != end)
                c->nip = c->stop & STOP_EXCEPTION ? op_address(c, o) : op_next(c, o);
            return;
        }
    } while (++o != end);
    if (b->indirect)
        block_went(b, c->block_ea, c->nip);
    counter_add(&c->insns, b->n_ops);
    c->budget -= b->n_ops;
}

void cpu_interpret_one(struct cpu *c)
{
    const uint8_t *host = cpu_fetch_ptr(c, ea(c->nip));
    uint64_t at = c->nip;
    struct op o;
    uint32_t word;
    bool ends;

    if (!host)
        return;
    word = cpu_guest_read32((uintptr_t)host);
    ends = block_decode_one(c, c->le ? word : __builtin_bswap32(word), &o);
    c->block_ea = at;
    o.run(c, &o);
    if (!ends && !(c->stop & STOP_EXCEPTION))
        c->nip = (at + 4) & c->ea_mask;
}

/* Translated code came back at once, as it does when its region does not fit the budget: one instruction goes on. */
static void make_progress(struct cpu *c)
{
    cpu_interpret_one(c);
    counter_add(&c->insns, !(c->stop & STOP_EXCEPTION));
    c->budget--;
}

/* After a block or step set stop: true to go on, false to return *why. */
static bool handle_stop(struct cpu *c, enum cpu_exit *why)
{
    uint32_t stop = c->stop;

    c->stop = STOP_NONE;
    if (stop & STOP_EXCEPTION)
        return deliver(c, why);
    if (stop & STOP_EXIT) {
        *why = c->exit_reason;
        return false;
    }
    return true;
}

/* Dirty tracking: the log of RAM as this processor sees it, attached when there is RAM to run in. */
static void attach_log(struct cpu *c)
{
    struct mem_hit hit;

    if (!mem_map_find_rcu(c->map, ra(0), &hit) || !hit.log)
        return;
    c->log = hit.log;
    c->log_engine = (struct dirty_engine){ .kick = kick_engine, .opaque = c };
    dirty_log_attach(c->log, &c->log_engine);
}

/* A new read section: permission to store unseen ended if tracking began a new round (mem/dirty_log.h, E2); a
 * watchpoint may have moved. */
static void enter_section(struct cpu *c)
{
    uint64_t watch = c->spr[SPR_DAWRX0] & 0x60 ? c->spr[SPR_DAWR0] ^ c->spr[SPR_DAWRX0] << 48 : 0;

    rcu_read_lock();
    cpu_group_look(c);
    if (!c->log)
        attach_log(c);
    if (c->log && dirty_log_epoch(c->log) != c->log_epoch) {
        c->log_epoch = dirty_log_epoch(c->log);
        tlb_protect_all(c->tlb);
    }
    if (watch != c->watch_seen) {
        c->watch_seen = watch;
        tlb_flush_all(c->tlb);
    }
    c->in_section = true;
}

/* The marks of the section are made before it ends (E5). */
static void leave_section(struct cpu *c)
{
    c->in_section = false;
    if (c->log)
        dirty_batch_flush_rcu(c->log, &c->log_batch);
    rcu_read_unlock();
}

/* Requests, clock, interrupts. True to go on, false to return *why. */
static bool look_around(struct cpu *c, enum cpu_exit *why)
{
    uint32_t wanted = atomic_load_explicit(&c->attention, memory_order_relaxed) ? atomic_exchange(&c->attention, 0) : 0;

    if (wanted & ATTENTION_KICK) {
        *why = CPU_EXIT_KICK;
        return false;
    }
    leave_section(c);               /* nobody waits for a processor longer than its budget lasts */
    enter_section(c);
    look_at_clock(c);
    take_interrupt(c);
    return true;
}

static enum cpu_exit run_section(struct cpu *c)
{
    const uint8_t *code;
    struct block *b = NULL;
    enum cpu_exit why;

    for (;;) {
        if (__builtin_expect(cpu_must_look(c), 0)) {
            uint64_t nip = c->nip;

            if (!look_around(c, &why))
                return why;
            if (c->nip != nip)
                b = NULL;
        }
        if (__builtin_expect(stepping(c), 0)) {
            b = NULL;
            if (!step(c) && !handle_stop(c, &why))
                return why;
            continue;
        }
        b = find(c, b);
        if (b) {
            if (tracing(c, TRACE_BLOCK))
                trace_block(c, b);
            code = c->jit ? jit_code(c, b) : NULL;
            if (code) {
                uint64_t before = c->insns;

                if (!c->journal)
                    jit_enter(c, code);
                else if (!lockstep_run(c, code))
                    return CPU_EXIT_MISMATCH;
                if (__builtin_expect(c->insns == before && !c->stop, 0))
                    make_progress(c);
                b = NULL;
            } else {
                run_block(c, b);
            }
        }
        if (c->stop) {
            b = NULL;
            if (!handle_stop(c, &why))
                return why;
        }
    }
}

enum cpu_exit cpu_run(struct cpu *c)
{
    enum cpu_exit why;

    cpu_group_enter(c);
    enter_section(c);
    why = run_section(c);
    cpu_group_exit(c);
    leave_section(c);
    counter_add(&c->exits[why], 1);
    if (EXIT_FLUSHES) {
        tlb_flush_all(c->tlb);
        cpu_code_flush(c);
    }
    return why;
}
