/* SPDX-License-Identifier: Apache-2.0 */
/* guest/main.c - runs every test, then switches off; when one failed the guest panics, so that the run fails too.
 * Words of the command line: docs/test-guest.md. */
#include "guest/guest.h"

static const struct tests *const all[] = {
    &hpt_tests, &resize_tests, &drc_tests, &configure_tests, &rtas_tests, &processor_tests, &time_tests,
    &code_tests, &processors_tests, &host_tests,
};

void guest_main(uint64_t initrd, uint64_t client_interface);

void guest_main(uint64_t initrd, uint64_t client_interface)
{
    unsigned failed = 0;

    (void)initrd;
    firmware_init(client_interface);
    interrupts_init();
    put("# paprika's test guest: memory ");
    put_hex(machine.memory_top);
    put(", ceiling ");
    put_hex(machine.ceiling);
    put(", hash table 2^");
    put_number(machine.hpt_shift);
    put("\r\n");
    for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
        failed += run_tests(all[i]);
    if (!tests_plan())
        give_up("no test's name begins with what only= says");
    if (failed)
        give_up("tests of the bare-metal guest failed; its console names them");
    put("# paprika's test guest: all passed\r\n");
    power_off();
}
