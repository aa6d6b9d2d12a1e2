/* SPDX-License-Identifier: Apache-2.0 */
/* guest/test_processor.c - H_SET_MODE, H_REGISTER_PROC_TBL, the areas of H_REGISTER_VPA, giving up the processor,
 * interrupts from itself.  Spec: LoPAR, each call by its name. */
#include "guest/guest.h"

enum { FIRST_UNSUPPORTED_FLAG = -256, LAST_UNSUPPORTED_FLAG = -511 };

static bool unsupported_flag(int64_t status)
{
    return status <= FIRST_UNSUPPORTED_FLAG && status >= LAST_UNSUPPORTED_FLAG;
}

static void test_set_mode(void)
{
    CHECK(HCALL(H_SET_MODE, 0, 0, 0, 0), H_P2);
    CHECK(HCALL(H_SET_MODE, 0, 6, 0, 0), H_P2);
    CHECK(HCALL(H_SET_MODE, 0, UINT64_MAX, 0, 0), H_P2);
    CHECK(HCALL(H_SET_MODE, 1, 3, 0, 0) != H_SUCCESS, true);
    CHECK_TRUE(unsupported_flag(HCALL(H_SET_MODE, 4, 3, 0, 0)));
    CHECK(HCALL(H_SET_MODE, 3, 3, 1, 0), H_P3);
    CHECK(HCALL(H_SET_MODE, 3, 3, 0, 1), H_P4);
    CHECK_TRUE(unsupported_flag(HCALL(H_SET_MODE, 2, 4, 0, 0)));
    CHECK(HCALL(H_SET_MODE, 1, 4, 1, 0), H_P3);
    CHECK(HCALL(H_SET_MODE, 1, 4, 0, 1), H_P4);
    CHECK(HCALL(H_SET_MODE, !MSR_LE, 4, 0, 0), H_SUCCESS);
    CHECK(HCALL(H_SET_MODE, MSR_LE, 4, 0, 0), H_SUCCESS);       /* interrupts in our byte order */
    CHECK_TRUE(unsupported_flag(HCALL(H_SET_MODE, 1, 1, 0, 0)));
    CHECK(HCALL(H_SET_MODE, 0, 1, 3, 0), H_P3);
    CHECK(HCALL(H_SET_MODE, 0, 1, 0, 1), H_P4);
    CHECK(HCALL(H_SET_MODE, 0, 1, 0, 0), H_SUCCESS);
    CHECK(HCALL(H_SET_MODE, 0, 2, 0, 4), H_P4);
    CHECK(HCALL(H_SET_MODE, 0, 2, 0, 0), H_SUCCESS);
}

static void test_proc_table(void)
{
    if (machine.pvr >> 16 == 0x4d) {
        CHECK(HCALL(H_REGISTER_PROC_TBL, 0, 0, 0, 0), H_FUNCTION);
        return;
    }
    CHECK(HCALL(H_REGISTER_PROC_TBL, 0, 0, 0, 0), H_SUCCESS);
    CHECK(HCALL(H_REGISTER_PROC_TBL, 0x20, 0, 0, 0), H_PARAMETER);
    CHECK(HCALL(H_REGISTER_PROC_TBL, 0x1c, 0, 0, 0), H_PARAMETER);      /* radix */
    CHECK(HCALL(H_REGISTER_PROC_TBL, UINT64_MAX, 0, 0, 0), H_PARAMETER);
}

/* ---- H_REGISTER_VPA ---- */
enum { VPA = 1, DTL = 2, SHADOW = 3, NO_VPA = 5, NO_DTL = 6, NO_SHADOW = 7, VPA_BYTES = 640 };

static uint8_t areas[2 * 4096] __attribute__((aligned(4096)));

static int64_t registers(uint64_t function, uint64_t processor, const void *address)
{
    return HCALL(H_REGISTER_VPA, function << 45, processor, (uint64_t)address);
}

