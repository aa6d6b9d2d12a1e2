/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest.h - what the files of the test guest share.
 *
 * It runs on processor 0, others do single jobs for it (processors.c), in 64-bit real mode, where its
 * code and data have the addresses they are linked at; enter() runs single functions under another MSR.  Everything is
 * static: nothing is allocated. */
#ifndef GUEST_GUEST_H
#define GUEST_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* ---- registers ---- */
#define MSR_SF (1ull << 63)
#define MSR_EE 0x8000ull
#define MSR_PR 0x4000ull
#define MSR_ME 0x1000ull
#define MSR_IR 0x20ull
#define MSR_DR 0x10ull
#define MSR_RI 0x2ull
#ifdef __LITTLE_ENDIAN__
#define MSR_LE 0x1ull                       /* of the byte order it was compiled for */
#else
#define MSR_LE 0ull
#endif
#define MSR_REAL (MSR_SF | MSR_ME | MSR_RI | MSR_LE)
#define MSR_TRANSLATED (MSR_REAL | MSR_IR | MSR_DR)
#define MSR_USER (MSR_TRANSLATED | MSR_PR | MSR_EE)

static inline uint64_t timebase(void)
{
    uint64_t tb;

    __asm__ volatile("mftb %0" : "=r"(tb));
    return tb;
}

static inline void set_decrementer(uint64_t ticks)
{
    __asm__ volatile("mtdec %0" : : "r"(ticks));
}

/* What a program does after storing instructions. */
static inline void code_written(const void *at)
{
    __asm__ volatile("dcbst 0,%0\n\tsync\n\ticbi 0,%0\n\tsync\n\tisync" : : "r"(at) : "memory");
}

static inline uint16_t be16(uint16_t v)
{
    return MSR_LE ? __builtin_bswap16(v) : v;
}
static inline uint32_t be32(uint32_t v)
{
    return MSR_LE ? __builtin_bswap32(v) : v;
}
static inline uint64_t be64(uint64_t v)
{
    return MSR_LE ? __builtin_bswap64(v) : v;
}

/* ---- start.S ---- */
uint64_t call_gate(uint64_t block, uint64_t gate);
int64_t hcall_raw(uint64_t regs[10]);
uint64_t enter(uint64_t entry, uint64_t r3, uint64_t r4, uint64_t msr);
extern uint64_t entered_r3;                 /* r3 when the code that enter() ran returned */
extern struct interrupt_frame {
    uint64_t gpr[32], cr, vector, lr, ctr, xer, srr0, srr1, dar, dsisr;
} interrupt_frame;                          /* of the last interrupt */
extern const char vector_start[], vector_end[];

/* ---- string.c ---- */
void *memset(void *to, int byte, size_t n);
void *memcpy(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);

/* ---- console.c: the terminal, and what tests say (TAP) ---- */
void put(const char *text);
void put_hex(uint64_t v);
void put_number(int64_t v);

struct test {
    const char *name;
    void (*run)(void);
};
struct tests {
    const struct test *row;
    size_t n;
};
#define TESTS(name, rows) const struct tests name = { rows, ARRAY_SIZE(rows) }

/* Runs what the command line asks for; returns how many failed. */
unsigned run_tests(const struct tests *t);
unsigned tests_plan(void);
/* A failed check is told with its place; the test goes on. */
bool check_equal(const char *file, int line, const char *what, uint64_t have, uint64_t want);
#define CHECK(have, want) check_equal(__FILE__, __LINE__, #have, (uint64_t)(have), (uint64_t)(want))
#define CHECK_TRUE(what) check_equal(__FILE__, __LINE__, #what, !!(what), 1)
/* Of the running test: what a check belongs to, shown when it fails. */
void context(const char *text, uint64_t number);
void skip(const char *why);                 /* somebody who should help is not there */
void not_here(const char *why);             /* says nothing about a machine like this one: not counted */

