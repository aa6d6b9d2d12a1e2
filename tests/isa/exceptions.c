/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/exceptions.c - what is not compared with the oracle, and why. */
#include "exceptions.h"

#include <string.h>

#include "cpu/row_bits.h"
#include "decimal.h"

#define SYSTEM_TEST "tests/isa/system_test.c"

static const struct row_exception rows[] = {
    { "sc scv", "the emulator would make a system call of its host", SYSTEM_TEST },
    { "mftb darn", "the result is time or chance", SYSTEM_TEST },
    { "nop31", "illegal in qemu 7.2; the book has reserved no-ops there", "tests/unit/fixed_mem_test.c" },
    { "wait", "the emulator's user mode stops for ever", SYSTEM_TEST },
    { "tbegin. tend. tcheck tsr. tabort. tabortwc. tabortdc. tabortwci. tabortdci.",
      "the oracle's user mode has MSR[TM] = 1, our guests never", SYSTEM_TEST },
    { "rfebb rfscv slbfee. mfbhrbe clrbhrb",
      "illegal in the emulator's user mode; the book says privileged or facility unavailable", SYSTEM_TEST },
    { "stqcx.", "never succeeds in qemu 7.2's user mode", SYSTEM_TEST },
    { "vrldmi", "qemu 7.2 forgets to insert into the target", "tests/unit/vector_test.c" },
    { "vexptefp", "qemu 7.2 gives negative powers for some operands", "tests/unit/fp_insn_test.c" },
    { "icbt", "unknown to qemu's POWER9, which the book gives it", SYSTEM_TEST },
};

struct mask {
    const char *names;
    unsigned masks;
    bool (*when)(const struct isa_row *row, const struct wire_state *in);   /* NULL: always */
    const char *reason;
};

/* The quotient of divde does not fit, or there is none. */
static bool divde_overflows(const struct isa_row *row, const struct wire_state *in)
{
    uint32_t w = (uint32_t)in->word[0];
    int64_t a = (int64_t)in->gpr[w >> 16 & 31], b = (int64_t)in->gpr[w >> 11 & 31];
    __int128 q;

    (void)row;
    if (!b || (a == INT64_MIN && b == -1))
        return true;
    q = ((__int128)a * ((__int128)1 << 64)) / b;
    return q != (int64_t)q;
}

static bool scalar_fp(const struct isa_row *row, const struct wire_state *in)
{
    (void)in;
    return row->flags & (ISA_FP | ISA_VSX);
}

/* An exception bit is set before: qemu sets FX when the exception happens again, the book only when its bit changes. */
static bool exception_bits_set(const struct isa_row *row, const struct wire_state *in)
{
    return scalar_fp(row, in) && in->fpscr & 0x1FF80700;
}

static bool vector_fp(const struct isa_row *row, const struct wire_state *in)
{
    (void)in;
    return row->flags & ISA_VSX && !strncmp(row->name, "xv", 2);
}

static bool compares_with_ve(const struct isa_row *row, const struct wire_state *in)
{
    (void)row;
    return in->fpscr & 0x80;
}

static bool packed_is_invalid(const uint64_t v[2])
{
    bool bad = (v[1] & 15) < 10;

    for (unsigned i = 0; i < 31; i++)
        bad |= (i < 16 ? v[0] >> (60 - 4 * i) & 15 : v[1] >> (60 - 4 * (i - 16)) & 15) > 9;
    return bad;
}

static bool packed_operand_is_invalid(const struct isa_row *row, const struct wire_state *in)
{
    uint32_t w = (uint32_t)in->word[0];

    return packed_is_invalid(in->vsr[32 + (w >> 11 & 31)]) ||
           (row_bits_width(row->bits, 'a') && packed_is_invalid(in->vsr[32 + (w >> 16 & 31)]));
}

