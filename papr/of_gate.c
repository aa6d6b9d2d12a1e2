/* SPDX-License-Identifier: Apache-2.0 */
/* papr/of_gate.c - see the header. Only r3 and r4 change, which the client interface and RTAS both allow. */
#include "papr/of_gate.h"

#include "base/endian.h"
#include "papr/papr_int.h"

bool of_gate_write(struct papr *p, uint64_t addr, uint32_t opcode)
{
    const uint32_t code[OF_GATE_BYTES / 4] = {
        0x7c641b78,                         /* mr 4,3 */
        0x3c600000 | opcode >> 16,          /* lis 3,opcode@h */
        0x60630000 | (opcode & 0xffff),     /* ori 3,3,opcode@l */
        0x44000022,                         /* sc 1 */
        0x4e800020,                         /* blr */
    };
    uint8_t be[OF_GATE_BYTES];

    for (unsigned i = 0; i < OF_GATE_BYTES / 4; i++)
        be32_put(be + 4 * i, code[i]);
    return papr_write(p, addr, be, sizeof(be));
}
