/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/result.c - results in one form. */
#include "result.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <xxhash.h>

#include "cpu/operand.h"
#include "exceptions.h"

static enum outcome outcome_of_signal(const struct wire_state *out)
{
    bool at_words = out->nip >= WIRE_START && out->nip < WIRE_START + 4 * out->n_words;

    if (!at_words && (out->sig == SIGTRAP || out->sig == SIGSEGV))
        return OUTCOME_DONE;
    switch (out->sig) {
    case SIGTRAP:
        return OUTCOME_TRAP;
    case SIGSEGV:
        return OUTCOME_STORAGE;
    case SIGBUS:
        return OUTCOME_ALIGNMENT;
    case SIGFPE:
        return OUTCOME_FP;
    case SIGILL:
        return out->sig_code == ILL_PRVOPC || out->sig_code == ILL_PRVREG ? OUTCOME_PRIVILEGED : OUTCOME_ILLEGAL;
    default:
        return OUTCOME_OTHER;
    }
}

void result_from_oracle(struct wire_state *out)
{
    out->sig = outcome_of_signal(out);
    out->sig_code = 0;
    out->vscr &= VSCR_NJ | VSCR_SAT;                    /* qemu keeps the reserved bits that mtvscr writes */
}

/* A number: its sign and 1.  Zero, infinity, NaN: itself. */
static uint64_t mask_estimate(uint64_t v, unsigned bits, unsigned exp_bits)
{
    uint64_t sign = v & 1ull << (bits - 1), rest = v ^ sign, inf = ((1ull << exp_bits) - 1) << (bits - 1 - exp_bits);

    return rest && rest < inf ? sign | 1 : v;
}

static void mask_fpscr(unsigned masks, uint64_t t_d0, struct wire_state *out)
{
    static const struct {
        unsigned mask;
        uint64_t bits;
    } fields[] = { { MASK_FPSCR_FR, 0x40000 }, { MASK_FPSCR_FI, 0x20000 }, { MASK_FPSCR_FPRF, 0x1F000 },
                   { MASK_FPSCR_C, 0x10000 }, { MASK_FPSCR_FX, 0x80000000 }, { MASK_FPSCR_XX, 0x2000000 },
                   { MASK_FPSCR_VXVC, 0x80000 } };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (masks & fields[i].mask)
            out->fpscr &= ~fields[i].bits;
    if (masks & MASK_FPSCR_FX)
        out->cr &= ~0x8000000ull;
    if (masks & MASK_FPSCR_SNAN_WITH_IMZ && out->fpscr & 0x100000)
        out->fpscr &= ~0x1000000ull;
    if (masks & MASK_C_OF_SINGLE_DENORMAL && (t_d0 >> 52 & 0x7ff) < 897 && t_d0 << 1)
        out->fpscr &= ~0x10000ull;
    if (out->sig == OUTCOME_FP) {
        out->cr &= ~0x0f000000ull;                      /* qemu does not record CR1 before the interrupt, */
        out->fpscr &= ~0x20000ull;                      /* and leaves FI for enabled invalid operations */
        if (masks & MASK_VSR_IF_FP)
            out->fpscr &= ~0x1f000ull;
    }
}

static void mask_vsr(unsigned masks, struct wire_state *out, uint64_t t[2])
{
    for (unsigned d = 0; d < 2; d++) {
        if (masks & MASK_ESTIMATE_DP)
            t[d] = mask_estimate(t[d], 64, 11);
        if (masks & MASK_ESTIMATE_SP)
            t[d] = mask_estimate(t[d] >> 32, 32, 8) << 32 | mask_estimate(t[d] & 0xffffffff, 32, 8);
    }
    if (masks & MASK_VSR || (masks & MASK_VSR_IF_FP && out->sig == OUTCOME_FP) ||
        (masks & MASK_VSR_IF_INVALID && (out->cr >> 4 & 15) == CR_SO))
        t[0] = t[1] = 0;
    if (masks & MASK_FPR_PAIR)
        t[0] = out->vsr[((unsigned)(t - out->vsr[0]) / 2) ^ 1][0] = 0;
    if (masks & MASK_VSR_D1)
        t[1] = 0;
    if (masks & MASK_VSR_W0)
        t[0] &= 0xffffffff;
}

static unsigned vr_base(const struct isa_row *row)
{
    return row->flags & ISA_VEC || strstr(row->name, "qp") ? 32 : 0;
}

void result_mask(const struct isa_row *row, const struct wire_state *in, struct wire_state *out)
{
    unsigned masks = exception_masks(row, in), t = (unsigned)operand_get(row, 't', (uint32_t)in->word[in->n_words - 1]);
    uint64_t *vsr = out->vsr[(t + vr_base(row)) & 63];

    mask_fpscr(masks, vsr[0], out);
    mask_vsr(masks, out, vsr);
    if (masks & MASK_CR0)
        out->cr &= 0x1fffffff;
    if (masks & MASK_CR6)
        out->cr &= ~0xf0ull;
    if (masks & MASK_CR6_SIGN)
        out->cr &= ~0xe0ull;
    if (masks & MASK_OV) {
        out->xer &= ~(XER_SO | XER_OV | XER_OV32);
        out->cr &= 0xefffffff;
    }
    if (masks & MASK_GPR)
        out->gpr[t] = 0;
    if (masks & MASK_GPR_HIGH)
        out->gpr[t] &= 0xffffffff;
}

