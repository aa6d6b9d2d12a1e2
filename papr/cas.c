/* SPDX-License-Identifier: Apache-2.0 */
/* papr/cas.c - see the header. Everything read here comes from the guest; lists and vectors are bounded. */
#include "papr/cas.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "papr/drc.h"
#include "papr/events.h"
#include "papr/hcalls.h"
#include "papr/memory_hotplug.h"

enum {
    PVR_ENTRIES_MAX = 512,
    VECTOR_5 = 5,
    BYTE_INTERRUPTS = 23,           /* 0x00 XICS, 0x40 XIVE, 0x80 either */
    BYTE_MMU = 24,                  /* 0x00 hash, 0x40 radix, 0x80 either */
    MODE_MASK = 0xc0,
    MODE_SECOND_ONLY = 0x40,
};

/* What this machine can do; a bit the guest asks for and this table lacks is not echoed. A feature: one row. */
static const enum ov5_bit supported[] = {
    OV5_LPAR, OV5_SPLPAR, OV5_DRMEM, OV5_LARGE_PAGES, OV5_FORM1, OV5_HP_EVT, OV5_RESIZE_HPT, OV5_DRMEM_V2,
    OV5_DRC_INFO,
};

/* Logical processor versions, best first. */
static const struct {
    uint32_t pvr;
    enum isa_level level;
} logical[] = {
    { 0x0f000005, ISA_LEVEL_3_00 },
    { 0x0f000004, ISA_LEVEL_2_07 },
};
enum { LOGICALS = sizeof(logical) / sizeof(logical[0]) };

struct wish {
    bool own_pvr;                   /* the list has the real processor */
    unsigned best_logical;          /* LOGICALS: none */
    uint8_t ov5[256 + 1];           /* index = byte number; bytes the guest did not send are 0 */
};

static uint32_t own_pvr(const struct vcpu *v)
{
    return (uint32_t)v->cpu.spr[SPR_PVR];
}

static void match_pvr(struct wish *w, const struct vcpu *v, uint32_t mask, uint32_t value)
{
    if ((own_pvr(v) & mask) == (value & mask))
        w->own_pvr = true;
    for (unsigned i = 0; i < w->best_logical; i++)
        if (logical[i].level <= v->cpu.level && (logical[i].pvr & mask) == (value & mask))
            w->best_logical = i;
}

/* Pairs of mask and value up to one whose value has bits outside its mask. */
static bool read_pvr_list(struct vcpu *v, uint64_t *addr, struct wish *w)
{
    for (unsigned i = 0; i < PVR_ENTRIES_MAX; i++) {
        uint8_t pair[8];
        uint32_t mask, value;

        if (!papr_read(v->papr, *addr, pair, sizeof(pair)))
            return false;
        *addr += sizeof(pair);
        mask = be32_get(pair);
        value = be32_get(pair + 4);
        if (value & ~mask)
            return true;
        match_pvr(w, v, mask, value);
    }
    return false;
}

/* A length byte (bytes that follow, less one), then the bytes; out may be NULL. */
static bool read_vector(struct papr *p, uint64_t *addr, uint8_t *out)
{
    uint8_t len, bytes[256];

    if (!papr_read(p, *addr, &len, 1) || !papr_read(p, *addr + 1, bytes, (size_t)len + 1))
        return false;
    if (out)
        memcpy(out, bytes, (size_t)len + 1);
    *addr += (uint64_t)len + 2;
    return true;
}

static bool read_wish(struct vcpu *v, uint64_t addr, struct wish *w)
{
    uint8_t last;

    *w = (struct wish){ .best_logical = LOGICALS };
    if (!read_pvr_list(v, &addr, w) || !papr_read(v->papr, addr, &last, 1))
        return false;
    addr++;
    for (unsigned i = 1; i <= (unsigned)last + 1 && i <= VECTOR_5; i++)
        if (!read_vector(v->papr, &addr, i == VECTOR_5 ? w->ov5 + 1 : NULL))
            return false;
    return true;
}

static bool wants(const struct wish *w, enum ov5_bit bit)
{
    return w->ov5[bit >> 8] & bit;
}

/* The hash MMU and XICS are what there is: a guest that insists on others is refused. */
static bool suits(const struct wish *w)
{
    return (w->own_pvr || w->best_logical < LOGICALS) && (w->ov5[BYTE_MMU] & MODE_MASK) != MODE_SECOND_ONLY &&
           (w->ov5[BYTE_INTERRUPTS] & MODE_MASK) != MODE_SECOND_ONLY;
}

