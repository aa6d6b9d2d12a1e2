/* SPDX-License-Identifier: Apache-2.0 */
/* papr/boot.c - the state in which the guest's first instruction finds the machine: images loaded, tree built, gate in
 * place, processor 0 at the kernel's entry as Open Firmware would leave it (IEEE 1275 PowerPC binding: 32-bit
 * big-endian real mode). */
#include "mem/dirty_log.h"
#include "papr/machine_int.h"
#include "papr/of_client.h"

enum { STACK_FRAME = 0x20 };

static void set_entry_state(struct vcpu *v, const struct loader_layout *images)
{
    struct cpu *c = &v->cpu;

    cpu_set_msr(c, MSR_ME | MSR_FP);
    c->nip = images->entry;
    c->gpr[1] = OF_STACK_TOP - STACK_FRAME;
    c->gpr[3] = images->initrd_start;
    c->gpr[4] = images->initrd_bytes;
    c->gpr[5] = OF_GATE_ADDRESS;
    c->halted = 0;
    lock_take(&v->run_lock);
    v->stopped = false;
    lock_drop(&v->run_lock);
}

int boot_prepare(struct papr *p, struct error *err)
{
    struct loader_layout images;
    int rc = 0;

    if (!p->loader)
        p->loader = loader_open(p->cfg.kernel, p->cfg.initrd, err);
    if (!p->loader)
        return err ? err->code : -1;
    rc = loader_load(p->loader, ram_window_base(p->ram), p->cfg.memory_bytes, &images, err);
    if (!rc)
        rc = of_client_set_images(p->of, &images, err);
    if (!rc)
        rc = papr_size_hpt(p, papr_memory_bytes(p), err);
    if (!rc)
        rc = of_client_build(p->of, err);
    if (rc)
        return rc;
    /* cleared, loaded: all of it may differ */
    dirty_log_mark(mem_map_ram_log(p->map, p->ram), 0, p->cfg.memory_bytes);
    of_gate_write(p, OF_GATE_ADDRESS, H_OF_CLIENT);
    set_entry_state(p->vcpus[0], &images);
    return 0;
}
