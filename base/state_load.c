/* SPDX-License-Identifier: Apache-2.0 */
/* base/state_load.c - one section to one object: match its schema with ours, check all values, then store them.
 * Everything read here is untrusted; the work is bounded by the length of the input. */
#include "base/state_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One field of the section, matched with ours. */
struct plan {
    const struct state_field *mine;     /* NULL: unknown and optional, skipped */
    uint8_t type;
    uint32_t count;
    const struct state_list *list;      /* STRUCT and known */
    struct plan *sub;                   /* STRUCT */
    unsigned nsub;
};

struct planner {
    struct state_cursor c;
    bool raw;
    unsigned total;
    struct error *err;
};

static void plan_free(struct plan *plan, unsigned n)
{
    if (!plan)
        return;
    for (unsigned i = 0; i < n; i++)
        plan_free(plan[i].sub, plan[i].nsub);
    free(plan);
}

static const struct state_field *field_find(const struct state_list *list, const char *name)
{
    for (unsigned i = 0; list && i < list->nfields; i++) {
        if (!strcmp(list->fields[i].name, name))
            return &list->fields[i];
    }
    return NULL;
}

static int plan_list(struct planner *p, const struct state_list *list, unsigned depth, struct plan **out,
                     unsigned *nout);

static int plan_field(struct planner *p, const struct state_list *list, struct plan *plan, unsigned depth)
{
    const char *list_name = list ? list->name : "an unknown struct";
    char name[STATE_NAME_MAX];
    uint64_t type, flags, count;
    int rc;

    if ((rc = state_take_name(&p->c, name, p->err)) < 0 || (rc = state_take_uint(&p->c, 1, &type, p->err)) < 0 ||
        (rc = state_take_uint(&p->c, 1, &flags, p->err)) < 0 || (rc = state_take_uint(&p->c, 4, &count, p->err)) < 0)
        return rc;
    plan->mine = field_find(list, name);
    plan->type = (uint8_t)type;
    plan->count = (uint32_t)count;
    if (type < STATE_T_BOOL || type > STATE_T_CUSTOM || count == 0 || (flags & ~(uint64_t)STATE_OPTIONAL) ||
        ((type == STATE_T_BYTES_PTR || type == STATE_T_CUSTOM) && count != 1))
        return error_set(p->err, EBADMSG, "saved state of %s: field %s has no known type or count", list_name, name);
    if (list && !plan->mine && !(flags & STATE_OPTIONAL))
        return error_set(p->err, EBADMSG, "saved state of %s has a field %s that this version does not know", list_name,
                         name);
    if (plan->mine && (plan->mine->type != type || plan->mine->count != count))
        return error_set(p->err, EBADMSG, "saved state of %s: field %s has another type or count here", list_name,
                         name);
    if (type != STATE_T_STRUCT)
        return 0;
    plan->list = plan->mine ? plan->mine->nested : NULL;
    return plan_list(p, plan->list, depth + 1, &plan->sub, &plan->nsub);
}

static bool plan_has(const struct plan *plan, unsigned n, const struct state_field *f, unsigned *times)
{
    *times = 0;
    for (unsigned i = 0; i < n; i++)
        *times += plan[i].mine == f;
    return *times > 0;
}

/* Rule 2 of state.h, and no field twice. */
static int plan_complete(struct planner *p, const struct state_list *list, const struct plan *plan, unsigned n,
                         uint64_t version)
{
    for (unsigned i = 0; i < list->nfields; i++) {
        const struct state_field *f = &list->fields[i];
        unsigned times;
        bool optional = f->since > version || (f->flags & STATE_OPTIONAL) || (p->raw && f->type == STATE_T_CUSTOM);

        if (!plan_has(plan, n, f, &times) && !optional)
            return error_set(p->err, EBADMSG, "saved state of %s lacks the field %s", list->name, f->name);
        if (times > 1)
            return error_set(p->err, EBADMSG, "saved state of %s has the field %s twice", list->name, f->name);
    }
    return 0;
}

/* list is NULL inside a struct that is skipped. */
static int plan_list(struct planner *p, const struct state_list *list, unsigned depth, struct plan **out,
                     unsigned *nout)
{
    char name[STATE_NAME_MAX];
    uint64_t version, n;
    int rc;

    if (depth >= STATE_DEPTH_MAX)
        return error_set(p->err, EBADMSG, "saved state is nested too deep");
    if ((rc = state_take_name(&p->c, name, p->err)) < 0 || (rc = state_take_uint(&p->c, 2, &version, p->err)) < 0 ||
        (rc = state_take_uint(&p->c, 2, &n, p->err)) < 0)
        return rc;
    if (list && strcmp(name, list->name))
        return error_set(p->err, EBADMSG, "saved state of %s found where %s was expected", name, list->name);
    if (version == 0 || n == 0 || n > STATE_FIELDS_MAX - p->total)
        return error_set(p->err, EBADMSG, "saved state of %s has no version, no fields or too many", name);
    p->total += (unsigned)n;
    *out = calloc(n, sizeof(**out));
    if (!*out)
        return error_set(p->err, ENOMEM, "no memory to load %s", name);
    *nout = (unsigned)n;
    for (unsigned i = 0; i < n; i++) {
        rc = plan_field(p, list, &(*out)[i], depth);
        if (rc < 0)
            return rc;
    }
    return list ? plan_complete(p, list, *out, *nout, version) : 0;
}

