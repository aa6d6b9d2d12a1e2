/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/chapters.c - every chapter of the instruction set, one line each. */
#include "cpu/isa/chapters.h"

const struct isa_chapter *const isa_chapters[] = {
    &isa_vmx_mem,
    &isa_vmx_permute,
    &isa_vsx_mem,
    &isa_vsx_move,
    NULL,
};