static void sizes(void *at, uint16_t half, uint32_t word)
{
    if (half)
        *(uint16_t *)((uint8_t *)at + 4) = be16(half);
    else
        *(uint32_t *)((uint8_t *)at + 4) = be32(word);
}

static void test_vpa(void)
{
    sizes(areas, VPA_BYTES, 0);
    CHECK(registers(VPA, processors_end(), areas), H_PARAMETER);
    CHECK(registers(VPA, UINT64_MAX, areas), H_PARAMETER);
    CHECK(registers(VPA, 0, NULL) != H_SUCCESS, true);
    CHECK(registers(VPA, 0, areas + 64), H_PARAMETER);
    CHECK(registers(VPA, 0, (void *)machine.memory_top), H_PARAMETER);
    CHECK(registers(VPA, 0, (void *)(UINT64_MAX - 127)), H_PARAMETER);
    sizes(areas, VPA_BYTES - 1, 0);
    CHECK(registers(VPA, 0, areas), H_PARAMETER);
    sizes(areas + 4096 - 512, VPA_BYTES, 0);
    CHECK(registers(VPA, 0, areas + 4096 - 512), H_PARAMETER);          /* crosses a page */
    sizes(areas + 1024, 0, 48);
    CHECK(registers(DTL, 0, areas + 1024), H_RESOURCE);                 /* no VPA yet */
    CHECK(registers(SHADOW, 0, areas + 1024), H_RESOURCE);
    sizes(areas, VPA_BYTES, 0);
    CHECK(registers(VPA, 0, areas), H_SUCCESS);
    CHECK(areas[9] & 2, 2);                                             /* a shared processor */
    CHECK(registers(DTL, 0, areas + 1024), H_SUCCESS);
    sizes(areas + 1024, 0, 47);
    CHECK(registers(DTL, 0, areas + 1024), H_PARAMETER);
    sizes(areas + 2048, 0, 7);
    CHECK(registers(SHADOW, 0, areas + 2048), H_PARAMETER);
    sizes(areas + 2048, 0, 4096);
    CHECK(registers(SHADOW, 0, areas + 2048), H_PARAMETER);             /* crosses a page */
    sizes(areas + 2048, 0, 64);
    CHECK(registers(SHADOW, 0, areas + 2048), H_SUCCESS);
    CHECK(registers(NO_VPA, 0, NULL), H_RESOURCE);
    CHECK(registers(NO_DTL, 0, NULL), H_SUCCESS);
    CHECK(registers(NO_VPA, 0, NULL), H_RESOURCE);
    CHECK(registers(NO_SHADOW, 0, NULL), H_SUCCESS);
    CHECK(registers(NO_VPA, 0, NULL), H_SUCCESS);
    CHECK(registers(0, 0, areas) != H_SUCCESS, true);
    CHECK(registers(4, 0, areas) != H_SUCCESS, true);
}

/* The dispatch counter is even while we look, and has moved when we come back. */
static void test_yield_count(void)
{
    volatile uint32_t *count = (uint32_t *)(areas + 0x100);
    uint32_t before;

    memset(areas, 0, VPA_BYTES);
    sizes(areas, VPA_BYTES, 0);
    CHECK(registers(VPA, 0, areas), H_SUCCESS);
    before = be32(*count);
    CHECK(before & 1, 0);
    set_decrementer(25600000);
    CHECK(HCALL(H_CEDE, 0), H_SUCCESS);
    __asm__ volatile("mtmsrd %0,1" : : "r"(MSR_RI) : "memory");
    CHECK(be32(*count) & 1, 0);
    CHECK_TRUE(be32(*count) > before);
    CHECK(registers(NO_VPA, 0, NULL), H_SUCCESS);
}

static void test_prod_confer_join(void)
{
    CHECK(HCALL(H_PROD, processors_end()), H_PARAMETER);
    CHECK(HCALL(H_PROD, UINT64_MAX), H_PARAMETER);
    CHECK(HCALL(H_CONFER, processors_end(), 0), H_PARAMETER);
    CHECK(HCALL(H_CONFER, UINT64_MAX, 0), H_SUCCESS);
    CHECK(HCALL(H_PROD, 0), H_SUCCESS);
    CHECK(HCALL(H_CONFER, 0, 0), H_SUCCESS);            /* prodded: returns at once */
    CHECK(HCALL(H_JOIN, 0), H_CONTINUE);                /* the only one that runs is the last one */
}