/* The walk over the values: once with obj NULL to check, once to store. */
struct walk {
    struct state_cursor c;
    bool store;
    bool raw;
    struct error *err;
};

static int walk_numbers(struct walk *w, const struct plan *plan, uint8_t *p)
{
    size_t width = state_number_bytes(plan->type);

    for (uint32_t i = 0; i < plan->count; i++) {
        uint64_t v;
        int rc = state_take_uint(&w->c, width, &v, w->err);

        if (rc < 0)
            return rc;
        if (!plan->mine)
            continue;
        if ((plan->type == STATE_T_BOOL && v > 1) || (plan->mine->max && v > plan->mine->max))
            return error_set(w->err, EBADMSG, "saved state: field %s cannot be %llu", plan->mine->name,
                             (unsigned long long)v);
        if (w->store)
            state_number_put(p + i * width, plan->type, v);
    }
    return 0;
}

static int walk_bytes(struct walk *w, const struct plan *plan, uint8_t *obj)
{
    const uint8_t *data;
    uint64_t len, have;
    void *to;
    int rc = state_take_uint(&w->c, 8, &len, w->err);

    if (rc < 0 || (rc = state_take(&w->c, len, &data, w->err)) < 0)
        return rc;
    if (!plan->mine)
        return 0;
    if (plan->type == STATE_T_CUSTOM)
        return w->store ? plan->mine->custom->load(obj, data, len, w->err) : 0;
    have = state_number_get(obj + plan->mine->len_offset, STATE_T_U64);
    if (have != len)
        return error_set(w->err, EBADMSG, "saved state: %s holds %llu bytes, this machine is configured with %llu",
                         plan->mine->name, (unsigned long long)len, (unsigned long long)have);
    memcpy(&to, obj + plan->mine->offset, sizeof(to));
    if (w->store && len)
        memcpy(to, data, len);
    return 0;
}

static int run_hooks(const struct state_list *list, void *obj, struct error *err)
{
    int rc = list->check ? list->check(obj, err) : 0;

    return rc == 0 && list->post_load ? list->post_load(obj, err) : rc;
}

static int walk_object(struct walk *w, const struct state_list *list, const struct plan *plan, unsigned n, uint8_t *obj)
{
    int rc = 0;

    for (unsigned i = 0; i < n && rc == 0; i++) {
        const struct plan *f = &plan[i];
        uint8_t *at = f->mine ? obj + f->mine->offset : NULL;

        if (f->type == STATE_T_STRUCT) {
            for (uint32_t e = 0; e < f->count && rc == 0; e++)
                rc = walk_object(w, f->list, f->sub, f->nsub, at ? at + e * f->list->size : NULL);
        } else if (state_number_bytes(f->type)) {
            rc = walk_numbers(w, f, at);
        } else {
            rc = walk_bytes(w, f, obj);
        }
    }
    if (rc == 0 && list && w->store && !w->raw)
        rc = run_hooks(list, obj, w->err);
    return rc;
}

static int load_body(const struct state_list *list, void *obj, struct state_cursor body, bool raw, struct error *err)
{
    struct planner p = { .c = body, .raw = raw, .err = err };
    struct plan *plan = NULL;
    unsigned n = 0;
    int rc = plan_list(&p, list, 0, &plan, &n);

    for (int store = 0; store <= 1 && rc == 0; store++) {
        struct walk w = { .c = p.c, .store = store, .raw = raw, .err = err };

        rc = walk_object(&w, list, plan, n, obj);
        if (rc == 0 && w.c.left != 0)
            rc = error_set(err, EBADMSG, "saved state of %s is %zu bytes too long", list->name, w.c.left);
    }
    plan_free(plan, n);
    return rc;
}

int state_load(const struct state_list *list, void *obj, uint32_t instance, struct state_reader *r, struct error *err)
{
    struct state_cursor body;
    uint32_t have;
    size_t bytes;
    int rc = state_section_open(r, &body, &have, &bytes, err);

    if (rc == 0)
        return error_set(err, EBADMSG, "saved state ends where %s was expected", list->name);
    if (rc < 0)
        return rc;
    if (have != instance)
        return error_set(err, EBADMSG, "saved state of %s: number %u found where %u was expected", list->name, have,
                         instance);
    rc = load_body(list, obj, body, r->raw, err);
    if (rc == 0)
        r->pos += bytes;
    return rc;
}
