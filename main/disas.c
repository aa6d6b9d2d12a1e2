/* SPDX-License-Identifier: Apache-2.0 */
/* main/disas.c - `paprika disas`: instructions as text, by the table that also feeds decoder and translator.
 *
 * Of an ELF program its sections of code, of another file all of its words; or words of the command line. */
#include "main/command.h"
#include "main/run_opts.h"

#include "cpu/disasm.h"
#include "papr/loader_elf.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct disas_opts {
    bool hex, big_endian;
    uint64_t base;
    unsigned cpu;
};

#define AT(field) offsetof(struct disas_opts, field)

static const struct opt opts[] = {
    { "hex", 0, OPT_FLAG, NULL, "What follows are instruction words, eight hexadecimal digits each, not a file.",
      AT(hex) },
    { "base", 0, OPT_NUMBER, "ADDR",
      "Address of the first word, for branch targets; 0 if left out. An ELF file knows its own.", AT(base),
      .fix = "for example --base 0x4000" },
    { "be", 0, OPT_FLAG, NULL, "A file that is not ELF holds big-endian words.", AT(big_endian) },
    { "cpu", 0, OPT_CHOICE, NULL, "The processor's model; power9 if left out.", AT(cpu), .choices = cpu_models },
};
const struct opt_table disas_opt_table = { opts, sizeof(opts) / sizeof(opts[0]) };

static void print_word(const struct isa *isa, uint64_t address, uint32_t word)
{
    char text[DISASM_MAX];

    disasm(isa, word, address, text);
    printf("%016" PRIx64 "  %08" PRIx32 "  %s\n", address, word, text);
}

/* Bytes [at, at + bytes) of fd as words from an address; bytes that make no word are left out. */
static int print_part(const struct isa *isa, int fd, uint64_t at, uint64_t bytes, uint64_t address, bool big_endian,
                      struct error *err)
{
    uint8_t buf[1 << 16];

    while (bytes >= 4) {
        ssize_t got = pread(fd, buf, bytes < sizeof(buf) ? bytes : sizeof(buf), (off_t)at);

        if (got < 4)
            return error_set(err, got < 0 ? errno : EIO, "cannot read it: %s",
                             got < 0 ? strerror(errno) : "it became shorter");
        got &= ~3;
        for (ssize_t i = 0; i < got; i += 4) {
            uint32_t word;

            memcpy(&word, buf + i, 4);
            print_word(isa, address + (uint64_t)i, big_endian ? be32toh(word) : le32toh(word));
        }
        at += (uint64_t)got;
        address += (uint64_t)got;
        bytes -= (uint64_t)got;
    }
    return 0;
}

static int print_elf(const struct isa *isa, int fd, uint64_t bytes, struct error *err)
{
    struct elf_code code;
    int rc = elf_read_code(fd, bytes, &code, err);

    for (unsigned i = 0; !rc && i < code.n; i++) {
        printf("%s%s:\n", i ? "\n" : "", code.part[i].name);
        rc = print_part(isa, fd, code.part[i].offset, code.part[i].bytes, code.part[i].address, !code.little, err);
    }
    return rc;
}

static int print_open(const struct isa *isa, const struct disas_opts *o, int fd, struct error *err)
{
    char magic[4] = { 0 };
    struct stat st;

    if (fstat(fd, &st) || (st.st_size && pread(fd, magic, sizeof(magic), 0) < 0))
        return error_set(err, errno, "cannot read it: %s", strerror(errno));
    if (!memcmp(magic, "\x7f" "ELF", 4))
        return print_elf(isa, fd, (uint64_t)st.st_size, err);
    return print_part(isa, fd, 0, (uint64_t)st.st_size, o->base, o->big_endian, err);
}

static int print_file(const struct isa *isa, const struct disas_opts *o, const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 ? error_set(err, errno, "cannot open it: %s", strerror(errno)) : print_open(isa, o, fd, err);

    if (fd >= 0)
        close(fd);
    return rc ? error_prefix(err, "%s", path) : 0;
}

static int print_hex(const struct isa *isa, const struct disas_opts *o, const char *text, unsigned index,
                     struct error *err)
{
    char *end;
    unsigned long word = strtoul(text, &end, 16);

    if (*end || end == text || word > UINT32_MAX || *text == '-')
        return error_set(err, EINVAL, "'%s' is no instruction word: write it as up to eight hexadecimal digits", text);
    print_word(isa, o->base + 4ull * index, (uint32_t)word);
    return 0;
}

/* Options may stand before, between and after what is to be printed: words[] gets the rest.
 * Their number, 0 for help, or -EINVAL. */
static int parse(struct disas_opts *o, int argc, char **argv, const char **words, struct error *err)
{
    bool help = false;
    int n = 0;

    while (argc > 0) {
        int used = opt_parse(&disas_opt_table, argc, argv, o, &help, err);

        if (help || used < 0)
            return help ? 0 : used;
        argc -= used;
        argv += used;
        if (argc > 0) {
            words[n++] = *argv++;
            argc--;
        }
    }
    if (o->base & 3)
        return error_set(err, EINVAL, "--base 0x%" PRIx64 " is no address of an instruction: not a multiple of 4",
                         o->base);
    if (!n)
        return error_set(err, EINVAL, "what is to be disassembled? give a file, or --hex and instruction words");
    if (!o->hex && n > 1)
        return error_set(err, EINVAL, "'%s' is too much: one file at a time; are these words? then give --hex",
                         words[1]);
    return n;
}

static int print_all(const struct disas_opts *o, const char **words, int n, struct error *err)
{
    struct isa *isa = isa_new(cpu_model_level(o->cpu));
    int rc = isa ? 0 : error_set(err, ENOMEM, "out of memory");

    if (!rc && !o->hex)
        rc = print_file(isa, o, words[0], err);
    for (int i = 0; !rc && o->hex && i < n; i++)
        rc = print_hex(isa, o, words[i], (unsigned)i, err);
    isa_free(isa);
    return rc;
}

int disas_main(const struct command *c, int argc, char **argv)
{
    const char **words = calloc((size_t)argc + 1, sizeof(*words));
    struct disas_opts o = { 0 };
    struct error err = { 0 };
    int n = words ? parse(&o, argc, argv, words, &err) : error_set(&err, ENOMEM, "out of memory");
    int rc = n > 0 ? print_all(&o, words, n, &err) : 0;

    free(words);
    if (n == 0)
        command_help(c);
    if (n < 0 || rc == -EINVAL)
        return command_usage_error(c, &err);
    if (rc < 0)
        fprintf(stderr, "paprika: %s\n", err.msg);
    return rc ? EXIT_STATUS_VMM : EXIT_STATUS_OK;
}
