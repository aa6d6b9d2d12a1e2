/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/mem/map_model.h - the memory map against a naive model: one answer per address, worked
 * out by asking every region.
 *
 * Shared by the property test, the failure test and the fuzzer: all drive the same small world of regions with bytes.
 * A world has MODEL_SPACE addresses; a step is a few bytes; after each commit everything is compared. */
#ifndef TESTS_MAP_MODEL_H
#define TESTS_MAP_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_model;

struct map_model *map_model_new(void);      /* NULL: no memory */
void map_model_free(struct map_model *w);
void map_model_reset(struct map_model *w);   /* no regions any more; waits for nothing */
/* Takes one step from the bytes at *p (moves it, stops at end): add, delete, enable, begin,
 * commit, abort, new alias... */
void map_model_step(struct map_model *w, const uint8_t **p, const uint8_t *end);
/* Commits what is open and compares all addresses; aborts the process at a difference. */
void map_model_check(struct map_model *w);
/* Errors from the map so far that said "no memory". */
unsigned map_model_failures(const struct map_model *w);

#endif
