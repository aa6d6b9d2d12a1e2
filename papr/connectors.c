/* SPDX-License-Identifier: Apache-2.0 */
/* papr/connectors.c - see the header. */
#include "papr/connectors.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "papr/drc.h"
#include "papr/events.h"

static const enum hotplug_type event_types[DRC_TYPES] = {
    [DRC_CPU] = HOTPLUG_CPU, [DRC_PHB] = HOTPLUG_PHB, [DRC_PCI] = HOTPLUG_PCI,
};

static int check(struct papr *p, uint32_t index, struct error *err)
{
    struct drc_view view;

    if (index >> DRC_TYPE_SHIFT == DRC_LMB)
        return error_set(err, EINVAL, "memory is resized, not plugged by connectors");
    if (!event_types[index >> DRC_TYPE_SHIFT] || !drc_get(papr_drcs(p), index, &view))
        return error_set(err, EINVAL, "there is no connector 0x%x", index);
    return 0;
}

static int tell(struct papr *p, uint32_t index, enum hotplug_action action, struct error *err)
{
    struct hotplug_event ev = {
        .type = event_types[index >> DRC_TYPE_SHIFT], .action = action, .id = HOTPLUG_ID_INDEX, .index = index,
    };

    return events_hotplug(papr_events(p), &ev) ? error_set(err, ENOSPC, "the guest does not fetch its events") : 0;
}

static void set_device(struct vcpu *v, const char *name)
{
    lock_take(&v->run_lock);
    snprintf(v->device, sizeof(v->device), "%s", name);
    lock_drop(&v->run_lock);
}

static int plug(struct papr *p, uint32_t index, const char *name, struct error *err)
{
    enum drc_type type = index >> DRC_TYPE_SHIFT;
    uint32_t id = index & DRC_ID_MASK;
    int rc = drc_attach(papr_drcs(p), type, id, err);

    if (rc)
        return rc;
    if (type == DRC_CPU)
        set_device(papr_vcpu(p, id), name);
    rc = tell(p, index, HOTPLUG_ADD, err);
    if (rc) {
        drc_detach(papr_drcs(p), type, id, NULL);
        if (type == DRC_CPU)
            set_device(papr_vcpu(p, id), "");
    }
    return rc;
}

int papr_connector_plug(struct papr *p, uint32_t index, struct error *err)
{
    int rc = check(p, index, err);

    return rc ? rc : plug(p, index, "", err);
}

static void name_of(struct papr *p, enum drc_type type, uint32_t id, char name[PAPR_DEVICE_NAME_MAX])
{
    struct vcpu *v = type == DRC_CPU ? papr_vcpu(p, id) : NULL;

    snprintf(name, PAPR_DEVICE_NAME_MAX, "%s%u", drc_name_prefix(type), id);
    if (!v)
        return;
    lock_take(&v->run_lock);
    if (v->device[0])
        memcpy(name, v->device, sizeof(v->device));
    lock_drop(&v->run_lock);
}

static void emit(struct papr *p, enum papr_event_kind kind, enum drc_type type, uint32_t id)
{
    char name[PAPR_DEVICE_NAME_MAX];

    name_of(p, type, id, name);
    if (type == DRC_CPU && kind == PAPR_EVENT_DEVICE_DELETED)
        set_device(papr_vcpu(p, id), "");
    papr_tell(p, &(struct papr_event){ .kind = kind, .text = name });
}

int papr_connector_unplug(struct papr *p, uint32_t index, struct error *err)
{
    enum drc_type type = index >> DRC_TYPE_SHIFT;
    struct drc_view before = { 0 };
    bool gone;
    int rc = check(p, index, err);

    if (!rc && index == DRC_INDEX(DRC_CPU, 0))
        rc = error_set(err, EINVAL, "the first processor stays");
    if (rc)
        return rc;
    drc_get(papr_drcs(p), index, &before);
    rc = drc_ask_back(papr_drcs(p), type, index & DRC_ID_MASK, &gone, err);
    if (rc)
        return rc;
    if (gone) {
        emit(p, PAPR_EVENT_DEVICE_DELETED, type, index & DRC_ID_MASK);
        return 0;
    }
    rc = tell(p, index, HOTPLUG_REMOVE, err);
    if (rc && !before.unplug)
        drc_leave(papr_drcs(p), type, index & DRC_ID_MASK);
    return rc;
}

bool papr_cpu_get(struct papr *p, unsigned n, struct papr_cpu_view *out)
{
    struct drc_view view;

    if (!drc_get(papr_drcs(p), DRC_INDEX(DRC_CPU, n), &view))
        return false;
    out->present = view.attached;
    name_of(p, DRC_CPU, n, out->name);
    return true;
}

int papr_cpu_plug(struct papr *p, uint64_t n, const char *name, struct error *err)
{
    if (!papr_vcpu(p, n))
        return error_set(err, EINVAL, "core-id %llu: there can be no processor but 0 to %u (--max-cpus)",
                         (unsigned long long)n, papr_vcpu_count(p) - 1);
    return plug(p, DRC_INDEX(DRC_CPU, (uint32_t)n), name ? name : "", err);
}

int papr_cpu_unplug(struct papr *p, const char *name, struct error *err)
{
    struct papr_cpu_view v;

    for (unsigned n = 0; papr_cpu_get(p, n, &v); n++)
        if (v.present && !strcmp(v.name, name))
            return papr_connector_unplug(p, DRC_INDEX(DRC_CPU, n), err);
    return error_set(err, ENOENT, "there is no processor '%s'", name);
}

static void heard(struct papr *p, enum drc_type type, uint32_t id, enum drc_news news)
{
    if (news == DRC_NEWS_REMOVED)
        emit(p, PAPR_EVENT_DEVICE_DELETED, type, id);
    else if (news == DRC_NEWS_KEPT)
        emit(p, PAPR_EVENT_UNPLUG_ERROR, type, id);
}

static void heard_cpu(void *p, uint32_t id, enum drc_news news)
{
    heard(p, DRC_CPU, id, news);
}

static void heard_phb(void *p, uint32_t id, enum drc_news news)
{
    heard(p, DRC_PHB, id, news);
}

static void heard_pci(void *p, uint32_t id, enum drc_news news)
{
    heard(p, DRC_PCI, id, news);
}

void connectors_listen(struct papr *p)
{
    drc_listen(papr_drcs(p), DRC_CPU, heard_cpu, p);
    drc_listen(papr_drcs(p), DRC_PHB, heard_phb, p);
    drc_listen(papr_drcs(p), DRC_PCI, heard_pci, p);
}
