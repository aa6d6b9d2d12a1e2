/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/chapters.c - every chapter of the instruction set, one line each. */
#include "cpu/isa/chapters.h"

const struct isa_chapter *const isa_chapters[] = {
    &isa_branch,
    &isa_fixed_arith,
    &isa_fixed_mul,
    &isa_fixed_logical,
    &isa_fixed_rotate,
    &isa_fixed_compare,
    &isa_fixed_load,
    &isa_fixed_store,
    &isa_fixed_string,
    &isa_fixed_bcd,
    &isa_atomic,
    &isa_amo,
    &isa_storage,
    &isa_vmx_add,
    &isa_vmx_bits,
    &isa_vmx_compare,
    &isa_vmx_crypto,
    &isa_vmx_mul,
    &isa_vmx_pack,
    &isa_vmx_shift,
    &isa_vmx_mem,
    &isa_vmx_permute,
    &isa_vsx_mem,
    &isa_vsx_move,
    &isa_system,
    NULL,
};
