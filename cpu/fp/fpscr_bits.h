/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/fp/fpscr_bits.h - the Floating-Point Status and Control Register. Spec: Power ISA I, 4.2.2. */
#ifndef CPU_FP_FPSCR_BITS_H
#define CPU_FP_FPSCR_BITS_H

#define FPSCR_DRN 0x700000000ull
#define FPSCR_FX 0x80000000u
#define FPSCR_FEX 0x40000000u
#define FPSCR_VX 0x20000000u
#define FPSCR_OX 0x10000000u
#define FPSCR_UX 0x08000000u
#define FPSCR_ZX 0x04000000u
#define FPSCR_XX 0x02000000u
#define FPSCR_VXSNAN 0x01000000u
#define FPSCR_VXISI 0x00800000u
#define FPSCR_VXIDI 0x00400000u
#define FPSCR_VXZDZ 0x00200000u
#define FPSCR_VXIMZ 0x00100000u
#define FPSCR_VXVC 0x00080000u
#define FPSCR_FR 0x00040000u
#define FPSCR_FI 0x00020000u
#define FPSCR_FPRF 0x0001F000u
#define FPSCR_FPRF_SHIFT 12
#define FPSCR_FPCC 0x0000F000u
#define FPSCR_VXSOFT 0x00000400u
#define FPSCR_VXSQRT 0x00000200u
#define FPSCR_VXCVI 0x00000100u
#define FPSCR_VE 0x80u
#define FPSCR_OE 0x40u
#define FPSCR_UE 0x20u
#define FPSCR_ZE 0x10u
#define FPSCR_XE 0x08u
#define FPSCR_NI 0x04u
#define FPSCR_RN 0x03u

/* Groups: all invalid-operation causes, all sticky exception bits that make FX when they appear, all enables. */
#define FPSCR_VX_ALL                                                                                                  \
    (FPSCR_VXSNAN | FPSCR_VXISI | FPSCR_VXIDI | FPSCR_VXZDZ | FPSCR_VXIMZ | FPSCR_VXVC | FPSCR_VXSOFT | FPSCR_VXSQRT | \
     FPSCR_VXCVI)
#define FPSCR_EXCEPTIONS (FPSCR_OX | FPSCR_UX | FPSCR_ZX | FPSCR_XX | FPSCR_VX_ALL)
#define FPSCR_ENABLES (FPSCR_VE | FPSCR_OE | FPSCR_UE | FPSCR_ZE | FPSCR_XE)
#define FPSCR_STATUS (FPSCR_FR | FPSCR_FI | FPSCR_FPRF)
/* Bits that exist; bit 52 and the rest of the high word are reserved and read as 0. */
#define FPSCR_ALL (FPSCR_DRN | 0xFFFFF7FFull)

#endif
