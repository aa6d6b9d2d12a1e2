/* SPDX-License-Identifier: Apache-2.0 */
/* papr/drc_tree.h - what the device tree says about connectors, and the nodes that
 * ibm,configure-connector hands out. */
#ifndef PAPR_DRC_TREE_H
#define PAPR_DRC_TREE_H

#include "papr/drc.h"
#include "papr/fdt_build.h"

/* The properties by which a node announces the connectors of these types: ibm,drc-info if the guest negotiated it, else
 * the four arrays (memory is left out of those: guests find its indexes in ibm,dynamic-memory). */
void drc_write_info(struct fdt_build *b, const enum drc_type *types, unsigned n);

/* The same for the functions behind one host bridge. */
void drc_write_slots(struct fdt_build *b, uint32_t phb);

/* A flattened tree with the connector's node as its root, to be freed with free(); NULL with *err. */
void *drc_tree_make(struct papr *p, uint32_t index, struct error *err);

#endif
