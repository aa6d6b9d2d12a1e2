/* SPDX-License-Identifier: Apache-2.0 */
/* papr/of_tree.c - see the header.
 *
 * A load builds a second set of nodes beside the first and exchanges them when everything succeeded.  Phandles live in
 * a list of their own (path, phandle) that only grows until a reset; trees have some tens of nodes, so lists are
 * searched from the start. */
#include "papr/of_tree.h"

#include <ctype.h>
#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"

struct of_property {
    struct of_property *next;
    bool guest;                     /* set by the guest */
    uint32_t len_bytes;
    char name[OF_NAME_MAX];
    uint8_t data[];
};

struct of_node {
    struct of_node *parent, *child, *peer;
    struct of_property *properties;
    uint32_t phandle;
    char name[];                    /* with unit address; "" for the root */
};

struct of_handle {
    struct of_handle *next;
    uint32_t phandle;
    char path[];
};

struct of_tree {
    struct of_node *root;
    struct of_handle *handles;
    uint32_t next_phandle;
    uint32_t guest_bytes;
};

enum { DEPTH_MAX = 16, PROPERTY_COST = 96 };

/* ---- nodes ---- */

static struct of_node *node_new(const char *name)
{
    struct of_node *n = calloc(1, sizeof(*n) + strlen(name) + 1);

    if (n)
        strcpy(n->name, name);
    return n;
}

static void node_free(struct of_node *n)
{
    while (n) {
        struct of_node *peer = n->peer;

        node_free(n->child);        /* as deep as DEPTH_MAX */
        while (n->properties) {
            struct of_property *next = n->properties->next;

            free(n->properties);
            n->properties = next;
        }
        free(n);
        n = peer;
    }
}

/* The next node of a walk over all: children, then peers, then up. */
static struct of_node *node_after(const struct of_node *n)
{
    if (n->child)
        return n->child;
    while (n && !n->peer)
        n = n->parent;
    return n ? n->peer : NULL;
}

static struct of_node *node_by_phandle(const struct of_tree *t, uint32_t phandle)
{
    struct of_node *n = t->root;

    while (n && n->phandle != phandle)
        n = node_after(n);
    return phandle ? n : NULL;
}

static size_t put_text(char *out, size_t room, size_t at, const char *text)
{
    for (; *text; text++, at++)
        if (at + 1 < room)
            out[at] = *text;
    out[at < room ? at : room - 1] = '\0';
    return at;
}

/* The full length, even if it did not fit. */
static size_t node_path(const struct of_node *n, char *out, size_t room)
{
    size_t at = 0;

    if (!n->parent)
        return put_text(out, room, 0, "/");
    if (n->parent->parent)
        at = node_path(n->parent, out, room);
    at = put_text(out, room, at, "/");
    return put_text(out, room, at, n->name);
}

static bool unit_equal(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[i]))
            return false;
    return true;
}

/* Does this node answer to a path component of len characters? */
static bool node_named(const struct of_node *n, const char *part, size_t len)
{
    const char *at = memchr(part, '@', len);
    size_t base = at ? (size_t)(at - part) : len, have = strcspn(n->name, "@");

    if (base != have || memcmp(part, n->name, base))
        return false;
    if (!at)
        return true;
    return strlen(n->name) == len && unit_equal(part + base, n->name + base, len - base);
}

static struct of_node *node_by_path(const struct of_tree *t, const char *path)
{
    struct of_node *n = t->root;

    if (*path != '/')
        return NULL;
    while (n) {
        size_t len;

        path += strspn(path, "/");
        len = strcspn(path, "/");
        if (!len)
            return n;
        for (n = n->child; n && !node_named(n, path, len); n = n->peer)
            ;
        path += len;
    }
    return NULL;
}

/* ---- properties ---- */

static struct of_property **find_property(struct of_node *n, const char *name)
{
    struct of_property **at = &n->properties;

    while (*at && strcmp((*at)->name, name))
        at = &(*at)->next;
    return at;
}

static uint32_t guest_cost(const struct of_property *p)
{
    return p->guest ? p->len_bytes + PROPERTY_COST : 0;
}

/* Replaces or appends, keeping the place in the order. name is shorter than OF_NAME_MAX.
 * Returns what it replaced, to be freed. */
static struct of_property *put_property(struct of_node *n, struct of_property *p)
{
    struct of_property **at = find_property(n, p->name), *old = *at;

    p->next = old ? old->next : NULL;
    *at = p;
    return old;
}

static struct of_property *property_new(const char *name, const void *data, uint32_t len_bytes, bool guest)
{
    struct of_property *p = malloc(sizeof(*p) + len_bytes);

    if (!p)
        return NULL;
    *p = (struct of_property){ .guest = guest, .len_bytes = len_bytes };
    memcpy(p->name, name, strlen(name) + 1);
    if (len_bytes)
        memcpy(p->data, data, len_bytes);
    return p;
}

/* ---- phandles ---- */