/* ---- of.c: Open Firmware, before firmware_init() ends ---- */
struct machine {
    uint64_t memory_top;                    /* end of what is present at start */
    uint64_t ceiling;
    unsigned hpt_shift;
    uint64_t rtas_base;
    char words[256];                        /* the command line */
    uint8_t vector5[64];
    uint32_t pvr;
    uint64_t lmb_bytes;
    /* numbers of blocks with connectors; absent ones from boot_end on */
    uint32_t lmb_first, lmb_boot_end, lmb_end;
};
extern struct machine machine;
void firmware_init(uint64_t client_interface);
/* A word of the command line; for "name=value" the value. NULL: not there. */
const char *command_word(const char *name);

/* ---- rtas.c ---- */
enum { RTAS_CELLS = 16 };
/* Any numbers: results in out[]; the first is the status. */
int32_t rtas(const char *service, unsigned nargs, unsigned nrets, const uint32_t *args, uint32_t *out);
#define RTAS(service, nrets, out, ...) \
    rtas(service, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4, nrets, (uint32_t[]){ __VA_ARGS__ }, out)
uint32_t rtas_token(const char *service);
/* Answer of the hypercall itself; the block stays the caller's. */
int64_t rtas_raw(uint64_t block);
void rtas_note(const char *service, uint32_t token);    /* for of.c */
_Noreturn void power_off(void);
_Noreturn void give_up(const char *text);               /* the guest panics */

enum { RTAS_OK = 0, RTAS_HARDWARE = -1, RTAS_BUSY = -2, RTAS_PARAMETER = -3 };

