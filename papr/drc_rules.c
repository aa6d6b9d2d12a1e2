/* SPDX-License-Identifier: Apache-2.0 */
/* papr/drc_rules.c - the table of transitions: state by request.
 * Spec: LoPAR, "Dynamic Reconfiguration"; docs/hotplug.md. */
#include "papr/drc_int.h"
#include "papr/rtas.h"

#define STAY(state) { 0, state, DRC_NEED_NOTHING, DRC_EFFECT_NONE }
#define NO(state, status) { status, state, DRC_NEED_NOTHING, DRC_EFFECT_NONE }
#define GO(state) { 0, state, DRC_NEED_NOTHING, DRC_EFFECT_NONE }
/* The guest makes a connector its own again that it was asked to give back. */
#define KEEP(state) { 0, state, DRC_NEED_NOTHING, DRC_EFFECT_KEEP }
#define BAD RTAS_PARAMETER_ERROR

const struct drc_rule drc_rules[2][DRC_STATES][DRC_REQUESTS] = {
    [false] = {
        [DRC_UNUSABLE] = {
            [DRC_ISOLATE] = STAY(DRC_UNUSABLE),
            [DRC_UNISOLATE] = NO(DRC_UNUSABLE, BAD),
            [DRC_MAKE_UNUSABLE] = STAY(DRC_UNUSABLE),
            [DRC_MAKE_USABLE] = { 0, DRC_AVAILABLE, DRC_NEED_OFFERED, DRC_EFFECT_TAKE },
            [DRC_CONFIGURE] = NO(DRC_UNUSABLE, DRC_NOT_USABLE),
        },
        [DRC_AVAILABLE] = {
            [DRC_ISOLATE] = STAY(DRC_AVAILABLE),
            [DRC_UNISOLATE] = GO(DRC_UNISOLATED),
            [DRC_MAKE_UNUSABLE] = { 0, DRC_UNUSABLE, DRC_NEED_NOTHING, DRC_EFFECT_GIVE },
            [DRC_MAKE_USABLE] = STAY(DRC_AVAILABLE),
            [DRC_CONFIGURE] = NO(DRC_AVAILABLE, DRC_NOT_USABLE),
        },
        [DRC_UNISOLATED] = {
            [DRC_ISOLATE] = NO(DRC_UNISOLATED, BAD),
            [DRC_UNISOLATE] = KEEP(DRC_UNISOLATED),
            [DRC_MAKE_UNUSABLE] = NO(DRC_UNISOLATED, BAD),
            [DRC_MAKE_USABLE] = STAY(DRC_UNISOLATED),
            [DRC_CONFIGURE] = GO(DRC_CONFIGURED),
        },
        [DRC_CONFIGURED] = {
            [DRC_ISOLATE] = { 0, DRC_AVAILABLE, DRC_NEED_IDLE, DRC_EFFECT_NONE },
            [DRC_UNISOLATE] = KEEP(DRC_CONFIGURED),
            [DRC_MAKE_UNUSABLE] = NO(DRC_CONFIGURED, BAD),
            [DRC_MAKE_USABLE] = STAY(DRC_CONFIGURED),
            [DRC_CONFIGURE] = KEEP(DRC_CONFIGURED),
        },
    },
    [true] = {
        [DRC_UNUSABLE] = {
            [DRC_ISOLATE] = STAY(DRC_UNUSABLE),
            [DRC_UNISOLATE] = { 0, DRC_UNISOLATED, DRC_NEED_ATTACHED, DRC_EFFECT_NONE },
            [DRC_MAKE_UNUSABLE] = NO(DRC_UNUSABLE, BAD),
            [DRC_MAKE_USABLE] = NO(DRC_UNUSABLE, BAD),
            [DRC_CONFIGURE] = NO(DRC_UNUSABLE, DRC_NOT_USABLE),
        },
        [DRC_AVAILABLE] = {     /* not a state of theirs */
            [DRC_ISOLATE] = NO(DRC_AVAILABLE, BAD),
            [DRC_UNISOLATE] = NO(DRC_AVAILABLE, BAD),
            [DRC_MAKE_UNUSABLE] = NO(DRC_AVAILABLE, BAD),
            [DRC_MAKE_USABLE] = NO(DRC_AVAILABLE, BAD),
            [DRC_CONFIGURE] = NO(DRC_AVAILABLE, DRC_NOT_USABLE),
        },
        [DRC_UNISOLATED] = {
            [DRC_ISOLATE] = NO(DRC_UNISOLATED, BAD),
            [DRC_UNISOLATE] = KEEP(DRC_UNISOLATED),
            [DRC_MAKE_UNUSABLE] = NO(DRC_UNISOLATED, BAD),
            [DRC_MAKE_USABLE] = NO(DRC_UNISOLATED, BAD),
            [DRC_CONFIGURE] = GO(DRC_CONFIGURED),
        },
        [DRC_CONFIGURED] = {
            [DRC_ISOLATE] = { 0, DRC_UNUSABLE, DRC_NEED_IDLE, DRC_EFFECT_GIVE },
            [DRC_UNISOLATE] = KEEP(DRC_CONFIGURED),
            [DRC_MAKE_UNUSABLE] = NO(DRC_CONFIGURED, BAD),
            [DRC_MAKE_USABLE] = NO(DRC_CONFIGURED, BAD),
            [DRC_CONFIGURE] = KEEP(DRC_CONFIGURED),
        },
    },
};
