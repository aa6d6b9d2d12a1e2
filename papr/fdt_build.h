/* SPDX-License-Identifier: Apache-2.0 */
/* papr/fdt_build.h - writes a flattened device tree with libfdt, in order, into a buffer that grows.
 *
 * An error (no memory, a call out of order) is remembered and makes the rest a no-op; fdt_build_finish() tells it.  All
 * properties of a node come before its children.  One thread. */
#ifndef PAPR_FDT_BUILD_H
#define PAPR_FDT_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct papr;

struct fdt_build {
    struct papr *papr;
    void *blob;
    size_t cap_bytes;
    int error;          /* first libfdt error, 0 = none */
};

/* A node, or the properties of one: a device adds itself with one function and one row of fdt.c's tables. */
typedef void fdt_writer(struct fdt_build *b);

void fdt_build_init(struct fdt_build *b, struct papr *p);
/* The finished tree, to be freed with free(); NULL with *err filled. Ends the builder in both cases. */
void *fdt_build_finish(struct fdt_build *b, struct error *err);

void fdt_build_begin(struct fdt_build *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void fdt_build_end(struct fdt_build *b);
void fdt_build_bytes(struct fdt_build *b, const char *name, const void *data, size_t len_bytes);
void fdt_build_empty(struct fdt_build *b, const char *name);
void fdt_build_str(struct fdt_build *b, const char *name, const char *s);
void fdt_build_u32(struct fdt_build *b, const char *name, uint32_t v);
void fdt_build_u64(struct fdt_build *b, const char *name, uint64_t v);
void fdt_build_cells(struct fdt_build *b, const char *name, const uint32_t *cells, size_t n);
/* fdt_build_list(b, "reg", 0, 0x100): 32-bit cells. */
#define fdt_build_list(b, name, ...) \
    fdt_build_cells(b, name, (const uint32_t[]){ __VA_ARGS__ }, \
                    sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))
/* Two cells of a 64-bit number, for fdt_build_list(). */
#define FDT_CELLS64(v) (uint32_t)((uint64_t)(v) >> 32), (uint32_t)(v)

#endif
