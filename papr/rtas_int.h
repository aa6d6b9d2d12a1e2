/* SPDX-License-Identifier: Apache-2.0 */
/* papr/rtas_int.h - what the files of the RTAS services share. */
#ifndef PAPR_RTAS_INT_H
#define PAPR_RTAS_INT_H

#include "papr/rtas.h"

struct rtas {
    struct papr *papr;
    struct lock lock;               /* guards the rest; a leaf but for run_lock */
    uint32_t base;                  /* where the guest put RTAS; 0: not instantiated */
    uint32_t sreset, machine_check; /* ibm,nmi-register; 0: not registered */
    bool interlocked;               /* a machine check's log is in use until ibm,nmi-interlock */
    uint32_t log_owner;             /* by this processor */
    uint64_t clock_offset_ns;       /* signed: guest's UTC minus the host's */
};

#endif
