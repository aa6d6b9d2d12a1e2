/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/spr.c - special purpose registers: one row each says who may read and write it, what gates it, and how.
 *
 * Spec: Power ISA III, "Special purpose registers"; what a guest with HV = 0 may touch. Registers without a function of
 * their own live in cpu.spr[number]. An undefined number in the privileged half (bit 0x10) is a privilege violation in
 * problem state; otherwise it is illegal there; in privileged state both are no-ops, except numbers 0, 4, 5, 6. */
#include <stddef.h>

#include "cpu/cpu.h"
#include "cpu/cpu_int.h"
#include "cpu/tlb.h"

enum spr_flag {
    SPR_UR = 1, SPR_UW = 2,     /* problem state may read, write */
    SPR_SR = 4, SPR_SW = 8,     /* privileged state may */
    SPR_HV = 16,                /* hypervisor register: privileged program interrupt */
    SPR_NOP = 32,               /* reserved number: no operation everywhere */
    SPR_V3 = 64, SPR_V2 = 128,  /* only on ISA 3.0, only on 2.07 */
    SPR_TMGATE = 256,           /* facility unavailable: TM is not offered */
    SPR_W32 = 512,              /* keeps 32 bits */
};
#define U_RW (SPR_UR | SPR_UW | SPR_SR | SPR_SW)
#define U_R (SPR_UR | SPR_SR)
#define S_RW (SPR_SR | SPR_SW)

struct spr_row {
    uint16_t number;
    uint16_t flags;
    uint8_t fscr_bit;                                   /* gate: FSCR bit = interrupt cause; 0: none */
    uint64_t (*read)(const struct cpu *c);              /* NULL: spr[store_at or number] */
    void (*write)(struct cpu *c, uint64_t v);
    uint16_t store_at;                                  /* the number whose storage this one shows */
};

static uint64_t read_lr(const struct cpu *c) { return c->lr; }
static uint64_t read_ctr(const struct cpu *c) { return c->ctr; }
static uint64_t read_tb(const struct cpu *c) { return cpu_timebase(c); }
static uint64_t read_tbu(const struct cpu *c) { return cpu_timebase(c) >> 32; }
static void write_lr(struct cpu *c, uint64_t v) { c->lr = v; }
static void write_ctr(struct cpu *c, uint64_t v) { c->ctr = v; }

static uint64_t read_dec(const struct cpu *c)
{
    uint64_t dec = c->dec_tb - cpu_timebase(c);

    return (uint32_t)dec;
}

/* The next look at the clock comes at once: the budget depends on the deadline. */
static void write_dec(struct cpu *c, uint64_t v)
{
    c->dec_tb = cpu_timebase(c) + (uint64_t)(int64_t)(int32_t)v;
    c->dec_pending = (int32_t)v < 0;
    atomic_fetch_or(&c->attention, ATTENTION_LOOK);
}

static uint64_t read_vrsave(const struct cpu *c) { return (uint32_t)c->spr[SPR_VRSAVE]; }

/* Storage keys are part of what a soft TLB entry allows. */
static void write_keys(struct cpu *c, unsigned spr, uint64_t v)
{
    if (c->spr[spr] == v)
        return;
    c->spr[spr] = v;
    tlb_flush_all(c->tlb);
}

static void write_amr(struct cpu *c, uint64_t v) { write_keys(c, SPR_AMR, v); }

/* AMR and its relatives: a bit changes only where the mask register lets it. A guest's AMOR is all ones. */
static void write_uamr(struct cpu *c, uint64_t v)
{
    uint64_t mask = c->msr & MSR_PR ? c->spr[SPR_UAMOR] : ~0ull;

    write_amr(c, (c->spr[SPR_AMR] & ~mask) | (v & mask));
}

static void write_iamr(struct cpu *c, uint64_t v) { write_keys(c, SPR_IAMR, v); }

/* The priority field only; problem state may choose very low to medium (1..4) and medium high needs PSPB. */
static void write_ppr(struct cpu *c, uint64_t v)
{
    c->spr[SPR_PPR] = v & 0x001c000000000000ull;
}

