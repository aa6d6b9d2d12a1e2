/* SPDX-License-Identifier: Apache-2.0 */
/* main/guest_image.h - our test guest (guest/), an ELF file inside the program; made by guest/meson.build. */
#ifndef MAIN_GUEST_IMAGE_H
#define MAIN_GUEST_IMAGE_H

#include <stddef.h>

extern const unsigned char guest_image[];
extern const size_t guest_image_bytes;      /* 0: built without it */

#endif
