/* SPDX-License-Identifier: Apache-2.0 */
/* papr/loader.c - see the header. A vmlinux is linked at 0xc000000000000000 and runs anywhere: it goes to 4 MiB.
 * Everything else (zImage, bare-metal programs) goes where its physical addresses say. The initrd follows the kernel,
 * or lies above the range in which Linux's first stage allocates when it would crowd that. */
#include "papr/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/size.h"
#include "papr/loader_elf.h"

#define LINEAR_MAP 0xc000000000000000ull
#define RMO_TOP 0x30000000ull               /* Linux's first stage allocates below this */
#define FIRST_STAGE_ROOM (32ull << 20)      /* for the flattened tree and RTAS */
#define FOUR_GIB (1ull << 32)
#define ALIGN_64K(x) (((x) + 0xffff) & ~0xffffull)

struct loader {
    int kernel_fd, initrd_fd;       /* -1: none */
    char *kernel_name, *initrd_name;
    uint64_t initrd_bytes;
    struct elf_image elf;
};

static int open_file(const char *name, uint64_t *bytes, struct error *err)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;

    if (fd < 0)
        return error_set(err, errno, "%s", errno == ENOENT ? "no such file" : strerror(errno));
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        close(fd);
        return error_set(err, EINVAL, "%s", S_ISDIR(st.st_mode) ? "is a directory, not a file" : "not a regular file");
    }
    *bytes = (uint64_t)st.st_size;
    return fd;
}

static int open_kernel(struct loader *l, struct error *err)
{
    uint64_t bytes;

    l->kernel_fd = open_file(l->kernel_name, &bytes, err);
    return l->kernel_fd < 0 ? l->kernel_fd : elf_read(l->kernel_fd, bytes, &l->elf, err);
}

static int open_initrd(struct loader *l, struct error *err)
{
    l->initrd_fd = open_file(l->initrd_name, &l->initrd_bytes, err);
    if (l->initrd_fd < 0)
        return l->initrd_fd;
    return l->initrd_bytes ? 0 : error_set(err, EINVAL, "an empty file: leave the option out or give an initramfs");
}

struct loader *loader_open(const char *kernel, const char *initrd, struct error *err)
{
    struct loader *l = calloc(1, sizeof(*l));

    if (!kernel) {
        error_set(err, EINVAL, "nothing to boot: give --kernel FILE, a ppc64 or ppc64le vmlinux or zImage");
        free(l);
        return NULL;
    }
    if (l) {
        l->kernel_fd = l->initrd_fd = -1;
        l->kernel_name = strdup(kernel);
        l->initrd_name = initrd ? strdup(initrd) : NULL;
    }
    if (!l || !l->kernel_name || (initrd && !l->initrd_name))
        error_set(err, ENOMEM, "out of memory");
    else if (open_kernel(l, err))
        error_prefix(err, "--kernel %s", kernel);
    else if (initrd && open_initrd(l, err))
        error_prefix(err, "--initrd %s", initrd);
    else
        return l;
    loader_free(l);
    return NULL;
}

void loader_free(struct loader *l)
{
    if (!l)
        return;
    if (l->kernel_fd >= 0)
        close(l->kernel_fd);
    if (l->initrd_fd >= 0)
        close(l->initrd_fd);
    free(l->kernel_name);
    free(l->initrd_name);
    free(l);
}

static uint64_t from_linear(uint64_t virt)
{
    return virt - LINEAR_MAP + LOADER_VMLINUX_BASE;
}

/* Physical addresses of a vmlinux are 0 or the linear map's, depending on its linker
 * script: the virtual ones decide. */
static uint64_t place(const struct elf_segment *s)
{
    return s->virt >= LINEAR_MAP ? from_linear(s->virt) : s->real;
}

