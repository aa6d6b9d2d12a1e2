/* SPDX-License-Identifier: Apache-2.0 */
/* papr/of_claims.h - which real memory below 4 GiB the firmware's clients have claimed.
 *
 * Invariant: ranges are sorted, not empty, do not overlap or touch, and lie below limit.
 * One thread at a time (of_client's lock). */
#ifndef PAPR_OF_CLAIMS_H
#define PAPR_OF_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

enum { OF_CLAIMS_MAX = 256 };       /* ranges; a claim that would need more is refused */

struct of_range {
    uint64_t start, end;
};

struct of_claims {
    uint64_t limit;
    uint32_t n;
    struct of_range range[OF_CLAIMS_MAX];
};

/* Nothing claimed. Claims reach at most min(ram_bytes, 4 GiB). */
void of_claims_init(struct of_claims *c, uint64_t ram_bytes);
/* Exactly [start, start + bytes). False: empty, overlaps, outside, or too many ranges. */
bool of_claims_take(struct of_claims *c, uint64_t start, uint64_t bytes);
/* The lowest free place for bytes (> 0), aligned to a power of two; UINT64_MAX: none. */
uint64_t of_claims_find(const struct of_claims *c, uint64_t bytes, uint64_t align);
/* Any range; what is not claimed in it stays so. False: splitting would need too many ranges (nothing changed). */
bool of_claims_release(struct of_claims *c, uint64_t start, uint64_t bytes);

#endif
