/* SPDX-License-Identifier: Apache-2.0 */
/* papr/ram_usage.c - see the header.
 * /proc/self/smaps costs what the populated page tables cost, not what the range costs. */
#include "papr/ram_usage.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

uint64_t ram_usage_bytes(const void *base, uint64_t len)
{
    uint64_t first = (uintptr_t)base, start, end, kib, total = 0;
    FILE *f = fopen("/proc/self/smaps", "re");
    bool inside = false;
    char line[512];

    if (!f)
        return 0;
    while (fgets(line, sizeof(line), f)) {
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " ", &start, &end) == 2)
            inside = start >= first && start - first < len;
        else if (inside && sscanf(line, "Rss: %" SCNu64 " kB", &kib) == 1)
            total += kib << 10;
    }
    fclose(f);
    return total;
}
