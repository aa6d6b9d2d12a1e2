/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/frame.h"

static void start_over(struct frame *f)
{
    buf_reset(&f->text);
    f->depth = 0;
    f->in_string = f->escaped = f->done = false;
}

void frame_init(struct frame *f)
{
    *f = (struct frame){ 0 };
    buf_init(&f->text);
}

void frame_fini(struct frame *f)
{
    buf_fini(&f->text);
}

static enum frame_state out_of_step(struct frame *f, enum frame_state why)
{
    start_over(f);
    f->skip_line = true;
    return why;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Inside a text: follow strings and nesting. */
static enum frame_state push_inside(struct frame *f, uint8_t c)
{
    if (buf_append_u8(&f->text, c) < 0 || f->text.len_bytes > FRAME_BYTES_MAX)
        return out_of_step(f, FRAME_TOO_LONG);
    if (f->in_string) {
        if (c == '"' && !f->escaped)
            f->in_string = false;
        f->escaped = c == '\\' && !f->escaped;
    } else if (c == '"') {
        f->in_string = true;
    } else if (c == '{' || c == '[') {
        if (++f->depth > FRAME_DEPTH_MAX)
            return out_of_step(f, FRAME_TOO_DEEP);
    } else if (c == '}' || c == ']') {
        f->depth--;
    }
    if (f->depth)
        return FRAME_MORE;
    f->done = true;
    return FRAME_TEXT;
}

static enum frame_state push_byte(struct frame *f, uint8_t c)
{
    if (f->done)
        start_over(f);
    if (c == 0xff) {
        start_over(f);
        f->skip_line = false;
        return FRAME_MORE;
    }
    if (f->skip_line) {
        f->skip_line = c != '\n';
        return FRAME_MORE;
    }
    if (f->depth == 0 && is_space(c))
        return FRAME_MORE;
    if (f->depth == 0 && c != '{' && c != '[')
        return out_of_step(f, FRAME_GARBAGE);
    return push_inside(f, c);
}

enum frame_state frame_push(struct frame *f, const uint8_t *data, size_t len_bytes, size_t *used)
{
    for (*used = 0; *used < len_bytes;) {
        enum frame_state s = push_byte(f, data[(*used)++]);

        if (s != FRAME_MORE)
            return s;
    }
    return FRAME_MORE;
}
