/* SPDX-License-Identifier: Apache-2.0 */
/* papr/of_client.c - see the header. One row and one function per service.
 *
 * A call: r4 points to 32-bit big-endian cells: service name, nargs, nrets, arguments, results.  The hypercall answers
 * 0 when the service was called, -1 when there was nothing to call; a service answers -1 (0xffffffff) in its first
 * result when it fails.  Every number and pointer comes from the guest: each is checked before use, and nothing the
 * guest asks for costs unbounded time or memory. */
#include "papr/of_client_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "cpu/trace.h"
#include "papr/cas.h"
#include "papr/fdt.h"
#include "papr/of_tree.h"
#include "papr/rtas.h"
#include "papr/vty.h"

#define OF_ERROR 0xffffffffu

enum { CELLS_MAX = 16, WRITE_MAX = 1 << 16 };

struct of_call {
    struct of_client *of;
    struct vcpu *vcpu;
    uint32_t nargs, nrets;
    uint32_t arg[CELLS_MAX], ret[CELLS_MAX];
};

/* ---- guest memory ---- */

/* A NUL-terminated string with room for its NUL; false: not RAM, or longer. */
static bool read_string(struct papr *p, uint32_t addr, char *out, size_t room)
{
    size_t at = 0;

    while (at < room) {
        size_t step = 32 - (addr + at) % 32;        /* never crosses the end of RAM unless it starts there */

        step = step < room - at ? step : room - at;
        if (!papr_read(p, (uint64_t)addr + at, out + at, step))
            return false;
        if (memchr(out + at, '\0', step))
            return true;
        at += step;
    }
    return false;
}

/* Writes text as a client wants it: cut to len, with its NUL if there is room. */
static uint32_t write_text(const struct of_call *c, uint32_t addr, uint32_t len, const char *text)
{
    size_t have = strlen(text) + 1;

    if (!papr_write(c->of->papr, addr, text, have < len ? have : len))
        return OF_ERROR;
    return (uint32_t)have - 1;
}

/* ---- the tree ---- */

static uint32_t of_finddevice(struct of_call *c)
{
    char path[OF_PATH_MAX];
    uint32_t phandle = read_string(c->of->papr, c->arg[0], path, sizeof(path)) ? of_tree_find(c->of->tree, path) : 0;

    return phandle ? phandle : OF_ERROR;
}

/* A property's value; "name" is the node's name without unit address unless stored. scratch holds that. */
static const void *property(const struct of_call *c, char scratch[OF_PATH_MAX], uint32_t *len)
{
    char name[OF_NAME_MAX], *last;
    const void *data;

    if (!read_string(c->of->papr, c->arg[1], name, sizeof(name)))
        return NULL;
    data = of_tree_get(c->of->tree, c->arg[0], name, len);
    if (data || strcmp(name, "name") || of_tree_path(c->of->tree, c->arg[0], scratch, OF_PATH_MAX) < 0)
        return data;
    last = strrchr(scratch, '/') + 1;
    last[strcspn(last, "@")] = '\0';
    *len = (uint32_t)strlen(last) + 1;
    return last;
}

static uint32_t of_getprop(struct of_call *c)
{
    char scratch[OF_PATH_MAX];
    uint32_t len = 0;
    const void *data = property(c, scratch, &len);

    if (!data || !papr_write(c->of->papr, c->arg[2], data, len < c->arg[3] ? len : c->arg[3]))
        return OF_ERROR;
    return len;
}

static uint32_t of_getproplen(struct of_call *c)
{
    char scratch[OF_PATH_MAX];
    uint32_t len = 0;

    return property(c, scratch, &len) ? len : OF_ERROR;
}

static uint32_t of_setprop(struct of_call *c)
{
    char name[OF_NAME_MAX];
    uint8_t data[OF_PROPERTY_MAX];
    uint32_t len = c->arg[3];

    if (len > sizeof(data) || !read_string(c->of->papr, c->arg[1], name, sizeof(name)) ||
        !papr_read(c->of->papr, c->arg[2], data, len))
        return OF_ERROR;
    return of_tree_set(c->of->tree, c->arg[0], name, data, len) ? len : OF_ERROR;
}

static uint32_t of_nextprop(struct of_call *c)
{
    char previous[OF_NAME_MAX] = "", name[OF_NAME_MAX];
    int rc;

    if (c->arg[1] && !read_string(c->of->papr, c->arg[1], previous, sizeof(previous)))
        return OF_ERROR;
    rc = of_tree_next(c->of->tree, c->arg[0], previous, name);
    if (rc < 0)
        return OF_ERROR;
    if (!rc)
        name[0] = '\0';
    return papr_write(c->of->papr, c->arg[2], name, strlen(name) + 1) ? (uint32_t)rc : OF_ERROR;
}