static uint64_t read_ppr32(const struct cpu *c) { return c->spr[SPR_PPR] >> 32; }
static void write_ppr32(struct cpu *c, uint64_t v) { write_ppr(c, v << 32); }
static void write_ctrl(struct cpu *c, uint64_t v) { c->spr[SPR_CTRL] = v & 1; }
static uint64_t read_texasru(const struct cpu *c) { return c->spr[SPR_TEXASR] >> 32; }
static uint64_t read_bescru(const struct cpu *c) { return c->spr[SPR_BESCR] >> 32; }
static void set_bescr(struct cpu *c, uint64_t v) { c->spr[SPR_BESCR] |= v; }
static void set_bescru(struct cpu *c, uint64_t v) { c->spr[SPR_BESCR] |= v << 32; }
static void clear_bescr(struct cpu *c, uint64_t v) { c->spr[SPR_BESCR] &= ~v; }
static void clear_bescru(struct cpu *c, uint64_t v) { c->spr[SPR_BESCR] &= ~(v << 32); }
static uint64_t read_zero(const struct cpu *c) { (void)c; return 0; }

/* Facility bits this processor has; the interrupt cause byte is writable too. */
static void write_fscr(struct cpu *c, uint64_t v)
{
    uint64_t have = 0xff00000000000000ull | 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 7 | 1 << 8;

    if (c->level == ISA_LEVEL_3_00)
        have |= 1 << 12;
    c->spr[SPR_FSCR] = v & have;
}

