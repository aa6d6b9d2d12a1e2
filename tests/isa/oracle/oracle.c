/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/oracle/oracle.c - runs single instructions on somebody else's processor and tells what they did.
 *
 * A freestanding ppc64le program for qemu-ppc64le (or a real machine).  It reads struct wire_state from standard input,
 * becomes that state, runs the instructions, and writes the state it ends in to standard output.
 *
 * All of it happens in one signal handler: the code page is filled with `trap`, so every case ends in a signal, whose
 * frame holds the whole user state.  The handler writes the frame out, reads the next case into the frame and returns,
 * which makes the kernel (or qemu) load every register.  Only VSCR and TAR are not in the frame as qemu keeps it; they
 * survive signals untouched and the handler moves them by instruction. */
#include <asm/unistd.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#include "wire.h"

#define MSR_LE_BIT 1ul
#define MTFSFI_RN 0xff80010cu   /* mtfsfi 7,0,0: XE, NI, binary rounding mode */
#define MTFSFI_DRN 0xff81010cu  /* mtfsfi 7,0,1: the decimal rounding mode */
#define MAP_FLAGS 0x32          /* MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED */

struct kernel_sigaction {
    void (*handler)(int, siginfo_t *, void *);
    unsigned long flags;
    void *restorer;
    unsigned long mask;
};

static struct wire_state state;
static uint64_t alt_stack[8192];
static int started;

static long sys(long nr, long a, long b, long c, long d, long e, long f)
{
    register long r0 __asm__("r0") = nr;
    register long r3 __asm__("r3") = a;
    register long r4 __asm__("r4") = b;
    register long r5 __asm__("r5") = c;
    register long r6 __asm__("r6") = d;
    register long r7 __asm__("r7") = e;
    register long r8 __asm__("r8") = f;

    __asm__ volatile("sc\n\tbns+ 1f\n\tneg 3,3\n1:"
                     : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8)
                     :
                     : "memory", "cr0", "ctr", "lr", "r9", "r10", "r11", "r12");
    return r3;
}

static void leave(int status)
{
    sys(__NR_exit_group, status, 0, 0, 0, 0, 0);
    __builtin_unreachable();
}

static void copy(void *to, const void *from, size_t n)
{
    unsigned char *t = to;
    const unsigned char *f = from;

    while (n--)
        *t++ = *f++;
}

static void read_all(void *buf, size_t len)
{
    unsigned char *p = buf;

    while (len) {
        long n = sys(__NR_read, 0, (long)p, (long)len, 0, 0, 0);

        if (n <= 0)
            leave(n == 0 && len == sizeof(state) ? 0 : 3);
        p += n;
        len -= (size_t)n;
    }
}

static void write_all(const void *buf, size_t len)
{
    const unsigned char *p = buf;

    while (len) {
        long n = sys(__NR_write, 1, (long)p, (long)len, 0, 0, 0);

        if (n <= 0)
            leave(4);
        p += n;
        len -= (size_t)n;
    }
}

static uint64_t get_vscr(void)
{
    uint32_t out[4] __attribute__((aligned(16)));

    __asm__ volatile(".machine push\n\t.machine power9\n\tmfvscr 0\n\tstvx 0,0,%0\n\t.machine pop"
                     :
                     : "r"(out)
                     : "memory");
    return out[0];
}

static void put_vscr(uint64_t v)
{
    uint32_t in[4] __attribute__((aligned(16))) = { (uint32_t)v };

    __asm__ volatile(".machine push\n\t.machine power9\n\tlvx 0,0,%0\n\tmtvscr 0\n\t.machine pop"
                     :
                     : "r"(in)
                     : "memory");
}

/* Some of qemu's helpers report the exceptions of an earlier instruction: leaves none behind.  The frame brings the
 * FPSCR and the registers back. */
static void forget_fp_exceptions(void)
{
    __asm__ volatile(".machine push\n\t.machine power9\n\txxlxor 0,0,0\n\tmtfsf 255,0\n\tfadd 0,0,0\n\t.machine pop");
}

static void frame_to_state(int sig, const siginfo_t *info, const ucontext_t *uc)
{
    const mcontext_t *m = &uc->uc_mcontext;
    const uint64_t *vr = (const uint64_t *)m->v_regs;
    const uint64_t *low = vr + 34 * 2;

    copy(state.gpr, m->gp_regs, sizeof(state.gpr));
    for (unsigned i = 0; i < 32; i++) {
        state.vsr[i][0] = ((const uint64_t *)m->fp_regs)[i];
        state.vsr[i][1] = low[i];
        state.vsr[32 + i][0] = vr[2 * i + 1];
        state.vsr[32 + i][1] = vr[2 * i];
    }
    state.fpscr = ((const uint64_t *)m->fp_regs)[32];
    state.vrsave = ((const uint32_t *)vr)[33 * 4];
    state.nip = m->gp_regs[32];
    state.ctr = m->gp_regs[35];
    state.lr = m->gp_regs[36];
    state.xer = m->gp_regs[37];
    state.cr = m->gp_regs[38] & 0xffffffffu;
    state.sig = (uint64_t)sig;
    state.sig_code = (uint64_t)info->si_code;
    copy(state.mem[0], (const void *)(WIRE_DATA + WIRE_WINDOW0), WIRE_WINDOW);
    copy(state.mem[1], (const void *)(WIRE_DATA + WIRE_WINDOW1), WIRE_WINDOW);
}

