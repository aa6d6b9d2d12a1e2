/* SPDX-License-Identifier: Apache-2.0 */
/* papr/drc.h - dynamic reconfiguration connectors: which processors, host bridges, slots and memory blocks the guest
 * has, may take, and is asked to give back.  Spec: LoPAR, "Dynamic Reconfiguration"; docs/hotplug.md.
 *
 * An index is a type in its upper four bits and an id.  Each class of connectors is a dense array of one byte per
 * connector, stored as the difference from the condition after boot: nothing is written, nor is memory touched, for a
 * connector at rest, however many there are.
 *
 * Invariants (tests cite them):
 *  D1  An absent connector is in state UNUSABLE and not asked for.
 *  D2  A block of memory (LMB) is in the memory map if and only if its state is not UNUSABLE.
 *  D3  A request that is not answered with success changes nothing.
 *  D4  Nobody waits for the guest here, and no guest request trips an assertion.
 *
 * Threads: any.  One lock inside (docs/locking.md), never held while memory is mapped or listeners are told. */
#ifndef PAPR_DRC_H
#define PAPR_DRC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/state.h"
#include "papr/papr_int.h"

enum drc_type { DRC_CPU = 1, DRC_PHB = 2, DRC_PCI = 4, DRC_LMB = 8 };
enum { DRC_LMBS_FIXED = 4 };     /* the first GiB, in which the guest starts, has no connectors */
enum { DRC_TYPE_SHIFT = 28, DRC_TYPES = 16, DRC_PHBS_MAX = 32, DRC_PCI_PER_PHB = 256 };
#define DRC_ID_MASK 0x0fffffffu
#define DRC_INDEX(type, id) ((uint32_t)(type) << DRC_TYPE_SHIFT | (id))
#define DRC_ALWAYS_POWERED 0xffffffffu

/* Physical connectors (PCI) know UNUSABLE (there: powered, isolated), UNISOLATED and
 * CONFIGURED. The numbers are saved. */
enum drc_state { DRC_UNUSABLE = 0, DRC_AVAILABLE = 1, DRC_UNISOLATED = 2, DRC_CONFIGURED = 3 };
enum { DRC_STATES = 4 };

/* What a guest asks. */
enum drc_request { DRC_ISOLATE, DRC_UNISOLATE, DRC_MAKE_UNUSABLE, DRC_MAKE_USABLE, DRC_CONFIGURE };
enum { DRC_REQUESTS = 5 };

enum drc_sense { DRC_SENSE_EMPTY = 0, DRC_SENSE_PRESENT = 1, DRC_SENSE_UNUSABLE = 2 };

/* Statuses of the RTAS calls beyond the common ones. */
enum { DRC_MULTI_LEVEL = -9000, DRC_STILL_MAPPED = -9001, DRC_NOT_USABLE = -9003 };

/* What a listener hears, after it happened. */
enum drc_news {
    DRC_NEWS_CONFIGURED,        /* the guest has taken it */
    DRC_NEWS_GIVEN,             /* it gave it back unasked; it may take it again */
    DRC_NEWS_REMOVED,           /* it gave it back as asked: absent now */
    DRC_NEWS_KEPT,              /* it refuses the removal; no longer asked for */
    DRC_NEWS_SENSED,            /* it asked about an absent one */
    DRC_NEWS_FAILED,            /* the host could not provide it when the guest took it */
};
typedef void drc_listener(void *opaque, uint32_t id, enum drc_news news);

struct drcs;

/* The connectors of the machine's configuration: its processors and the memory above the first GiB at rest CONFIGURED,
 * the rest absent.  Costs the same for any ceiling. */
struct drcs *drc_new(struct papr *p, struct error *err);
void drc_free(struct drcs *d);
/* Before the guest runs. Called without locks, by the thread on which it happened. */
void drc_listen(struct drcs *d, enum drc_type type, drc_listener *fn, void *opaque);

/* Machine reset and CAS: what is asked back is taken, what is present becomes CONFIGURED.  The guest does not run;
 * caller: the processor on whose thread this is, or NULL. */
void drc_reset(struct drcs *d, struct vcpu *caller);
/* As after drc_new(), memory map included. For a load. */
void drc_reset_to_rest(struct drcs *d);

/* ---- the guest's side; results are RTAS statuses ---- */
int32_t drc_ask(struct drcs *d, struct vcpu *caller, uint32_t index, enum drc_request what);
int32_t drc_sense(struct drcs *d, uint32_t index, uint32_t *sense);
int32_t drc_set_led(struct drcs *d, uint32_t index, uint32_t value);
/* 0 if configure-connector may proceed with this one; else its answer. */
int32_t drc_may_configure(struct drcs *d, uint32_t index);

/* What fn answers, called under the lock: the connector stays CONFIGURED meanwhile. -3: it is not. */
int32_t drc_if_configured(struct drcs *d, uint32_t index, int32_t (*fn)(void *arg), void *arg);

/* ---- the host's side ---- */
struct drc_view {
    enum drc_state state;
    bool attached;              /* present: the guest has it or may take it */
    bool unplug;                /* and is asked to give it back */
};
/* False: no such connector. */
bool drc_get(struct drcs *d, uint32_t index, struct drc_view *out);
/* Makes an absent one present, for the guest to take. -ENOENT: no such connector, -EEXIST: present. */
int drc_attach(struct drcs *d, enum drc_type type, uint32_t id, struct error *err);
/* Makes one absent that the guest does not hold. -EBUSY: it does. */
int drc_detach(struct drcs *d, enum drc_type type, uint32_t id, struct error *err);
/* Present ones, for a guest that has not looked yet: they become CONFIGURED at once. */
int drc_settle(struct drcs *d, enum drc_type type, uint32_t id, struct error *err);
/* Marks what is present as asked back; one that the guest does not hold goes at once.
 * -ENOENT: absent. True in *gone: it went. */
int drc_ask_back(struct drcs *d, enum drc_type type, uint32_t id, bool *gone, struct error *err);
/* No longer asked back. */
void drc_leave(struct drcs *d, enum drc_type type, uint32_t id);

/* The longest run of existing connectors in the same condition that starts at the first existing one at or after
 * `from`. False: none. Costs what has changed since boot, not what exists. */
struct drc_run {
    uint32_t first, n;
    struct drc_view view;
};
bool drc_next_run(struct drcs *d, enum drc_type type, uint32_t from, struct drc_run *run);

/* Makes one absent, whatever it is: for a guest that has not looked yet. -ENOENT, -ENOMEM. */
int drc_take_back(struct drcs *d, struct vcpu *caller, enum drc_type type, uint32_t id);

/* How many are present; how many of them the guest holds (not UNUSABLE). */
uint32_t drc_attached(struct drcs *d, enum drc_type type);
uint32_t drc_held(struct drcs *d, enum drc_type type);
/* Time that guests' requests took, all in all, in this program. */
int64_t drc_busy_ns(struct drcs *d);
void drc_add_busy_ns(struct drcs *d, int64_t ns);
/* Ids are below this. */
uint32_t drc_end(const struct drcs *d, enum drc_type type);
const char *drc_type_name(enum drc_type type);          /* "MEM", ... */
const char *drc_name_prefix(enum drc_type type);        /* "LMB ", ... */

/* Saved state: only connectors away from rest, in runs.  At rest there is nothing to save: skip the section. */
bool drc_at_rest(struct drcs *d);
extern const struct state_list drc_state;

#endif
