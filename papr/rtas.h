/* SPDX-License-Identifier: Apache-2.0 */
/* papr/rtas.h - run-time abstraction services: the dispatcher, the little state they share,
 * and the functions of papr/rtas_*.c.
 *
 * A new service: its function in a file of its family, its name here, its row in
 * papr/rtas_table.c (which also makes its token). */
#ifndef PAPR_RTAS_H
#define PAPR_RTAS_H

#include "base/state.h"
#include "papr/papr_int.h"

enum {
    RTAS_SUCCESS = 0, RTAS_HARDWARE_ERROR = -1, RTAS_BUSY = -2, RTAS_PARAMETER_ERROR = -3, RTAS_NOT_AUTHORIZED = -9002,
    RTAS_AREA_BYTES = 0x3000,       /* rtas-size: the gate, room for one error log, 16 bytes per processor */
    RTAS_LOG_OFFSET = 0x30,         /* in that area: saved r3, then the log of a machine check */
    RTAS_SRESET_OFFSET = 0x1000,    /* in that area, 16 bytes per processor: saved r3 of a system reset */
    RTAS_ARGUMENTS_MAX = 16,        /* arguments and results together */
};

struct rtas;

struct rtas *rtas_new(struct papr *p, struct error *err);
void rtas_free(struct rtas *r);
/* Machine reset: not instantiated, nothing registered; the clock's setting stays. */
void rtas_reset(struct rtas *r);
/* OF method instantiate-rtas: puts the gate at base. The entry, or 0: base is no good. Any thread. */
uint32_t rtas_instantiate(struct rtas *r, uint32_t base);

/* Interrupts that the guest may have registered for (rtas_nmi.c);
 * a machine check is in v->cpu.exc_srr1. Own thread, outside cpu_run(). */
void rtas_nmi_machine_check(struct vcpu *v);
void rtas_nmi_system_reset(struct vcpu *v);

hcall_fn h_rtas;                    /* H_RTAS: r4 = argument block */

/* Reads a 32-bit guest address as RTAS arguments have them. */
rtas_fn rtas_display_character, rtas_get_time_of_day, rtas_set_time_of_day, rtas_power_off, rtas_system_reboot,
    rtas_os_term;
rtas_fn rtas_query_cpu_stopped_state, rtas_start_cpu, rtas_stop_self, rtas_get_system_parameter,
    rtas_set_system_parameter;
rtas_fn rtas_set_indicator, rtas_get_sensor_state, rtas_configure_connector;
rtas_fn rtas_nmi_register, rtas_nmi_interlock, rtas_nvram_fetch, rtas_nvram_store;

extern const struct state_list rtas_state;

#endif
