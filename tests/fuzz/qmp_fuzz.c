/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes from a monitor client: framing, parsing, checking, running.  Every text must be answered. */
#include "monitor/memory.h"
#include "monitor/monitor_int.h"
#include "tests/unit/fake_memory.h"
#include "tests/unit/fake_stats.h"

#include <assert.h>
#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The machine's side: nothing happens. */
enum papr_status papr_status(const struct papr *p)
{
    (void)p;
    return PAPR_RUNNING;
}

int papr_stop(struct papr *p, struct error *err)
{
    (void)p;
    (void)err;
    return 0;
}

int papr_cont(struct papr *p, struct error *err)
{
    (void)p;
    return error_set(err, EINVAL, "not paused");
}

void papr_request_reset(struct papr *p)
{
    (void)p;
}

void papr_request_powerdown(struct papr *p)
{
    (void)p;
}

void papr_request_quit(struct papr *p, const char *why)
{
    (void)p;
    (void)why;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct monitor m = { 0 };
    struct frame f;
    bool ready = len & 1;

    frame_init(&f);
    while (len) {
        size_t used;
        enum frame_state what = frame_push(&f, data, len, &used);
        json_t *answer = NULL;

        assert(used > 0 && used <= len);
        data += used;
        len -= used;
        if (what == FRAME_TEXT)
            answer = command_run(&m, (char *)f.text.data, f.text.len_bytes, &ready);
        else if (what != FRAME_MORE)
            answer = command_framing_error(what);
        assert(what == FRAME_MORE || json_object_get(answer, "return") || json_object_get(answer, "error"));
        json_decref(answer);
    }
    frame_fini(&f);
    memdevs_free(&m);
    return 0;
}