static void state_to_frame(ucontext_t *uc)
{
    mcontext_t *m = &uc->uc_mcontext;
    uint64_t *vr = (uint64_t *)m->v_regs;
    uint64_t *low = vr + 34 * 2;

    copy(m->gp_regs, state.gpr, sizeof(state.gpr));
    for (unsigned i = 0; i < 32; i++) {
        ((uint64_t *)m->fp_regs)[i] = state.vsr[i][0];
        low[i] = state.vsr[i][1];
        vr[2 * i + 1] = state.vsr[32 + i][0];
        vr[2 * i] = state.vsr[32 + i][1];
    }
    ((uint64_t *)m->fp_regs)[32] = state.fpscr;
    ((uint32_t *)vr)[33 * 4] = (uint32_t)state.vrsave;
    m->gp_regs[32] = WIRE_START - 8;
    m->gp_regs[35] = state.ctr;
    m->gp_regs[36] = state.lr;
    m->gp_regs[37] = state.xer;
    m->gp_regs[38] = state.cr;
    if (state.flags & WIRE_BIG_ENDIAN)
        m->gp_regs[33] &= ~MSR_LE_BIT;
    else
        m->gp_regs[33] |= MSR_LE_BIT;
    copy((void *)(WIRE_DATA + WIRE_WINDOW0), state.mem[0], WIRE_WINDOW);
    copy((void *)(WIRE_DATA + WIRE_WINDOW1), state.mem[1], WIRE_WINDOW);
}

static void put_code(void)
{
    uint32_t *at = (uint32_t *)WIRE_START;
    int swap = state.flags & WIRE_BIG_ENDIAN ? 1 : 0;
    static int was_swap = -1;
    uint32_t drn, rn;

    if (swap != was_swap) {
        for (uint32_t *p = (uint32_t *)WIRE_CODE; p < (uint32_t *)(WIRE_CODE + WIRE_PAGE); p++)
            *p = swap ? __builtin_bswap32(WIRE_TRAP) : WIRE_TRAP;
        was_swap = swap;
    }
    /* qemu's signal return drops the FPSCR's upper half and does not look at its rounding mode: two instructions before
     * the case bring them in */
    rn = MTFSFI_RN | (uint32_t)(state.fpscr & 15) << 12;
    drn = MTFSFI_DRN | (uint32_t)(state.fpscr >> 32 & 7) << 12;
    at[-2] = swap ? __builtin_bswap32(rn) : rn;
    at[-1] = swap ? __builtin_bswap32(drn) : drn;
    for (unsigned i = 0; i < WIRE_WORDS; i++) {
        uint32_t w = i < state.n_words ? (uint32_t)state.word[i] : WIRE_TRAP;

        at[i] = swap ? __builtin_bswap32(w) : w;
    }
    __asm__ volatile("dcbst 0,%0\n\tsync\n\ticbi 0,%0\n\tisync" : : "r"(at) : "memory");
}

static void handler(int sig, siginfo_t *info, void *context)
{
    uint64_t tar;

    __asm__ volatile("mfspr %0,815" : "=r"(tar));
    if (started) {
        state.tar = tar;
        state.vscr = get_vscr();
        frame_to_state(sig, info, context);
        write_all(&state, sizeof(state));
    }
    started = 1;
    read_all(&state, sizeof(state));
    put_code();
    forget_fp_exceptions();
    state_to_frame(context);
    put_vscr(state.vscr);
    __asm__ volatile("mtspr 815,%0" : : "r"(state.tar));
}

static void map(uint64_t at, uint64_t len, long prot)
{
    if (sys(__NR_mmap, (long)at, (long)len, prot, MAP_FLAGS, -1, 0) != (long)at)
        leave(5);
}

__attribute__((used)) void oracle_main(void)
{
    static const int signals[] = { SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGTRAP };
    const struct {
        void *sp;
        int flags;
        size_t size;
    } stack = { alt_stack, 0, sizeof(alt_stack) };
    struct kernel_sigaction sa = { .handler = handler, .flags = SA_SIGINFO | SA_ONSTACK };

    map(WIRE_CODE, WIRE_PAGE, 7);
    map(WIRE_DATA, WIRE_DATA_BYTES, 3);
    sys(__NR_sigaltstack, (long)&stack, 0, 0, 0, 0, 0);
    for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sys(__NR_rt_sigaction, signals[i], (long)&sa, 0, 8, 0, 0);
    __asm__ volatile("trap");
    leave(6);
}

__asm__(".globl _start\n_start:\n\t"
        "addis 2,12,.TOC.-_start@ha\n\taddi 2,2,.TOC.-_start@l\n\tli 0,0\n\tstdu 0,-64(1)\n\tbl oracle_main\n\tnop\n");
