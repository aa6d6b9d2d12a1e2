/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/chapters.c - every chapter of the instruction set, one line each. */
#include "cpu/isa/chapters.h"

const struct isa_chapter *const isa_chapters[] = {
    NULL,
};
