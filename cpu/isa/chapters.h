/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/chapters.h - one line per chapter: the table of instructions in the file of its name. */
#ifndef CPU_ISA_CHAPTERS_H
#define CPU_ISA_CHAPTERS_H

#include "cpu/op.h"

extern const struct isa_chapter isa_branch;             /* b bc bclr bcctr bctar, CR logical */
extern const struct isa_chapter isa_fixed_arith;        /* addition, subtraction, negation */
extern const struct isa_chapter isa_fixed_mul;          /* multiplication, division, remainder */
extern const struct isa_chapter isa_fixed_logical;      /* boolean, extension, counts, permutes */
extern const struct isa_chapter isa_fixed_rotate;       /* rotates under mask, shifts */
extern const struct isa_chapter isa_fixed_compare;      /* compare, trap, isel, setb, mtcrf mfcr mcrxrx */
extern const struct isa_chapter isa_fixed_load;         /* loads of one register, lq */
extern const struct isa_chapter isa_fixed_store;        /* stores of one register, stq */
extern const struct isa_chapter isa_fixed_string;       /* lmw stmw, string instructions */
extern const struct isa_chapter isa_fixed_bcd;          /* addg6s, cdtbcd, cbcdtd */
extern const struct isa_chapter isa_atomic;             /* larx, stcx. */
extern const struct isa_chapter isa_amo;                /* lwat ldat stwat stdat */
extern const struct isa_chapter isa_storage;            /* cache blocks, sync, isync, darn, cache-inhibited forms */
extern const struct isa_chapter isa_vmx_add;            /* add, subtract, average, maximum, minimum, extend */
extern const struct isa_chapter isa_vmx_bits;           /* counts, parity, bit permutations */
extern const struct isa_chapter isa_vmx_compare;        /* integer compares */
extern const struct isa_chapter isa_vmx_crypto;         /* AES, SHA-2, carry-less products */
extern const struct isa_chapter isa_vmx_mul;            /* multiply, multiply-sum, sum across */
extern const struct isa_chapter isa_vmx_pack;           /* pack, unpack, pixels */
extern const struct isa_chapter isa_vmx_shift;          /* rotates and shifts */
extern const struct isa_chapter isa_fp_mem;             /* floating-point loads and stores */
extern const struct isa_chapter isa_fp_move;            /* fmr fneg fsel fmrgew */
extern const struct isa_chapter isa_fp_status;          /* mffs mtfsf and relatives */
extern const struct isa_chapter isa_fp_convert;         /* scalar rounding and conversion */
extern const struct isa_chapter isa_fp_compare;         /* scalar compare, test, minimum and maximum */
extern const struct isa_chapter isa_fp_vec_arith;       /* VSX vector arithmetic */
extern const struct isa_chapter isa_fp_vec_convert;     /* VSX vector conversion and rounding */
extern const struct isa_chapter isa_fp_vec_compare;     /* VSX vector compare, test, bits */
extern const struct isa_chapter isa_fp_quad;            /* quad precision */
extern const struct isa_chapter isa_fp_vmx;             /* VMX floating point */
extern const struct isa_chapter isa_fp_arith;           /* scalar arithmetic, FPR and VSX forms */
extern const struct isa_chapter isa_bcd;                /* packed decimal: add, subtract, signs, shifts, truncation */
extern const struct isa_chapter isa_bcd_convert;        /* packed decimal from and to national, zoned, binary */
extern const struct isa_chapter isa_dfp_arith;          /* decimal arithmetic, compare, tests */
extern const struct isa_chapter isa_dfp_convert;        /* decimal conversions and format */
extern const struct isa_chapter isa_dfp_quantum;        /* decimal quantize, reround, round to integer */
extern const struct isa_chapter isa_vmx_mem;            /* lvx stvx, element forms, lvsl */
extern const struct isa_chapter isa_vmx_permute;        /* logical, permute, merge, splat, insert, extract */
extern const struct isa_chapter isa_vsx_mem;            /* lxv stxv and relatives, scalars */
extern const struct isa_chapter isa_vsx_move;           /* GPR moves, logical, permute, byte reversal */
extern const struct isa_chapter isa_system;             /* sc, rfid, MSR, SPR, SLB, hypervisor-only, TM */

#endif
