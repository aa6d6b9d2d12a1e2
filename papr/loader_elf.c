/* SPDX-License-Identifier: Apache-2.0 */
/* papr/loader_elf.c - see the header. One set of accessors serves both classes and both endians. */
#include "papr/loader_elf.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

struct elf_file {
    int fd;
    uint64_t bytes;
    bool is64, little;
};

static uint64_t number(const struct elf_file *f, const uint8_t *p, unsigned width)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < width; i++)
        v = v << 8 | p[f->little ? width - 1 - i : i];
    return v;
}

#define FIELD(f, buf, type, name) \
    ((f)->is64 ? number(f, (buf) + offsetof(Elf64_##type, name), sizeof(((Elf64_##type *)0)->name)) \
               : number(f, (buf) + offsetof(Elf32_##type, name), sizeof(((Elf32_##type *)0)->name)))

static int read_at(const struct elf_file *f, void *buf, uint64_t len, uint64_t off, struct error *err)
{
    if (off > f->bytes || len > f->bytes - off)
        return error_set(err, ENOEXEC, "truncated ELF file (%llu bytes): copy it again", (unsigned long long)f->bytes);
    while (len) {
        ssize_t got = pread(f->fd, buf, len, (off_t)off);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return error_set(err, got ? errno : EIO, "cannot read it: %s", got ? strerror(errno) : "it became shorter");
        buf = (uint8_t *)buf + got;
        len -= (uint64_t)got;
        off += (uint64_t)got;
    }
    return 0;
}

/* What people give instead of a kernel. */
static int not_elf(const uint8_t *ident, struct error *err)
{
    const char *what = "not an ELF file";

    if (ident[0] == 0x1f && ident[1] == 0x8b)
        what = "compressed with gzip, not an ELF file: unpack it (gunzip)";
    else if (!memcmp(ident, "\x28\xb5\x2f\xfd", 4))
        what = "compressed with zstd, not an ELF file: unpack it (zstd -d)";
    else if (!memcmp(ident, "\xfd" "7zXZ", 5))
        what = "compressed with xz, not an ELF file: unpack it (xz -d)";
    else if (!memcmp(ident, "MZ", 2))
        what = "an EFI or Windows program, not an ELF file";
    return error_set(err, ENOEXEC, "%s; a ppc64 or ppc64le vmlinux or zImage is needed", what);
}

static int check_header(struct elf_file *f, const uint8_t *h, struct error *err)
{
    uint64_t machine, type;

    f->is64 = h[EI_CLASS] == ELFCLASS64;
    f->little = h[EI_DATA] == ELFDATA2LSB;
    if ((!f->is64 && h[EI_CLASS] != ELFCLASS32) || (!f->little && h[EI_DATA] != ELFDATA2MSB))
        return error_set(err, ENOEXEC, "an ELF file of unknown class or byte order");
    machine = FIELD(f, h, Ehdr, e_machine);
    if (machine != EM_PPC64 && machine != EM_PPC)
        return error_set(err, ENOEXEC, "an ELF file for %s; one for ppc64 or ppc64le is needed",
                         machine == EM_X86_64    ? "x86-64"
                         : machine == EM_AARCH64 ? "arm64"
                         : machine == EM_S390    ? "s390"
                         : machine == EM_RISCV   ? "RISC-V"
                                                 : "another processor");
    type = FIELD(f, h, Ehdr, e_type);
    if (type != ET_EXEC && type != ET_DYN)
        return error_set(err, ENOEXEC, "an ELF %s, not a linked program; a vmlinux or zImage is needed",
                         type == ET_REL ? "object file" : type == ET_CORE ? "core dump" : "file of unknown type");
    if (FIELD(f, h, Ehdr, e_phentsize) != (f->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)))
        return error_set(err, ENOEXEC, "ELF program headers of a wrong size");
    return 0;
}

static int read_segment(const struct elf_file *f, const uint8_t *ph, struct elf_image *out, struct error *err)
{
    struct elf_segment s = {
        .offset = FIELD(f, ph, Phdr, p_offset), .file_bytes = FIELD(f, ph, Phdr, p_filesz),
        .mem_bytes = FIELD(f, ph, Phdr, p_memsz), .real = FIELD(f, ph, Phdr, p_paddr),
        .virt = FIELD(f, ph, Phdr, p_vaddr),
    };

    if (FIELD(f, ph, Phdr, p_type) != PT_LOAD || !s.mem_bytes)
        return 0;
    if (s.file_bytes > s.mem_bytes || s.mem_bytes > UINT64_MAX - s.real || s.mem_bytes > UINT64_MAX - s.virt)
        return error_set(err, ENOEXEC, "damaged: an ELF segment's sizes contradict each other");
    if (s.offset > f->bytes || s.file_bytes > f->bytes - s.offset)
        return error_set(err, ENOEXEC,
                         "truncated: it has %llu bytes and its ELF segments need %llu or more: copy it again",
                         (unsigned long long)f->bytes, (unsigned long long)(s.offset + s.file_bytes));
    if (out->nr_segments == ELF_SEGMENTS_MAX)
        return error_set(err, ENOEXEC, "an ELF file with more than %d segments to load", ELF_SEGMENTS_MAX);
    out->segment[out->nr_segments++] = s;
    return 0;
}

/* The section headers, for what does without them: n is 0 if anything is odd. */
struct sections {
    uint64_t at, n, size, strings;
};

static bool section_at(const struct elf_file *f, const struct sections *s, uint64_t i,
                       uint8_t sh[static sizeof(Elf64_Shdr)])
{
    return !read_at(f, sh, s->size, s->at + i * s->size, NULL);
}

static struct sections find_sections(const struct elf_file *f, const uint8_t *h)
{
    struct sections s = { FIELD(f, h, Ehdr, e_shoff), FIELD(f, h, Ehdr, e_shnum), FIELD(f, h, Ehdr, e_shentsize), 0 };
    uint64_t names = FIELD(f, h, Ehdr, e_shstrndx);
    uint8_t sh[sizeof(Elf64_Shdr)] = { 0 };

    if (s.size != (f->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr)) || s.at > f->bytes || names >= s.n ||
        !section_at(f, &s, names, sh))
        return (struct sections){ 0 };
    s.strings = FIELD(f, sh, Shdr, sh_offset);
    return s.strings > f->bytes ? (struct sections){ 0 } : s;
}

/* Linux keeps one section for data that fill whole pages; its alignment is the page size. Anything odd: not known. */
static unsigned find_page_shift(const struct elf_file *f, const uint8_t *h)
{
    static const char wanted[] = ".data..page_aligned";
    struct sections s = find_sections(f, h);
    uint8_t sh[sizeof(Elf64_Shdr)] = { 0 };
    char name[sizeof(wanted)];

    for (uint64_t i = 0; i < s.n; i++) {
        uint64_t align;

        if (!section_at(f, &s, i, sh))
            return 0;
        if (read_at(f, name, sizeof(name), s.strings + FIELD(f, sh, Shdr, sh_name), NULL) ||
            memcmp(name, wanted, sizeof(wanted)))
            continue;
        align = FIELD(f, sh, Shdr, sh_addralign);
        return align == 4096 ? 12 : align == 65536 ? 16 : 0;
    }
    return 0;
}

static int read_header(struct elf_file *f, uint8_t h[static sizeof(Elf64_Ehdr)], struct error *err)
{
    int rc;

    if (f->bytes < sizeof(Elf32_Ehdr))
        return error_set(err, ENOEXEC, "%s; a ppc64 or ppc64le vmlinux or zImage is needed",
                         f->bytes ? "too short for an ELF file" : "an empty file");
    rc = read_at(f, h, f->bytes < sizeof(Elf64_Ehdr) ? f->bytes : sizeof(Elf64_Ehdr), 0, err);
    if (rc)
        return rc;
    return memcmp(h, ELFMAG, SELFMAG) ? not_elf(h, err) : check_header(f, h, err);
}

static void add_code(const struct elf_file *f, struct elf_code *out, uint64_t offset, uint64_t bytes, uint64_t address,
                     uint64_t name_at)
{
    char *name = out->part[out->n].name;

    if (out->n == ELF_CODE_MAX || !bytes || offset > f->bytes || bytes > f->bytes - offset)
        return;
    out->part[out->n].offset = offset;
    out->part[out->n].bytes = bytes;
    out->part[out->n].address = address;
    if (name_at > f->bytes ||
        read_at(f, name, f->bytes - name_at < ELF_NAME_MAX - 1 ? f->bytes - name_at : ELF_NAME_MAX - 1, name_at, NULL))
        strcpy(name, "code");
    out->n++;
}

int elf_read_code(int fd, uint64_t file_bytes, struct elf_code *out, struct error *err)
{
    struct elf_file f = { .fd = fd, .bytes = file_bytes };
    uint8_t h[sizeof(Elf64_Ehdr)] = { 0 }, part[sizeof(Elf64_Shdr)] = { 0 };
    struct sections s;
    int rc;

    *out = (struct elf_code){ 0 };
    rc = read_header(&f, h, err);
    if (rc)
        return rc;
    out->little = f.little;
    s = find_sections(&f, h);
    for (uint64_t i = 0; i < s.n && section_at(&f, &s, i, part); i++)
        if (FIELD(&f, part, Shdr, sh_type) == SHT_PROGBITS && (FIELD(&f, part, Shdr, sh_flags) & SHF_EXECINSTR))
            add_code(&f, out, FIELD(&f, part, Shdr, sh_offset), FIELD(&f, part, Shdr, sh_size),
                     FIELD(&f, part, Shdr, sh_addr), s.strings + FIELD(&f, part, Shdr, sh_name));
    for (uint64_t i = 0, n = s.n ? 0 : FIELD(&f, h, Ehdr, e_phnum); i < n; i++) {
        uint64_t size = FIELD(&f, h, Ehdr, e_phentsize);

        if (read_at(&f, part, size, FIELD(&f, h, Ehdr, e_phoff) + i * size, err))
            return -ENOEXEC;
        if (FIELD(&f, part, Phdr, p_type) == PT_LOAD && (FIELD(&f, part, Phdr, p_flags) & PF_X))
            add_code(&f, out, FIELD(&f, part, Phdr, p_offset), FIELD(&f, part, Phdr, p_filesz),
                     FIELD(&f, part, Phdr, p_vaddr), UINT64_MAX);
    }
    return out->n ? 0 : error_set(err, ENOEXEC, "an ELF file without code");
}

int elf_read(int fd, uint64_t file_bytes, struct elf_image *out, struct error *err)
{
    struct elf_file f = { .fd = fd, .bytes = file_bytes };
    uint8_t h[sizeof(Elf64_Ehdr)] = { 0 }, ph[sizeof(Elf64_Phdr)];
    uint64_t at, n, size;
    int rc;

    *out = (struct elf_image){ 0 };
    rc = read_header(&f, h, err);
    if (rc)
        return rc;
    out->entry = FIELD(&f, h, Ehdr, e_entry);
    at = FIELD(&f, h, Ehdr, e_phoff);
    n = FIELD(&f, h, Ehdr, e_phnum);
    size = FIELD(&f, h, Ehdr, e_phentsize);
    for (uint64_t i = 0; !rc && i < n; i++) {
        rc = at > UINT64_MAX - size ? error_set(err, ENOEXEC, "damaged: ELF program headers outside the file")
                                    : read_at(&f, ph, size, at, err);
        if (!rc)
            rc = read_segment(&f, ph, out, err);
        at += size;
    }
    out->page_shift = rc ? 0 : find_page_shift(&f, h);
    if (!rc && !out->nr_segments)
        return error_set(err, ENOEXEC, "an ELF file without anything to load; a vmlinux or zImage is needed");
    return rc;
}