static uint32_t of_peer(struct of_call *c)
{
    return c->arg[0] ? of_tree_peer(c->of->tree, c->arg[0]) : of_tree_root(c->of->tree);
}

static uint32_t of_child(struct of_call *c)
{
    return of_tree_child(c->of->tree, c->arg[0]);
}

static uint32_t of_parent(struct of_call *c)
{
    return of_tree_parent(c->of->tree, c->arg[0]);
}

static uint32_t path_of(struct of_call *c, uint32_t phandle)
{
    char path[OF_PATH_MAX];

    if (of_tree_path(c->of->tree, phandle, path, sizeof(path)) < 0)
        return OF_ERROR;
    return write_text(c, c->arg[1], c->arg[2], path);
}

static uint32_t of_package_to_path(struct of_call *c)
{
    return path_of(c, c->arg[0]);
}

/* ---- instances ---- */

static uint32_t package_of(const struct of_client *of, uint32_t ihandle)
{
    uint32_t i = ihandle - OF_IHANDLE_FIRST;

    return i < OF_IHANDLES ? of->instance[i] : 0;
}

static uint32_t of_open(struct of_call *c)
{
    char path[OF_PATH_MAX];
    uint32_t phandle;

    if (!read_string(c->of->papr, c->arg[0], path, sizeof(path)))
        return 0;
    path[strcspn(path, ":")] = '\0';            /* arguments for the device */
    phandle = of_tree_find(c->of->tree, path);
    for (uint32_t i = 0; phandle && i < OF_IHANDLES; i++)
        if (!c->of->instance[i]) {
            c->of->instance[i] = phandle;
            return OF_IHANDLE_FIRST + i;
        }
    return 0;
}

static uint32_t of_close(struct of_call *c)
{
    uint32_t i = c->arg[0] - OF_IHANDLE_FIRST;

    if (i > OF_IHANDLE_CPU - OF_IHANDLE_FIRST && i < OF_IHANDLES)
        c->of->instance[i] = 0;
    return 0;
}

static uint32_t of_instance_to_package(struct of_call *c)
{
    uint32_t phandle = package_of(c->of, c->arg[0]);

    return phandle ? phandle : OF_ERROR;
}

static uint32_t of_instance_to_path(struct of_call *c)
{
    return path_of(c, package_of(c->of, c->arg[0]));
}

/* Output the terminal does not take at once is lost: early messages must not stop the guest. */
static uint32_t of_write(struct of_call *c)
{
    uint32_t done = 0, len = c->arg[2];
    uint8_t part[256];

    if (c->arg[0] != OF_IHANDLE_STDOUT || len > WRITE_MAX)
        return OF_ERROR;
    while (done < len) {
        uint32_t n = len - done < sizeof(part) ? len - done : (uint32_t)sizeof(part);

        if (!papr_read(c->of->papr, (uint64_t)c->arg[1] + done, part, n))
            return OF_ERROR;
        vty_write(papr_vty(c->of->papr), part, n);
        done += n;
    }
    return len;
}

static uint32_t of_read(struct of_call *c)
{
    uint8_t part[256];
    size_t n = c->arg[2] < sizeof(part) ? c->arg[2] : sizeof(part);

    if (c->arg[0] != OF_IHANDLE_STDOUT || !papr_is_ram(c->of->papr, c->arg[1], n))
        return OF_ERROR;
    n = vty_read(papr_vty(c->of->papr), part, n);
    return papr_write(c->of->papr, c->arg[1], part, n) ? (uint32_t)n : OF_ERROR;
}

/* ---- memory ---- */

static uint32_t of_claim(struct of_call *c)
{
    uint64_t start = c->arg[0], bytes = c->arg[1], align = c->arg[2];

    if (!bytes || (align & (align - 1)))
        return OF_ERROR;
    if (align)
        start = of_claims_find(&c->of->claims, bytes, align);
    return start != UINT64_MAX && of_claims_take(&c->of->claims, start, bytes) ? (uint32_t)start : OF_ERROR;
}

static uint32_t of_release(struct of_call *c)
{
    return of_claims_release(&c->of->claims, c->arg[0], c->arg[1]) ? 0 : OF_ERROR;
}

/* ---- methods ---- */

