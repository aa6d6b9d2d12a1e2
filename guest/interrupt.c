/* SPDX-License-Identifier: Apache-2.0 */
/* guest/interrupt.c - vectors in real mode, in our byte order.  Timer and external interrupts are counted and
 * the code goes on; any other ends what enter() runs, or the guest. */
#include "guest/guest.h"

uint64_t decrementer_taken, external_taken;
uint32_t external_xirr;

enum { VECTOR_EXTERNAL = 0x500, VECTOR_DECREMENTER = 0x900 };

static const uint16_t vectors[] = {
    0x100, 0x200, 0x300, 0x380, 0x400, 0x480, 0x500, 0x600, 0x700, 0x800, 0x900, 0xa00, 0xc00, 0xd00, 0xf00, 0xf20,
    0xf40, 0xf60, 0xf80, 0x1500,
};

void interrupts_init(void)
{
    size_t words = (size_t)(vector_end - vector_start) / 4;

    if (MSR_LE && HCALL(H_SET_MODE, 1, 4, 0, 0) != H_SUCCESS)       /* they are big-endian at start */
        put("# interrupts cannot be little-endian\r\n");
    for (unsigned i = 0; i < ARRAY_SIZE(vectors); i++) {
        uint32_t *to = (uint32_t *)(uintptr_t)vectors[i];

        memcpy(to, vector_start, words * 4);
        to[1] |= vectors[i];            /* li r3,vector */
        code_written(to);
    }
}

static uint64_t msr(void)
{
    uint64_t v;

    __asm__ volatile("mfmsr %0" : "=r"(v));
    return v;
}

uint64_t interrupt(struct interrupt_frame *f)
{
    if (f->vector == VECTOR_DECREMENTER) {
        set_decrementer(0x7fffffff);
        decrementer_taken++;
        return 0;
    }
    if (f->vector == VECTOR_EXTERNAL) {
        HCALL(H_XIRR, 0);
        external_xirr = (uint32_t)hret[0];
        external_taken++;
        return 0;
    }
    if (!(f->srr1 & (MSR_IR | MSR_DR)) && f->vector != 0x700) {
        put("# an unexpected interrupt ");
        put_hex(f->vector);
        put(" at ");
        put_hex(f->srr0);
        put("\r\n");
        give_up("the test guest took an interrupt it did not expect");
    }
    return f->vector;
}

bool wait_for_interrupt(uint64_t ticks)
{
    uint64_t before = decrementer_taken + external_taken, start = timebase();

    __asm__ volatile("mtmsrd %0,1" : : "r"(msr() | MSR_EE | MSR_RI) : "memory");
    while (*(volatile uint64_t *)&decrementer_taken + *(volatile uint64_t *)&external_taken == before &&
           timebase() - start < ticks)
        ;
    __asm__ volatile("mtmsrd %0,1" : : "r"(MSR_RI) : "memory");
    return decrementer_taken + external_taken != before;
}
