/* SPDX-License-Identifier: Apache-2.0 */
/* mem/ram_window.h - host memory for all RAM a guest may ever have: one reservation, real address ra at base + ra.
 *
 * The reservation covers the ceiling and costs address space only (64 TiB fits x86-64 user space).  Opening pages makes
 * them readable and writable, reading as zero; closing gives them back to the host; touching a closed page faults.
 * Ranges are multiples of the host page size.
 *
 * Threads: any thread may use open pages.  Opening, closing and clearing take the window's own lock.  Closing pages
 * under a reader is the caller's mistake: mem_map's removal defers the close until every read section that could hold
 * the address has ended. */
#ifndef MEM_RAM_WINDOW_H
#define MEM_RAM_WINDOW_H

#include "base/addr.h"
#include "base/error.h"

#include <stdint.h>

struct ram_window;

/* Reserves ceiling_bytes (rounded up to a host page).  NULL with err filled: no room in the address space. */
struct ram_window *ram_window_new(uint64_t ceiling_bytes, struct error *err);
/* Nobody may use the memory any more; waits for retired pages. */
void ram_window_free(struct ram_window *w);

/* Opens [start, start + len): readable, writable, zero where it was closed.  -EINVAL: unaligned, empty or outside;
 * -ENOMEM: the host refused. */
int ram_window_open(struct ram_window *w, ra_t start, uint64_t len, struct error *err);
/* Gives the pages back to the host and closes them.  Closing a closed page is no error. */
int ram_window_close(struct ram_window *w, ra_t start, uint64_t len, struct error *err);
/* Closes the pages after every read section that exists now has ended; returns at once.  Opening them again before that
 * keeps them open, and zero.  -ENOMEM: nothing will happen. */
int ram_window_retire(struct ram_window *w, ra_t start, uint64_t len, struct error *err);
/* Open pages read as zero again and cost no host memory (machine reset).  Same errors as open. */
int ram_window_clear(struct ram_window *w, ra_t start, uint64_t len);

/* Where real address 0 is in host memory, and the ceiling in bytes: constant, any thread. */
uint8_t *ram_window_base(const struct ram_window *w);
uint64_t ram_window_size(const struct ram_window *w);

#endif
