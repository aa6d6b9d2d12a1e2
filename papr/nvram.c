/* SPDX-License-Identifier: Apache-2.0 */
/* papr/nvram.c - see the header. A partition: signature, checksum, length in units of 16 bytes
 * (big-endian), name of 12 bytes, data. */
#include "papr/nvram.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "papr/rtas.h"

enum { HEADER_BYTES = 16, COMMON_BYTES = 4096, SIGNATURE_COMMON = 0x70, SIGNATURE_FREE = 0x7f };

struct nvram {
    struct lock lock;
    uint8_t data[NVRAM_BYTES];
};

/* Sum of the header's bytes but the checksum itself, with carries added in again. */
static uint8_t checksum(const uint8_t *header)
{
    unsigned sum = header[0];

    for (unsigned i = 2; i < HEADER_BYTES; i++) {
        sum += header[i];
        sum = (sum & 0xff) + (sum >> 8);
    }
    return (uint8_t)sum;
}

static void put_partition(uint8_t *at, uint8_t signature, const char name[12], uint32_t bytes)
{
    at[0] = signature;
    be16_put(at + 2, (uint16_t)(bytes / 16));
    memcpy(at + 4, name, 12);
    at[1] = checksum(at);
}

struct nvram *nvram_new(struct error *err)
{
    struct nvram *n = calloc(1, sizeof(*n));

    if (!n) {
        error_set(err, ENOMEM, "out of memory");
        return NULL;
    }
    lock_init(&n->lock);
    put_partition(n->data, SIGNATURE_COMMON, "common\0\0\0\0\0", COMMON_BYTES);
    put_partition(n->data + COMMON_BYTES, SIGNATURE_FREE, "wwwwwwwwwwww", NVRAM_BYTES - COMMON_BYTES);
    return n;
}

void nvram_free(struct nvram *n)
{
    if (!n)
        return;
    lock_fini(&n->lock);
    free(n);
}

static bool inside(uint32_t at, uint32_t len)
{
    return at <= NVRAM_BYTES && len <= NVRAM_BYTES - at;
}

bool nvram_read(struct nvram *n, uint32_t at, void *buf, uint32_t len)
{
    if (!inside(at, len))
        return false;
    lock_take(&n->lock);
    memcpy(buf, n->data + at, len);
    lock_drop(&n->lock);
    return true;
}

bool nvram_write(struct nvram *n, uint32_t at, const void *buf, uint32_t len)
{
    if (!inside(at, len))
        return false;
    lock_take(&n->lock);
    memcpy(n->data + at, buf, len);
    lock_drop(&n->lock);
    return true;
}

/* index, buffer, length -> status, bytes done */
static int32_t move(struct vcpu *v, const uint32_t *arg, uint32_t *ret, bool store)
{
    struct nvram *nvram = papr_nvram(v->papr);
    uint8_t part[256];

    if (!inside(arg[0], arg[2]) || !papr_is_ram(v->papr, arg[1], arg[2]))
        return RTAS_PARAMETER_ERROR;
    while (ret[1] < arg[2]) {
        uint32_t at = arg[0] + ret[1], left = arg[2] - ret[1], n = left < sizeof(part) ? left : sizeof(part);
        uint64_t buffer = (uint64_t)arg[1] + ret[1];

        if (store ? !papr_read(v->papr, buffer, part, n) || !nvram_write(nvram, at, part, n)
                  : !nvram_read(nvram, at, part, n) || !papr_write(v->papr, buffer, part, n))
            return RTAS_PARAMETER_ERROR;
        ret[1] += n;
    }
    return RTAS_SUCCESS;
}

int32_t rtas_nvram_fetch(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    return move(v, arg, ret, false);
}

int32_t rtas_nvram_store(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    return move(v, arg, ret, true);
}

static const struct state_field fields[] = {
    STATE_BYTES(struct nvram, data, 1),
};
const struct state_list nvram_state = STATE_LIST("nvram", struct nvram, 1, fields);
