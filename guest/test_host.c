/* SPDX-License-Identifier: Apache-2.0 */
/* guest/test_host.c - event logs; memory, a host bridge and a processor that the host adds and asks back.  Each asks
 * the host by a line "# host: REQUEST" (docs/test-guest.md) and is skipped when the command line has no word "host".
 *
 * The guest here does what a good one would: it sizes the hash table once for a whole request, before it adds memory
 * and after it removed some, and shrinks only when that saves more than one step.
 * Spec: LoPAR, check-exception; docs/hotplug.md. */
#include "guest/guest.h"

enum { IRQ_EPOW = 0x1000, IRQ_HOTPLUG = 0x1001, PRIORITY = 5 };
#define MASK_EPOW 0x40000000u
#define MASK_HOTPLUG 0x10000000u
enum { LOG_BYTES = 116, NO_LOG = 1, ACTION_ADD = 1, ACTION_REMOVE = 2, ID_INDEX = 2, ID_COUNT_INDEX = 4,
       TYPE_CPU = 1, TYPE_MEMORY = 2, TYPE_PHB = 4 };
#define PATIENCE (300ull * 512000000)
#define GUARD 0xc3

static uint8_t log[2048] __attribute__((aligned(4096)));

static int32_t fetch(uint32_t irq, uint32_t mask, uint32_t room)
{
    memset(log, GUARD, sizeof(log));
    return RTAS("check-exception", 1, NULL, 0x500, irq, mask, 1, (uint32_t)(uintptr_t)log, room);
}

static void ask_host(const char *request, uint64_t number)
{
    put("# host: ");
    put(request);
    if (number) {
        put(" ");
        put_hex(number);
    }
    put("\r\n");
}

static void ask_outcome(const char *name)
{
    put("# host: outcome ");
    put(name);
    put("\r\n");
}

/* The QMP event that the host must have seen by then. */
static void ask_event(const char *name_and_device)
{
    put("# host: event ");
    put(name_and_device);
    put("\r\n");
}

static bool need_host(void)
{
    if (command_word("host"))
        return true;
    skip("nobody outside to ask (the command line has no word host)");
    return false;
}

static void route(uint32_t irq, uint32_t priority)
{
    CHECK(RTAS("ibm,set-xive", 1, NULL, irq, 0, priority), RTAS_OK);
    CHECK(RTAS("ibm,int-on", 1, NULL, irq), RTAS_OK);
}

/* Ceded, for the host may need the processor we run on; the decrementer wakes us when that takes too long. */
static bool wait_for_external(uint64_t ticks)
{
    uint64_t before = external_taken, start = timebase(), passed = 0;

    while (external_taken == before && passed < ticks) {
        set_decrementer(ticks - passed < 0x7fffffff ? ticks - passed : 0x7fffffff);
        HCALL(H_CEDE, 0);
        __asm__ volatile("mtmsrd %0,1" : : "r"(MSR_RI) : "memory");
        passed = timebase() - start;
    }
    return external_taken != before;
}

/* Waits for the interrupt; it is not ended yet. */
static bool wait_for(uint32_t irq)
{
    return CHECK_TRUE(wait_for_external(PATIENCE)) && CHECK(external_xirr & 0xffffff, irq);
}

static void end_interrupt(void)
{
    CHECK(HCALL(H_EOI, external_xirr), H_SUCCESS);
}

/* ---- without the host ---- */

/* What was asked of ibm,client-architecture-support and this machine has: bytes 2, 5, 6, 22 of option vector 5. */
static void test_negotiated(void)
{
    CHECK(machine.vector5[2] & 0xe0, 0xe0);             /* LPAR, SPLPAR, dynamic reconfiguration memory */
    CHECK(machine.vector5[5] & 0x80, 0x80);             /* FORM1 */
    CHECK(machine.vector5[6] & 0x05, 0x05);             /* hot-plug events, resizing the hash table */
    CHECK(machine.vector5[22] & 0xc0, 0xc0);            /* dynamic-memory-v2, drc-info */
    CHECK(machine.vector5[23] & 0xc0, 0);               /* XICS */
    CHECK(machine.vector5[24] & 0xc0, 0);               /* hash */
    CHECK_TRUE(machine.hpt_shift >= 18 && machine.hpt_shift <= 46);
    CHECK(machine.lmb_bytes, 1 << 28);
    CHECK_TRUE(machine.ceiling >= machine.memory_top);
}

