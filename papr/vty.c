/* SPDX-License-Identifier: Apache-2.0 */
/* papr/vty.c - the virtual terminal between hypercalls and a console.
 *
 * Output: a hypercall's bytes are taken whole or not at all, while a console may take a part, so up to 16 bytes wait
 * here; while any do, the guest is told to come back.  Input is fetched from the console when asked for; what one
 * answer must not hold waits here. */
#include "papr/vty.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dev/console.h"
#include "papr/vty_int.h"
#include "papr/xics.h"

struct vty {
    struct papr *papr;
    struct console *con; /* may be NULL */
    struct lock lock;    /* guards what follows; the console's lock is taken under it */
    uint8_t out[VTY_CHUNK], in[VTY_CHUNK];
    uint8_t out_len, in_len;
    bool signals; /* H_VIO_SIGNAL */
};

/* What waits goes first. True: nothing waits any more. */
static bool flush(struct vty *t) REQUIRES(t->lock)
{
    size_t n;

    if (!t->out_len)
        return true;
    n = t->con ? console_write(t->con, t->out, t->out_len) : t->out_len;
    memmove(t->out, t->out + n, t->out_len - n);
    t->out_len -= (uint8_t)n;
    return t->out_len == 0;
}

static bool has_input(struct vty *t) REQUIRES(t->lock)
{
    if (!t->in_len && t->con)
        t->in_len = (uint8_t)console_read(t->con, t->in, sizeof(t->in));
    return t->in_len;
}

static void input_arrived(void *opaque)
{
    struct vty *t = opaque;
    bool pulse;

    lock_take(&t->lock);
    pulse = t->signals;
    lock_drop(&t->lock);
    if (pulse)
        xics_pulse(papr_xics(t->papr), VTY_IRQ);
}

struct vty *vty_new(struct papr *p, struct console *con, struct error *err)
{
    struct vty *t = calloc(1, sizeof(*t));

    if (!t) {
        error_set(err, ENOMEM, "no memory for the terminal");
        return NULL;
    }
    t->papr = p;
    t->con = con;
    t->signals = true;
    lock_init(&t->lock);
    xics_claim(papr_xics(p), VTY_IRQ, 1, false);
    if (con)
        console_set_notify(con, input_arrived, t);
    return t;
}

void vty_free(struct vty *t)
{
    if (!t)
        return;
    if (t->con)
        console_set_notify(t->con, NULL, NULL);
    lock_fini(&t->lock);
    free(t);
}

void vty_reset(struct vty *t)
{
    lock_take(&t->lock);
    flush(t);
    t->in_len = 0;
    t->signals = true;
    lock_drop(&t->lock);
}

bool vty_put(struct vty *t, const uint8_t *data, size_t len)
{
    bool taken;

    lock_take(&t->lock);
    taken = flush(t);
    if (taken) {
        memcpy(t->out, data, len);
        t->out_len = (uint8_t)len;
        flush(t);
    }
    lock_drop(&t->lock);
    return taken;
}

/* Linux drops a NUL that follows a carriage return in one answer: such a pair is never answered together. */
static size_t answer_len(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++) {
        if (data[i] == '\r' && data[i + 1] == 0)
            return i + 1;
    }
    return len;
}

size_t vty_read(struct vty *t, void *data, size_t len)
{
    size_t n = 0;

    lock_take(&t->lock);
    if (has_input(t)) {
        n = answer_len(t->in, t->in_len);
        n = n < len ? n : len;
        memcpy(data, t->in, n);
        memmove(t->in, t->in + n, t->in_len - n);
        t->in_len -= (uint8_t)n;
    }
    lock_drop(&t->lock);
    return n;
}

size_t vty_write(struct vty *t, const void *data, size_t len)
{
    size_t n = 0;

    lock_take(&t->lock);
    if (flush(t))
        n = t->con ? console_write(t->con, data, len) : len;
    lock_drop(&t->lock);
    return n;
}

void vty_signals(struct vty *t, bool on)
{
    bool pulse;

    lock_take(&t->lock);
    pulse = on && !t->signals && has_input(t);
    t->signals = on;
    lock_drop(&t->lock);
    if (pulse)
        xics_pulse(papr_xics(t->papr), VTY_IRQ);
}

static const struct state_field vty_fields[] = {
    STATE_BYTES(struct vty, out, 1),
    STATE_BYTES(struct vty, in, 1),
    STATE_U8_MAX(struct vty, out_len, 1, VTY_CHUNK),
    STATE_U8_MAX(struct vty, in_len, 1, VTY_CHUNK),
    STATE_BOOL(struct vty, signals, 1),
};
const struct state_list vty_state = STATE_LIST("vty", struct vty, 1, vty_fields);
