/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hcall_table.c - every hypercall the machine knows, one row each, by rising opcode; dispatch;
 * ibm,hypertas-functions.
 *
 * A row with a hypertas name advertises that set of calls.  An opcode without a row answers H_FUNCTION.  A new row:
 * docs/hcalls.md. */
#include "papr/hcalls.h"

#include <string.h>

#include "cpu/trace.h"
#include "papr/of_client.h"
#include "papr/of_gate.h"
#include "papr/rtas.h"

const struct hcall_row hcall_table[] = {
    { 0x004, "H_REMOVE", "hcall-pft", h_remove, 3, 2 },
    { 0x008, "H_ENTER", "hcall-pft", h_enter, 4, 1 },
    { 0x00c, "H_READ", "hcall-pft", h_read, 2, 8 },
    { 0x010, "H_CLEAR_MOD", "hcall-pft", h_clear_mod, 2, 1 },
    { 0x014, "H_CLEAR_REF", "hcall-pft", h_clear_ref, 2, 1 },
    { 0x018, "H_PROTECT", "hcall-pft", h_protect, 3, 0 },
    { 0x01c, "H_GET_TCE", NULL, h_get_tce, 2, 1 },
    { 0x020, "H_PUT_TCE", NULL, h_put_tce, 3, 0 },
    { 0x024, "H_SET_SPRG0", "hcall-sprg0", h_set_sprg0, 1, 0 },
    { 0x028, "H_SET_DABR", NULL, h_set_dabr, 1, 0 },
    { 0x02c, "H_PAGE_INIT", "hcall-copy", h_page_init, 3, 0 },
    { 0x03c, "H_LOGICAL_CI_LOAD", "hcall-debug", h_logical_ci_load, 2, 1 },
    { 0x040, "H_LOGICAL_CI_STORE", "hcall-debug", h_logical_ci_store, 3, 0 },
    { 0x044, "H_LOGICAL_CACHE_LOAD", "hcall-debug", h_logical_cache_load, 2, 1 },
    { 0x048, "H_LOGICAL_CACHE_STORE", "hcall-debug", h_logical_cache_store, 3, 0 },
    { 0x04c, "H_LOGICAL_ICBI", "hcall-debug", h_logical_icbi, 2, 0 },
    { 0x050, "H_LOGICAL_DCBF", "hcall-debug", h_logical_dcbf, 2, 0 },
    { 0x054, "H_GET_TERM_CHAR", "hcall-term", h_get_term_char, 1, 3 },
    { 0x058, "H_PUT_TERM_CHAR", "hcall-term", h_put_term_char, 4, 0 },
    { 0x064, "H_EOI", "hcall-interrupt", h_eoi, 1, 0 },
    { 0x068, "H_CPPR", "hcall-interrupt", h_cppr, 1, 0 },
    { 0x06c, "H_IPI", "hcall-interrupt", h_ipi, 2, 0 },
    { 0x070, "H_IPOLL", "hcall-interrupt", h_ipoll, 1, 2 },
    { 0x074, "H_XIRR", "hcall-interrupt", h_xirr, 0, 1 },
    { 0x0dc, "H_REGISTER_VPA", "hcall-splpar", h_register_vpa, 3, 0 },
    { 0x0e0, "H_CEDE", "hcall-splpar", h_cede, 0, 0 },
    { 0x0e4, "H_CONFER", "hcall-splpar", h_confer, 2, 0 },
    { 0x0e8, "H_PROD", "hcall-splpar", h_prod, 1, 0 },
    { 0x0ec, "H_GET_PPP", "hcall-splpar", h_get_ppp, 0, 4 },
    { 0x104, "H_VIO_SIGNAL", "hcall-vio", h_vio_signal, 2, 0 },
    { 0x124, "H_BULK_REMOVE", "hcall-bulk", h_bulk_remove, 8, 8 },
    { 0x134, "H_SET_XDABR", NULL, h_set_xdabr, 2, 0 },
    { 0x138, "H_STUFF_TCE", NULL, h_stuff_tce, 4, 0 },
    { 0x13c, "H_PUT_TCE_INDIRECT", NULL, h_put_tce_indirect, 4, 0 },
    { 0x1c8, "H_GET_CPU_CHARACTERISTICS", NULL, h_get_cpu_characteristics, 0, 2 },
    { 0x298, "H_JOIN", "hcall-join", h_join, 0, 0 },
    { 0x2ec, "H_HOME_NODE_ASSOCIATIVITY", NULL, h_home_node_associativity, 2, 6 },
    { 0x2fc, "H_XIRR_X", "hcall-interrupt", h_xirr_x, 1, 2 },
    { 0x300, "H_RANDOM", NULL, h_random, 0, 1 },
    { 0x31c, "H_SET_MODE", "hcall-set-mode", h_set_mode, 4, 0 },
    { 0x358, "H_CLEAR_HPT", NULL, h_clear_hpt, 0, 0 },
    { 0x36c, "H_RESIZE_HPT_PREPARE", "hcall-hpt-resize", h_resize_hpt_prepare, 2, 0 },
    { 0x370, "H_RESIZE_HPT_COMMIT", "hcall-hpt-resize", h_resize_hpt_commit, 2, 0 },
    { 0x37c, "H_REGISTER_PROC_TBL", NULL, h_register_proc_tbl, 4, 0 },
    { 0x380, "H_SIGNAL_SYS_RESET", NULL, h_signal_sys_reset, 1, 0 },
    { H_RTAS, "H_RTAS", NULL, h_rtas, 1, 0 },
    { H_OF_CLIENT, "H_OF_CLIENT", NULL, h_of_client, 1, 0 },
};
_Static_assert(sizeof(hcall_table) / sizeof(hcall_table[0]) <= HCALL_ROWS_MAX, "one counter for each");
const size_t hcall_table_size = sizeof(hcall_table) / sizeof(hcall_table[0]);

