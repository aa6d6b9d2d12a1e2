/* SPDX-License-Identifier: Apache-2.0 */
/* papr/state_lists.h - every saved object of a machine but its memory, in one order.
 * All processors parked, the machine paused. */
#ifndef PAPR_STATE_LISTS_H
#define PAPR_STATE_LISTS_H

#include "base/state.h"

struct papr;

/* Calls fn for each object, in the order of saving and loading, until it answers other than 0; returns that. */
int papr_each_state(struct papr *p, void *arg,
                    int (*fn)(void *arg, const struct state_list *list, void *obj, uint32_t instance));

/* All objects, one section each. 0 or -errno; loading that fails leaves a machine that must be reset. */
int papr_save_state(struct papr *p, struct state_writer *w, struct error *err);
/* The machine must be configured as the saved one was. */
int papr_load_state(struct papr *p, struct state_reader *r, struct error *err);

#endif
