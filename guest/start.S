/* SPDX-License-Identifier: Apache-2.0 */
/* guest/start.S - entry, calls into big-endian 32-bit firmware gates, hypercalls, interrupts, and running code under
 * any MSR.
 *
 * Linked and loaded at the same address below 32 MiB: absolute branches and 32-bit addresses do everywhere. */
#define LR_SAVE 16

#define MSR_ME 0x1000
#ifdef __LITTLE_ENDIAN__
#define MSR_REAL 0x1003             /* ME, RI, LE; and SF */
#else
#define MSR_REAL 0x1002
#endif
#define IMAGE_BASE 0x100000

/* Instructions for the other byte order. */
.macro be32 word
    .byte (\word) >> 24 & 255, (\word) >> 16 & 255, (\word) >> 8 & 255, (\word) & 255
.endm
.macro be_address reg, where
    .byte 0x3c | \reg >> 3, (\reg & 7) << 5       /* lis reg,where@h */
    .byte (\where - base_of_image + IMAGE_BASE) >> 24 & 255, (\where - base_of_image + IMAGE_BASE) >> 16 & 255
    .byte 0x60 | \reg >> 3, (\reg & 7) << 5 | \reg   /* ori reg,reg,where@l */
    .byte (\where - base_of_image + IMAGE_BASE) >> 8 & 255, (\where - base_of_image + IMAGE_BASE) & 255
.endm
/* From 32-bit big-endian real mode to our own, at where; r11 and r12 go. */
.macro be_go where
    be_address 11, \where
    be32 0x7d7a03a6             /* mtsrr0 r11 */
    be32 0x39800001             /* li r12,1 */
    be32 0x798cf806             /* rldicr r12,r12,63,0 */
    be32 0x618c0000 | MSR_REAL  /* ori r12,r12,MSR_REAL */
    be32 0x7d9b03a6             /* mtsrr1 r12 */
    be32 0x4c000024             /* rfid */
.endm
/* The same when firmware enters us in either byte order: the tdi is big-endian b .+8. */
.macro from_firmware where
#ifdef __LITTLE_ENDIAN__
    tdi 0, 0, 0x48
    b \where
#endif
    be_go \where
.endm
.macro address reg, where
    lis \reg, (\where)@h
    ori \reg, \reg, (\where)@l
.endm
/* A special register to its doubleword of the frame at r1, and back, by way of r3. */
.macro save spr, slot
    mf\spr 3
    std 3, \slot*8(1)
.endm
.macro restore spr, slot
    ld 3, \slot*8(1)
    mt\spr 3
.endm

    .section .text.start, "ax"
    .globl _start
_start:
base_of_image:
    from_firmware start_here
start_here:
    address 1, stack_end
    li 0, 0
    stdu 0, -64(1)
    lis 2, .TOC.@h
    ori 2, 2, .TOC.@l
    mr 4, 5                     /* the client interface */
    bl guest_main
    b .

/* Where start-cpu lets another processor begin, as _start but 64-bit; r3: its struct job, which begins with its
 * stack. */
    .globl job_start
job_start:
    from_firmware job_here
job_here:
    ld 1, 0(3)
    lis 2, .TOC.@h
    ori 2, 2, .TOC.@l
    bl job_main
    b .

/* uint64_t call_gate(uint64_t block, uint64_t gate): a firmware gate, in the mode firmware wants. */
    .globl call_gate
call_gate:
    mflr 0
    std 0, LR_SAVE(1)
    stdu 1, -64(1)
    std 2, 24(1)
    address 0, gate_back
    mtlr 0
    mtsrr0 4
    li 11, MSR_ME
    mtsrr1 11
    rfid
    .balign 4
gate_back:
    be_go gate_here
gate_here:
    ld 2, 24(1)
    addi 1, 1, 64
    ld 0, LR_SAVE(1)
    mtlr 0
    blr

/* int64_t hcall_raw(uint64_t regs[10]): r3 to r12 before and after. */
    .globl hcall_raw
hcall_raw:
    std 3, -8(1)
    .irp r, 4,5,6,7,8,9,10,11,12
    ld \r, \r*8-24(3)
    .endr
    ld 3, 0(3)
    sc 1
    std 3, -16(1)
    ld 3, -8(1)
    .irp r, 4,5,6,7,8,9,10,11,12
    std \r, \r*8-24(3)
    .endr
    ld 4, -16(1)
    std 4, 0(3)
    mr 3, 4
    blr

/* One vector: copied to its place, its number patched into the li. */
    .globl vector_start, vector_end
vector_start:
    mtsprg1 3
    li 3, 0
    ba interrupt_entry
vector_end:

/* All registers into the frame, C decides: go on, or leave the code that enter() runs. */
    .globl interrupt_entry
interrupt_entry:
    mtsprg2 1
    address 1, interrupt_frame
    std 0, 0(1)
    std 2, 16(1)
    std 3, 33*8(1)              /* vector */
    mfsprg1 3
    std 3, 24(1)
    mfsprg2 3
    std 3, 8(1)
    .irp r, 4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    std \r, \r*8(1)
    .endr
    save cr, 32
    save lr, 34
    save ctr, 35
    save xer, 36
    save srr0, 37
    save srr1, 38
    save dar, 39
    save dsisr, 40
    mr 3, 1
    address 1, interrupt_stack_end
    li 0, 0
    stdu 0, -64(1)
    lis 2, .TOC.@h
    ori 2, 2, .TOC.@l
    bl interrupt
    cmpdi 3, 0
    bne leave
    address 1, interrupt_frame
    restore srr1, 38
    restore srr0, 37
    restore xer, 36
    restore ctr, 35
    restore lr, 34
    restore cr, 32
    .irp r, 0,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld \r, \r*8(1)
    .endr
    ld 1, 8(1)
    rfid

/* uint64_t enter(uint64_t entry, uint64_t r3, uint64_t r4, uint64_t msr): calls entry under that MSR.  0 when it
 * returned, else the vector that ended it; registers are in entered. */
    .globl enter
enter:
    mflr 0
    std 0, LR_SAVE(1)
    stdu 1, -256(1)
    std 2, 24(1)
    mfcr 0
    std 0, 32(1)
    .irp r, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    std \r, \r*8-72(1)
    .endr
    address 9, enter_stack
    std 1, 0(9)
    mtsrr0 3
    mtsrr1 6
    mr 12, 3
    mr 3, 4
    mr 4, 5
    address 0, enter_back
    mtlr 0
    rfid
enter_back:                     /* still under that MSR */
    address 9, entered_r3
    std 3, 0(9)
    address 9, enter_real
    mtsrr0 9
    li 10, 1
    rldicr 10, 10, 63, 0
    ori 10, 10, MSR_REAL
    mtsrr1 10
    li 3, 0
    rfid
enter_real:
    li 3, 0
leave:                          /* r3: vector */
    address 9, enter_stack
    ld 1, 0(9)
    .irp r, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld \r, \r*8-72(1)
    .endr
    ld 0, 32(1)
    mtcr 0
    ld 2, 24(1)
    addi 1, 1, 256
    ld 0, LR_SAVE(1)
    mtlr 0
    blr

    .bss
    .balign 16
stack:
    .space 65536
stack_end:
interrupt_stack:
    .space 16384
interrupt_stack_end:
enter_stack:
    .space 8
    .globl entered_r3
entered_r3:
    .space 8
    .globl interrupt_frame
interrupt_frame:
    .space 41*8
