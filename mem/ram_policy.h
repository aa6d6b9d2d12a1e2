/* SPDX-License-Identifier: Apache-2.0 */
/* mem/ram_policy.h - where the host memory behind RAM comes from: anonymous, memfd, file, huge
 * pages, a NUMA node, all of it now.
 *
 * ram_window_open() is the usual case: private anonymous memory, taken when touched, huge pages where the kernel can.
 * A policy opens a range differently;
 * the range then closes, clears and retires like any other.  Threads: as ram_window_open(). */
#ifndef MEM_RAM_POLICY_H
#define MEM_RAM_POLICY_H

#include "mem/ram_window.h"

#include <stdbool.h>

enum ram_backing {
    RAM_ANONYMOUS,              /* private */
    RAM_MEMFD,                  /* shared: other processes can map it (ram_window_fd) */
    RAM_FILE,                   /* path; created and lengthened if need be */
};

struct ram_policy {
    enum ram_backing backing;
    const char *path;           /* RAM_FILE */
    bool private_file;          /* RAM_FILE: stores stay ours */
    unsigned huge_shift;        /* 0: the kernel's choice; 21 or 30: pages of that size from the host's reserved pool */
    bool no_huge;               /* not even transparent ones */
    int node_plus_1;            /* 0: any; n + 1: only NUMA node n */
    bool reserve;               /* the host must account for all of it now (vm.overcommit_memory) */
    bool prealloc;              /* take every page now */
    /* Called now and then while preallocating; false stops it (-ECANCELED).  NULL: none. */
    bool (*progress)(void *opaque, uint64_t done, uint64_t total);
    void *opaque;
};

/* Errors as ram_window_open(), and those of the host's calls; nothing stays open on failure. */
int ram_window_open_policy(struct ram_window *w, ra_t start, uint64_t len, const struct ram_policy *p,
                           struct error *err);

/* Takes every page of an open range now, telling the policy's progress; a cleared range is taken again so.
 * 0 or -errno and *err; -ENOMEM before anything is taken if the host has less (not of files, nor of huge pages). */
int ram_window_take(struct ram_window *w, ra_t start, uint64_t len, const struct ram_policy *p, struct error *err);

/* Whether ra was opened by a policy and is open still. */
bool ram_window_has_policy(struct ram_window *w, ra_t at);

/* The file behind ra and its offset there, for RAM_MEMFD and RAM_FILE; the descriptor stays the window's.  -1: none. */
int ram_window_fd(struct ram_window *w, ra_t at, uint64_t *off);

#endif
