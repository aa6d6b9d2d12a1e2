/* SPDX-License-Identifier: Apache-2.0 */
/* main/report.h - what a run took: times since the process started, instructions, memory.
 * Threads: report_output() on the thread that writes the guest's output; the rest on the main thread. */
#ifndef MAIN_REPORT_H
#define MAIN_REPORT_H

#include "papr/papr.h"

#include <stdatomic.h>
#include <stdio.h>

#define REPORT_LINE_BYTES 256

struct report {
    const char *marker;             /* the text by which a guest says that its shell is up */
    int64_t start_ns;
    _Atomic int64_t monitor_ns, first_line_ns, shell_ns, end_ns;    /* 0: did not happen */
    struct papr_stats stats;
    uint64_t resident_bytes, resident_peak_bytes;
    const char *end;                /* "power-off", "quit", "panic", "error" */
    const char *message;            /* what went wrong; may be NULL */

    /* Of the output's thread. */
    char line[REPORT_LINE_BYTES];
    size_t line_bytes;
};

void report_init(struct report *r, const char *marker);
void report_note(_Atomic int64_t *when_ns);
/* Watches the guest's output; a console's tap. */
void report_output(void *report, const void *data, size_t len_bytes);
/* Reads the machine's figures and our memory, while the machine still exists; p may be NULL. */
void report_measure(struct report *r, struct papr *p);
void report_print(const struct report *r, FILE *to);
/* One line of JSON. 0 or -ENOMEM. */
int report_print_json(const struct report *r, int exit_status, FILE *to);

#endif
