/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/chapters.h - one line per chapter file: its table of instructions. */
#ifndef CPU_ISA_CHAPTERS_H
#define CPU_ISA_CHAPTERS_H

#include "cpu/op.h"

extern const struct isa_chapter isa_branch;             /* branch.c: b bc bclr bcctr bctar, CR logical */
extern const struct isa_chapter isa_vmx_mem;            /* vmx_mem.c: lvx stvx, element forms, lvsl */
extern const struct isa_chapter isa_vmx_permute;        /* vmx_permute.c: logical, permute, merge, splat, insert, extract */
extern const struct isa_chapter isa_vsx_mem;            /* vsx_mem.c: lxv stxv and relatives, scalars */
extern const struct isa_chapter isa_vsx_move;           /* vsx_move.c: GPR moves, logical, permute, byte reversal */

#endif
