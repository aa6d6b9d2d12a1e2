/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "papr/loader.h"
#include "tests/unit/papr/elf_file.h"

#define MIB (1ull << 20)

static const uint32_t code[] = { 0x48000000, 0x60000000 };
static const struct elf_file vmlinux = {
    .little = true, .addr = 0xc000000000000000, .entry = 0xc000000000000004, .code = code, .words = 2,
    .bss_bytes = 0x12345,
};

static uint8_t *ram;
enum { RAM_BYTES = 128 << 20 };

static int ram_make(void **state)
{
    (void)state;
    ram = calloc(1, RAM_BYTES);
    return ram ? 0 : -1;
}

static int ram_drop(void **state)
{
    (void)state;
    free(ram);
    return 0;
}

/* Opens and loads; the message is in err when it fails. */
static int load(const char *kernel, const char *initrd, struct loader_layout *out, struct error *err)
{
    struct loader *l = loader_open(kernel, initrd, err);
    int rc = l ? loader_load(l, ram, RAM_BYTES, out, err) : err->code;

    loader_free(l);
    return rc;
}

static void expect_refusal(const char *kernel, const char *initrd, const char *part)
{
    struct loader_layout out;
    struct error err = { 0 };

    assert_true(load(kernel, initrd, &out, &err) < 0);
    if (!strstr(err.msg, part))
        fail_msg("\"%s\" lacks \"%s\"", err.msg, part);
    assert_non_null(strstr(err.msg, initrd ? "--initrd" : "--kernel"));
    assert_null(strchr(err.msg, '\n'));
}

static void a_linear_map_kernel_goes_to_4_mib(void **unused)
{
    struct loader_layout out;
    struct error err = { 0 };
    char path[32];

    (void)unused;
    elf_file_write(&vmlinux, path);
    assert_int_equal(load(path, NULL, &out, &err), 0);
    unlink(path);
    assert_int_equal(out.entry, 4 * MIB + 4);
    assert_int_equal(out.kernel_start, 4 * MIB);
    assert_int_equal(out.kernel_end, 4 * MIB + 8 + 0x12345);
    assert_int_equal(out.initrd_start, 0);
    assert_int_equal(out.initrd_bytes, 0);
    assert_memory_equal(ram + 4 * MIB, code, 8);
}

static void both_classes_and_byte_orders_load_at_their_address(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < 4; i++) {
        struct elf_file e = { .is32 = i & 1, .little = i & 2, .addr = 0x2000000, .entry = 0x2000000, .code = code,
                              .words = 2 };
        struct loader_layout out;
        struct error err = { 0 };
        char path[32];

        elf_file_write(&e, path);
        assert_int_equal(load(path, NULL, &out, &err), 0);
        unlink(path);
        assert_int_equal(out.entry, 0x2000000);
        assert_int_equal(ram[0x2000000], e.little ? 0x00 : 0x48);
    }
}

static void the_initrd_follows_the_kernel_and_its_bss(void **unused)
{
    struct loader_layout out;
    struct error err = { 0 };
    char kernel[32], initrd[32];

    (void)unused;
    elf_file_write(&vmlinux, kernel);
    file_write(initrd, "0707initramfs", 13);
    assert_int_equal(load(kernel, initrd, &out, &err), 0);
    unlink(kernel);
    unlink(initrd);
    assert_true(out.initrd_start >= out.kernel_end + 0x10000);
    assert_int_equal(out.initrd_start % 0x10000, 0);
    assert_int_equal(out.initrd_bytes, 13);
    assert_memory_equal(ram + out.initrd_start, "0707initramfs", 13);
}

static void missing_and_odd_files_are_named(void **unused)
{
    char kernel[32], initrd[32];

    (void)unused;
    expect_refusal(NULL, NULL, "give --kernel");
    expect_refusal("/nonexistent/vmlinux", NULL, "no such file");
    expect_refusal("/", NULL, "directory");
    expect_refusal("/dev/null", NULL, "not a regular file");
    elf_file_write(&vmlinux, kernel);
    expect_refusal(kernel, "/nonexistent/initrd", "no such file");
    file_write(initrd, "", 0);
    expect_refusal(kernel, initrd, "empty file");
    unlink(initrd);
    file_write(initrd, "x", 1);
    assert_int_equal(truncate(initrd, 200 * MIB), 0);
    expect_refusal(kernel, initrd, "raise --memory");
    unlink(initrd);
    unlink(kernel);
}

