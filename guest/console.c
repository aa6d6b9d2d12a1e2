/* SPDX-License-Identifier: Apache-2.0 */
/* guest/console.c - the terminal (H_PUT_TERM_CHAR), and tests that report as TAP does: "ok N name",
 * "not ok N name", "# why". */
#include "guest/guest.h"

uint64_t hret[8];

int64_t hcall_args(uint64_t opcode, const uint64_t *args, unsigned n)
{
    uint64_t regs[10] = { opcode };
    int64_t status;

    for (unsigned i = 0; i < n && i < 9; i++)
        regs[i + 1] = args[i];
    status = hcall_raw(regs);
    for (unsigned i = 0; i < 8; i++)
        hret[i] = regs[i + 1];
    return status;
}

static void put_chunk(const char *text, size_t n)
{
    uint64_t regs[10];
    uint8_t bytes[16] = { 0 };

    memcpy(bytes, text, n);
    do {
        regs[0] = H_PUT_TERM_CHAR;
        regs[1] = 0;
        regs[2] = n;
        regs[3] = be64(*(uint64_t *)bytes);
        regs[4] = be64(*(uint64_t *)(bytes + 8));
    } while (hcall_raw(regs) == H_BUSY);
}

void put(const char *text)
{
    for (size_t left = strlen(text); left;) {
        size_t n = left < 16 ? left : 16;

        put_chunk(text, n);
        text += n;
        left -= n;
    }
}

void put_hex(uint64_t v)
{
    char text[19] = "0x";
    unsigned at = 2;

    for (int shift = 60; shift >= 0; shift -= 4)
        if (v >> shift || shift == 0)
            text[at++] = "0123456789abcdef"[v >> shift & 15];
    text[at] = 0;
    put(text);
}

void put_number(int64_t v)
{
    char text[21];
    unsigned at = sizeof(text) - 1;
    uint64_t left = v < 0 ? -(uint64_t)v : (uint64_t)v;

    text[at] = 0;
    do
        text[--at] = (char)('0' + left % 10);
    while (left /= 10);
    if (v < 0)
        text[--at] = '-';
    put(text + at);
}

static struct {
    unsigned number, failed_checks;
    const char *context, *skipped, *not_here;
    uint64_t context_number;
} now;

void context(const char *text, uint64_t number)
{
    now.context = text;
    now.context_number = number;
}

void skip(const char *why)
{
    now.skipped = why;
}

void not_here(const char *why)
{
    now.not_here = why;
}

/* The path the compiler saw depends on where it ran. */
static const char *base_name(const char *path)
{
    const char *name = path;

    for (; *path; path++)
        if (*path == '/')
            name = path + 1;
    return name;
}

bool check_equal(const char *file, int line, const char *what, uint64_t have, uint64_t want)
{
    if (have == want)
        return true;
    if (now.failed_checks++ < 20) {
        put("# ");
        put(base_name(file));
        put(":");
        put_number(line);
        put(": ");
        put(what);
        put(" is ");
        put_hex(have);
        put(", not ");
        put_hex(want);
        if (now.context) {
            put(" (");
            put(now.context);
            put(" ");
            put_hex(now.context_number);
            put(")");
        }
        put("\r\n");
    }
    return false;
}

static bool wanted(const char *name)
{
    const char *only = command_word("only");

    return !only || strncmp(name, only, strlen(only)) == 0;
}

static void tell_left_out(const char *name)
{
    put("# left out: ");
    put(name);
    put(": ");
    put(now.not_here);
    put("\r\n");
}

unsigned run_tests(const struct tests *t)
{
    unsigned failed = 0;

    for (size_t i = 0; i < t->n; i++) {
        if (!wanted(t->row[i].name))
            continue;
        now.failed_checks = 0;
        now.context = now.skipped = now.not_here = NULL;
        t->row[i].run();
        if (now.not_here) {
            tell_left_out(t->row[i].name);
            continue;
        }
        now.number++;
        put(now.failed_checks ? "not ok " : "ok ");
        put_number(now.number);
        put(" ");
        put(t->row[i].name);
        if (now.skipped) {
            put(" # SKIP ");
            put(now.skipped);
        }
        put("\r\n");
        failed += now.failed_checks != 0;
    }
    return failed;
}

unsigned tests_plan(void)
{
    put("1..");
    put_number(now.number);
    put("\r\n");
    return now.number;
}