static void test_no_log(void)
{
    CHECK(fetch(IRQ_HOTPLUG, MASK_HOTPLUG, sizeof(log)), NO_LOG);
    CHECK(fetch(IRQ_EPOW, MASK_EPOW, sizeof(log)), NO_LOG);
    CHECK(fetch(0, 0xffffffff, sizeof(log)), NO_LOG);
    CHECK(log[0], GUARD);
    CHECK(RTAS("event-scan", 1, NULL, 0xffffffff, 0, (uint32_t)(uintptr_t)log, sizeof(log)), NO_LOG);
    CHECK(log[0], GUARD);
}

/* ---- the power button: a log in a buffer too short, of another class, at no address ---- */
static void test_epow(void)
{
    if (!need_host())
        return;
    HCALL(H_CPPR, 0xff);
    set_decrementer(0x7fffffff);
    route(IRQ_EPOW, PRIORITY);
    ask_host("powerdown", 0);
    if (!wait_for(IRQ_EPOW))
        return;
    CHECK(fetch(IRQ_EPOW, MASK_HOTPLUG, sizeof(log)), NO_LOG);
    /* The event stays where it is. */
    CHECK(RTAS("check-exception", 1, NULL, 0x500, IRQ_EPOW, MASK_EPOW, 1, 0xfffffff0, 64), RTAS_PARAMETER);
    CHECK(fetch(IRQ_EPOW, MASK_EPOW, 20), RTAS_OK);
    CHECK(be32(*(uint32_t *)log) >> 24, 6);
    CHECK(log[19] != GUARD, true);
    CHECK(log[20], GUARD);
    end_interrupt();
    CHECK(fetch(IRQ_EPOW, MASK_EPOW, sizeof(log)), NO_LOG);
    route(IRQ_EPOW, 0xff);
}

/* ---- memory ---- */
struct request {
    uint8_t type, action, id;
    uint32_t first, n;                      /* numbers of blocks */
};

/* What a good guest checks before it believes a log. */
static bool read_request(struct request *r)
{
    const uint8_t *hp = log + 96;

    if (!CHECK(be32(*(uint32_t *)log) & 0xff, 0xe5) || !CHECK(be32(*(uint32_t *)(log + 4)), LOG_BYTES - 8) ||
        !CHECK(memcmp(log + 20, "IBM", 4), 0) || !CHECK(memcmp(log + 24, "PH", 2), 0) || !CHECK(memcmp(hp, "HP", 2), 0))
        return false;
    r->type = hp[8];
    r->action = hp[9];
    r->id = hp[10];
    r->n = r->id == ID_COUNT_INDEX ? be32(*(uint32_t *)(hp + 12)) : 1;
    r->first = be32(*(uint32_t *)(hp + (r->id == ID_COUNT_INDEX ? 16 : 12))) & 0x0fffffff;
    return CHECK_TRUE(r->id == ID_COUNT_INDEX || r->id == ID_INDEX);
}

static struct {
    uint64_t bytes;                         /* memory we hold */
    unsigned tries, commits;                /* of resizing the table */
    unsigned records;
} now;

static unsigned wanted_shift(uint64_t bytes)
{
    unsigned shift = 18;

    while (1ull << shift < bytes / 64)
        shift++;
    return shift;
}

static void resize_table(unsigned shift)
{
    now.tries++;
    if (CHECK(HCALL(H_RESIZE_HPT_PREPARE, 0, shift), H_SUCCESS) &&
        CHECK(HCALL(H_RESIZE_HPT_COMMIT, 0, shift), H_SUCCESS)) {
        machine.hpt_shift = shift;
        now.commits++;
    }
}