const struct hcall_row *hcall_find(uint64_t opcode)
{
    size_t low = 0, high = hcall_table_size;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (hcall_table[mid].opcode == opcode)
            return &hcall_table[mid];
        if (hcall_table[mid].opcode < opcode)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static bool said_before(size_t row)
{
    for (size_t i = 0; i < row; i++) {
        if (hcall_table[i].hypertas && !strcmp(hcall_table[i].hypertas, hcall_table[row].hypertas))
            return true;
    }
    return false;
}

size_t hcall_hypertas_functions(const struct papr *p, char *out, size_t room_bytes)
{
    size_t len = 0;

    (void)p;

    for (size_t i = 0; i < hcall_table_size; i++) {
        size_t n;

        if (!hcall_table[i].hypertas || said_before(i))
            continue;
        n = strlen(hcall_table[i].hypertas) + 1;
        if (out && n <= room_bytes - len)
            memcpy(out + len, hcall_table[i].hypertas, n);
        len += n;
    }
    return len;
}

static void trace_unknown(const struct vcpu *v)
{
    fprintf(v->cpu.trace->out, "hcall cpu%u %#lx = %d\n", v->id, (unsigned long)v->cpu.gpr[3], H_FUNCTION);
}

static void trace(const struct vcpu *v, const struct hcall_row *row, const uint64_t *arg, int64_t status)
{
    FILE *out = v->cpu.trace->out;

    flockfile(out);
    fprintf(out, "hcall cpu%u %s(", v->id, row->name);
    for (unsigned i = 0; i < row->nargs; i++)
        fprintf(out, "%s%#lx", i ? ", " : "", (unsigned long)arg[i]);
    fprintf(out, ") = %ld", (long)status);
    for (unsigned i = 0; i < row->nrets && status == H_SUCCESS; i++)
        fprintf(out, " %#lx", (unsigned long)v->cpu.gpr[4 + i]);
    fputc('\n', out);
    funlockfile(out);
}

const struct hcall_row *hcall_dispatch(struct vcpu *v)
{
    const struct hcall_row *row = hcall_find(v->cpu.gpr[3]);
    uint64_t arg[9], ret[9] = { 0 };
    int64_t status;

    if (!row) {
        if (tracing(&v->cpu, TRACE_HCALL))
            trace_unknown(v);
        v->cpu.gpr[3] = (uint64_t)H_FUNCTION;
        return NULL;
    }
    memcpy(arg, &v->cpu.gpr[4], sizeof(arg));
    status = row->run(v, arg, ret);
    v->cpu.gpr[3] = (uint64_t)status;
    memcpy(&v->cpu.gpr[4], ret, row->nrets * sizeof(ret[0]));
    if (tracing(&v->cpu, TRACE_HCALL))
        trace(v, row, arg, status);
    return row;
}
