/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/chapters.h - one line per chapter file: its table of instructions. */
#ifndef CPU_ISA_CHAPTERS_H
#define CPU_ISA_CHAPTERS_H

#include "cpu/op.h"

extern const struct isa_chapter isa_branch;             /* branch.c: b bc bclr bcctr bctar, CR logical */
extern const struct isa_chapter isa_fixed_arith;        /* fixed_arith.c: addition, subtraction, negation */
extern const struct isa_chapter isa_fixed_mul;          /* fixed_mul.c: multiplication, division, remainder */
extern const struct isa_chapter isa_fixed_logical;      /* fixed_logical.c: boolean, extension, counts, permutes */
extern const struct isa_chapter isa_fixed_rotate;       /* fixed_rotate.c: rotates under mask, shifts */
extern const struct isa_chapter isa_fixed_compare;      /* fixed_compare.c: compare, trap, isel, setb, mtcrf mfcr mcrxrx */
extern const struct isa_chapter isa_fixed_load;         /* fixed_load.c: loads of one register, lq */
extern const struct isa_chapter isa_fixed_store;        /* fixed_store.c: stores of one register, stq */
extern const struct isa_chapter isa_fixed_string;       /* fixed_string.c: lmw stmw, string instructions */
extern const struct isa_chapter isa_fixed_bcd;          /* fixed_bcd.c: addg6s, cdtbcd, cbcdtd */
extern const struct isa_chapter isa_atomic;             /* atomic.c: larx, stcx. */
extern const struct isa_chapter isa_amo;                /* amo.c: lwat ldat stwat stdat */
extern const struct isa_chapter isa_storage;            /* storage.c: cache blocks, sync, isync, darn, cache-inhibited forms */
extern const struct isa_chapter isa_vmx_add;            /* vmx_add.c: add, subtract, average, maximum, minimum, extend */
extern const struct isa_chapter isa_vmx_bits;           /* vmx_bits.c: counts, parity, bit permutations */
extern const struct isa_chapter isa_vmx_compare;        /* vmx_compare.c: integer compares */
extern const struct isa_chapter isa_vmx_crypto;         /* vmx_crypto.c: AES, SHA-2, carry-less products */
extern const struct isa_chapter isa_vmx_mul;            /* vmx_mul.c: multiply, multiply-sum, sum across */
extern const struct isa_chapter isa_vmx_pack;           /* vmx_pack.c: pack, unpack, pixels */
extern const struct isa_chapter isa_vmx_shift;          /* vmx_shift.c: rotates and shifts */
extern const struct isa_chapter isa_fp_mem;             /* fp_mem.c: floating-point loads and stores */
extern const struct isa_chapter isa_fp_move;            /* fp_move.c: fmr fneg fsel fmrgew */
extern const struct isa_chapter isa_fp_status;          /* fp_status.c: mffs mtfsf and relatives */
extern const struct isa_chapter isa_fp_convert;         /* fp_convert.c: scalar rounding and conversion */
extern const struct isa_chapter isa_fp_compare;         /* fp_compare.c: scalar compare, test, minimum and maximum */
extern const struct isa_chapter isa_fp_vec_arith;       /* fp_vec_arith.c: VSX vector arithmetic */
extern const struct isa_chapter isa_fp_vec_convert;     /* fp_vec_convert.c: VSX vector conversion and rounding */
extern const struct isa_chapter isa_fp_vec_compare;     /* fp_vec_compare.c: VSX vector compare, test, bits */
extern const struct isa_chapter isa_fp_quad;            /* fp_quad.c: quad precision */
extern const struct isa_chapter isa_fp_vmx;             /* fp_vmx.c: VMX floating point */
extern const struct isa_chapter isa_fp_arith;           /* fp_arith.c: scalar arithmetic, FPR and VSX forms */
extern const struct isa_chapter isa_bcd;                /* bcd.c: packed decimal: add, subtract, signs, shifts, truncation */
extern const struct isa_chapter isa_bcd_convert;        /* bcd_convert.c: packed decimal from and to national, zoned, binary */
extern const struct isa_chapter isa_dfp_arith;          /* dfp_arith.c: decimal arithmetic, compare, tests */
extern const struct isa_chapter isa_dfp_convert;        /* dfp_convert.c: decimal conversions and format */
extern const struct isa_chapter isa_dfp_quantum;        /* dfp_quantum.c: decimal quantize, reround, round to integer */
extern const struct isa_chapter isa_vmx_mem;            /* vmx_mem.c: lvx stvx, element forms, lvsl */
extern const struct isa_chapter isa_vmx_permute;        /* vmx_permute.c: logical, permute, merge, splat, insert, extract */
extern const struct isa_chapter isa_vsx_mem;            /* vsx_mem.c: lxv stxv and relatives, scalars */
extern const struct isa_chapter isa_vsx_move;           /* vsx_move.c: GPR moves, logical, permute, byte reversal */
extern const struct isa_chapter isa_system;             /* system.c: sc, rfid, MSR, SPR, SLB, hypervisor-only, TM */

#endif