/* The table first, then the memory; a block that cannot be had (the host probes for that) is no failure. */
static void add(const struct request *r)
{
    unsigned want = wanted_shift(now.bytes + r->n * machine.lmb_bytes);
    uint32_t sense;

    if (CHECK(drc_sense(DRC_LMB(r->first), &sense), RTAS_OK) && sense != 2)
        return;
    if (drc_ask(DRC_LMB(r->first), ASK_USABLE))
        return;
    if (want > machine.hpt_shift)
        resize_table(want);
    for (uint32_t id = r->first; id < r->first + r->n; id++) {
        volatile uint64_t *at = (uint64_t *)(id * machine.lmb_bytes);

        context("block", id);
        if (!CHECK_TRUE(drc_take(DRC_LMB(id))))
            return;
        CHECK(*at, 0);
        *at = id;
        now.bytes += machine.lmb_bytes;
    }
}

/* The memory first; the table only when it is more than one step too large. */
static void remove(const struct request *r)
{
    unsigned want;

    for (uint32_t id = r->first; id < r->first + r->n; id++) {
        context("block", id);
        if (!CHECK_TRUE(drc_give(DRC_LMB(id))))
            return;
        now.bytes -= machine.lmb_bytes;
    }
    want = wanted_shift(now.bytes);
    if (want + 1 < machine.hpt_shift)
        resize_table(want);
}

/* Serves requests until we hold so much memory. */
static void serve(uint64_t bytes)
{
    struct request r;

    while (now.bytes != bytes) {
        if (!wait_for(IRQ_HOTPLUG))
            return;
        if (!CHECK(fetch(IRQ_HOTPLUG, MASK_HOTPLUG, sizeof(log)), RTAS_OK) || !CHECK(log[LOG_BYTES], GUARD) ||
            !read_request(&r) || !CHECK(r.type, TYPE_MEMORY)) {
            end_interrupt();
            return;
        }
        now.records++;
        end_interrupt();
        if (r.action == ACTION_ADD)
            add(&r);
        else
            remove(&r);
    }
}

static bool begin(uint64_t grow)
{
    if (!need_host())
        return false;
    if (machine.lmb_end - machine.lmb_boot_end < grow / machine.lmb_bytes) {
        not_here("the ceiling is too low");
        return false;
    }
    HCALL(H_CLEAR_HPT, 0);
    now.bytes = machine.memory_top;
    now.tries = now.commits = now.records = 0;
    HCALL(H_CPPR, 0xff);
    set_decrementer(0x7fffffff);
    route(IRQ_HOTPLUG, PRIORITY);
    return true;
}

static void end(void)
{
    route(IRQ_HOTPLUG, 0xff);
    context(NULL, 0);
}

#define GIB (1ull << 30)

/* 2 to 66 GiB and back: however many records that is, the table is not resized for each. */
static void test_grow_and_shrink(void)
{
    uint64_t bytes = machine.memory_top;

    if (!begin(64 * GIB))
        return;
    ask_host("resize", bytes + 64 * GIB);
    serve(bytes + 64 * GIB);
    ask_outcome("done");
    CHECK(machine.hpt_shift, wanted_shift(bytes + 64 * GIB));
    CHECK(now.tries, now.commits);
    CHECK_TRUE(now.commits <= 7);                       /* never more often than the size doubles */
    now.tries = now.commits = 0;
    ask_host("resize", bytes);
    serve(bytes);
    ask_outcome("done");
    CHECK_TRUE(machine.hpt_shift <= wanted_shift(bytes) + 1);
    CHECK(now.tries, now.commits);
    CHECK_TRUE(now.commits <= 7);
    end();
}

/* To and fro by one block: the step of slack leaves the table alone. */
static void test_slack(void)
{
    uint64_t bytes = machine.memory_top;

    if (!begin(machine.lmb_bytes))
        return;
    ask_host("resize", bytes + machine.lmb_bytes);
    serve(bytes + machine.lmb_bytes);
    ask_outcome("done");
    now.tries = 0;
    for (unsigned i = 0; i < 10; i++) {
        ask_host("resize", bytes);
        serve(bytes);
        ask_outcome("done");
        ask_host("resize", bytes + machine.lmb_bytes);
        serve(bytes + machine.lmb_bytes);
        ask_outcome("done");
    }
    CHECK(now.tries, 0);
    ask_host("resize", bytes);
    serve(bytes);
    ask_outcome("done");
    end();
}

