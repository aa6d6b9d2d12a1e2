/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/elf_fuzz.c - a kernel file of any contents: an error, or a layout inside RAM. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "papr/loader_elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct elf_image image;
    struct error err = { 0 };
    int fd = memfd_create("elf", MFD_CLOEXEC);

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    if (!elf_read(fd, size, &image, &err))
        for (unsigned i = 0; i < image.nr_segments; i++)
            if (image.segment[i].offset > size || image.segment[i].file_bytes > size - image.segment[i].offset)
                abort();
    close(fd);
    return 0;
}
