/* SPDX-License-Identifier: Apache-2.0 */
/* main/no_guest_image.c - in place of the test guest when there was no compiler for it. */
#include "main/guest_image.h"

const unsigned char guest_image[1];
const size_t guest_image_bytes;
