/* SPDX-License-Identifier: Apache-2.0 */
/* papr/of_client_state.c - saved state of the client interface: what is claimed and open, phandles given out,
 * properties set by the guest.  The rest of the tree follows from the machine and is built again as the last step of a
 * load, after CAS and all others.
 *
 * Format of "tree": u32 number of phandles, each { str path, u32 phandle }; u32 number of properties, each { str path,
 * str name, u32 length, bytes }.  str = u16 length, bytes. */
#include "papr/of_client_int.h"

#include <errno.h>
#include <string.h>

#include "base/taker.h"

static void put_str(struct buf *out, const char *s)
{
    buf_append_le16(out, (uint16_t)strlen(s));
    buf_append_str(out, s);
}

struct counter {
    struct buf *out;            /* NULL: only count */
    uint32_t n;
};

static int put_phandle(void *arg, const char *path, uint32_t phandle)
{
    struct counter *c = arg;

    c->n++;
    if (!c->out)
        return 0;
    put_str(c->out, path);
    return buf_append_le32(c->out, phandle);
}

static int put_property(void *arg, const char *path, const char *name, const void *data, uint32_t len_bytes)
{
    struct counter *c = arg;

    c->n++;
    if (!c->out)
        return 0;
    put_str(c->out, path);
    put_str(c->out, name);
    buf_append_le32(c->out, len_bytes);
    return buf_append(c->out, data, len_bytes);
}

static int save_tree(const void *obj, struct buf *out, struct error *err)
{
    const struct of_tree *t = ((const struct of_client *)obj)->tree;
    struct counter count = { .n = 0 };

    (void)err;
    of_tree_each_phandle(t, &count, put_phandle);
    buf_append_le32(out, count.n);
    of_tree_each_phandle(t, &(struct counter){ .out = out }, put_phandle);
    count.n = 0;
    of_tree_each_guest_property(t, &count, put_property);
    buf_append_le32(out, count.n);
    return of_tree_each_guest_property(t, &(struct counter){ .out = out }, put_property);
}

/* One walk for checking (tree NULL) and for applying. */
static void walk_phandles(struct taker *t, struct of_tree *tree)
{
    uint32_t n = take_le32(t);

    while (n-- && !t->bad) {
        char path[OF_PATH_MAX];
        uint32_t phandle;

        take_str(t, take_le(t, 2), path, sizeof(path));
        phandle = take_le32(t);
        t->bad |= *path != '/' || !phandle;
        if (tree && !t->bad)
            t->bad = of_tree_restore_phandle(tree, path, phandle);
    }
}

static void walk_properties(struct taker *t, struct of_tree *tree)
{
    uint32_t n = take_le32(t);

    while (n-- && !t->bad) {
        char path[OF_PATH_MAX], name[OF_NAME_MAX];
        const uint8_t *data;
        uint32_t len;

        take_str(t, take_le(t, 2), path, sizeof(path));
        take_str(t, take_le(t, 2), name, sizeof(name));
        len = take_le32(t);
        data = take_bytes(t, len);
        if (tree && data)
            t->bad |= !of_tree_set(tree, of_tree_find(tree, path), name, data, len);
    }
}

static int load_tree(void *obj, const uint8_t *data, size_t len_bytes, struct error *err)
{
    struct of_client *of = obj;
    struct taker t = taker_of(data, len_bytes);

    walk_phandles(&t, NULL);
    walk_properties(&t, NULL);
    if (t.bad || t.at != t.end)
        return error_set(err, EBADMSG, "damaged list of phandles or properties");
    buf_reset(&of->loaded);
    return buf_append(&of->loaded, data, len_bytes) ? error_set(err, ENOMEM, "out of memory") : 0;
}

static int rebuild(void *obj, struct error *err)
{
    struct of_client *of = obj;
    struct taker t = taker_of(of->loaded.data, of->loaded.len_bytes);
    int rc;

    of_tree_reset(of->tree);
    walk_phandles(&t, of->tree);
    rc = of_client_build(of, err);
    if (!rc)
        walk_properties(&t, of->tree);
    buf_reset(&of->loaded);
    return !rc && t.bad ? error_set(err, EBADMSG, "phandles or properties that this machine's tree cannot have") : rc;
}

static int check(const void *obj, struct error *err)
{
    const struct of_client *of = obj;
    uint64_t end = 0;
    bool ok = of->claims.n <= OF_CLAIMS_MAX;

    for (uint32_t i = 0; ok && i < of->claims.n; i++) {
        ok = of->claims.range[i].start < of->claims.range[i].end && (!i || of->claims.range[i].start > end);
        end = of->claims.range[i].end;
    }
    return ok && end <= of->claims.limit ? 0 : error_set(err, EBADMSG, "claimed memory in no order");
}

static const struct state_field range_fields[] = {
    STATE_U64(struct of_range, start, 1),
    STATE_U64(struct of_range, end, 1),
};
static const struct state_list range_list = STATE_LIST("of_range", struct of_range, 1, range_fields);

static const struct state_field claims_fields[] = {
    STATE_U64(struct of_claims, limit, 1),
    STATE_U32_MAX(struct of_claims, n, 1, OF_CLAIMS_MAX),
    STATE_ARRAY_STRUCT(struct of_claims, range, 1, &range_list),
};
static const struct state_list claims_list = STATE_LIST("of_claims", struct of_claims, 1, claims_fields);

static const struct state_field layout_fields[] = {
    STATE_U64(struct loader_layout, entry, 1),
    STATE_U64(struct loader_layout, kernel_start, 1),
    STATE_U64(struct loader_layout, kernel_end, 1),
    STATE_U64(struct loader_layout, initrd_start, 1),
    STATE_U64(struct loader_layout, initrd_bytes, 1),
    STATE_U32_MAX(struct loader_layout, page_shift, 1, 16),
};
static const struct state_list layout_list = STATE_LIST("images", struct loader_layout, 1, layout_fields);

static const struct state_field fields[] = {
    STATE_STRUCT(struct of_client, images, 1, &layout_list),
    STATE_STRUCT(struct of_client, claims, 1, &claims_list),
    STATE_ARRAY_U32(struct of_client, instance, 1),
    STATE_CUSTOM("tree", 1, (&(const struct state_custom){ save_tree, load_tree })),
};
const struct state_list of_client_state =
    STATE_LIST("of_client", struct of_client, 1, fields, .check = check, .post_load = rebuild);
