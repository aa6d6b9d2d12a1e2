/* SPDX-License-Identifier: Apache-2.0 */
/* guest/wrapper.S - what the wrapper of a zImage.pseries does: an ELF32 big-endian program that claims the kernel's
 * place from firmware, copies the kernel there and enters it as firmware entered us. The kernel is not compressed. */
#define KERNEL 0x100000             /* where it is linked */
#define KERNEL_ROOM 0x100000        /* with its bss */

    .section .text
    .globl _start
_start:
    mr 29, 3                        /* initrd, its length, the client interface */
    mr 30, 4
    mr 31, 5
    lis 3, claim@ha
    addi 3, 3, claim@l
    mtctr 5
    bctrl
    lis 4, (claim + 24)@ha
    lwz 4, (claim + 24)@l(4)        /* what it gave us */
    lis 5, KERNEL@h
    cmplw 4, 5
    bne refused

    lis 6, (payload - 4)@ha
    addi 6, 6, (payload - 4)@l
    addi 7, 5, -4
    lis 8, payload_words@ha
    addi 8, 8, payload_words@l
    mtctr 8
copy:
    lwzu 9, 4(6)
    stwu 9, 4(7)
    bdnz copy
    lis 8, KERNEL_ROOM@h            /* its bss */
    add 8, 8, 5
    li 9, 0
clear:
    stwu 9, 4(7)
    addi 10, 7, 4
    cmplw 10, 8
    blt clear
    mr 7, 5
sync_code:
    dcbst 0, 7
    sync
    icbi 0, 7
    addi 7, 7, 32
    cmplw 7, 8
    blt sync_code
    sync
    isync
    mtctr 5
    mr 3, 29
    mr 4, 30
    mr 5, 31
    bctr
refused:
    lis 3, exit@ha
    addi 3, 3, exit@l
    mtctr 31
    bctrl
    b .

    .data
    .balign 8
claim:
    .long name_claim, 3, 1, KERNEL, KERNEL_ROOM, 0, 0
exit:
    .long name_exit, 0, 0
name_claim:
    .asciz "claim"
name_exit:
    .asciz "exit"
    .balign 4
payload:
    .incbin PAYLOAD
    .balign 4
    .set payload_words, (. - payload) / 4
