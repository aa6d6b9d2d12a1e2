/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hcall_misc.c - small hypercalls without a family: storage access for debuggers, SPRG0, random numbers,
 * characteristics. Spec: LoPAR, each call by its name. */
#include "papr/hcalls.h"

#include "base/endian.h"

#include <errno.h>
#include <sys/random.h>

/* ---- loads and stores on behalf of a debugger; numbers are big-endian in memory ---- */
static bool access_ok(uint64_t size, uint64_t addr)
{
    return (size == 1 || size == 2 || size == 4 || size == 8) && addr % size == 0;
}

/* The value as the size bytes at addr, in memory order; mem_map's MMIO values have the lowest byte first. */
static bool load_bytes(struct papr *p, uint64_t addr, unsigned size, uint8_t *bytes)
{
    uint64_t val = 0;

    if (papr_read(p, addr, bytes, size))
        return true;
    if (!mem_map_mmio_read(papr_map(p), ra(addr), size, &val))
        return false;
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(val >> (8 * i));
    return true;
}

static bool store_bytes(struct papr *p, uint64_t addr, unsigned size, const uint8_t *bytes)
{
    uint64_t val = 0;

    if (papr_write(p, addr, bytes, size))
        return true;
    for (unsigned i = 0; i < size; i++)
        val |= (uint64_t)bytes[i] << (8 * i);
    return mem_map_mmio_write(papr_map(p), ra(addr), size, val);
}

/* size, address -> value */
int64_t h_logical_ci_load(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    uint64_t size = arg[0], addr = arg[1];
    uint8_t bytes[8];

    if (!access_ok(size, addr) || !load_bytes(v->papr, addr, (unsigned)size, bytes))
        return H_PARAMETER;
    ret[0] = 0;
    for (unsigned i = 0; i < size; i++)
        ret[0] = ret[0] << 8 | bytes[i];
    return H_SUCCESS;
}

/* size, address, value */
int64_t h_logical_ci_store(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    uint64_t size = arg[0], addr = arg[1];
    uint8_t bytes[8];

    (void)ret;
    if (!access_ok(size, addr))
        return H_PARAMETER;
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(arg[2] >> (8 * (size - 1 - i)));
    return store_bytes(v->papr, addr, (unsigned)size, bytes) ? H_SUCCESS : H_PARAMETER;
}

int64_t h_logical_cache_load(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    return papr_is_ram(v->papr, arg[1], 1) ? h_logical_ci_load(v, arg, ret) : H_PARAMETER;
}

int64_t h_logical_cache_store(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    return papr_is_ram(v->papr, arg[1], 1) ? h_logical_ci_store(v, arg, ret) : H_PARAMETER;
}

/* Caches of ours are coherent: nothing to do. */
int64_t h_logical_icbi(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    (void)v;
    (void)arg;
    (void)ret;
    return H_SUCCESS;
}

int64_t h_logical_dcbf(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    return h_logical_icbi(v, arg, ret);
}

/* ---- registers ---- */
int64_t h_set_sprg0(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    (void)ret;
    v->cpu.spr[SPR_SPRG0] = arg[0];
    return H_SUCCESS;
}

/* POWER8 and POWER9 have a DAWR instead (H_SET_MODE). */
int64_t h_set_dabr(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    (void)v;
    (void)arg;
    (void)ret;
    return H_HARDWARE;
}

int64_t h_set_xdabr(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    return h_set_dabr(v, arg, ret);
}

/* -> 64 random bits */
int64_t h_random(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    ssize_t got;

    (void)v;
    (void)arg;
    do {
        got = getrandom(ret, sizeof(*ret), 0);
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof(*ret) ? H_SUCCESS : H_HARDWARE;
}

/* ---- what the processor is like ---- */
#define BIT(n) (1ull << (63 - (n)))
#define CHAR_BRANCH_HINTS_HONORED BIT(5)
#define CHAR_COUNT_CACHE_DISABLED BIT(7)
#define BEHAV_NO_L1D_FLUSH_ENTRY BIT(7)
#define BEHAV_NO_L1D_FLUSH_UACCESS BIT(8)

/* -> characteristics, behaviour. The flushes that a guest can do empty no cache of the host, so it is asked for none;
 * if this call failed it would do them at every system call. */
int64_t h_get_cpu_characteristics(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    (void)v;
    (void)arg;
    ret[0] = CHAR_BRANCH_HINTS_HONORED | CHAR_COUNT_CACHE_DISABLED;
    ret[1] = BEHAV_NO_L1D_FLUSH_ENTRY | BEHAV_NO_L1D_FLUSH_UACCESS;
    return H_SUCCESS;
}

/* flags (1: by processor), processor -> twelve domain numbers, two a word, -1 where there is none. All in node 0, as
 * the ibm,associativity of /cpus says: four levels, then the processor. */
int64_t h_home_node_associativity(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    if (arg[0] != 1)
        return H_FUNCTION;
    if (!papr_guest_vcpu(v->papr, arg[1]))
        return H_P2;
    ret[0] = ret[1] = 0;
    ret[2] = arg[1] << 32 | UINT32_MAX;
    ret[3] = ret[4] = ret[5] = UINT64_MAX;
    return H_SUCCESS;
}
