/* SPDX-License-Identifier: Apache-2.0 */
/* papr/rtas_nmi.c - firmware-assisted non-maskable interrupts: ibm,nmi-register, ibm,nmi-interlock, and the two
 * interrupts themselves.
 *
 * Spec: LoPAR, "Firmware Assisted Non-Maskable Interrupts".  Once registered, machine checks and system resets enter at
 * the guest's addresses instead of 0x200 and 0x100, with r3 pointing into the RTAS area: the old r3 as a big-endian
 * doubleword, behind it, for a machine check, an error log.  That log is one for all processors: it is the guest's from
 * the interrupt until ibm,nmi-interlock.
 * Threads: both on the interrupted processor's own. */
#include "base/endian.h"
#include "papr/events_int.h"
#include "papr/rtas_int.h"

enum {
    VECTOR_LIMIT = 32 << 20,        /* registered addresses lie below */
    LOG_BYTES = EVENT_HEAD_BYTES + 40,     /* fixed part and header, then one section */

    LOG_SUMMARY = 0x06744000,       /* version 6, synchronous error, not recovered, extended; initiator memory */
    LOG_ADDRESS_INVALID = 0x08,
    UE_EFFECTIVE_ADDRESS = 0x40,
    UE_FETCH = 1,
    UE_LOAD_STORE = 3,
};
#define SRR1_LOAD_STORE 0x200000ull     /* the cause bit that says DAR holds the address */

/* system reset, machine check -> status */
int32_t rtas_nmi_register(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    struct rtas *r = papr_rtas(v->papr);

    (void)ret;
    for (unsigned i = 0; i < 2; i++)
        if (!arg[i] || arg[i] % 4 || arg[i] >= VECTOR_LIMIT || !papr_is_ram(v->papr, arg[i], 4))
            return RTAS_PARAMETER_ERROR;
    lock_take(&r->lock);
    r->sreset = arg[0];
    r->machine_check = arg[1];
    r->interlocked = false;
    lock_drop(&r->lock);
    return RTAS_SUCCESS;
}

/* -> status. Only the processor that has the log can give it back. */
int32_t rtas_nmi_interlock(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    struct rtas *r = papr_rtas(v->papr);
    bool mine;

    (void)arg, (void)ret;
    lock_take(&r->lock);
    mine = r->interlocked && r->log_owner == v->id;
    if (mine)
        r->interlocked = false;
    lock_drop(&r->lock);
    return mine ? RTAS_SUCCESS : RTAS_PARAMETER_ERROR;
}

/* Saves r3 at addr and makes r3 point there. */
static bool swap_r3(struct vcpu *v, uint32_t addr)
{
    uint8_t be[8];

    be64_put(be, v->cpu.gpr[3]);
    if (!papr_write(v->papr, addr, be, sizeof(be)))
        return false;
    v->cpu.gpr[3] = addr;
    return true;
}

static void build_log(const struct vcpu *v, uint8_t log[LOG_BYTES])
{
    bool fetch = !(v->cpu.exc_srr1 & SRR1_LOAD_STORE);

    memset(log, 0, LOG_BYTES);
    event_put_head(log, LOG_SUMMARY | LOG_ADDRESS_INVALID, LOG_BYTES);
    memcpy(log + 24, "MC", 2);
    be16_put(log + 26, LOG_BYTES - EVENT_HEAD_BYTES);
    be32_put(log + 36, v->id);              /* after the field-replaceable unit, which we have none of */
    log[41] = UE_EFFECTIVE_ADDRESS | (fetch ? UE_FETCH : UE_LOAD_STORE);       /* log[40]: 0 = uncorrectable error */
    be64_put(log + 48, fetch ? v->cpu.nip : v->cpu.spr[SPR_DAR]);
}

enum log_state { LOG_TAKEN, LOG_BUSY, LOG_AGAIN, LOG_UNREGISTERED };

static enum log_state take_log(struct rtas *r, const struct vcpu *v, uint32_t *base, uint32_t *vector)
{
    enum log_state s = LOG_TAKEN;

    lock_take(&r->lock);
    *base = r->base;
    *vector = r->machine_check;
    if (!r->base || !r->machine_check) {
        s = LOG_UNREGISTERED;
    } else if (r->interlocked) {
        s = r->log_owner == v->id ? LOG_AGAIN : LOG_BUSY;
    } else {
        r->interlocked = true;
        r->log_owner = v->id;
    }
    lock_drop(&r->lock);
    return s;
}

void rtas_nmi_machine_check(struct vcpu *v)
{
    uint8_t log[LOG_BYTES];
    uint32_t base, vector;

    switch (take_log(papr_rtas(v->papr), v, &base, &vector)) {
    case LOG_UNREGISTERED:
        cpu_interrupt(&v->cpu, VEC_MCE, v->cpu.exc_srr1);
        return;
    case LOG_BUSY:
        return;                             /* the instruction runs again and fails again, until the log is free */
    case LOG_AGAIN:
        papr_guest_panic(v->papr, "a machine check while the guest was handling one");
        return;
    case LOG_TAKEN:
        break;
    }
    build_log(v, log);
    cpu_interrupt(&v->cpu, VEC_MCE, v->cpu.exc_srr1);
    if (papr_write(v->papr, base + RTAS_LOG_OFFSET + 8, log, sizeof(log)) && swap_r3(v, base + RTAS_LOG_OFFSET))
        v->cpu.nip = vector;
}

void rtas_nmi_system_reset(struct vcpu *v)
{
    struct rtas *r = papr_rtas(v->papr);
    uint32_t base, vector;

    lock_take(&r->lock);
    base = r->base;
    vector = r->sreset;
    lock_drop(&r->lock);
    cpu_interrupt(&v->cpu, VEC_SRESET, 0);
    if (base && vector && swap_r3(v, base + RTAS_SRESET_OFFSET + v->id * 16))
        v->cpu.nip = vector;
}