/* ---- interrupts from itself ---- */
static void test_ipi(void)
{
    uint64_t before = external_taken;

    set_decrementer(0x7fffffff);
    CHECK(HCALL(H_CPPR, 0xff), H_SUCCESS);
    CHECK(HCALL(H_IPI, processors_end(), 4), H_PARAMETER);
    CHECK(HCALL(H_IPI, UINT64_MAX, 4), H_PARAMETER);
    CHECK(HCALL(H_IPI, 0, 4), H_SUCCESS);
    CHECK(HCALL(H_IPOLL, 0), H_SUCCESS);
    CHECK(hret[0] & 0xffffff, 2);                       /* the IPI's number */
    CHECK(hret[1], 4);
    CHECK_TRUE(wait_for_interrupt(512000000));
    CHECK(external_taken, before + 1);
    CHECK(external_xirr, 0xff000002);
    CHECK(HCALL(H_IPI, 0, 0xff), H_SUCCESS);
    CHECK(HCALL(H_EOI, external_xirr), H_SUCCESS);
    CHECK(HCALL(H_XIRR, 0), H_SUCCESS);
    CHECK(hret[0] & 0xffffff, 0);
    CHECK(HCALL(H_IPOLL, processors_end()), H_PARAMETER);
}

/* Less favoured than the processor's priority: waits. */
static void test_cppr_masks(void)
{
    set_decrementer(0x7fffffff);
    CHECK(HCALL(H_CPPR, 3), H_SUCCESS);
    CHECK(HCALL(H_IPI, 0, 4), H_SUCCESS);
    CHECK(wait_for_interrupt(512000), false);
    CHECK(HCALL(H_CPPR, 0xff), H_SUCCESS);
    CHECK_TRUE(wait_for_interrupt(512000000));
    CHECK(HCALL(H_IPI, 0, 0xff), H_SUCCESS);
    CHECK(HCALL(H_EOI, external_xirr), H_SUCCESS);
}

static void test_xive_calls(void)
{
    uint32_t out[3];

    CHECK(RTAS("ibm,get-xive", 3, out, 0x1000), RTAS_OK);
    CHECK(RTAS("ibm,set-xive", 1, NULL, 0x1000, 0, 5), RTAS_OK);
    CHECK(RTAS("ibm,get-xive", 3, out, 0x1000), RTAS_OK);
    CHECK(out[1], 0);
    CHECK(out[2], 5);
    CHECK(RTAS("ibm,set-xive", 1, NULL, 0x1000, processors_end(), 5), RTAS_PARAMETER);
    CHECK(RTAS("ibm,set-xive", 1, NULL, 0xffffffff, 0, 5), RTAS_PARAMETER);
    CHECK(RTAS("ibm,get-xive", 3, out, 0xffffffff), RTAS_PARAMETER);
    CHECK(RTAS("ibm,int-on", 1, NULL, 0xffffffff), RTAS_PARAMETER);
    CHECK(RTAS("ibm,int-off", 1, NULL, 0), RTAS_PARAMETER);
    CHECK(RTAS("ibm,set-xive", 1, NULL, 0x1000, 0, 0xff), RTAS_OK);
}

static const struct test rows[] = {
    { "processor-set-mode", test_set_mode },
    { "processor-proc-table", test_proc_table },
    { "processor-vpa", test_vpa },
    { "processor-yield-count", test_yield_count },
    { "processor-prod-confer-join", test_prod_confer_join },
    { "interrupt-ipi", test_ipi },
    { "interrupt-cppr-masks", test_cppr_masks },
    { "interrupt-xive-calls", test_xive_calls },
};
TESTS(processor_tests, rows);