/* arg: method, ihandle, vector; ret: catch result, status of the call. */
static uint32_t method_cas(struct of_call *c)
{
    uint32_t status = cas_negotiate(c->vcpu, c->arg[2]);
    struct error err;

    if (!status && of_client_build(c->of, &err))
        papr_internal_error(c->of->papr, "%s", err.msg);
    c->ret[1] = status;
    return 0;
}

/* arg: method, ihandle, base; ret: catch result, entry. */
static uint32_t method_instantiate_rtas(struct of_call *c)
{
    c->ret[1] = rtas_instantiate(papr_rtas(c->of->papr), c->arg[2]);
    return c->ret[1] ? 0 : OF_ERROR;
}

static const struct of_method {
    const char *node, *name;
    uint32_t nargs, nrets;
    uint32_t (*run)(struct of_call *c);
} methods[] = {
    { "/", "ibm,client-architecture-support", 3, 2, method_cas },
    { "/rtas", "instantiate-rtas", 3, 2, method_instantiate_rtas },
};

static uint32_t of_call_method(struct of_call *c)
{
    char name[OF_NAME_MAX];
    uint32_t phandle = c->nargs < 2 ? 0 : package_of(c->of, c->arg[1]);

    if (!phandle || !read_string(c->of->papr, c->arg[0], name, sizeof(name)))
        return OF_ERROR;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        const struct of_method *m = &methods[i];

        if (!strcmp(m->name, name) && of_tree_find(c->of->tree, m->node) == phandle && c->nargs == m->nargs &&
            c->nrets == m->nrets)
            return m->run(c);
    }
    return OF_ERROR;
}

/* ---- the rest ---- */

static uint32_t of_milliseconds(struct of_call *c)
{
    return (uint32_t)(papr_timebase(c->of->papr) / (PAPR_TIMEBASE_HZ / 1000));
}

static uint32_t of_quiesce(struct of_call *c)
{
    (void)c;            /* nothing of ours does DMA or interrupts by itself before the kernel asks */
    return 0;
}

static uint32_t of_exit(struct of_call *c)
{
    papr_guest_panic(c->of->papr, "the guest left to Open Firmware (exit) before its kernel ran");
    return 0;
}

static uint32_t of_boot(struct of_call *c)
{
    papr_guest_reset(c->of->papr);
    return 0;
}

static uint32_t of_test(struct of_call *c);

static const struct of_service {
    const char *name;
    uint8_t nargs, nrets;               /* fewest results; results beyond are 0 */
    uint8_t nargs_max;                  /* 0: exactly nargs */
    uint32_t (*run)(struct of_call *c); /* the first result */
} services[] = {
    { "finddevice", 1, 1, 0, of_finddevice },
    { "getprop", 4, 1, 0, of_getprop },
    { "getproplen", 2, 1, 0, of_getproplen },
    { "nextprop", 3, 1, 0, of_nextprop },
    { "setprop", 4, 1, 0, of_setprop },
    { "peer", 1, 1, 0, of_peer },
    { "child", 1, 1, 0, of_child },
    { "parent", 1, 1, 0, of_parent },
    { "package-to-path", 3, 1, 0, of_package_to_path },
    { "open", 1, 1, 0, of_open },
    { "close", 1, 0, 0, of_close },
    { "instance-to-package", 1, 1, 0, of_instance_to_package },
    { "instance-to-path", 3, 1, 0, of_instance_to_path },
    { "write", 3, 1, 0, of_write },
    { "read", 3, 1, 0, of_read },
    { "claim", 3, 1, 0, of_claim },
    { "release", 2, 0, 0, of_release },
    { "call-method", 2, 1, CELLS_MAX, of_call_method },
    { "milliseconds", 0, 1, 0, of_milliseconds },
    { "quiesce", 0, 0, 0, of_quiesce },
    { "exit", 0, 0, 0, of_exit },
    { "boot", 1, 0, 0, of_boot },
    { "test", 1, 1, 0, of_test },
};

static const struct of_service *find_service(const char *name)
{
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
        if (!strcmp(services[i].name, name))
            return &services[i];
    return NULL;
}

/* 0: the service exists. */
static uint32_t of_test(struct of_call *c)
{
    char name[OF_NAME_MAX];

    return read_string(c->of->papr, c->arg[0], name, sizeof(name)) && find_service(name) ? 0 : OF_ERROR;
}

static void call_service(const struct of_service *s, struct of_call *c)
{
    uint32_t result;

    if (!s || c->nargs < s->nargs || c->nargs > (s->nargs_max ? s->nargs_max : s->nargs) || c->nrets < s->nrets) {
        c->ret[0] = OF_ERROR;
        return;
    }
    lock_take(&c->of->lock);
    result = s->run(c);
    lock_drop(&c->of->lock);
    c->ret[0] = result;
}