/* ---- hypercalls ---- */
enum {
    H_REMOVE = 0x04, H_ENTER = 0x08, H_READ = 0x0c, H_CLEAR_MOD = 0x10, H_CLEAR_REF = 0x14, H_PROTECT = 0x18,
    H_PAGE_INIT = 0x2c, H_LOGICAL_CI_LOAD = 0x3c, H_LOGICAL_CI_STORE = 0x40, H_PUT_TERM_CHAR = 0x58, H_EOI = 0x64,
    H_CPPR = 0x68, H_IPI = 0x6c, H_IPOLL = 0x70, H_XIRR = 0x74, H_REGISTER_VPA = 0xdc, H_CEDE = 0xe0, H_CONFER = 0xe4,
    H_PROD = 0xe8, H_BULK_REMOVE = 0x124, H_JOIN = 0x298, H_RANDOM = 0x300, H_SET_MODE = 0x31c, H_CLEAR_HPT = 0x358,
    H_RESIZE_HPT_PREPARE = 0x36c, H_RESIZE_HPT_COMMIT = 0x370, H_REGISTER_PROC_TBL = 0x37c, H_RTAS = 0xf000,
};
enum {
    H_SUCCESS = 0, H_BUSY = 1, H_CLOSED = 2, H_CONTINUE = 18, H_HARDWARE = -1, H_FUNCTION = -2, H_PRIVILEGE = -3,
    H_PARAMETER = -4, H_BAD_MODE = -5, H_PTEG_FULL = -6, H_NOT_FOUND = -7, H_RESOURCE = -16, H_P2 = -55, H_P3 = -56,
    H_P4 = -57, H_TOO_BIG = -64, H_UNSUPPORTED_FLAG = -256,
};
extern uint64_t hret[8];                    /* r4 to r11 of the last hcall() */
int64_t hcall_args(uint64_t opcode, const uint64_t *args, unsigned n);
#define HCALL(opcode, ...) \
    hcall_args(opcode, (uint64_t[]){ __VA_ARGS__ }, sizeof((uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

/* ---- interrupt.c ---- */
void interrupts_init(void);
uint64_t interrupt(struct interrupt_frame *f);
extern uint64_t decrementer_taken, external_taken;
extern uint32_t external_xirr;              /* of the last external interrupt; not ended */
/* Lets interrupts in until one was taken, at most so many ticks of the time base; true: one was. */
bool wait_for_interrupt(uint64_t ticks);

/* ---- processors.c: jobs for other processors. They use what is below and no other function of this program. ---- */
struct job {
    uint64_t stack;                         /* first: start.S */
    void (*run)(struct job *j);
    volatile uint64_t number, seen, go, value, arg[4];      /* number: of the processor, from its register PIR */
    uint64_t regs[10];                      /* of the last job_hcall() */
    uint32_t block[8] __attribute__((aligned(16)));
};
extern struct job the_job;                  /* of the one other processor that works at a time */
enum { CPU_STOPPED = 0, CPU_RUNS = 2 };
extern const char job_start[];
void job_main(struct job *j);
int64_t job_hcall(struct job *j, uint64_t opcode, uint64_t r4, uint64_t r5);
static inline void job_yield(struct job *j)
{
    job_hcall(j, H_CONFER, UINT64_MAX, 0);
}

uint32_t processors_end(void);              /* the first number without a connector */
bool processor_here(uint32_t n);            /* the guest holds it */
uint32_t processor_state(uint32_t n);       /* query-cpu-stopped-state; -1: not answered */
int32_t processor_start(uint32_t n, void (*run)(struct job *j));
/* True: it was, soon enough. */
bool processor_wait_stopped(uint32_t n);
bool wait_until(const volatile uint64_t *what, uint64_t value);

/* ---- hash.c: segments and pages of our own ---- */
#define HPTE_V 1ull
#define HPTE_H 2ull
#define HPTE_L 4ull
#define HPTE_BOLTED 0x10ull
#define HPTE_M 0x10ull
#define HPTE_RC 0x180ull
#define HPTE_N 4ull
#define HPTE_PP_RW 2ull
#define HPTE_PP_RO 3ull
#define H_EXACT (1ull << 39)
#define H_READ_4 (1ull << 37)
#define H_AVPN (1ull << 31)
#define H_ANDCOND (1ull << 30)

struct page {
    uint64_t vsid, offset;                  /* in a segment of 256 MiB */
    unsigned base_shift;                    /* 12, 16 or 24 */
};
uint64_t page_hash(const struct page *p);
uint64_t page_v(const struct page *p);      /* the first word without flags */
uint64_t page_ptex(const struct page *p, unsigned hpt_shift);
/* H_ENTER exactly or anywhere in its group; the slot used is in hret[0]. */
int64_t page_enter(const struct page *p, uint64_t flags, uint64_t v_bits, uint64_t r);
/* Segment 0 maps the first 16 MiB one to one; segment 1, VSID_WINDOW, is the window for pages of 4 KiB. */
enum { VSID_IMAGE = 0x100, VSID_WINDOW = 0x101 };
#define WINDOW 0x10000000ull
void translation_on(void);
void segments_on(void);                     /* its part that each processor needs; a job may call it */
void translation_off(void);
/* Maps 4 KiB at WINDOW + offset. */
void window_map(uint64_t offset, uint64_t ra, uint64_t r_bits);
int64_t window_unmap(uint64_t offset);

/* ---- the tests ---- */
extern const struct tests hpt_tests, resize_tests, drc_tests, configure_tests, event_tests, rtas_tests, processor_tests,
    time_tests, code_tests, processors_tests, host_tests;

/* connectors, shared by test_drc.c, test_configure.c, test_host.c */
enum { DRC_UNUSABLE, DRC_AVAILABLE, DRC_UNISOLATED, DRC_CONFIGURED };
enum { DRC_NOT_USABLE = -9003, DRC_STILL_MAPPED = -9001, DRC_MULTI_LEVEL = -9000 };
#define DRC_LMB(id) (0x80000000u | (id))
#define DRC_CPU(id) (0x10000000u | (id))
#define DRC_PHB(id) (0x20000000u | (id))
enum drc_request { ASK_ISOLATE, ASK_UNISOLATE, ASK_UNUSABLE, ASK_USABLE, ASK_CONFIGURE };
int32_t drc_ask(uint32_t index, enum drc_request what);
int32_t drc_sense(uint32_t index, uint32_t *sense);
/* One step of a walk; area is 4096 bytes. */
int32_t configure_step(void *area);
void configure_begin(void *area, uint32_t index);
/* A whole walk; the last status. */
int32_t configure_all(uint32_t index);
/* Brings one we hold or may take through all of it; true: it is configured, or given back. */
bool drc_take(uint32_t index);
bool drc_give(uint32_t index);
/* Every request in every state; from CONFIGURED to CONFIGURED. */
void drc_walk_transitions(uint32_t index);

#endif