static struct of_handle *handle_by_path(const struct of_tree *t, const char *path)
{
    struct of_handle *h = t->handles;

    while (h && strcmp(h->path, path))
        h = h->next;
    return h;
}

static struct of_handle *handle_by_number(const struct of_tree *t, uint32_t phandle)
{
    struct of_handle *h = t->handles;

    while (h && h->phandle != phandle)
        h = h->next;
    return h;
}

static int handle_add(struct of_tree *t, const char *path, uint32_t phandle)
{
    struct of_handle **at = &t->handles, *h = malloc(sizeof(*h) + strlen(path) + 1);

    if (!h)
        return -ENOMEM;
    *h = (struct of_handle){ .phandle = phandle };
    strcpy(h->path, path);
    while (*at)
        at = &(*at)->next;
    *at = h;
    return 0;
}

static uint32_t fresh_phandle(struct of_tree *t)
{
    while (handle_by_number(t, t->next_phandle))
        t->next_phandle++;
    return t->next_phandle++;
}

static int give_phandle(struct of_tree *t, struct of_node *n)
{
    struct of_property *own = *find_property(n, "phandle");
    struct of_handle *known;
    char path[OF_PATH_MAX];

    node_path(n, path, sizeof(path));
    known = handle_by_path(t, path);
    if (known) {
        n->phandle = known->phandle;
        return 0;
    }
    n->phandle = own && own->len_bytes == 4 ? be32_get(own->data) : 0;
    if (!n->phandle || handle_by_number(t, n->phandle))
        n->phandle = fresh_phandle(t);
    return handle_add(t, path, n->phandle);
}

/* ---- loading ---- */

static int load_properties(struct of_node *n, const void *fdt, int at)
{
    int prop;

    fdt_for_each_property_offset(prop, fdt, at) {
        const char *name;
        int len;
        const void *data = fdt_getprop_by_offset(fdt, prop, &name, &len);
        struct of_property *p;

        if (!data || strlen(name) >= OF_NAME_MAX)
            return -EINVAL;
        p = property_new(name, data, (uint32_t)len, false);
        if (!p)
            return -ENOMEM;
        free(put_property(n, p));
    }
    return 0;
}

static int load_node(const void *fdt, int at, struct of_node **out, struct of_node *parent, unsigned depth)
{
    const char *name = fdt_get_name(fdt, at, NULL);
    int child, rc;

    if (!name || depth == DEPTH_MAX)
        return -EINVAL;
    *out = node_new(name);
    if (!*out)
        return -ENOMEM;
    (*out)->parent = parent;
    rc = load_properties(*out, fdt, at);
    parent = *out;
    out = &parent->child;           /* each child goes where the one before it ends */
    for (child = fdt_first_subnode(fdt, at); !rc && child >= 0; child = fdt_next_subnode(fdt, child)) {
        rc = load_node(fdt, child, out, parent, depth + 1);
        if (!rc)
            out = &(*out)->peer;
    }
    return rc;
}

/* T2: the guest's properties of the old nodes, copied onto the new ones. */
static int keep_guest_properties(const struct of_tree *t, struct of_node *root, uint32_t *guest_bytes)
{
    struct of_tree fresh = { .root = root };

    *guest_bytes = 0;
    for (const struct of_node *n = t->root; n; n = node_after(n)) {
        struct of_node *to = node_by_phandle(&fresh, n->phandle);

        for (const struct of_property *p = n->properties; to && p; p = p->next) {
            struct of_property *copy;

            if (!p->guest)
                continue;
            copy = property_new(p->name, p->data, p->len_bytes, true);
            if (!copy)
                return -ENOMEM;
            free(put_property(to, copy));
            *guest_bytes += guest_cost(copy);
        }
    }
    return 0;
}

int of_tree_load(struct of_tree *t, const void *fdt, struct error *err)
{
    struct of_node *root = NULL;
    uint32_t guest_bytes = 0;
    int rc = fdt_check_header(fdt) ? -EINVAL : load_node(fdt, 0, &root, NULL, 0);

    for (struct of_node *n = root; !rc && n; n = node_after(n))
        rc = give_phandle(t, n);
    if (!rc)
        rc = keep_guest_properties(t, root, &guest_bytes);
    if (rc) {
        node_free(root);
        return error_set(err, -rc, "cannot take over the device tree: %s", strerror(-rc));
    }
    node_free(t->root);
    t->root = root;
    t->guest_bytes = guest_bytes;
    return 0;
}

static void forget_handles(struct of_tree *t)
{
    while (t->handles) {
        struct of_handle *next = t->handles->next;

        free(t->handles);
        t->handles = next;
    }
    t->next_phandle = OF_PHANDLE_FIRST;
}

void of_tree_reset(struct of_tree *t)
{
    struct of_node *n = t->root;

    forget_handles(t);
    t->guest_bytes = 0;
    for (; n; n = node_after(n))
        for (struct of_property *p = n->properties; p; p = p->next)
            p->guest = false;
}

