/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/papr/elf_file.h - writes small ELF files for loader and machine tests. */
#ifndef TESTS_ELF_FILE_H
#define TESTS_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A program of one segment: code at addr, followed by bss_bytes of zero. */
struct elf_file {
    bool is32, little;
    uint16_t machine;           /* 0: EM_PPC64, or EM_PPC if is32 */
    uint64_t addr, entry;
    const uint32_t *code;       /* host-endian words; written in the file's byte order */
    size_t words;
    uint64_t bss_bytes;
};

/* Writes it to a new temporary file, whose name goes to path (at least 32 bytes);
 * the caller removes it. Returns its length. */
size_t elf_file_write(const struct elf_file *e, char *path);
/* Any contents. */
void file_write(char *path, const void *data, size_t len);

#endif
