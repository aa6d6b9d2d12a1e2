/* SPDX-License-Identifier: Apache-2.0 */
/* The saved state of each part of a machine, with bytes changed: it is refused or taken, what was taken saves and loads
 * again, and after a refusal the right state still loads. */
#include "tests/fuzz/guest_fuzz.h"

#include <string.h>

#include "papr/drc.h"
#include "papr/hpt.h"
#include "papr/memory_hotplug.h"
#include "papr/nvram.h"
#include "papr/state_lists.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Something in every part that tables do not describe: entries, connectors away from rest, properties, a device. */
static void disturb(struct papr *p)
{
    struct dimm_spec dimm = { .id = "d", .memdev = "m", .addr = UINT64_MAX, .size_bytes = 2 * PAPR_LMB_SIZE };
    uint64_t ptex;

    for (uint64_t i = 0; i < 20; i++)
        hpt_insert(papr_hpt(p), i * 8, false, (struct hpte){ i << 12 | HPTE_V_V, i << 12 | HPTE_R_M }, &ptex);
    drc_attach(papr_drcs(p), DRC_PHB, 3, NULL);
    drc_attach(papr_drcs(p), DRC_LMB, 20, NULL);
    papr_dimm_plug(p, &dimm, NULL);
    papr_resize_memory(p, 6ull << 30, 0, NULL);
    nvram_write(papr_nvram(p), 100, "abc", 3);
}

enum { PARTS_MAX = 32 };

struct part {
    const struct state_list *list;
    void *obj;
    uint32_t instance;
    struct state_writer saved;
};

struct parts {
    struct part part[PARTS_MAX];
    unsigned n;
};

static int note(void *arg, const struct state_list *list, void *obj, uint32_t instance)
{
    struct parts *all = arg;
    struct part *part = &all->part[all->n++];

    *part = (struct part){ .list = list, .obj = obj, .instance = instance };
    state_writer_init(&part->saved);
    if (all->n == PARTS_MAX || state_save(list, obj, instance, &part->saved, NULL))
        abort();
    return 0;
}

static bool load(const struct part *part, const uint8_t *data, size_t len)
{
    struct state_reader r;
    struct error err;

    state_reader_init(&r, data, len);
    return !state_load(part->list, part->obj, part->instance, &r, &err);
}

static void must_save_and_load(const struct part *part)
{
    struct state_writer w;

    state_writer_init(&w);
    if (state_save(part->list, part->obj, part->instance, &w, NULL) || !load(part, w.out.data, w.out.len_bytes))
        abort();
    state_writer_fini(&w);
}

/* The first byte picks a part; then four bytes are one change: where, and what to do to the 16 bits there. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct parts all;
    const struct part *part;
    uint8_t *copy;
    size_t len;

    if (!all.n) {
        struct papr *p = fuzz_machine();

        fuzz_begin(p, NULL, 0);
        disturb(p);
        papr_each_state(p, &all, note);
    }
    if (!size)
        return 0;
    part = &all.part[data[0] % all.n];
    len = part->saved.out.len_bytes;
    copy = malloc(len);
    memcpy(copy, part->saved.out.data, len);
    for (size_t i = 1; i + 4 <= size; i += 4) {
        size_t at = (data[i] | data[i + 1] << 8) % (len - 1);

        copy[at] ^= data[i + 2];
        copy[at + 1] ^= data[i + 3];
    }
    if (load(part, copy, len))
        must_save_and_load(part);
    else if (!load(part, part->saved.out.data, len))
        abort();
    free(copy);
    return 0;
}