/* Sorted by number. */
static const struct spr_row rows[] = {
    /* XER is handled before the table: it is the hottest */
    { 3, U_RW, 2, NULL, NULL, SPR_DSCR },
    { 8, U_RW, 0, read_lr, write_lr, 0 },
    { 9, U_RW, 0, read_ctr, write_ctr, 0 },
    { 13, U_RW, 0, NULL, write_uamr, SPR_AMR },
    { 17, S_RW, 0, NULL, NULL, 0 },
    { 18, S_RW | SPR_W32, 0, NULL, NULL, 0 },
    { 19, S_RW, 0, NULL, NULL, 0 },
    { 22, S_RW, 0, read_dec, write_dec, 0 },
    { 26, S_RW, 0, NULL, NULL, 0 },
    { 27, S_RW, 0, NULL, NULL, 0 },
    { 28, S_RW, 0, NULL, NULL, 0 },
    { 29, S_RW, 0, NULL, write_amr, 0 },
    { 31, S_RW | SPR_V2, 0, NULL, NULL, 0 },
    { 48, S_RW | SPR_W32, 0, NULL, NULL, 0 },
    { 61, S_RW, 0, NULL, write_iamr, 0 },
    { 128, U_RW | SPR_TMGATE, 0, NULL, NULL, 0 },
    { 129, U_RW | SPR_TMGATE, 0, NULL, NULL, 0 },
    { 130, U_RW | SPR_TMGATE, 0, NULL, NULL, 0 },
    { 131, U_RW | SPR_TMGATE, 0, read_texasru, NULL, 0 },
    { 136, U_R, 0, NULL, NULL, SPR_CTRL },
    { 144, S_RW | SPR_V3, 0, NULL, NULL, 0 },
    { 152, SPR_SW, 0, NULL, write_ctrl, 0 },
    { 153, S_RW, 0, NULL, write_fscr, 0 },
    { 157, S_RW, 0, NULL, NULL, 0 },
    { 159, S_RW | SPR_W32, 0, NULL, NULL, 0 },
    { 176, SPR_SR, 0, read_zero, NULL, 0 },
    { 180, SPR_HV, 0, NULL, NULL, 0 }, { 181, SPR_HV, 0, NULL, NULL, 0 }, { 186, SPR_HV, 0, NULL, NULL, 0 },
    { 187, SPR_HV, 0, NULL, NULL, 0 }, { 188, SPR_HV, 0, NULL, NULL, 0 }, { 189, SPR_HV, 0, NULL, NULL, 0 },
    { 190, SPR_HV, 0, NULL, NULL, 0 },
    { 256, U_RW | SPR_W32, 0, read_vrsave, NULL, 0 },
    { 259, U_R, 0, NULL, NULL, SPR_SPRG3 },
    { 268, U_R, 0, read_tb, NULL, 0 },
    { 269, U_R, 0, read_tbu, NULL, 0 },
    { 272, S_RW, 0, NULL, NULL, 0 }, { 273, S_RW, 0, NULL, NULL, 0 },
    { 274, S_RW, 0, NULL, NULL, 0 }, { 275, S_RW, 0, NULL, NULL, 0 },
    { 284, SPR_HV, 0, NULL, NULL, 0 }, { 285, SPR_HV, 0, NULL, NULL, 0 }, { 286, SPR_HV, 0, NULL, NULL, 0 },
    { 287, SPR_SR, 0, NULL, NULL, 0 },
    { 304, SPR_HV, 0, NULL, NULL, 0 }, { 305, SPR_HV, 0, NULL, NULL, 0 }, { 306, SPR_HV, 0, NULL, NULL, 0 },
    { 307, SPR_HV, 0, NULL, NULL, 0 }, { 308, SPR_SR, 0, read_tb, NULL, 0 }, { 309, SPR_SR, 0, read_tb, NULL, 0 },
    { 310, SPR_HV, 0, NULL, NULL, 0 }, { 313, SPR_HV, 0, NULL, NULL, 0 }, { 314, SPR_HV, 0, NULL, NULL, 0 },
    { 315, SPR_HV, 0, NULL, NULL, 0 }, { 318, SPR_HV, 0, NULL, NULL, 0 }, { 319, SPR_HV, 0, NULL, NULL, 0 },
    { 336, SPR_HV, 0, NULL, NULL, 0 }, { 337, SPR_HV, 0, NULL, NULL, 0 }, { 338, SPR_HV, 0, NULL, NULL, 0 },
    { 339, SPR_HV, 0, NULL, NULL, 0 }, { 349, SPR_HV, 0, NULL, NULL, 0 },
    { 446, SPR_SR, 0, read_zero, NULL, 0 },
    { 464, SPR_HV, 0, NULL, NULL, 0 },
    /* performance monitor: storage; MMCR0[PMCC] = 0 keeps problem state to reading the user names */
    { 768, U_R, 0, NULL, NULL, 784 }, { 769, U_R | SPR_SW, 0, NULL, NULL, 785 },
    { 770, U_R | SPR_SW, 0, NULL, NULL, 786 }, { 771, U_R | SPR_SW, 0, NULL, NULL, 787 },
    { 772, U_R | SPR_SW, 0, NULL, NULL, 788 }, { 773, U_R | SPR_SW, 0, NULL, NULL, 789 },
    { 774, U_R | SPR_SW, 0, NULL, NULL, 790 }, { 775, U_R | SPR_SW, 0, NULL, NULL, 791 },
    { 776, U_R | SPR_SW, 0, NULL, NULL, 792 }, { 779, U_R | SPR_SW, 0, NULL, NULL, 795 },
    { 780, U_R, 0, NULL, NULL, 796 }, { 781, U_R, 0, NULL, NULL, 797 }, { 782, U_R, 0, NULL, NULL, 798 },
    { 784, S_RW, 0, NULL, NULL, 0 }, { 785, S_RW, 0, NULL, NULL, 0 }, { 786, S_RW, 0, NULL, NULL, 0 },
    { 787, S_RW, 0, NULL, NULL, 0 }, { 788, S_RW, 0, NULL, NULL, 0 }, { 789, S_RW, 0, NULL, NULL, 0 },
    { 790, S_RW, 0, NULL, NULL, 0 }, { 791, S_RW, 0, NULL, NULL, 0 }, { 792, S_RW, 0, NULL, NULL, 0 },
    { 795, S_RW, 0, NULL, NULL, 0 }, { 796, S_RW, 0, NULL, NULL, 0 }, { 797, S_RW, 0, NULL, NULL, 0 },
    { 798, S_RW, 0, NULL, NULL, 0 },
    { 800, U_RW, 7, NULL, set_bescr, SPR_BESCR }, { 801, U_RW, 7, read_bescru, set_bescru, 0 },
    { 802, U_RW, 7, NULL, clear_bescr, SPR_BESCR }, { 803, U_RW, 7, read_bescru, clear_bescru, 0 },
    { 804, U_RW, 7, NULL, NULL, 0 }, { 805, U_RW, 7, NULL, NULL, 0 }, { 806, U_RW, 7, NULL, NULL, 0 },
    { 808, SPR_NOP, 0, NULL, NULL, 0 }, { 809, SPR_NOP, 0, NULL, NULL, 0 },
    { 810, SPR_NOP, 0, NULL, NULL, 0 }, { 811, SPR_NOP, 0, NULL, NULL, 0 },
    { 815, U_RW, 8, NULL, NULL, 0 },
    { 816, SPR_HV, 0, NULL, NULL, 0 },
    { 823, S_RW | SPR_V3, 0, NULL, NULL, 0 },
    { 848, SPR_SR, 0, NULL, NULL, 0 },
    { 849, SPR_SR, 0, read_tb, NULL, 0 },
    { 855, SPR_HV, 0, NULL, NULL, 0 },
    { 888, S_RW | SPR_V2, 0, NULL, NULL, 0 }, { 889, S_RW | SPR_V2, 0, NULL, NULL, 0 },
    { 890, S_RW | SPR_V2, 0, NULL, NULL, 0 }, { 892, S_RW | SPR_V2, 0, NULL, NULL, 0 },
    { 893, S_RW | SPR_V2, 0, NULL, NULL, 0 }, { 894, S_RW | SPR_V2, 0, NULL, NULL, 0 },
    { 895, S_RW, 0, NULL, NULL, 0 },
    { 896, U_RW, 0, NULL, write_ppr, 0 },
    { 898, U_RW, 0, read_ppr32, write_ppr32, 0 },
    { 1008, SPR_HV, 0, NULL, NULL, 0 }, { 1009, SPR_HV, 0, NULL, NULL, 0 }, { 1012, SPR_HV, 0, NULL, NULL, 0 },
    { 1013, S_RW | SPR_V2, 0, NULL, NULL, 0 }, { 1014, SPR_HV, 0, NULL, NULL, 0 },
    { 1015, S_RW | SPR_V2, 0, NULL, NULL, 0 },
    { 1023, SPR_SR, 0, NULL, NULL, 0 },
};