/* A refused removal: the guest makes the blocks its own again, and keeps them. */
static void test_refuses_removal(void)
{
    struct request r;
    uint64_t records = 0;

    if (!begin(0))
        return;
    if (machine.lmb_boot_end - machine.lmb_first < 2) {
        not_here("no boot memory above the first GiB");
        return;
    }
    route(IRQ_EPOW, PRIORITY);
    ask_host("resize", now.bytes - machine.lmb_bytes);
    ask_outcome("refused");
    ask_host("powerdown", 0);                           /* says that the outcome is as expected */
    while (CHECK_TRUE(wait_for_external(PATIENCE)) && (external_xirr & 0xffffff) == IRQ_HOTPLUG) {
        bool read = CHECK(fetch(IRQ_HOTPLUG, MASK_HOTPLUG, sizeof(log)), RTAS_OK) && read_request(&r);

        records++;
        end_interrupt();
        for (uint32_t id = r.first; read && id < r.first + r.n; id++) {
            uint32_t sense;

            drc_sense(DRC_LMB(id), &sense);
            if (r.action == ACTION_REMOVE)
                CHECK(drc_ask(DRC_LMB(id), ASK_UNISOLATE), RTAS_OK);
        }
    }
    CHECK(fetch(IRQ_EPOW, MASK_EPOW, sizeof(log)), RTAS_OK);
    end_interrupt();
    route(IRQ_EPOW, 0xff);
    CHECK_TRUE(records > 0);
    CHECK(configure_all(DRC_LMB(machine.lmb_boot_end - 1)), RTAS_OK);
    end();
}

/* ---- a host bridge ---- */

static bool expect_connector(uint8_t type, uint32_t id, uint8_t action)
{
    struct request r;
    bool good;

    do {                                    /* the host's last question about memory may still be there */
        good = wait_for(IRQ_HOTPLUG) && CHECK(fetch(IRQ_HOTPLUG, MASK_HOTPLUG, sizeof(log)), RTAS_OK) &&
            read_request(&r);
        end_interrupt();
    } while (good && r.type == TYPE_MEMORY);
    return good && CHECK(r.type, type) && CHECK(r.action, action) && CHECK(r.id, ID_INDEX) && CHECK(r.first, id);
}

/* Takes a connector that was absent until now; how many properties its node has, whose name must begin so. */
static uint32_t take_and_count(uint32_t index, const char *name)
{
    static uint32_t work[1024] __attribute__((aligned(4096)));
    uint32_t sense, properties = 0;
    int32_t status;

    CHECK(drc_sense(index, &sense), RTAS_OK);
    CHECK(sense, 2);
    CHECK(drc_ask(index, ASK_USABLE), RTAS_OK);
    CHECK(drc_ask(index, ASK_UNISOLATE), RTAS_OK);
    configure_begin(work, index);
    CHECK(configure_step(work), 2);
    CHECK(strncmp((const char *)work + be32(work[2]), name, strlen(name)), 0);
    while ((status = configure_step(work)) == 3)
        properties++;
    CHECK(status, RTAS_OK);
    return properties;
}

/* Added, walked through every state, asked back and kept, asked back and given; then it is absent again. */
static void test_bridge(void)
{
    uint32_t sense, id = 5;

    if (!need_host())
        return;
    HCALL(H_CPPR, 0xff);
    set_decrementer(0x7fffffff);
    route(IRQ_HOTPLUG, PRIORITY);
    ask_host("plug", DRC_PHB(id));
    if (!expect_connector(TYPE_PHB, id, ACTION_ADD))
        return;
    CHECK_TRUE(take_and_count(DRC_PHB(id), "pci@") > 15);
    drc_walk_transitions(DRC_PHB(id));
    ask_host("unplug", DRC_PHB(id));
    if (!expect_connector(TYPE_PHB, id, ACTION_REMOVE))
        return;
    CHECK(drc_ask(DRC_PHB(id), ASK_UNISOLATE), RTAS_OK);
    ask_event("DEVICE_UNPLUG_GUEST_ERROR");
    CHECK(drc_sense(DRC_PHB(id), &sense), RTAS_OK);
    CHECK(sense, 1);
    ask_host("unplug", DRC_PHB(id));
    if (!expect_connector(TYPE_PHB, id, ACTION_REMOVE))
        return;
    CHECK_TRUE(drc_give(DRC_PHB(id)));
    ask_event("DEVICE_DELETED");
    CHECK(drc_ask(DRC_PHB(id), ASK_USABLE), RTAS_PARAMETER);
    route(IRQ_HOTPLUG, 0xff);
}

