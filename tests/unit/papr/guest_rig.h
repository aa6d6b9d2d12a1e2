/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/papr/guest_rig.h - calls of the Open Firmware client interface and of RTAS by
 * hand, on a machine that never runs. */
#ifndef TESTS_GUEST_RIG_H
#define TESTS_GUEST_RIG_H

#include "papr/loader.h"
#include "papr/of_client.h"
#include "tests/unit/hcall_rig.h"

enum {
    RIG_BLOCK = 0x20000,        /* the argument block */
    RIG_TEXT = 0x21000,         /* strings of arguments; one page */
    RIG_BUFFER = 0x22000,       /* for the guest's own use */
};
#define OF_FAILED 0xffffffffu

/* rig_up(), and the machine as it is before the first instruction of a kernel at 4 MiB. */
void guest_rig_up(struct rig *r, unsigned cpus, uint64_t ceiling);
/* The same as a fixture of cmocka; it ends with rig_end(). */
int guest_rig_begin(void **state, unsigned cpus, uint64_t ceiling);

/* Stores a string at RIG_TEXT + n * 256 and returns its address. */
uint32_t guest_text(struct rig *r, unsigned n, const char *text);

/* One service: nrets results after the arguments; returns the first (0 if there are none). */
uint32_t of_call(struct rig *r, const char *service, unsigned nrets, unsigned nargs, const uint32_t *arg);
#define OF(r, service, nrets, ...) \
    of_call(r, service, nrets, sizeof((uint32_t[]){ 0, ##__VA_ARGS__ }) / 4 - 1, (uint32_t[]){ 0, ##__VA_ARGS__ } + 1)
/* A later result of the last call. */
uint32_t of_result(struct rig *r, unsigned nargs, unsigned n);

/* One RTAS call by name; returns the status. Results: rtas_result(). */
int32_t rtas_call(struct rig *r, const char *name, unsigned nret, unsigned nargs, const uint32_t *arg);
#define RTAS(r, name, nret, ...) \
    rtas_call(r, name, nret, sizeof((uint32_t[]){ 0, ##__VA_ARGS__ }) / 4 - 1, (uint32_t[]){ 0, ##__VA_ARGS__ } + 1)
uint32_t rtas_result(struct rig *r, unsigned nargs, unsigned n);
/* The number of a service; fails the test if there is none. */
uint32_t rtas_token(const char *name);

#endif
