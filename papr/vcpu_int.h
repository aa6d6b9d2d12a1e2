/* SPDX-License-Identifier: Apache-2.0 */
/* papr/vcpu_int.h - what the files of a processor share: vcpu.c, vcpu_park.c, vcpu_request.c. */
#ifndef PAPR_VCPU_INT_H
#define PAPR_VCPU_INT_H

#include "papr/papr_int.h"

/* vcpu_request.c */
void vcpu_requests_init(struct vcpu_requests *q);
void vcpu_requests_fini(struct vcpu_requests *q);
/* Own thread. True when it may go on into cpu_run(): nothing was pending once in_guest could be seen. */
bool vcpu_enter_guest(struct vcpu *v);
void vcpu_leave_guest(struct vcpu *v);

/* vcpu_park.c */
bool vcpu_must_park(const struct vcpu *v);
bool vcpu_exiting(const struct papr *p);
/* Own thread: waits at the top of its loop until it may run or must end. */
void vcpu_park(struct vcpu *v) REQUIRES(v->run_lock);

#endif
