/* SPDX-License-Identifier: Apache-2.0 */
/* papr/rtas_sysparm.c - ibm,get-system-parameter, ibm,set-system-parameter (LoPAR, "system
 * parameters"). One row per parameter. */
#include <stdio.h>
#include <string.h>

#include "base/endian.h"
#include "base/uuid.h"
#include "papr/drc.h"
#include "papr/rtas.h"

enum { VALUE_MAX = 256 };

/* Fills out, returns its length; 0: this machine has none. */
typedef size_t sysparm_fn(struct papr *p, uint8_t out[VALUE_MAX]);

/* What /proc/powerpc/lparcfg shows; memory in MiB. */
static size_t splpar_characteristics(struct papr *p, uint8_t out[VALUE_MAX])
{
    unsigned cpus = drc_attached(papr_drcs(p), DRC_CPU);
    int n = snprintf((char *)out, VALUE_MAX, "MaxEntCap=%u,DesMem=%llu,DesProcs=%u,MaxPlatProcs=%u", cpus * 100,
                     (unsigned long long)(papr_config(p)->memory_bytes >> 20), cpus, papr_vcpu_count(p));

    return (size_t)n + 1;
}

/* Diagnostics disabled. */
static size_t diag_run_mode(struct papr *p, uint8_t out[VALUE_MAX])
{
    (void)p;
    out[0] = 0;
    return 1;
}

static size_t uuid(struct papr *p, uint8_t out[VALUE_MAX])
{
    const char *text = papr_config(p)->uuid;

    return text && !uuid_parse(text, out, NULL) ? UUID_BYTES : 0;
}

static const struct {
    uint32_t number;
    sysparm_fn *get;
} parameters[] = {
    { 20, splpar_characteristics },
    { 42, diag_run_mode },
    { 48, uuid },
};

/* number, buffer, length -> status. The buffer gets a 16-bit length, then as much of the value as fits. */
int32_t rtas_get_system_parameter(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    uint8_t reply[2 + VALUE_MAX];
    size_t len;

    (void)ret;
    for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
        if (parameters[i].number != arg[0])
            continue;
        len = parameters[i].get(v->papr, reply + 2);
        if (!len)
            break;
        be16_put(reply, (uint16_t)len);
        len = len + 2 < arg[2] ? len + 2 : arg[2];
        return papr_write(v->papr, arg[1], reply, len) ? RTAS_SUCCESS : RTAS_PARAMETER_ERROR;
    }
    return RTAS_PARAMETER_ERROR;
}

/* number, buffer -> status. What exists is not for the guest to change. */
int32_t rtas_set_system_parameter(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    (void)v, (void)ret;
    for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
        if (parameters[i].number == arg[0])
            return RTAS_NOT_AUTHORIZED;
    return RTAS_PARAMETER_ERROR;
}
