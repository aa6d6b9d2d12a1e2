/* SPDX-License-Identifier: Apache-2.0 */
/* papr/fdt_build.c - see the header. */
#include "papr/fdt_build.h"

#include <errno.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"

enum { FIRST_BYTES = 16384, LIMIT_BYTES = 64 << 20 };

static int grow(struct fdt_build *b)
{
    size_t cap_bytes = b->cap_bytes * 2;
    void *blob = cap_bytes > LIMIT_BYTES ? NULL : malloc(cap_bytes);
    int rc;

    if (!blob)
        return -FDT_ERR_NOSPACE;
    rc = fdt_resize(b->blob, blob, (int)cap_bytes);
    if (rc) {
        free(blob);
        return rc;
    }
    free(b->blob);
    b->blob = blob;
    b->cap_bytes = cap_bytes;
    return 0;
}

/* True when a libfdt call must be repeated because the buffer grew. */
static bool again(struct fdt_build *b, int rc)
{
    if (rc != -FDT_ERR_NOSPACE) {
        b->error = rc;
        return false;
    }
    b->error = grow(b);
    return !b->error;
}

void fdt_build_init(struct fdt_build *b, struct papr *p)
{
    *b = (struct fdt_build){ .papr = p, .cap_bytes = FIRST_BYTES };
    b->blob = malloc(b->cap_bytes);
    if (!b->blob) {
        b->error = -FDT_ERR_NOSPACE;
        return;
    }
    b->error = fdt_create_with_flags(b->blob, (int)b->cap_bytes, FDT_CREATE_FLAGS_ALL);
    if (!b->error)
        b->error = fdt_finish_reservemap(b->blob);
}

void *fdt_build_finish(struct fdt_build *b, struct error *err)
{
    void *blob = b->blob;

    while (!b->error && again(b, fdt_finish(b->blob)))
        ;
    blob = b->blob;
    b->blob = NULL;
    if (!b->error)
        return blob;
    free(blob);
    error_set(err, ENOMEM, "cannot build the device tree: %s", fdt_strerror(b->error));
    return NULL;
}

void fdt_build_begin(struct fdt_build *b, const char *fmt, ...)
{
    char name[128];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(name, sizeof(name), fmt, ap);
    va_end(ap);
    while (!b->error && again(b, fdt_begin_node(b->blob, name)))
        ;
}

void fdt_build_end(struct fdt_build *b)
{
    while (!b->error && again(b, fdt_end_node(b->blob)))
        ;
}

void fdt_build_bytes(struct fdt_build *b, const char *name, const void *data, size_t len_bytes)
{
    while (!b->error && again(b, fdt_property(b->blob, name, data, (int)len_bytes)))
        ;
}

void fdt_build_empty(struct fdt_build *b, const char *name)
{
    fdt_build_bytes(b, name, "", 0);
}

void fdt_build_str(struct fdt_build *b, const char *name, const char *s)
{
    fdt_build_bytes(b, name, s, strlen(s) + 1);
}

void fdt_build_u32(struct fdt_build *b, const char *name, uint32_t v)
{
    uint8_t be[4];

    be32_put(be, v);
    fdt_build_bytes(b, name, be, sizeof(be));
}

void fdt_build_u64(struct fdt_build *b, const char *name, uint64_t v)
{
    uint8_t be[8];

    be64_put(be, v);
    fdt_build_bytes(b, name, be, sizeof(be));
}

void fdt_build_cells(struct fdt_build *b, const char *name, const uint32_t *cells, size_t n)
{
    void *at = NULL;

    while (!b->error && again(b, fdt_property_placeholder(b->blob, name, (int)(n * 4), &at)))
        ;
    for (size_t i = 0; !b->error && i < n; i++)
        be32_put((uint8_t *)at + 4 * i, cells[i]);
}