static bool read_call(struct of_call *c, uint64_t block, char name[OF_NAME_MAX])
{
    struct papr *p = c->of->papr;
    uint8_t head[12], cells[4 * CELLS_MAX];

    if (!papr_read(p, block, head, sizeof(head)))
        return false;
    c->nargs = be32_get(head + 4);
    c->nrets = be32_get(head + 8);
    if (c->nargs > CELLS_MAX || c->nrets > CELLS_MAX - c->nargs ||
        !papr_is_ram(p, block + 12, 4 * (c->nargs + c->nrets)) ||
        !papr_read(p, block + 12, cells, 4 * c->nargs) || !read_string(p, be32_get(head), name, OF_NAME_MAX))
        return false;
    for (uint32_t i = 0; i < c->nargs; i++)
        c->arg[i] = be32_get(cells + 4 * i);
    return true;
}

static void trace(const struct of_call *c, const char *name)
{
    FILE *out = c->vcpu->cpu.trace->out;

    flockfile(out);
    fprintf(out, "of cpu%u %s(", c->vcpu->id, name);
    for (uint32_t i = 0; i < c->nargs; i++)
        fprintf(out, "%s%#x", i ? ", " : "", c->arg[i]);
    fprintf(out, ") =");
    for (uint32_t i = 0; i < c->nrets; i++)
        fprintf(out, " %#x", c->ret[i]);
    fputc('\n', out);
    funlockfile(out);
}

int64_t h_of_client(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    struct of_call c = { .of = papr_of(v->papr), .vcpu = v };
    const struct of_service *s;
    uint8_t cells[4 * CELLS_MAX];
    char name[OF_NAME_MAX];

    (void)ret;
    if (!read_call(&c, arg[0], name))
        return -1;
    s = find_service(name);
    call_service(s, &c);
    for (uint32_t i = 0; i < c.nrets; i++)
        be32_put(cells + 4 * i, c.ret[i]);
    papr_write(v->papr, arg[0] + 12 + 4 * c.nargs, cells, 4 * c.nrets);
    if (tracing(&v->cpu, TRACE_OF))
        trace(&c, name);
    return s ? 0 : -1;
}

/* ---- life ---- */

struct of_client *of_client_new(struct papr *p, struct error *err)
{
    struct of_client *of = calloc(1, sizeof(*of));

    if (of)
        of->tree = of_tree_new();
    if (!of || !of->tree) {
        free(of);
        error_set(err, ENOMEM, "out of memory");
        return NULL;
    }
    of->papr = p;
    buf_init(&of->loaded);
    lock_init(&of->lock);
    return of;
}

void of_client_free(struct of_client *of)
{
    if (!of)
        return;
    of_tree_free(of->tree);
    buf_fini(&of->loaded);
    lock_fini(&of->lock);
    free(of);
}

void of_client_reset(struct of_client *of)
{
    of_tree_reset(of->tree);
    memset(of->instance, 0, sizeof(of->instance));
}

int of_client_set_images(struct of_client *of, const struct loader_layout *images, struct error *err)
{
    bool ok;

    of->images = *images;
    of_claims_init(&of->claims, papr_config(of->papr)->memory_bytes);
    ok = of_claims_take(&of->claims, 0, OF_STACK_TOP) &&
         of_claims_take(&of->claims, images->kernel_start, images->kernel_end - images->kernel_start) &&
         (!images->initrd_bytes || of_claims_take(&of->claims, images->initrd_start, images->initrd_bytes));
    return ok ? 0 : error_set(err, EINVAL, "kernel and initrd overlap");
}

/* The tree as the machine is now; the two instances that /chosen names. */
int of_client_build(struct of_client *of, struct error *err)
{
    void *fdt = fdt_make(of->papr, err);
    int rc = fdt ? of_tree_load(of->tree, fdt, err) : -ENOMEM;

    free(fdt);
    if (rc)
        return rc;
    of->instance[OF_IHANDLE_STDOUT - OF_IHANDLE_FIRST] = of_tree_find(of->tree, "/vdevice/vty");
    of->instance[OF_IHANDLE_CPU - OF_IHANDLE_FIRST] = of_tree_child(of->tree, of_tree_find(of->tree, "/cpus"));
    return 0;
}

const struct loader_layout *of_client_images(const struct of_client *of)
{
    return &of->images;
}

const struct of_tree *of_client_tree(const struct of_client *of)
{
    return of->tree;
}
