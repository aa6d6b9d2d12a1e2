/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/exceptions.c - what is not compared with the oracle, and why. */
#include "exceptions.h"

#include <string.h>

#define SYSTEM_TEST "tests/isa/system_test.c"

static const struct row_exception rows[] = {
    { "sc scv", "the emulator would make a system call of its host", SYSTEM_TEST },
    { "mftb darn", "the result is time or chance", SYSTEM_TEST },
    { "wait", "the emulator's user mode stops for ever", SYSTEM_TEST },
    { "tbegin. tend. tcheck tsr. tabort. tabortwc. tabortdc. tabortwci. tabortdci.",
      "the oracle's user mode has MSR[TM] = 1, our guests never", SYSTEM_TEST },
    { "rfebb rfscv slbfee. mfbhrbe clrbhrb", "illegal in the emulator's user mode; the book says privileged or facility unavailable",
      SYSTEM_TEST },
    { "stqcx.", "never succeeds in qemu 7.2's user mode", SYSTEM_TEST },
    { "icbt", "unknown to qemu's POWER9, which the book gives it", SYSTEM_TEST },
};

struct mask {
    const char *names;
    unsigned masks;
    bool (*when)(const struct isa_row *row, const struct wire_state *in);   /* NULL: always */
    const char *reason;
};

/* The quotient of divde does not fit, or there is none. */
static bool divde_overflows(const struct isa_row *row, const struct wire_state *in)
{
    uint32_t w = (uint32_t)in->word[0];
    int64_t a = (int64_t)in->gpr[w >> 16 & 31], b = (int64_t)in->gpr[w >> 11 & 31];
    __int128 q;

    (void)row;
    if (!b || (a == INT64_MIN && b == -1))
        return true;
    q = ((__int128)a * ((__int128)1 << 64)) / b;
    return q != (int64_t)q;
}

static const struct mask masks[] = {
    { "divde", MASK_T | MASK_CR0 | MASK_OV, divde_overflows,
      "RT and CR0 are undefined when the quotient does not fit; qemu 7.2 misses OV for quotients of 64 bits" },
    { "lxsiwzx lxsiwax lxsspx lxsdx lxsibzx lxsihzx mtvsrd mtvsrwa mtvsrwz", MASK_T_D1, NULL,
      "doubleword 1 of the target is undefined: ours becomes 0, qemu 7.2 keeps it" },
};

static bool listed(const char *names, const char *name)
{
    size_t n = strlen(name);

    for (const char *s = names; (s = strstr(s, name)); s++)
        if ((s == names || s[-1] == ' ') && (s[n] == ' ' || !s[n]))
            return true;
    return false;
}

const struct row_exception *exception_for(const struct isa_row *row)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (listed(rows[i].names, row->name))
            return &rows[i];
    return NULL;
}

unsigned exception_masks(const struct isa_row *row, const struct wire_state *in)
{
    unsigned m = 0;

    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
        if (listed(masks[i].names, row->name) && (!masks[i].when || masks[i].when(row, in)))
            m |= masks[i].masks;
    return m;
}

bool exception_mask_text(size_t i, const char **names, const char **reason)
{
    if (i >= sizeof(masks) / sizeof(masks[0]))
        return false;
    *names = masks[i].names;
    *reason = masks[i].reason;
    return true;
}
