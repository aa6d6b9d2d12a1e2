/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/vmx_shift.c - VMX rotates and shifts: by element, of the whole register, and of byte pairs. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/vsr.h"

/* -- by element -- */

VMX_LANES(vslb, b, a.b[i] << (b.b[i] & 7))
VMX_LANES(vslh, h, a.h[i] << (b.h[i] & 15))
VMX_LANES(vslw, w, a.w[i] << (b.w[i] & 31))
VMX_LANES(vsld, d, a.d[i] << (b.d[i] & 63))
VMX_LANES(vsrb, b, a.b[i] >> (b.b[i] & 7))
VMX_LANES(vsrh, h, a.h[i] >> (b.h[i] & 15))
VMX_LANES(vsrw, w, a.w[i] >> (b.w[i] & 31))
VMX_LANES(vsrd, d, a.d[i] >> (b.d[i] & 63))
VMX_LANES(vsrab, sb, a.sb[i] >> (b.b[i] & 7))
VMX_LANES(vsrah, sh, a.sh[i] >> (b.h[i] & 15))
VMX_LANES(vsraw, sw, a.sw[i] >> (b.w[i] & 31))
VMX_LANES(vsrad, sd, a.sd[i] >> (b.d[i] & 63))

static uint32_t rotate32(uint32_t v, unsigned n)
{
    n &= 31;
    return v << n | v >> (-n & 31);
}

static uint64_t rotate64(uint64_t v, unsigned n)
{
    n &= 63;
    return v << n | v >> (-n & 63);
}

VMX_LANES(vrlb, b, a.b[i] << (b.b[i] & 7) | a.b[i] >> (8 - (b.b[i] & 7)))
VMX_LANES(vrlh, h, a.h[i] << (b.h[i] & 15) | a.h[i] >> (16 - (b.h[i] & 15)))
VMX_LANES(vrlw, w, rotate32(a.w[i], b.w[i]))
VMX_LANES(vrld, d, rotate64(a.d[i], (unsigned)b.d[i]))

/* -- rotate and mask: B holds the count and, in the next bytes, the mask's last and first bit -- */

static uint32_t mask32(uint32_t fields)
{
    unsigned first = fields >> 16 & 31, last = fields >> 8 & 31;
    uint32_t from = UINT32_MAX >> first, to = UINT32_MAX << (31 - last);

    return first <= last ? from & to : from | to;
}

static uint64_t mask64(uint64_t fields)
{
    unsigned first = fields >> 16 & 63, last = fields >> 8 & 63;
    uint64_t from = UINT64_MAX >> first, to = UINT64_MAX << (63 - last);

    return first <= last ? from & to : from | to;
}

VMX_LANES(vrlwnm, w, rotate32(a.w[i], b.w[i]) & mask32(b.w[i]))
VMX_LANES(vrldnm, d, rotate64(a.d[i], (unsigned)b.d[i]) & mask64(b.d[i]))
VMX_LANES(vrlwmi, w, (rotate32(a.w[i], b.w[i]) & mask32(b.w[i])) | (VR(c, o->rt).w[i] & ~mask32(b.w[i])))
VMX_LANES(vrldmi, d, (rotate64(a.d[i], (unsigned)b.d[i]) & mask64(b.d[i])) | (VR(c, o->rt).d[i] & ~mask64(b.d[i])))

/* -- the whole register: vsl and vsr by 0..7 bits, vslo and vsro by 0..15 bytes, counts in the last byte of B -- */

static void run_vsl(struct cpu *c, const struct op *o)
{
    VR(c, o->rt).q = VR(c, o->ra).q << (VR(c, o->rb).b[0] & 7);
}

static void run_vsr(struct cpu *c, const struct op *o)
{
    VR(c, o->rt).q = VR(c, o->ra).q >> (VR(c, o->rb).b[0] & 7);
}

static void run_vslo(struct cpu *c, const struct op *o)
{
    VR(c, o->rt).q = VR(c, o->ra).q << (VR(c, o->rb).b[0] & 0x78);
}

static void run_vsro(struct cpu *c, const struct op *o)
{
    VR(c, o->rt).q = VR(c, o->ra).q >> (VR(c, o->rb).b[0] & 0x78);
}

