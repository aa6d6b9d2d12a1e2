/* SPDX-License-Identifier: Apache-2.0 */
/* mem/flat_pool.h - memory for tree nodes: cache-line aligned, and used again after the readers.
 *
 * A commit needs a few nodes, and a grace period later some other thread frees as many: through malloc() that costs
 * more than the tree work itself.  The reclaimer hands chains back without a lock or a walk;
 * the editor takes them all at once. */
#ifndef MEM_FLAT_POOL_H
#define MEM_FLAT_POOL_H

#include "mem/flat.h"
#include "mem/slab.h"

#include <stdatomic.h>

struct flat_pool {
    struct flat_node *spare[2];                 /* by leaf; the editor's, as slab */
    struct slab slab[2];
    _Atomic(struct flat_node *) returned[2];    /* by leaf, from reclaimers */
};

void flat_pool_fini(struct flat_pool *p);       /* frees all nodes, in use or not */
struct flat_node *flat_pool_get(struct flat_pool *p, bool leaf);        /* editor; NULL: no memory */
void flat_pool_put(struct flat_pool *p, struct flat_node *n);           /* editor */
void flat_pool_return(struct flat_pool *p, bool leaf, const struct flat_chain *list);    /* any thread */

#endif
