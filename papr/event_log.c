/* SPDX-License-Identifier: Apache-2.0 */
/* papr/event_log.c - builds event log records, version 6, section by section.
 * Spec: LoPAR, "RTAS error/event return format"; docs/hotplug.md.  All numbers big-endian. */
#include <assert.h>
#include <time.h>

#include "base/endian.h"
#include "papr/events_int.h"

/* The fixed part: 32 bits that say what follows. */
#define SUMMARY_VERSION_6 0x06000000u
#define SUMMARY_SEVERITY_EVENT 0x00200000u
#define SUMMARY_NOT_RECOVERED 0x00100000u
#define SUMMARY_EXTENDED 0x00040000u
#define SUMMARY_INITIATOR_HOTPLUG 0x00006000u
#define SUMMARY_TYPE_HOTPLUG 0xe5u
#define SUMMARY_TYPE_EPOW 0x40u

#define SECTION_HEADER_BYTES 8
#define EPOW_SENSOR_SHUTDOWN 3
#define EPOW_MODIFIER_NORMAL 1
#define EPOW_XMODIFIER_PARTITION 1

struct log_writer {
    uint8_t *at;
};

static uint8_t *take(struct log_writer *w, size_t len)
{
    uint8_t *p = w->at;

    memset(p, 0, len);
    w->at += len;
    return p;
}

/* A section and its header; returns where it starts. */
static uint8_t *section(struct log_writer *w, const char id[2], uint16_t len, uint8_t version)
{
    uint8_t *p = take(w, len);

    memcpy(p, id, 2);
    be16_put(p + 2, len);
    p[4] = version;
    return p;
}

void event_put_head(uint8_t *out, uint32_t summary, size_t total_bytes)
{
    be32_put(out, summary);
    be32_put(out + 4, (uint32_t)total_bytes - 8);
    out[8] = 0x86;              /* valid, new, big-endian */
    out[10] = 0x8e;             /* PowerPC format, platform event log */
    memcpy(out + 20, "IBM", 4);
}

static void begin(struct log_writer *w, uint32_t summary, size_t total)
{
    event_put_head(take(w, EVENT_HEAD_BYTES),
                   SUMMARY_VERSION_6 | SUMMARY_SEVERITY_EVENT | SUMMARY_NOT_RECOVERED | SUMMARY_EXTENDED | summary,
                   total);
}

static uint8_t bcd(unsigned n)
{
    return (uint8_t)(n / 10 % 10 << 4 | n % 10);
}

/* Main-A: when, by whom, how many sections. */
static void main_a(struct log_writer *w, int64_t epoch_seconds, uint8_t sections, uint32_t plid)
{
    uint8_t *p = section(w, "PH", 48, 0);
    time_t t = (time_t)epoch_seconds;
    struct tm tm = { 0 };

    gmtime_r(&t, &tm);
    p[8] = bcd((unsigned)(tm.tm_year + 1900) / 100);
    p[9] = bcd((unsigned)(tm.tm_year + 1900));
    p[10] = bcd((unsigned)tm.tm_mon + 1);
    p[11] = bcd((unsigned)tm.tm_mday);
    p[12] = bcd((unsigned)tm.tm_hour);
    p[13] = bcd((unsigned)tm.tm_min);
    p[14] = bcd((unsigned)tm.tm_sec);
    p[24] = 'H'; /* creator: hypervisor */
    p[27] = sections;
    be32_put(p + 40, plid);
}

/* Main-B: which subsystem, how severe. */
static void main_b(struct log_writer *w, uint8_t subsystem, uint8_t subtype)
{
    uint8_t *p = section(w, "UH", 24, 0);

    p[8] = subsystem;
    p[11] = subtype;
}

size_t event_build_hotplug(uint8_t *out, const struct hotplug_event *ev, int64_t epoch_seconds, uint32_t plid)
{
    const size_t total = EVENT_HEAD_BYTES + 48 + 24 + 20;
    struct log_writer w = { out };
    uint8_t *p;

    begin(&w, SUMMARY_INITIATOR_HOTPLUG | SUMMARY_TYPE_HOTPLUG, total);
    main_a(&w, epoch_seconds, 3, plid);
    main_b(&w, 0x80, 0);
    p = section(&w, "HP", 20, 1);
    p[SECTION_HEADER_BYTES] = (uint8_t)ev->type;
    p[SECTION_HEADER_BYTES + 1] = (uint8_t)ev->action;
    p[SECTION_HEADER_BYTES + 2] = (uint8_t)ev->id;
    if (ev->id == HOTPLUG_ID_INDEX) {
        be32_put(p + 12, ev->index);
    } else {
        be32_put(p + 12, ev->count);
        be32_put(p + 16, ev->id == HOTPLUG_ID_COUNT_INDEX ? ev->index : 0);
    }
    assert(w.at == out + total);
    return total;
}

size_t event_build_epow_shutdown(uint8_t *out, int64_t epoch_seconds, uint32_t plid)
{
    const size_t total = EVENT_HEAD_BYTES + 48 + 24 + 20;
    struct log_writer w = { out };
    uint8_t *p;

    begin(&w, SUMMARY_TYPE_EPOW, total);
    main_a(&w, epoch_seconds, 3, plid);
    main_b(&w, 0xa0, 0xd0);
    p = section(&w, "EP", 20, 2);
    p[SECTION_HEADER_BYTES] = EPOW_SENSOR_SHUTDOWN;
    p[SECTION_HEADER_BYTES + 1] = EPOW_MODIFIER_NORMAL;
    p[SECTION_HEADER_BYTES + 2] = EPOW_XMODIFIER_PARTITION;
    assert(w.at == out + total);
    return total;
}
