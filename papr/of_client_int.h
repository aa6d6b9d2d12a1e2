/* SPDX-License-Identifier: Apache-2.0 */
/* papr/of_client_int.h - the client interface's state, for the services and for saving. */
#ifndef PAPR_OF_CLIENT_INT_H
#define PAPR_OF_CLIENT_INT_H

#include "base/buf.h"
#include "papr/of_claims.h"
#include "papr/of_client.h"
#include "papr/of_tree.h"

struct of_client {
    struct papr *papr;
    struct loader_layout images;        /* set while parked */
    struct lock lock;                   /* guards the rest */
    struct of_tree *tree;
    struct of_claims claims;
    uint32_t instance[OF_IHANDLES];     /* phandle; 0 = free */
    struct buf loaded;                  /* between the steps of a load (of_client_state.c) */
};

#endif
