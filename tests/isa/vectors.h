/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/vectors.h - recorded results: per row, the hash of the state each case ends in.
 *
 * One file per primary opcode, opNN.vec, all numbers little-endian:
 *   "ISAV" u32 version
 *   per row: u8 name length, name, u32 fixed bits of the row, u16 n, u32 hash of case 0 .. n - 1
 * A row is found by name and fixed bits; its cases are made anew by gen.h. */
#ifndef TESTS_ISA_VECTORS_H
#define TESTS_ISA_VECTORS_H

#include "base/error.h"
#include "cpu/op.h"

struct vectors;

struct vectors *vectors_new(void);                                              /* NULL: no memory */
struct vectors *vectors_read(const char *dir, struct error *err);               /* NULL: err tells */
void vectors_free(struct vectors *v);

/* Cases of a row are added in order, from 0. */
void vectors_add(struct vectors *v, const struct isa_row *row, unsigned number, uint32_t hash);
int vectors_write(const struct vectors *v, const char *dir, struct error *err);

/* The hashes of a row; 0: none are recorded. */
unsigned vectors_of(const struct vectors *v, const struct isa_row *row, const uint32_t **hashes);

#endif