static void what_is_not_a_kernel_is_told_apart(void **unused)
{
    static const struct {
        const char data[64];
        size_t len;
        const char *part;
    } files[] = {
        { "", 0, "empty file" },
        { "\177ELF", 4, "too short" },
        { "\x1f\x8b\x08 012345678901234567890123456789012345678901234567890", 60, "gunzip" },
        { "\x28\xb5\x2f\xfd 012345678901234567890123456789012345678901234567890", 60, "zstd -d" },
        { "\xfd" "7zXZ 012345678901234567890123456789012345678901234567890", 60, "xz -d" },
        { "MZ 0123456789012345678901234567890123456789012345678901234567", 60, "EFI" },
        { "#!/bin/sh 012345678901234567890123456789012345678901234567", 58, "not an ELF file" },
    };
    char path[32];

    (void)unused;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        file_write(path, files[i].data, files[i].len);
        expect_refusal(path, NULL, files[i].part);
        unlink(path);
    }
}

static void elf_files_that_cannot_run_here_are_told_apart(void **unused)
{
    static const struct {
        struct elf_file e;
        const char *part;
    } files[] = {
        { { .little = true, .machine = EM_X86_64, .addr = 0x400000, .entry = 0x400000, .code = code, .words = 2 },
          "x86-64" },
        { { .little = true, .machine = EM_AARCH64, .addr = 0x400000, .entry = 0x400000, .code = code, .words = 2 },
          "arm64" },
        { { .addr = 0x400000, .entry = 0x500000, .code = code, .words = 2 }, "entry point" },
        { { .addr = 0x8000, .entry = 0x8000, .code = code, .words = 2 }, "first 64 KiB" },
        { { .addr = 0x7fffffc, .entry = 0x7fffffc, .code = code, .words = 2 }, "raise --memory" },
        { { .addr = UINT64_MAX - 7, .entry = 0x400000, .code = code, .words = 2, .bss_bytes = 100 }, "damaged" },
        { { .addr = 0x400000, .entry = 0x400000, .code = code, .words = 0 }, "nothing to load" },
        { { .addr = 0x400000, .entry = 0x400000, .code = code, .words = 2, .bss_bytes = 1ull << 62 },
          "raise --memory" },
    };
    char path[32];

    (void)unused;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        elf_file_write(&files[i].e, path);
        if (i == 6)
            expect_refusal(path, NULL, "anything to load");
        else
            expect_refusal(path, NULL, files[i].part);
        unlink(path);
    }
}

static void a_kernel_truncated_anywhere_is_refused(void **unused)
{
    char path[32];
    size_t len;

    (void)unused;
    len = elf_file_write(&vmlinux, path);
    while (len--) {
        assert_int_equal(truncate(path, (off_t)len), 0);
        expect_refusal(path, NULL, "");
    }
    unlink(path);
}

/* Any one byte of the headers changed: an error or a load inside RAM, nothing else. */
static void damaged_headers_never_escape(void **unused)
{
    char path[32];
    size_t len;

    (void)unused;
    len = elf_file_write(&vmlinux, path);
    for (size_t at = 0; at < len; at++) {
        FILE *f = fopen(path, "r+");
        int old;

        assert_non_null(f);
        fseek(f, (long)at, SEEK_SET);
        old = getc(f);
        for (int flip = 1; flip < 256; flip = flip * 2 + 1) {
            struct loader_layout out;
            struct error err = { 0 };

            fseek(f, (long)at, SEEK_SET);
            putc(old ^ flip, f);
            fflush(f);
            if (!load(path, NULL, &out, &err))
                assert_true(out.kernel_end <= RAM_BYTES && out.entry < out.kernel_end);
        }
        fseek(f, (long)at, SEEK_SET);
        putc(old, f);
        fclose(f);
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_linear_map_kernel_goes_to_4_mib),
        cmocka_unit_test(both_classes_and_byte_orders_load_at_their_address),
        cmocka_unit_test(the_initrd_follows_the_kernel_and_its_bss),
        cmocka_unit_test(missing_and_odd_files_are_named),
        cmocka_unit_test(what_is_not_a_kernel_is_told_apart),
        cmocka_unit_test(elf_files_that_cannot_run_here_are_told_apart),
        cmocka_unit_test(a_kernel_truncated_anywhere_is_refused),
        cmocka_unit_test(damaged_headers_never_escape),
    };

    return cmocka_run_group_tests(tests, ram_make, ram_drop);
}
