/* SPDX-License-Identifier: Apache-2.0 */
/* papr/rtas_table.c - every RTAS service: the name that /rtas shows, its function, how many arguments and results (with
 * the status). The token is RTAS_TOKEN_BASE + row number: append, do not insert, so that a saved
 * guest finds its tokens again. */
#include "papr/events.h"
#include "papr/rtas.h"
#include "papr/xics.h"

const struct rtas_row rtas_table[] = {
    { "display-character", rtas_display_character, 1, 1, 0 },
    { "get-time-of-day", rtas_get_time_of_day, 0, 8, 0 },
    { "set-time-of-day", rtas_set_time_of_day, 7, 1, 0 },
    { "power-off", rtas_power_off, 2, 1, 0 },
    { "system-reboot", rtas_system_reboot, 0, 1, 0 },
    { "query-cpu-stopped-state", rtas_query_cpu_stopped_state, 1, 2, 0 },
    { "start-cpu", rtas_start_cpu, 3, 1, 0 },
    { "stop-self", rtas_stop_self, 0, 1, 0 },
    { "ibm,get-system-parameter", rtas_get_system_parameter, 3, 1, 0 },
    { "ibm,set-system-parameter", rtas_set_system_parameter, 2, 1, 0 },
    { "ibm,set-xive", rtas_ibm_set_xive, 3, 1, 0 },
    { "ibm,get-xive", rtas_ibm_get_xive, 1, 3, 0 },
    { "ibm,int-off", rtas_ibm_int_off, 1, 1, 0 },
    { "ibm,int-on", rtas_ibm_int_on, 1, 1, 0 },
    { "check-exception", rtas_check_exception, 6, 1, 7 },
    { "event-scan", rtas_event_scan, 4, 1, 0 },
    { "nvram-fetch", rtas_nvram_fetch, 3, 2, 0 },
    { "nvram-store", rtas_nvram_store, 3, 2, 0 },
    { "ibm,os-term", rtas_os_term, 1, 1, 0 },
    { "set-indicator", rtas_set_indicator, 3, 1, 0 },
    { "get-sensor-state", rtas_get_sensor_state, 2, 2, 0 },
    { "ibm,configure-connector", rtas_configure_connector, 2, 1, 0 },
    { "ibm,nmi-register", rtas_nmi_register, 2, 1, 0 },
    { "ibm,nmi-interlock", rtas_nmi_interlock, 0, 1, 0 },
};
const size_t rtas_table_size = sizeof(rtas_table) / sizeof(rtas_table[0]);
