/* SPDX-License-Identifier: Apache-2.0 */
#include "main/report.h"

#include "base/size.h"
#include "base/thread.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

void report_init(struct report *r, const char *marker)
{
    *r = (struct report){ .marker = marker, .start_ns = time_now_ns() };
}

void report_note(_Atomic int64_t *when_ns)
{
    int64_t never = 0;

    atomic_compare_exchange_strong(when_ns, &never, time_now_ns());
}

/* One complete line, or one that has grown too long to be interesting. */
static void end_line(struct report *r)
{
    r->line[r->line_bytes] = 0;
    r->line_bytes = 0;
    if (strstr(r->line, r->marker))
        report_note(&r->shell_ns);
}

void report_output(void *report, const void *data, size_t len_bytes)
{
    struct report *r = report;
    const char *text = data;

    for (size_t i = 0; i < len_bytes; i++) {
        if (text[i] == '\n') {
            report_note(&r->first_line_ns);
            end_line(r);
        } else {
            if (r->line_bytes == REPORT_LINE_BYTES - 1)
                end_line(r);
            r->line[r->line_bytes++] = text[i];
        }
    }
}

/* "Name:   123 kB" of /proc/self/status in bytes; 0 when it is not there. */
static uint64_t status_bytes(const char *name)
{
    char line[256];
    unsigned long long kib = 0;
    FILE *f = fopen("/proc/self/status", "re");

    while (f && fgets(line, sizeof(line), f)) {
        if (!strncmp(line, name, strlen(name)))
            sscanf(line + strlen(name), " %llu", &kib);
    }
    if (f)
        fclose(f);
    return kib << 10;
}

void report_measure(struct report *r, struct papr *p)
{
    if (p)
        papr_stats(p, &r->stats);
    r->resident_bytes = status_bytes("VmRSS:");
    r->resident_peak_bytes = status_bytes("VmHWM:");
    report_note(&r->end_ns);
}

static double ms(const struct report *r, int64_t when_ns)
{
    return (double)(when_ns - r->start_ns) / 1e6;
}

static double mips(const struct report *r)
{
    return r->stats.guest_ns ? (double)r->stats.insns * 1e3 / (double)r->stats.guest_ns : 0;
}

static void print_time(const struct report *r, const char *what, int64_t when_ns, FILE *to)
{
    if (when_ns)
        fprintf(to, "  %-28s%12.1f ms\n", what, ms(r, when_ns));
    else
        fprintf(to, "  %-28s%12s\n", what, "never");
}

static uint64_t own_bytes(const struct report *r)
{
    uint64_t guests = r->stats.ram_touched_bytes + r->stats.hpt_touched_bytes;

    return r->resident_bytes > guests ? r->resident_bytes - guests : 0;
}

void report_print(const struct report *r, FILE *to)
{
    char a[SIZE_TEXT_BYTES], b[SIZE_TEXT_BYTES], c[SIZE_TEXT_BYTES];

    fprintf(to, "paprika: the machine ended: %s%s%s\n", r->end, r->message ? ": " : "", r->message ? r->message : "");
    print_time(r, "monitor answers after", r->monitor_ns, to);
    print_time(r, "first guest line after", r->first_line_ns, to);
    print_time(r, "shell after", r->shell_ns, to);
    print_time(r, "end after", r->end_ns, to);
    fprintf(to, "  %-28s%12.1f million, %.1f MIPS\n", "guest instructions", (double)r->stats.insns / 1e6, mips(r));
    fprintf(to, "  %-28s%12.2f s\n", "processor time", (double)r->stats.guest_ns / 1e9);
    fprintf(to, "  %-28s%12s, of which the guest touched %s, its hash table %s\n", "resident memory",
            size_format_rounded(r->resident_bytes, a), size_format_rounded(r->stats.ram_touched_bytes, b),
            size_format_rounded(r->stats.hpt_touched_bytes, c));
    fprintf(to, "  %-28s%12s\n", "beyond the guest's", size_format_rounded(own_bytes(r), a));
}

static json_t *time_json(const struct report *r, int64_t when_ns)
{
    return when_ns ? json_real(ms(r, when_ns)) : json_null();
}

int report_print_json(const struct report *r, int exit_status, FILE *to)
{
    json_t *v = json_pack("{s:s, s:s?, s:i, s:o, s:o, s:o, s:o, s:I, s:f, s:f, s:I, s:I, s:I, s:I, s:I}", "end", r->end,
                          "message", r->message, "exit_status", exit_status, "monitor_ms", time_json(r, r->monitor_ns),
                          "first_guest_line_ms", time_json(r, r->first_line_ns), "shell_ms", time_json(r, r->shell_ns),
                          "end_ms", time_json(r, r->end_ns), "instructions", (json_int_t)r->stats.insns, "mips",
                          mips(r), "processor_seconds", (double)r->stats.guest_ns / 1e9, "resident_bytes",
                          (json_int_t)r->resident_bytes, "resident_peak_bytes", (json_int_t)r->resident_peak_bytes,
                          "guest_touched_bytes", (json_int_t)r->stats.ram_touched_bytes, "hash_table_bytes",
                          (json_int_t)r->stats.hpt_touched_bytes, "own_bytes", (json_int_t)own_bytes(r));
    char *text = v ? json_dumps(v, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;

    json_decref(v);
    if (!text)
        return -ENOMEM;
    fprintf(to, "%s\n", text);
    free(text);
    return 0;
}
