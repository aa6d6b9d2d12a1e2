/* SPDX-License-Identifier: Apache-2.0 */
/* papr/of_tree.h - the device tree as Open Firmware shows it: nodes with phandles, properties in a stable order.
 *
 * It is filled from a flattened tree and may be filled again (CAS rebuilds the tree while the guest
 * goes on using what it knows):
 *  T1  A node whose path was there before keeps its phandle;
 *      a phandle is never used for another path until of_tree_reset().
 *  T2  Properties the guest has set stay, on nodes that are still there, over what the new flattened tree says.
 *  T3  What the guest can make the tree hold is bounded (OF_GUEST_BYTES_MAX).
 * A node with a "phandle" property has that phandle; others get one from OF_PHANDLE_FIRST on.
 * One thread at a time (of_client's lock). */
#ifndef PAPR_OF_TREE_H
#define PAPR_OF_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define OF_PHANDLE_FIRST 0x2000u
#define OF_PROPERTY_MAX 4096u               /* bytes the guest may give one property */
#define OF_GUEST_BYTES_MAX (64u << 10)      /* all properties the guest has set: names, values, book-keeping */
/* property name with its NUL; LoPAR has names beyond the 31 characters of IEEE 1275 */
#define OF_NAME_MAX 64
#define OF_PATH_MAX 256

struct of_tree;

struct of_tree *of_tree_new(void);          /* just "/", without properties; NULL: no memory */
void of_tree_free(struct of_tree *t);
/* -ENOMEM or -EINVAL (not a flattened tree): nothing changed. */
int of_tree_load(struct of_tree *t, const void *fdt, struct error *err);
/* Forgets phandles and the guest's properties: the next load is like the first. */
void of_tree_reset(struct of_tree *t);

/* Nodes are named by phandle; 0 = none. path: "/a/b@unit"; a missing unit address matches the first node of that name;
 * upper and lower case of unit addresses are the same. */
uint32_t of_tree_find(const struct of_tree *t, const char *path);
uint32_t of_tree_root(const struct of_tree *t);
uint32_t of_tree_child(const struct of_tree *t, uint32_t phandle);
uint32_t of_tree_peer(const struct of_tree *t, uint32_t phandle);
uint32_t of_tree_parent(const struct of_tree *t, uint32_t phandle);
/* Length without NUL, even if only room - 1 characters of it (room > 0) went to out; -1: no such node. */
int of_tree_path(const struct of_tree *t, uint32_t phandle, char *out, size_t room);

/* NULL: none. The data stay valid until the tree changes. */
const void *of_tree_get(const struct of_tree *t, uint32_t phandle, const char *name, uint32_t *len_bytes);
/* The property after `previous` ("" = first): 1 and its name, 0 at the end, -1: no such node or property. */
int of_tree_next(const struct of_tree *t, uint32_t phandle, const char *previous, char name[OF_NAME_MAX]);
/* What the guest does: false when it is too large (T3), has no proper name, or the node is not there. */
bool of_tree_set(struct of_tree *t, uint32_t phandle, const char *name, const void *data, uint32_t len_bytes);

/* Walk for saving: calls fn for each property the guest has set, in order of nodes;
 * stops at the first non-zero result. */
int of_tree_each_guest_property(const struct of_tree *t, void *arg,
                                int (*fn)(void *arg, const char *path, const char *name, const void *data,
                                          uint32_t len_bytes));
/* For saving: the phandle each path has had. Same stopping rule. */
int of_tree_each_phandle(const struct of_tree *t, void *arg, int (*fn)(void *arg, const char *path, uint32_t phandle));
/* Loading: path gets phandle from now on, whether or not it is there. -EINVAL: phandle or path taken. */
int of_tree_restore_phandle(struct of_tree *t, const char *path, uint32_t phandle);

#endif