static int place_kernel(const struct loader *l, uint64_t ram_bytes, struct loader_layout *out, struct error *err)
{
    char want[SIZE_TEXT_BYTES], have[SIZE_TEXT_BYTES];

    *out = (struct loader_layout){ .entry = l->elf.entry, .page_shift = l->elf.page_shift, .kernel_start = UINT64_MAX };
    if (out->entry >= LINEAR_MAP)
        out->entry = from_linear(out->entry);
    for (unsigned i = 0; i < l->elf.nr_segments; i++) {
        uint64_t start = place(&l->elf.segment[i]), bytes = l->elf.segment[i].mem_bytes;

        if (start < LOADER_LOW_END)
            return error_set(err, ENOEXEC,
                             "--kernel %s: wants to be loaded at 0x%llx, but the first 64 KiB are the firmware's: "
                             "link it higher", l->kernel_name, (unsigned long long)start);
        if (bytes > ram_bytes || start > ram_bytes - bytes)
            return error_set(err, ENOEXEC, "--kernel %s: needs memory up to %s, and there is %s: raise --memory",
                             l->kernel_name,
                             size_format_rounded(start > UINT64_MAX - bytes ? UINT64_MAX : start + bytes, want),
                             size_format_rounded(ram_bytes, have));
        if (start < out->kernel_start)
            out->kernel_start = start;
        if (start + bytes > out->kernel_end)
            out->kernel_end = start + bytes;
    }
    if (out->kernel_end > FOUR_GIB)
        return error_set(err, ENOEXEC, "--kernel %s: wants to be loaded above 4 GiB: link it lower", l->kernel_name);
    if (out->entry < out->kernel_start || out->entry >= out->kernel_end)
        return error_set(err, ENOEXEC, "--kernel %s: damaged: its entry point 0x%llx is outside of what it loads",
                         l->kernel_name, (unsigned long long)l->elf.entry);
    return 0;
}

static int place_initrd(const struct loader *l, uint64_t ram_bytes, struct loader_layout *out, struct error *err)
{
    uint64_t start = ALIGN_64K(out->kernel_end + 0x10000), low_end = ram_bytes < RMO_TOP ? ram_bytes : RMO_TOP;
    uint64_t high_end = ram_bytes < FOUR_GIB ? ram_bytes : FOUR_GIB;
    char need[SIZE_TEXT_BYTES], have[SIZE_TEXT_BYTES];

    if (start + FIRST_STAGE_ROOM > low_end || l->initrd_bytes > low_end - FIRST_STAGE_ROOM - start)
        start = start < RMO_TOP ? RMO_TOP : start;
    if (start > high_end || l->initrd_bytes > high_end - start)
        return error_set(err, EFBIG, "--initrd %s: has %s, which does not fit into %s of memory beside the kernel%s",
                         l->initrd_name,
                         size_format_rounded(l->initrd_bytes, need), size_format_rounded(ram_bytes, have),
                         ram_bytes < FOUR_GIB ? ": raise --memory" : " (it must lie below 4 GiB)");
    out->initrd_start = start;
    out->initrd_bytes = l->initrd_bytes;
    return 0;
}

/* Where it would go in RAM of that size. */
static int place_all(const struct loader *l, uint64_t ram_bytes, struct loader_layout *out, struct error *err)
{
    int rc = place_kernel(l, ram_bytes, out, err);

    return rc || l->initrd_fd < 0 ? rc : place_initrd(l, ram_bytes, out, err);
}

static int copy_in(int fd, uint8_t *to, uint64_t len, uint64_t off, struct error *err)
{
    while (len) {
        ssize_t got = pread(fd, to, len, (off_t)off);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return error_set(err, got ? errno : EIO, "cannot read it: %s", got ? strerror(errno) : "it became shorter");
        to += got;
        off += (uint64_t)got;
        len -= (uint64_t)got;
    }
    return 0;
}

static int copy_kernel(const struct loader *l, uint8_t *ram, struct error *err)
{
    int rc = 0;

    for (unsigned i = 0; !rc && i < l->elf.nr_segments; i++) {
        const struct elf_segment *s = &l->elf.segment[i];

        rc = copy_in(l->kernel_fd, ram + place(s), s->file_bytes, s->offset, err);
    }
    if (rc)
        error_prefix(err, "--kernel %s", l->kernel_name);
    return rc;
}

int loader_load(const struct loader *l, uint8_t *ram, uint64_t ram_bytes, struct loader_layout *out, struct error *err)
{
    int rc = place_all(l, ram_bytes, out, err);

    if (!rc)
        rc = copy_kernel(l, ram, err);
    if (rc || !out->initrd_bytes)
        return rc;
    rc = copy_in(l->initrd_fd, ram + out->initrd_start, out->initrd_bytes, 0, err);
    if (rc)
        error_prefix(err, "--initrd %s", l->initrd_name);
    return rc;
}