/* bcdcfsq. of a number of more than 31 digits. */
static bool exceeds_packed(const struct isa_row *row, const struct wire_state *in)
{
    const uint64_t *b = in->vsr[32 + (in->word[0] >> 11 & 31)];
    unsigned __int128 v = (unsigned __int128)b[0] << 64 | b[1], limit = 1;

    (void)row;
    for (unsigned i = 0; i < 31; i++)
        limit *= 10;
    return (b[0] >> 63 ? -v : v) >= limit;
}

static bool bounded_fetch(const struct isa_row *row, const struct wire_state *in)
{
    (void)row;
    return (in->word[0] >> 11 & 31) >= 24;
}

static const struct mask masks[] = {
    { "*", MASK_FPSCR_FR, scalar_fp, "qemu 7.2 never sets FR; tests/unit compares it with MPFR" },
    { "*", MASK_FPSCR_FX, exception_bits_set, "qemu 7.2 sets FX for exceptions whose bit is set already" },
    { "*", MASK_FPSCR_FI | MASK_VSR_IF_FP, vector_fp,
      "some of qemu 7.2's vector helpers change FI; the book writes no result when an enabled exception interrupts" },
    { "fre frsqrte xsredp xsrsqrtedp xvredp xvrsqrtedp fres frsqrtes xsresp xsrsqrtesp",
      MASK_ESTIMATE_DP | MASK_FPSCR_FX | MASK_FPSCR_XX | MASK_FPSCR_FI | MASK_FPSCR_FPRF, NULL,
      "estimates: any value close enough is right; XX, FI, FR are undefined" },
    { "xvresp xvrsqrtesp vrefp vrsqrtefp vlogefp", MASK_ESTIMATE_SP | MASK_FPSCR_FX | MASK_FPSCR_XX, NULL,
      "estimates: any value close enough is right" },
    { "fcmpu fcmpo", MASK_FPSCR_FI, NULL, "qemu 7.2 changes FI" },
    { "fcmpo", MASK_FPSCR_C, NULL, "qemu 7.2 sets FPRF's C for unordered operands" },
    { "fcmpo", MASK_FPSCR_VXVC, compares_with_ve, "the book sets VXVC for a signalling NaN only when VE = 0" },
    { "fcfidu fcfids fcfidus", MASK_FPSCR_FPRF, NULL, "qemu 7.2 does not set FPRF" },
    { "fadds fsubs fmuls fdivs fsqrts fmadds fmsubs fnmadds fnmsubs frsp xsaddsp xssubsp xsmulsp xsdivsp xssqrtsp "
      "xsmaddasp xsmaddmsp xsmsubasp xsmsubmsp xsnmaddasp xsnmaddmsp xsnmsubasp xsnmsubmsp xsrsp xscvsxdsp xscvuxdsp "
      "fcfids fcfidus", MASK_C_OF_SINGLE_DENORMAL, NULL, "qemu 7.2 calls denormal singles normal in FPRF" },
    { "fmadd fmsub fnmadd fnmsub fmadds fmsubs fnmadds fnmsubs xsmaddadp xsmaddmdp xsmsubadp xsmsubmdp xsnmaddadp "
      "xsnmaddmdp xsnmsubadp xsnmsubmdp xsmaddasp xsmaddmsp xsmsubasp xsmsubmsp xsnmaddasp xsnmaddmsp xsnmsubasp "
      "xsnmsubmsp xsmaddqp xsmsubqp xsnmaddqp xsnmsubqp xvmaddadp xvmaddmdp xvmsubadp xvmsubmdp xvnmaddadp xvnmaddmdp "
      "xvnmsubadp xvnmsubmdp xvmaddasp xvmaddmsp xvmsubasp xvmsubmsp xvnmaddasp xvnmaddmsp xvnmsubasp xvnmsubmsp",
      MASK_FPSCR_SNAN_WITH_IMZ, NULL, "infinity times zero plus a signalling NaN: qemu 7.2 forgets VXSNAN" },
    { "fcfid fcfidu fcfids fcfidus xsrsp xsrqpi xsrqpix xscmpeqdp xscmpgtdp xscmpgedp", MASK_VSR_IF_FP, NULL,
      "an enabled inexact exception does not keep the result from its register, an enabled invalid one does; qemu 7.2 "
      "has it otherwise" },
    { "fctiw fctiwz", MASK_VSR_W0, NULL, "word 0 of the target is undefined" },
    { "fctiw fctiwz fctiwu fctiwuz fctid fctidz fctidu fctiduz", MASK_FPSCR_FPRF, NULL, "FPRF is undefined" },
    { "mtfsb1", MASK_FPSCR_FX, NULL, "qemu 7.2 sets an exception bit without FX" },
    { "bcdadd. bcdsub. bcdcpsgn. bcdsetsgn. bcds. bcdsr. bcdus. bcdtrunc. bcdutrunc. bcdctsq. bcdcfsq. bcdctz. bcdctn. "
      "bcdcfz. bcdcfn.", MASK_VSR_IF_INVALID, NULL, "the result for invalid operands is undefined" },
    { "bcdadd. bcdsub. bcdcpsgn. bcdsetsgn. bcdctz. bcdctn. bcdctsq.", MASK_VSR | MASK_CR6, packed_operand_is_invalid,
      "qemu 7.2 does not look at every digit" },
    { "bcds. bcdsr. bcdus. bcdtrunc. bcdutrunc.", MASK_CR6_SIGN, NULL,
      "the book compares the operand with zero, qemu 7.2 the result" },
    { "bcdcfsq.", MASK_VSR, exceeds_packed, "the result for numbers of more than 31 digits is undefined" },
    { "*", MASK_FPSCR_FI, decimal_always, "qemu 7.2 never clears FI in decimal instructions" },
    { "denbcd denbcdq", MASK_FPSCR_FPRF, decimal_digits_invalid, "qemu 7.2 leaves FPRF" },
    { "drdpq", MASK_FPR_PAIR, NULL, "qemu 7.2 writes the odd register of the pair" },
    { "drsp", MASK_FPR_PAIR | MASK_FPSCR_FPRF, decimal_special, "qemu 7.2 drops long payloads of NaNs" },
    { "ddedpd ddedpdq diex diexq dscli dscliq dscri dscriq", MASK_FPR_PAIR, decimal_special,
      "qemu 7.2 drops the digits of infinities and copies declets that are not canonical" },
    { "divde", MASK_GPR | MASK_CR0 | MASK_OV, divde_overflows,
      "RT and CR0 are undefined when the quotient does not fit; qemu 7.2 misses OV for quotients of 64 bits" },
    { "lwat", MASK_GPR_HIGH, bounded_fetch, "a fetch that finds its bound: qemu 7.2 extends the sign of 0x80000000" },
    { "ldat", MASK_GPR, bounded_fetch, "a fetch that finds its bound: qemu 7.2 gives the 32-bit sign" },
    { "lxsiwzx lxsiwax lxsspx lxsdx lxsibzx lxsihzx mtvsrd mtvsrwa mtvsrwz", MASK_VSR_D1, NULL,
      "doubleword 1 of the target is undefined: ours becomes 0, qemu 7.2 keeps it" },
};

static bool listed(const char *names, const char *name)
{
    size_t n = strlen(name);

    for (const char *s = names; (s = strstr(s, name)); s++)
        if ((s == names || s[-1] == ' ') && (s[n] == ' ' || !s[n]))
            return true;
    return false;
}

const struct row_exception *exception_for(const struct isa_row *row)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (listed(rows[i].names, row->name))
            return &rows[i];
    return NULL;
}

unsigned exception_masks(const struct isa_row *row, const struct wire_state *in)
{
    unsigned m = 0;

    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
        if ((masks[i].names[0] == '*' || listed(masks[i].names, row->name)) &&
            (!masks[i].when || masks[i].when(row, in)))
            m |= masks[i].masks;
    return m;
}

bool exception_mask_text(size_t i, const char **names, const char **reason)
{
    if (i >= sizeof(masks) / sizeof(masks[0]))
        return false;
    *names = masks[i].names;
    *reason = masks[i].reason;
    return true;
}
