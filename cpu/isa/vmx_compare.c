/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/vmx_compare.c - VMX integer compares: each element becomes all ones or all zeros.
 *
 * With Rc, CR6 tells whether all were true (bit LT) or none was (bit EQ). */
#include "cpu/isa/chapters.h"
#include "cpu/isa/vsr.h"

static void set_result(struct cpu *c, const struct op *o, union vsr r)
{
    VR(c, o->rt) = r;
    if (o->rc_bit)
        c->cr[6] = (uint8_t)(!r.q ? CR_EQ : !~r.q ? CR_LT : 0);
}

#define COMPARE(name, lane, expr)                                                                                     \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        union vsr a = VR(c, o->ra), b = VR(c, o->rb), r;                                                              \
                                                                                                                      \
        for (unsigned i = 0; i < LANES(r, lane); i++)                                                                 \
            r.lane[i] = (__typeof__(r.lane[0]))(expr ? -1 : 0);                                                       \
        set_result(c, o, r);                                                                                          \
    }

COMPARE(vcmpequb, b, a.b[i] == b.b[i])
COMPARE(vcmpequh, h, a.h[i] == b.h[i])
COMPARE(vcmpequw, w, a.w[i] == b.w[i])
COMPARE(vcmpequd, d, a.d[i] == b.d[i])
COMPARE(vcmpneb, b, a.b[i] != b.b[i])
COMPARE(vcmpneh, h, a.h[i] != b.h[i])
COMPARE(vcmpnew, w, a.w[i] != b.w[i])
COMPARE(vcmpnezb, b, (a.b[i] != b.b[i] || !a.b[i] || !b.b[i]))
COMPARE(vcmpnezh, h, (a.h[i] != b.h[i] || !a.h[i] || !b.h[i]))
COMPARE(vcmpnezw, w, (a.w[i] != b.w[i] || !a.w[i] || !b.w[i]))
COMPARE(vcmpgtub, b, a.b[i] > b.b[i])
COMPARE(vcmpgtuh, h, a.h[i] > b.h[i])
COMPARE(vcmpgtuw, w, a.w[i] > b.w[i])
COMPARE(vcmpgtud, d, a.d[i] > b.d[i])
COMPARE(vcmpgtsb, sb, a.sb[i] > b.sb[i])
COMPARE(vcmpgtsh, sh, a.sh[i] > b.sh[i])
COMPARE(vcmpgtsw, sw, a.sw[i] > b.sw[i])
COMPARE(vcmpgtsd, sd, a.sd[i] > b.sd[i])

#define V3 (ISA_VEC | ISA_V3)

static const struct isa_row rows[] = {
    { "vcmpequb", "000100 ttttt aaaaa bbbbb r 0000000110", run_vcmpequb, "t,a,b", ISA_VEC },
    { "vcmpequh", "000100 ttttt aaaaa bbbbb r 0001000110", run_vcmpequh, "t,a,b", ISA_VEC },
    { "vcmpequw", "000100 ttttt aaaaa bbbbb r 0010000110", run_vcmpequw, "t,a,b", ISA_VEC },
    { "vcmpequd", "000100 ttttt aaaaa bbbbb r 0011000111", run_vcmpequd, "t,a,b", ISA_VEC },
    { "vcmpneb", "000100 ttttt aaaaa bbbbb r 0000000111", run_vcmpneb, "t,a,b", V3 },
    { "vcmpneh", "000100 ttttt aaaaa bbbbb r 0001000111", run_vcmpneh, "t,a,b", V3 },
    { "vcmpnew", "000100 ttttt aaaaa bbbbb r 0010000111", run_vcmpnew, "t,a,b", V3 },
    { "vcmpnezb", "000100 ttttt aaaaa bbbbb r 0100000111", run_vcmpnezb, "t,a,b", V3 },
    { "vcmpnezh", "000100 ttttt aaaaa bbbbb r 0101000111", run_vcmpnezh, "t,a,b", V3 },
    { "vcmpnezw", "000100 ttttt aaaaa bbbbb r 0110000111", run_vcmpnezw, "t,a,b", V3 },
    { "vcmpgtub", "000100 ttttt aaaaa bbbbb r 1000000110", run_vcmpgtub, "t,a,b", ISA_VEC },
    { "vcmpgtuh", "000100 ttttt aaaaa bbbbb r 1001000110", run_vcmpgtuh, "t,a,b", ISA_VEC },
    { "vcmpgtuw", "000100 ttttt aaaaa bbbbb r 1010000110", run_vcmpgtuw, "t,a,b", ISA_VEC },
    { "vcmpgtud", "000100 ttttt aaaaa bbbbb r 1011000111", run_vcmpgtud, "t,a,b", ISA_VEC },
    { "vcmpgtsb", "000100 ttttt aaaaa bbbbb r 1100000110", run_vcmpgtsb, "t,a,b", ISA_VEC },
    { "vcmpgtsh", "000100 ttttt aaaaa bbbbb r 1101000110", run_vcmpgtsh, "t,a,b", ISA_VEC },
    { "vcmpgtsw", "000100 ttttt aaaaa bbbbb r 1110000110", run_vcmpgtsw, "t,a,b", ISA_VEC },
    { "vcmpgtsd", "000100 ttttt aaaaa bbbbb r 1111000111", run_vcmpgtsd, "t,a,b", ISA_VEC },
};

ISA_CHAPTER(isa_vmx_compare, "Power ISA I, 6.9 Vector Integer Compare", rows);