static void work_wait(struct job *j)
{
    j->seen = 1;
    while (!j->go)
        job_yield(j);
}

static bool runs(uint32_t id)
{
    return CHECK(processor_start(id, work_wait), RTAS_OK) && CHECK_TRUE(wait_until(&the_job.seen, 1)) &&
           CHECK(the_job.number, id);
}

/* Added, put to work; asked back while it works and kept; asked back and given; then it is absent again. */
static void add_and_remove(uint32_t id)
{
    uint32_t sense;

    ask_host("add_cpu", id);
    if (!expect_connector(TYPE_CPU, id, ACTION_ADD))
        return;
    CHECK(processor_start(id, work_wait), RTAS_PARAMETER);              /* not ours yet */
    CHECK_TRUE(take_and_count(DRC_CPU(id), "PowerPC,POWER") > 20);
    CHECK(processor_state(id), CPU_STOPPED);
    drc_walk_transitions(DRC_CPU(id));
    if (!runs(id))
        return;
    ask_host("remove_cpu", id);
    if (!expect_connector(TYPE_CPU, id, ACTION_REMOVE))
        return;
    CHECK(drc_ask(DRC_CPU(id), ASK_ISOLATE), DRC_MULTI_LEVEL);          /* it works */
    CHECK(drc_ask(DRC_CPU(id), ASK_UNISOLATE), RTAS_OK);                /* and is kept */
    ask_event("DEVICE_UNPLUG_GUEST_ERROR");
    CHECK(processor_state(id), CPU_RUNS);
    ask_host("remove_cpu", id);
    if (!expect_connector(TYPE_CPU, id, ACTION_REMOVE))
        return;
    the_job.go = 1;
    CHECK_TRUE(processor_wait_stopped(id));
    CHECK_TRUE(drc_give(DRC_CPU(id)));
    ask_event("DEVICE_DELETED");
    CHECK(drc_sense(DRC_CPU(id), &sense), RTAS_OK);
    CHECK(sense, 2);
    CHECK(drc_ask(DRC_CPU(id), ASK_USABLE), RTAS_PARAMETER);
    CHECK(processor_state(id), UINT32_MAX);
}

static void test_processor(void)
{
    uint32_t id = processors_end() - 1;

    if (processor_here(id)) {
        not_here("no processor can be added");
        return;
    }
    if (!need_host())
        return;
    HCALL(H_CPPR, 0xff);
    set_decrementer(0x7fffffff);
    route(IRQ_HOTPLUG, PRIORITY);
    for (unsigned i = 0; i < 3; i++) {
        context("time", i);
        add_and_remove(id);
    }
    route(IRQ_HOTPLUG, 0xff);
}

/* Requests are done in order: when the power button is pressed, those before it are. */
static void host_is_done(void)
{
    HCALL(H_CPPR, 0xff);
    set_decrementer(0x7fffffff);
    route(IRQ_EPOW, PRIORITY);
    ask_host("powerdown", 0);
    if (wait_for(IRQ_EPOW)) {
        CHECK(fetch(IRQ_EPOW, MASK_EPOW, sizeof(log)), RTAS_OK);
        CHECK(log[LOG_BYTES - 1] != GUARD, true);
        CHECK(log[LOG_BYTES], GUARD);
        end_interrupt();
    }
    route(IRQ_EPOW, 0xff);
}

static void test_impossible(void)
{
    if (!need_host())
        return;
    ask_host("refused", machine.ceiling + machine.lmb_bytes);
    ask_host("refused", machine.memory_top + 1);
    ask_host("refused", 1ull << 62);
    ask_host("refused", 1);
    host_is_done();
}

static const struct test rows[] = {
    { "boot-negotiated", test_negotiated },
    { "event-no-log", test_no_log },
    { "event-epow", test_epow },
    { "host-grow-and-shrink", test_grow_and_shrink },
    { "host-slack", test_slack },
    { "host-refuses-removal", test_refuses_removal },
    { "host-bridge", test_bridge },
    { "host-processor", test_processor },
    { "host-impossible", test_impossible },
};
TESTS(host_tests, rows);