struct of_tree *of_tree_new(void)
{
    struct of_tree *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->next_phandle = OF_PHANDLE_FIRST;
    t->root = node_new("");
    if (!t->root || give_phandle(t, t->root)) {
        of_tree_free(t);
        return NULL;
    }
    return t;
}

void of_tree_free(struct of_tree *t)
{
    if (!t)
        return;
    forget_handles(t);
    node_free(t->root);
    free(t);
}

/* ---- questions ---- */

uint32_t of_tree_find(const struct of_tree *t, const char *path)
{
    const struct of_node *n = node_by_path(t, path);

    return n ? n->phandle : 0;
}

uint32_t of_tree_root(const struct of_tree *t)
{
    return t->root->phandle;
}

static uint32_t phandle_of(const struct of_node *n)
{
    return n ? n->phandle : 0;
}

uint32_t of_tree_child(const struct of_tree *t, uint32_t phandle)
{
    const struct of_node *n = node_by_phandle(t, phandle);

    return n ? phandle_of(n->child) : 0;
}

uint32_t of_tree_peer(const struct of_tree *t, uint32_t phandle)
{
    const struct of_node *n = node_by_phandle(t, phandle);

    return n ? phandle_of(n->peer) : 0;
}

uint32_t of_tree_parent(const struct of_tree *t, uint32_t phandle)
{
    const struct of_node *n = node_by_phandle(t, phandle);

    return n ? phandle_of(n->parent) : 0;
}

int of_tree_path(const struct of_tree *t, uint32_t phandle, char *out, size_t room)
{
    const struct of_node *n = node_by_phandle(t, phandle);

    return n ? (int)node_path(n, out, room) : -1;
}

const void *of_tree_get(const struct of_tree *t, uint32_t phandle, const char *name, uint32_t *len_bytes)
{
    struct of_node *n = node_by_phandle(t, phandle);
    const struct of_property *p = n ? *find_property(n, name) : NULL;

    if (!p)
        return NULL;
    *len_bytes = p->len_bytes;
    return p->data;
}

int of_tree_next(const struct of_tree *t, uint32_t phandle, const char *previous, char name[OF_NAME_MAX])
{
    struct of_node *n = node_by_phandle(t, phandle);
    const struct of_property *p;

    if (!n)
        return -1;
    p = n->properties;
    if (*previous) {
        p = *find_property(n, previous);
        if (!p)
            return -1;
        p = p->next;
    }
    if (!p)
        return 0;
    memcpy(name, p->name, OF_NAME_MAX);
    return 1;
}

bool of_tree_set(struct of_tree *t, uint32_t phandle, const char *name, const void *data, uint32_t len_bytes)
{
    struct of_node *n = node_by_phandle(t, phandle);
    struct of_property *p, *old;
    uint32_t left = OF_GUEST_BYTES_MAX - t->guest_bytes;

    if (!n || !*name || strlen(name) >= OF_NAME_MAX || len_bytes > OF_PROPERTY_MAX)
        return false;
    old = *find_property(n, name);
    if (len_bytes + PROPERTY_COST > left + (old ? guest_cost(old) : 0))
        return false;
    p = property_new(name, data, len_bytes, true);
    if (!p)
        return false;
    t->guest_bytes += guest_cost(p);
    old = put_property(n, p);
    if (old)
        t->guest_bytes -= guest_cost(old);
    free(old);
    return true;
}

/* ---- saving ---- */

int of_tree_each_guest_property(const struct of_tree *t, void *arg,
                                int (*fn)(void *arg, const char *path, const char *name, const void *data,
                                          uint32_t len_bytes))
{
    char path[OF_PATH_MAX];
    int rc = 0;

    for (const struct of_node *n = t->root; !rc && n; n = node_after(n)) {
        node_path(n, path, sizeof(path));
        for (const struct of_property *p = n->properties; !rc && p; p = p->next)
            if (p->guest)
                rc = fn(arg, path, p->name, p->data, p->len_bytes);
    }
    return rc;
}

int of_tree_each_phandle(const struct of_tree *t, void *arg, int (*fn)(void *arg, const char *path, uint32_t phandle))
{
    int rc = 0;

    for (const struct of_handle *h = t->handles; !rc && h; h = h->next)
        rc = fn(arg, h->path, h->phandle);
    return rc;
}

int of_tree_restore_phandle(struct of_tree *t, const char *path, uint32_t phandle)
{
    struct of_node *n = node_by_path(t, path);
    struct of_handle *h = handle_by_path(t, path), *other = handle_by_number(t, phandle);

    if (!phandle || strlen(path) >= OF_PATH_MAX || (other && other != h))
        return -EINVAL;
    if (h)
        h->phandle = phandle;
    else if (handle_add(t, path, phandle))
        return -ENOMEM;
    if (n)
        n->phandle = phandle;
    return 0;
}