uint32_t result_hash(const struct wire_state *out)
{
    return (uint32_t)XXH64(out, sizeof(*out), 0);
}

bool result_equal(const struct wire_state *a, const struct wire_state *b)
{
    return !memcmp(a, b, sizeof(*a));
}

static void print_number(FILE *f, const char *name, uint64_t in, uint64_t ours, uint64_t theirs)
{
    if (ours != theirs)
        fprintf(f, "  %-7s before %016" PRIx64 "  ours %016" PRIx64 "  theirs %016" PRIx64 "\n", name, in, ours,
                theirs);
}

static void print_registers(FILE *f, const struct wire_state *in, const struct wire_state *a,
                            const struct wire_state *b)
{
    char name[16];

    for (unsigned i = 0; i < 32; i++) {
        snprintf(name, sizeof(name), "r%u", i);
        print_number(f, name, in->gpr[i], a->gpr[i], b->gpr[i]);
    }
    for (unsigned i = 0; i < 64; i++)
        for (unsigned d = 0; d < 2; d++) {
            snprintf(name, sizeof(name), "vs%u.d%u", i, d);
            print_number(f, name, in->vsr[i][d], a->vsr[i][d], b->vsr[i][d]);
        }
}

static void print_memory(FILE *f, const struct wire_state *in, const struct wire_state *a, const struct wire_state *b)
{
    for (unsigned w = 0; w < 2; w++)
        for (unsigned i = 0; i < WIRE_WINDOW; i++)
            if (a->mem[w][i] != b->mem[w][i])
                fprintf(f, "  byte at %09" PRIx64 ": before %02x  ours %02x  theirs %02x\n",
                        (uint64_t)(WIRE_DATA + (w ? WIRE_WINDOW1 : WIRE_WINDOW0) + i), in->mem[w][i], a->mem[w][i],
                        b->mem[w][i]);
}

static void print_operands(FILE *f, const struct isa_row *row, const struct wire_state *in)
{
    static const char letters[] = "tabc";
    uint32_t word = (uint32_t)in->word[in->n_words - 1];
    unsigned base = vr_base(row);

    for (const char *l = letters; *l; l++) {
        unsigned r = (unsigned)operand_get(row, *l, word);

        if (!row_bits_width(row->bits, *l))
            continue;
        if (row->flags & (ISA_FP | ISA_VEC | ISA_VSX | ISA_VSX_T | ISA_FPVEC_T))
            fprintf(f, "  %c: vs%u = %016" PRIx64 " %016" PRIx64 "\n", *l, (r + base) & 63, in->vsr[(r + base) & 63][0],
                    in->vsr[(r + base) & 63][1]);
        if (r < 32 && !(row->flags & (ISA_FP | ISA_VSX)))
            fprintf(f, "  %c: r%u = %016" PRIx64 "\n", *l, r, in->gpr[r]);
    }
}

void result_print_difference(FILE *f, const struct isa_row *row, const struct wire_state *in,
                             const struct wire_state *ours, const struct wire_state *theirs)
{
    static const char *const outcomes[] = { "done", "storage", "alignment", "illegal", "privileged",
                                            "trap", "fp exception", "unavailable", "other" };

    print_operands(f, row, in);
    if (ours->sig != theirs->sig)
        fprintf(f, "  ends:   ours %s, theirs %s\n", outcomes[ours->sig], outcomes[theirs->sig]);
    print_number(f, "nip", WIRE_START, ours->nip, theirs->nip);
    print_registers(f, in, ours, theirs);
    print_number(f, "cr", in->cr, ours->cr, theirs->cr);
    print_number(f, "xer", in->xer, ours->xer, theirs->xer);
    print_number(f, "lr", in->lr, ours->lr, theirs->lr);
    print_number(f, "ctr", in->ctr, ours->ctr, theirs->ctr);
    print_number(f, "tar", in->tar, ours->tar, theirs->tar);
    if (ours->fpscr != theirs->fpscr || memcmp(ours->vsr, theirs->vsr, sizeof(ours->vsr)))
        fprintf(f, "  fpscr   before %016" PRIx64 "  ours %016" PRIx64 "  theirs %016" PRIx64 "\n", in->fpscr,
                ours->fpscr, theirs->fpscr);
    print_number(f, "vscr", in->vscr, ours->vscr, theirs->vscr);
    print_number(f, "vrsave", in->vrsave, ours->vrsave, theirs->vrsave);
    print_memory(f, in, ours, theirs);
}
