/* SPDX-License-Identifier: Apache-2.0 */
/* papr/rtas_time.c - get-time-of-day, set-time-of-day: the host's UTC plus an offset that the guest may set. */
#include <time.h>

#include "base/thread.h"
#include "papr/rtas_int.h"

/* -> status, year, month, day, hour, minute, second, nanosecond */
int32_t rtas_get_time_of_day(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    struct rtas *r = papr_rtas(v->papr);
    int64_t ns, ns_of_second;
    struct tm tm;
    time_t s;

    (void)arg;
    lock_take(&r->lock);
    ns = (int64_t)((uint64_t)time_read_ns(CLOCK_REALTIME) + r->clock_offset_ns);
    lock_drop(&r->lock);
    ns_of_second = ns % NS_PER_S;
    s = ns / NS_PER_S;
    if (ns_of_second < 0) {
        ns_of_second += NS_PER_S;
        s--;
    }
    if (!gmtime_r(&s, &tm) || tm.tm_year < -1900)
        return RTAS_HARDWARE_ERROR;
    ret[1] = (uint32_t)tm.tm_year + 1900;
    ret[2] = (uint32_t)tm.tm_mon + 1;
    ret[3] = (uint32_t)tm.tm_mday;
    ret[4] = (uint32_t)tm.tm_hour;
    ret[5] = (uint32_t)tm.tm_min;
    ret[6] = (uint32_t)tm.tm_sec;
    ret[7] = (uint32_t)ns_of_second;
    return RTAS_SUCCESS;
}

/* year, month, day, hour, minute, second, nanosecond -> status.
 * The years are those a 64-bit count of nanoseconds can say. */
int32_t rtas_set_time_of_day(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    struct rtas *r = papr_rtas(v->papr);
    struct tm tm;
    int64_t ns;

    (void)ret;
    if (arg[0] < 1970 || arg[0] > 2261 || arg[1] < 1 || arg[1] > 12 || arg[2] < 1 || arg[2] > 31 || arg[3] > 23 ||
        arg[4] > 59 || arg[5] > 59 || arg[6] >= NS_PER_S)
        return RTAS_PARAMETER_ERROR;
    tm = (struct tm){
        .tm_year = (int)arg[0] - 1900, .tm_mon = (int)arg[1] - 1, .tm_mday = (int)arg[2], .tm_hour = (int)arg[3],
        .tm_min = (int)arg[4], .tm_sec = (int)arg[5],
    };
    ns = timegm(&tm) * NS_PER_S + arg[6];
    if (tm.tm_mday != (int)arg[2])          /* timegm() made the 31st of a shorter month another day */
        return RTAS_PARAMETER_ERROR;
    lock_take(&r->lock);
    r->clock_offset_ns = (uint64_t)ns - (uint64_t)time_read_ns(CLOCK_REALTIME);
    lock_drop(&r->lock);
    return RTAS_SUCCESS;
}
