/* SPDX-License-Identifier: Apache-2.0 */
/* papr/parts.c - the parts of the machine in the order in which they need each other: made, reset, freed from one
 * table. A new part: its pointer in struct papr, one row here. */
#include "papr/cas.h"
#include "papr/connectors.h"
#include "papr/drc.h"
#include "papr/events.h"
#include "papr/hpt.h"
#include "papr/machine_int.h"
#include "papr/memory_hotplug.h"
#include "papr/nvram.h"
#include "papr/of_client.h"
#include "papr/rtas.h"
#include "papr/vty.h"
#include "papr/xics.h"

struct part {
    int (*create)(struct papr *p, struct error *err);       /* 0 or negative errno */
    void (*destroy)(struct papr *p);                        /* also when create failed or never ran */
    int (*reset)(struct papr *p, struct error *err);        /* NULL: keeps everything; all processors parked */
};

static int made(const void *part)
{
    return part ? 0 : -1;
}

static int xics_make(struct papr *p, struct error *err)
{
    return made(p->xics = xics_new(p, p->nr_vcpus, err));
}

static void xics_drop(struct papr *p)
{
    xics_free(p->xics);
}

static int xics_again(struct papr *p, struct error *err)
{
    (void)err;
    xics_reset(p->xics);
    return 0;
}

static void hpt_give(struct papr *p)
{
    for (unsigned i = 0; i < p->nr_vcpus; i++)
        cpu_set_hpt(&p->vcpus[i]->cpu, hpt_table(p->hpt));
}

static int hpt_make(struct papr *p, struct error *err)
{
    p->hpt = hpt_new(HPT_SHIFT_MIN, p->cfg.max_memory_bytes, err);      /* its size comes with the kernel */
    if (p->hpt)
        hpt_give(p);
    return made(p->hpt);
}

int papr_size_hpt(struct papr *p, uint64_t memory_bytes, struct error *err)
{
    int rc = hpt_reset(p->hpt, hpt_boot_shift(memory_bytes, of_client_images(p->of)->page_shift), err);

    hpt_give(p);
    return rc;
}

static void hpt_drop(struct papr *p)
{
    hpt_free(p->hpt);
}

static int hpt_again(struct papr *p, struct error *err)
{
    int rc = hpt_reset(p->hpt, HPT_SHIFT_MIN, err);

    hpt_give(p);
    return rc;
}

static int vty_make(struct papr *p, struct error *err)
{
    return made(p->vty = vty_new(p, p->cfg.console, err));
}

static void vty_drop(struct papr *p)
{
    vty_free(p->vty);
}

static int vty_again(struct papr *p, struct error *err)
{
    (void)err;
    vty_reset(p->vty);
    return 0;
}

static int events_make(struct papr *p, struct error *err)
{
    return made(p->events = events_new(p, err));
}

static void events_drop(struct papr *p)
{
    events_free(p->events);
}

static int events_again(struct papr *p, struct error *err)
{
    (void)err;
    events_reset(p->events);
    return 0;
}

static int nvram_make(struct papr *p, struct error *err)
{
    return made(p->nvram = nvram_new(err));
}

static void nvram_drop(struct papr *p)
{
    nvram_free(p->nvram);
}

static int of_make(struct papr *p, struct error *err)
{
    return made(p->of = of_client_new(p, err));
}

static void of_drop(struct papr *p)
{
    of_client_free(p->of);
}

static int of_again(struct papr *p, struct error *err)
{
    (void)err;
    of_client_reset(p->of);
    return 0;
}

static int rtas_make(struct papr *p, struct error *err)
{
    return made(p->rtas = rtas_new(p, err));
}

static void rtas_drop(struct papr *p)
{
    rtas_free(p->rtas);
}

static int rtas_again(struct papr *p, struct error *err)
{
    (void)err;
    rtas_reset(p->rtas);
    return 0;
}

static int cas_make(struct papr *p, struct error *err)
{
    return made(p->cas = cas_new(err));
}

static void cas_drop(struct papr *p)
{
    cas_free(p->cas);
}

static int cas_again(struct papr *p, struct error *err)
{
    (void)err;
    cas_reset(p->cas);
    return 0;
}

static int drc_make(struct papr *p, struct error *err)
{
    p->drcs = drc_new(p, err);
    if (p->drcs)
        connectors_listen(p);
    return made(p->drcs);
}

static void drc_drop(struct papr *p)
{
    drc_free(p->drcs);
}

static int drc_again(struct papr *p, struct error *err)
{
    (void)err;
    memory_hotplug_reset_begin(p->memory_hotplug, NULL);
    drc_reset(p->drcs, NULL);
    memory_hotplug_reset_end(p->memory_hotplug, false);
    return 0;
}

static int memory_hotplug_make(struct papr *p, struct error *err)
{
    return made(p->memory_hotplug = memory_hotplug_new(p, err));
}

static void memory_hotplug_drop(struct papr *p)
{
    memory_hotplug_free(p->memory_hotplug);
}

static const struct part parts[] = {
    { xics_make, xics_drop, xics_again },
    { hpt_make, hpt_drop, hpt_again },
    { drc_make, drc_drop, drc_again },              /* after hpt, whose entries are gone by then */
    { vty_make, vty_drop, vty_again },              /* after xics */
    { events_make, events_drop, events_again },     /* after xics */
    { nvram_make, nvram_drop, NULL },
    { rtas_make, rtas_drop, rtas_again },
    { cas_make, cas_drop, cas_again },
    { memory_hotplug_make, memory_hotplug_drop, NULL },     /* reset with the connectors */
    { of_make, of_drop, of_again },
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

int papr_create_parts(struct papr *p, struct error *err)
{
    for (unsigned i = 0; i < PARTS; i++) {
        int rc = parts[i].create(p, err);

        if (rc)
            return rc;
    }
    return 0;
}

void papr_destroy_parts(struct papr *p)
{
    for (unsigned i = PARTS; i-- > 0;)
        parts[i].destroy(p);
}

int papr_reset_parts(struct papr *p, struct error *err)
{
    int rc = 0;

    for (unsigned i = 0; !rc && i < PARTS; i++)
        if (parts[i].reset)
            rc = parts[i].reset(p, err);
    return rc;
}

struct hpt *papr_hpt(struct papr *p)
{
    return p->hpt;
}

struct xics *papr_xics(struct papr *p)
{
    return p->xics;
}

struct vty *papr_vty(struct papr *p)
{
    return p->vty;
}

struct nvram *papr_nvram(struct papr *p)
{
    return p->nvram;
}

struct events *papr_events(struct papr *p)
{
    return p->events;
}

struct of_client *papr_of(struct papr *p)
{
    return p->of;
}

struct rtas *papr_rtas(struct papr *p)
{
    return p->rtas;
}

struct cas_state *papr_cas(struct papr *p)
{
    return p->cas;
}

struct drcs *papr_drcs(struct papr *p)
{
    return p->drcs;
}

uint64_t papr_memory_bytes(struct papr *p)
{
    uint64_t whole = p->cfg.memory_bytes >> PAPR_LMB_SHIFT;
    uint64_t at_rest = whole > DRC_LMBS_FIXED ? whole - DRC_LMBS_FIXED : 0;

    return p->cfg.memory_bytes + (drc_attached(p->drcs, DRC_LMB) - at_rest) * PAPR_LMB_SIZE;
}

struct memory_hotplug *papr_memory_hotplug(struct papr *p)
{
    return p->memory_hotplug;
}
