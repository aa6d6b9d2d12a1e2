/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/chapters.h - one line per chapter file: its table of instructions. */
#ifndef CPU_ISA_CHAPTERS_H
#define CPU_ISA_CHAPTERS_H

#include "cpu/op.h"

extern const struct isa_chapter isa_branch;             /* branch.c: b bc bclr bcctr bctar, CR logical */

#endif
