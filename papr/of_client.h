/* SPDX-License-Identifier: Apache-2.0 */
/* papr/of_client.h - the Open Firmware client interface, answered by the machine itself (spec:
 * IEEE 1275, LoPAR's binding).
 *
 * Threads: hypercalls on vcpu threads; one lock inside.  of_client_set_images(), _build() and of_client_reset() with
 * all processors parked. */
#ifndef PAPR_OF_CLIENT_H
#define PAPR_OF_CLIENT_H

#include "base/state.h"
#include "papr/loader.h"
#include "papr/of_gate.h"
#include "papr/papr_int.h"

struct of_client;
struct of_tree;

/* Instance handles: 32-bit numbers the guest gets from open and from /chosen. */
enum { OF_IHANDLE_FIRST = 0x100, OF_IHANDLE_STDOUT = OF_IHANDLE_FIRST, OF_IHANDLE_CPU, OF_IHANDLES = 64 };

struct of_client *of_client_new(struct papr *p, struct error *err);
void of_client_free(struct of_client *of);
/* Machine reset: nothing claimed, no instances, the guest's properties forgotten. */
void of_client_reset(struct of_client *of);
/* Before the boot processor starts: claims what the images occupy; then, with the machine ready, builds the tree. */
int of_client_set_images(struct of_client *of, const struct loader_layout *images, struct error *err);
int of_client_build(struct of_client *of, struct error *err);
const struct loader_layout *of_client_images(const struct of_client *of);
const struct of_tree *of_client_tree(const struct of_client *of);

hcall_fn h_of_client;           /* H_OF_CLIENT: r4 = argument block */

extern const struct state_list of_client_state;

#endif