static const struct spr_row *find_row(const struct cpu *c, unsigned spr)
{
    size_t low = 0, high = sizeof(rows) / sizeof(rows[0]);

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (rows[mid].number < spr)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == sizeof(rows) / sizeof(rows[0]) || rows[low].number != spr)
        return NULL;
    if (rows[low].flags & (c->level == ISA_LEVEL_3_00 ? SPR_V2 : SPR_V3))
        return NULL;
    return &rows[low];
}

/* The answer to a number nobody has. True: no operation. */
static bool undefined(struct cpu *c, unsigned spr, bool write)
{
    if (c->msr & MSR_PR) {
        cpu_program(c, spr & 0x10 ? PROGRAM_PRIVILEGED : PROGRAM_ILLEGAL);
        return false;
    }
    if (spr == 0 || (!write && (spr == 4 || spr == 5 || spr == 6))) {
        cpu_program(c, PROGRAM_ILLEGAL);
        return false;
    }
    return true;
}

/* Checks privilege and facility gates; true: go on with the row. */
static bool allowed(struct cpu *c, const struct spr_row *row, unsigned need_user, unsigned need_super)
{
    bool problem = c->msr & MSR_PR;

    if ((row->flags & SPR_HV) || !(row->flags & (problem ? need_user : need_super))) {
        cpu_program(c, problem && !(row->number & 0x10) ? PROGRAM_ILLEGAL : PROGRAM_PRIVILEGED);
        return false;
    }
    if (row->flags & SPR_TMGATE) {
        cpu_facility_unavailable(c, 5);
        return false;
    }
    if (row->fscr_bit && !(c->spr[SPR_FSCR] >> row->fscr_bit & 1)) {
        cpu_facility_unavailable(c, row->fscr_bit);
        return false;
    }
    return true;
}

static unsigned storage(const struct spr_row *row)
{
    return row->store_at ? row->store_at : row->number;
}

bool spr_read(struct cpu *c, unsigned spr, uint64_t *out)
{
    const struct spr_row *row;

    if (spr == SPR_XER) {
        *out = cpu_xer(c);
        return true;
    }
    row = find_row(c, spr);
    if (!row)
        return undefined(c, spr, false) && false;       /* a no-op leaves the target as it was */
    if (row->flags & SPR_NOP)
        return false;
    if (!allowed(c, row, SPR_UR, SPR_SR))
        return false;
    *out = row->read ? row->read(c) : c->spr[storage(row)];
    return true;
}

bool spr_write(struct cpu *c, unsigned spr, uint64_t value)
{
    const struct spr_row *row;

    if (spr == SPR_XER) {
        cpu_set_xer(c, value);
        return true;
    }
    row = find_row(c, spr);
    if (!row)
        return undefined(c, spr, true);
    if (row->flags & SPR_NOP)
        return true;
    if (!allowed(c, row, SPR_UW, SPR_SW))
        return false;
    if (row->write)
        row->write(c, value);
    else
        c->spr[storage(row)] = row->flags & SPR_W32 ? (uint32_t)value : value;
    return true;
}
