/* SPDX-License-Identifier: Apache-2.0 */
/* mem/dirty_scan.h - the inner loops of collecting, chosen once for the host's processor.
 *
 * All work on memory that no marker writes (the inactive half), in whole cache lines of 8
 * words.  Thread: the collector. */
#ifndef MEM_DIRTY_SCAN_H
#define MEM_DIRTY_SCAN_H

#include <stddef.h>
#include <stdint.h>

struct dirty_scan {
    const char *name;
    /* Zeroes lines at word (cache-line aligned) and returns how many bits were set; move ORs them into out first. */
    uint64_t (*move)(uint64_t *word, uint64_t *out, size_t lines);
    uint64_t (*take)(uint64_t *word, size_t lines);
};

/* Tests and benchmarks walk all that this processor can run, best first. */
extern const struct dirty_scan dirty_scan_portable;
const struct dirty_scan *dirty_scan_best(void);

const struct dirty_scan *dirty_scan_nth(unsigned i);

#endif
