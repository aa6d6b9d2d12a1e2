/* SPDX-License-Identifier: Apache-2.0 */
/* papr/state_lists.c - the table of what is saved. A part with state: one row; its list stays with its struct. */
#include "papr/state_lists.h"

#include <errno.h>
#include <string.h>

#include "papr/cas.h"
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

static uint32_t one(struct papr *p)
{
    (void)p;
    return 1;
}

static uint32_t per_vcpu(struct papr *p)
{
    return p->nr_vcpus;
}

#define PART(name) \
    static void *get_##name(struct papr *p, uint32_t i) { (void)i; return p->name; }
PART(cas)
PART(drcs)
PART(hpt)
PART(xics)
PART(vty)
PART(events)
PART(nvram)
PART(rtas)
PART(of)

static void *get_memory_hotplug(struct papr *p, uint32_t i)
{
    (void)i;
    return memory_hotplug_image(p->memory_hotplug);
}

static void *get_clock(struct papr *p, uint32_t i)
{
    (void)i;
    return &p->clock;
}

static void *get_vcpu(struct papr *p, uint32_t i)
{
    return p->vcpus[i];
}

static void *get_cpu(struct papr *p, uint32_t i)
{
    return &p->vcpus[i]->cpu;
}

/* Later rows may depend on earlier ones: the tree on everything it describes, so it is last. */
static const struct {
    const struct state_list *list;
    void *(*get)(struct papr *p, uint32_t i);
    uint32_t (*count)(struct papr *p);
} rows[] = {
    { &clock_state, get_clock, one },
    { &cas_state_list, get_cas, one },
    { &drc_state, get_drcs, one },          /* memory comes and goes here: before what maps it */
    { &memory_hotplug_state, get_memory_hotplug, one },
    { &hpt_state, get_hpt, one },
    { &xics_state, get_xics, one },
    { &vty_state, get_vty, one },
    { &events_state, get_events, one },
    { &nvram_state, get_nvram, one },
    { &rtas_state, get_rtas, one },
    { &cpu_state, get_cpu, per_vcpu },
    { &vcpu_state, get_vcpu, per_vcpu },
    { &of_client_state, get_of, one },
};

int papr_each_state(struct papr *p, void *arg,
                    int (*fn)(void *arg, const struct state_list *list, void *obj, uint32_t instance))
{
    int rc = 0;

    for (size_t row = 0; !rc && row < sizeof(rows) / sizeof(rows[0]); row++)
        for (uint32_t i = 0; !rc && i < rows[row].count(p); i++)
            rc = fn(arg, rows[row].list, rows[row].get(p, i), i);
    return rc;
}

struct save {
    struct state_writer *w;
    struct error *err;
};

static int save_one(void *arg, const struct state_list *list, void *obj, uint32_t instance)
{
    struct save *s = arg;

    if ((list == &drc_state && drc_at_rest(obj)) || (list == &memory_hotplug_state && memory_hotplug_at_rest(obj)))
        return 0;
    return state_save(list, obj, instance, s->w, s->err);
}

int papr_save_state(struct papr *p, struct state_writer *w, struct error *err)
{
    return papr_each_state(p, &(struct save){ w, err }, save_one);
}

struct load {
    struct state_reader *r;
    struct error *err;
};

/* Connectors and jobs at rest were not written. */
static bool is_left_out(const struct state_list *list, const struct state_reader *r)
{
    struct state_section s;

    return (list == &drc_state || list == &memory_hotplug_state) &&
           (state_peek(r, &s, NULL) != 1 || strcmp(s.name, list->name) != 0);
}

static int load_one(void *arg, const struct state_list *list, void *obj, uint32_t instance)
{
    struct load *l = arg;

    if (is_left_out(list, l->r)) {
        if (list == &drc_state)
            drc_reset_to_rest(obj);
        else
            memory_hotplug_forget(obj);
        return 0;
    }
    return state_load(list, obj, instance, l->r, l->err);
}

/* The table may have moved; code and translations were dropped with each processor's registers. */
static void take_over(struct papr *p)
{
    for (unsigned i = 0; i < p->nr_vcpus; i++)
        cpu_set_hpt(&p->vcpus[i]->cpu, hpt_table(p->hpt));
}

int papr_load_state(struct papr *p, struct state_reader *r, struct error *err)
{
    int rc = papr_each_state(p, &(struct load){ r, err }, load_one);

    take_over(p);
    return rc;
}
