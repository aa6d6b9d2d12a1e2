/* SPDX-License-Identifier: Apache-2.0 */
/* papr/loader_elf.h - the program headers of a PowerPC ELF file, 32 or 64 bits, either endian, from untrusted bytes. */
#ifndef PAPR_LOADER_ELF_H
#define PAPR_LOADER_ELF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { ELF_SEGMENTS_MAX = 32 };

struct elf_segment {
    uint64_t offset, file_bytes, mem_bytes;
    uint64_t real, virt;        /* physical and virtual address as the file has them */
};

struct elf_image {
    uint64_t entry;
    unsigned page_shift;        /* of a Linux kernel with section headers: log2 of its page size; 0: not known */
    unsigned nr_segments;       /* PT_LOAD with mem_bytes > 0 */
    struct elf_segment segment[ELF_SEGMENTS_MAX];
};

/* What of a file is instructions: its sections of code, or its executable segments when it has no sections. */
enum { ELF_CODE_MAX = 64, ELF_NAME_MAX = 48 };

struct elf_code {
    bool little;
    unsigned n;
    struct {
        uint64_t offset, bytes, address;    /* inside the file */
        char name[ELF_NAME_MAX];
    } part[ELF_CODE_MAX];
};

/* 0 or as elf_read(). */
int elf_read_code(int fd, uint64_t file_bytes, struct elf_code *out, struct error *err);

/* Reads and checks the headers of fd, a file of file_bytes.
 * 0 or -ENOEXEC with the reason and a way out, or another errno. */
int elf_read(int fd, uint64_t file_bytes, struct elf_image *out, struct error *err);

#endif
