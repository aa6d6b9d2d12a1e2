/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hcalls.h - status codes of hypercalls, and the functions of papr/hcall_*.c that papr/hcall_table.c lists.
 *
 * A new hypercall: its function in a file of its family, its name here, its row in the table. */
#ifndef PAPR_HCALLS_H
#define PAPR_HCALLS_H

#include <stddef.h>

#include "papr/papr_int.h"

enum {
    H_SUCCESS = 0,
    H_BUSY = 1,
    H_CLOSED = 2,
    H_NOT_AVAILABLE = 3,
    H_CONSTRAINED = 4,
    H_PARTIAL = 5,
    H_CONTINUE = 18,
    H_LONG_BUSY_1_MS = 9900,
    H_HARDWARE = -1,
    H_FUNCTION = -2,
    H_PRIVILEGE = -3,
    H_PARAMETER = -4,
    H_BAD_MODE = -5,
    H_PTEG_FULL = -6,
    H_NOT_FOUND = -7,
    H_RESERVED_DABR = -8,
    H_NO_MEM = -9,
    H_AUTHORITY = -10,
    H_PERMISSION = -11,
    H_DROPPED = -12,
    H_RESOURCE = -16,
    H_P2 = -55,
    H_P3 = -56,
    H_P4 = -57,
    H_P5 = -58,
    H_P6 = -59,
    H_P7 = -60,
    H_P8 = -61,
    H_P9 = -62,
    H_NOOP = -63,
    H_TOO_BIG = -64,
    H_UNSUPPORTED = -67,
    H_STATE = -75,
    H_UNSUPPORTED_FLAG = -256,
};
/* H_UNSUPPORTED_FLAG for the most significant offending bit of a flags argument. */
static inline int64_t h_unsupported_flag(uint64_t bad)
{
    return H_UNSUPPORTED_FLAG - __builtin_clzll(bad);
}

/* Names for /rtas ibm,hypertas-functions: each hypertas string of the table once, NUL-terminated, one after the other.
 * Returns the property's length; out may be NULL to ask for it. */
size_t hcall_hypertas_functions(const struct papr *p, char *out, size_t room_bytes);
const struct hcall_row *hcall_find(uint64_t opcode); /* NULL: unknown */

hcall_fn h_enter, h_remove, h_read, h_clear_mod, h_clear_ref, h_protect, h_bulk_remove, h_clear_hpt, h_page_init;
hcall_fn h_resize_hpt_prepare, h_resize_hpt_commit;
hcall_fn h_cede, h_prod, h_confer, h_join, h_register_vpa, h_signal_sys_reset, h_get_ppp;
hcall_fn h_set_mode, h_register_proc_tbl;
hcall_fn h_logical_ci_load, h_logical_ci_store, h_logical_cache_load, h_logical_cache_store, h_logical_icbi,
    h_logical_dcbf;
hcall_fn h_set_sprg0, h_set_dabr, h_set_xdabr, h_random, h_get_cpu_characteristics, h_home_node_associativity;
hcall_fn h_get_tce, h_put_tce, h_put_tce_indirect, h_stuff_tce;
hcall_fn h_cppr, h_ipi, h_ipoll, h_xirr, h_xirr_x, h_eoi;
hcall_fn h_put_term_char, h_get_term_char, h_vio_signal;

/* Forgets the areas the processor has registered (start-cpu, machine reset). Its own thread or stopped. */
void hcall_vcpu_reset(struct vcpu *v);

#endif
