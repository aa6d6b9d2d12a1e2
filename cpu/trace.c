/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/trace.c - one line per block, or per instruction with the exec class. */
#include "cpu/trace.h"

#include <inttypes.h>

#include "cpu/block.h"

void trace_block(const struct cpu *c, const struct block *b)
{
    if (!(c->trace->classes & (TRACE_EXEC | TRACE_BLOCK)))
        return;
    fprintf(c->trace->out, "cpu%u block %016" PRIx64 " n=%u msr=%016" PRIx64 "\n", c->id, c->nip, b->n_ops, (uint64_t)c->msr);
    if (c->trace->classes & TRACE_EXEC)
        for (unsigned i = 0; i < b->n_ops; i++)
            fprintf(c->trace->out, "  %016" PRIx64 " %08x\n", c->nip + 4u * i, b->ops[i].word);
}
