/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/papr/elf_file.h"

#include <assert.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint16_t h16(const struct elf_file *e, uint16_t v)
{
    return e->little ? v : __builtin_bswap16(v);
}

static uint32_t h32(const struct elf_file *e, uint32_t v)
{
    return e->little ? v : __builtin_bswap32(v);
}

static uint64_t h64(const struct elf_file *e, uint64_t v)
{
    return e->little ? v : __builtin_bswap64(v);
}

void file_write(char *path, const void *data, size_t len)
{
    int fd;

    strcpy(path, "paprika-test-XXXXXX");
    fd = mkstemp(path);
    assert(fd >= 0);
    assert(write(fd, data, len) == (ssize_t)len);
    close(fd);
}

static size_t head64(const struct elf_file *e, uint8_t *out)
{
    Elf64_Ehdr h = { .e_type = h16(e, ET_EXEC), .e_machine = h16(e, e->machine ? e->machine : EM_PPC64),
                     .e_version = h32(e, 1), .e_entry = h64(e, e->entry), .e_phoff = h64(e, sizeof(h)),
                     .e_ehsize = h16(e, sizeof(h)), .e_phentsize = h16(e, sizeof(Elf64_Phdr)), .e_phnum = h16(e, 1) };
    Elf64_Phdr p = { .p_type = h32(e, PT_LOAD), .p_offset = h64(e, sizeof(h) + sizeof(p)), .p_vaddr = h64(e, e->addr),
                     .p_paddr = h64(e, e->addr), .p_filesz = h64(e, e->words * 4),
                     .p_memsz = h64(e, e->words * 4 + e->bss_bytes) };

    memcpy(h.e_ident, ELFMAG, SELFMAG);
    h.e_ident[EI_CLASS] = ELFCLASS64;
    h.e_ident[EI_DATA] = e->little ? ELFDATA2LSB : ELFDATA2MSB;
    memcpy(out, &h, sizeof(h));
    memcpy(out + sizeof(h), &p, sizeof(p));
    return sizeof(h) + sizeof(p);
}

static size_t head32(const struct elf_file *e, uint8_t *out)
{
    Elf32_Ehdr h = { .e_type = h16(e, ET_EXEC), .e_machine = h16(e, e->machine ? e->machine : EM_PPC),
                     .e_version = h32(e, 1), .e_entry = h32(e, (uint32_t)e->entry), .e_phoff = h32(e, sizeof(h)),
                     .e_ehsize = h16(e, sizeof(h)), .e_phentsize = h16(e, sizeof(Elf32_Phdr)), .e_phnum = h16(e, 1) };
    Elf32_Phdr p = { .p_type = h32(e, PT_LOAD), .p_offset = h32(e, sizeof(h) + sizeof(p)),
                     .p_vaddr = h32(e, (uint32_t)e->addr), .p_paddr = h32(e, (uint32_t)e->addr),
                     .p_filesz = h32(e, (uint32_t)e->words * 4),
                     .p_memsz = h32(e, (uint32_t)(e->words * 4 + e->bss_bytes)) };

    memcpy(h.e_ident, ELFMAG, SELFMAG);
    h.e_ident[EI_CLASS] = ELFCLASS32;
    h.e_ident[EI_DATA] = e->little ? ELFDATA2LSB : ELFDATA2MSB;
    memcpy(out, &h, sizeof(h));
    memcpy(out + sizeof(h), &p, sizeof(p));
    return sizeof(h) + sizeof(p);
}

size_t elf_file_write(const struct elf_file *e, char *path)
{
    uint8_t *file = malloc(256 + e->words * 4);
    size_t len;

    assert(file);
    len = e->is32 ? head32(e, file) : head64(e, file);
    for (size_t i = 0; i < e->words; i++, len += 4) {
        uint32_t word = h32(e, e->code[i]);

        memcpy(file + len, &word, 4);
    }
    file_write(path, file, len);
    free(file);
    return len;
}
