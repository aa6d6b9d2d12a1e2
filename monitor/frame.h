/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/frame.h - cuts a byte stream into JSON texts, so that a parser sees one whole text at a time.
 *
 * Only nesting and strings are understood; what is inside is the parser's business.  Input is untrusted: memory is
 * bounded by FRAME_BYTES_MAX, and after garbage or an oversized text the framer is in step again at the next line.
 * A byte 0xff drops whatever was begun (clients send it to get back in step). */
#ifndef MONITOR_FRAME_H
#define MONITOR_FRAME_H

#include "base/buf.h"

#include <stdbool.h>

#define FRAME_BYTES_MAX (1u << 20)
#define FRAME_DEPTH_MAX 64

enum frame_state { FRAME_MORE, FRAME_TEXT, FRAME_GARBAGE, FRAME_TOO_LONG, FRAME_TOO_DEEP };

struct frame {
    struct buf text;        /* the text begun so far; whole after FRAME_TEXT, until the next call */
    unsigned depth;
    bool in_string, escaped;
    bool skip_line;         /* out of step: wait for a newline */
    bool done;              /* the text was handed out: drop it on the next call */
};

void frame_init(struct frame *f);
void frame_fini(struct frame *f);

/* Takes bytes from *data until something happens or they end; *used says how many.  FRAME_MORE: all taken, nothing yet.
 * An allocation that fails counts as a text too long. */
enum frame_state frame_push(struct frame *f, const uint8_t *data, size_t len_bytes, size_t *used);

#endif