static void accept(struct cas_state *cas, const struct wish *w)
{
    cas_reset(cas);
    cas->negotiated = true;
    for (size_t i = 0; i < sizeof(supported) / sizeof(supported[0]); i++)
        if (wants(w, supported[i]))
            cas->ov5[supported[i] >> 8] |= supported[i] & 0xff;
    cas->compat_pvr = w->own_pvr ? 0 : logical[w->best_logical].pvr;
}

/* Problem state gets what the processor version that the tree tells has;
 * other processors copy it when they are started. */
static void set_compat(struct vcpu *v, const struct cas_state *cas)
{
    v->cpu.spr[SPR_PCR] = cas_isa_level(cas, v) < v->cpu.level ? PCR_V2_07 : 0;
    cpu_code_flush(&v->cpu);
}

/* A guest that cannot resize the hash table gets one that suits the ceiling.
 * Nothing is in it yet: the guest is in real mode and alone. */
static bool size_hpt(struct papr *p, const struct cas_state *cas)
{
    const struct papr_config *cfg = papr_config(p);

    return !papr_size_hpt(p, cas_has(cas, OV5_RESIZE_HPT) ? papr_memory_bytes(p) : cfg->max_memory_bytes, NULL);
}

uint32_t cas_negotiate(struct vcpu *v, uint64_t vectors)
{
    struct papr *p = v->papr;
    struct cas_state *cas = papr_cas(p);
    struct wish w;

    for (unsigned i = 0; i < papr_vcpu_count(p); i++)
        if (papr_vcpu(p, i) != v && !vcpu_is_stopped(papr_vcpu(p, i)))
            return (uint32_t)CAS_MULTI_THREADS_ACTIVE;
    if (!read_wish(v, vectors, &w))
        return (uint32_t)H_PARAMETER;
    if (!suits(&w))
        return (uint32_t)H_HARDWARE;
    accept(cas, &w);
    set_compat(v, cas);
    events_cas(papr_events(p), cas_has(cas, OV5_HP_EVT));
    memory_hotplug_reset_begin(papr_memory_hotplug(p), v);
    drc_reset(papr_drcs(p), v);
    memory_hotplug_reset_end(papr_memory_hotplug(p), true);
    return size_hpt(p, cas) ? 0 : (uint32_t)H_HARDWARE;
}

bool cas_has(const struct cas_state *cas, enum ov5_bit bit)
{
    return cas->ov5[bit >> 8] & bit;
}

size_t cas_platform_support(uint8_t out[CAS_VECTOR_MAX])
{
    static const uint8_t pairs[] = { BYTE_INTERRUPTS, 0, BYTE_MMU, 0, 25, 0, 26, 0 };

    memcpy(out, pairs, sizeof(pairs));
    return sizeof(pairs);
}

size_t cas_vector5(const struct cas_state *cas, uint8_t out[CAS_VECTOR_MAX])
{
    if (!cas->negotiated)
        return 0;
    memcpy(out, cas->ov5, CAS_VECTOR_BYTES);
    out[0] = CAS_VECTOR_BYTES - 2;
    return CAS_VECTOR_BYTES;
}

uint32_t cas_cpu_version(const struct cas_state *cas, const struct vcpu *v)
{
    return cas->compat_pvr ? cas->compat_pvr : own_pvr(v);
}

enum isa_level cas_isa_level(const struct cas_state *cas, const struct vcpu *v)
{
    for (unsigned i = 0; i < LOGICALS; i++)
        if (logical[i].pvr == cas->compat_pvr)
            return logical[i].level;
    return v->cpu.level;
}

struct cas_state *cas_new(struct error *err)
{
    struct cas_state *cas = calloc(1, sizeof(*cas));

    if (!cas)
        error_set(err, ENOMEM, "out of memory");
    return cas;
}

void cas_free(struct cas_state *cas)
{
    free(cas);
}

void cas_reset(struct cas_state *cas)
{
    *cas = (struct cas_state){ 0 };
}

/* A vector that another program saved may have bits this one lacks. */
static int check_state(const void *obj, struct error *err)
{
    const struct cas_state *cas = obj;
    uint8_t known[CAS_VECTOR_BYTES] = { 0 };

    for (size_t i = 0; i < sizeof(supported) / sizeof(supported[0]); i++)
        known[supported[i] >> 8] |= supported[i] & 0xff;
    for (size_t i = 0; i < CAS_VECTOR_BYTES; i++)
        if (cas->ov5[i] & ~known[i])
            return error_set(err, EINVAL,
                             "the guest negotiated a feature this program lacks: option vector 5, byte %zu", i);
    return 0;
}

static const struct state_field fields[] = {
    STATE_BOOL(struct cas_state, negotiated, 1),
    STATE_BYTES(struct cas_state, ov5, 1),
    STATE_U32(struct cas_state, compat_pvr, 1),
};
const struct state_list cas_state_list = STATE_LIST("cas", struct cas_state, 1, fields, .check = check_state);