/* Each byte with the one to its right (vslv) or left (vsrv), shifted by its own count. */
VMX_LANES(vslv, b, (a.b[i] << 8 | (i ? a.b[i - 1] : 0)) << (b.b[i] & 7) >> 8)
VMX_LANES(vsrv, b, ((i < 15 ? a.b[i + 1] : 0) << 8 | a.b[i]) >> (b.b[i] & 7))

#define V3 (ISA_VEC | ISA_V3)

static const struct isa_row rows[] = {
    { "vrlb", "000100 ttttt aaaaa bbbbb 00000000100", run_vrlb, "t,a,b", ISA_VEC },
    { "vrlh", "000100 ttttt aaaaa bbbbb 00001000100", run_vrlh, "t,a,b", ISA_VEC },
    { "vrlw", "000100 ttttt aaaaa bbbbb 00010000100", run_vrlw, "t,a,b", ISA_VEC },
    { "vrld", "000100 ttttt aaaaa bbbbb 00011000100", run_vrld, "t,a,b", ISA_VEC },
    { "vslb", "000100 ttttt aaaaa bbbbb 00100000100", run_vslb, "t,a,b", ISA_VEC },
    { "vslh", "000100 ttttt aaaaa bbbbb 00101000100", run_vslh, "t,a,b", ISA_VEC },
    { "vslw", "000100 ttttt aaaaa bbbbb 00110000100", run_vslw, "t,a,b", ISA_VEC },
    { "vsl", "000100 ttttt aaaaa bbbbb 00111000100", run_vsl, "t,a,b", ISA_VEC },
    { "vsrb", "000100 ttttt aaaaa bbbbb 01000000100", run_vsrb, "t,a,b", ISA_VEC },
    { "vsrh", "000100 ttttt aaaaa bbbbb 01001000100", run_vsrh, "t,a,b", ISA_VEC },
    { "vsrw", "000100 ttttt aaaaa bbbbb 01010000100", run_vsrw, "t,a,b", ISA_VEC },
    { "vsr", "000100 ttttt aaaaa bbbbb 01011000100", run_vsr, "t,a,b", ISA_VEC },
    { "vsrab", "000100 ttttt aaaaa bbbbb 01100000100", run_vsrab, "t,a,b", ISA_VEC },
    { "vsrah", "000100 ttttt aaaaa bbbbb 01101000100", run_vsrah, "t,a,b", ISA_VEC },
    { "vsraw", "000100 ttttt aaaaa bbbbb 01110000100", run_vsraw, "t,a,b", ISA_VEC },
    { "vsrad", "000100 ttttt aaaaa bbbbb 01111000100", run_vsrad, "t,a,b", ISA_VEC },
    { "vsld", "000100 ttttt aaaaa bbbbb 10111000100", run_vsld, "t,a,b", ISA_VEC },
    { "vsrd", "000100 ttttt aaaaa bbbbb 11011000100", run_vsrd, "t,a,b", ISA_VEC },
    { "vslo", "000100 ttttt aaaaa bbbbb 10000001100", run_vslo, "t,a,b", ISA_VEC },
    { "vsro", "000100 ttttt aaaaa bbbbb 10001001100", run_vsro, "t,a,b", ISA_VEC },
    { "vrlwmi", "000100 ttttt aaaaa bbbbb 00010000101", run_vrlwmi, "t,a,b", V3 },
    { "vrldmi", "000100 ttttt aaaaa bbbbb 00011000101", run_vrldmi, "t,a,b", V3 },
    { "vrlwnm", "000100 ttttt aaaaa bbbbb 00110000101", run_vrlwnm, "t,a,b", V3 },
    { "vrldnm", "000100 ttttt aaaaa bbbbb 00111000101", run_vrldnm, "t,a,b", V3 },
    { "vsrv", "000100 ttttt aaaaa bbbbb 11100000100", run_vsrv, "t,a,b", V3 },
    { "vslv", "000100 ttttt aaaaa bbbbb 11101000100", run_vslv, "t,a,b", V3 },
};

ISA_CHAPTER(isa_vmx_shift, "Power ISA I, 6.9 Vector Integer Rotate and Shift", rows);
