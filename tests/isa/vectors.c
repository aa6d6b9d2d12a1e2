/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/vectors.c - recorded results in files.  Running out of memory ends the test program. */
#include "vectors.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/row_bits.h"

enum { VERSION = 1, NAME_MAX_LEN = 31 };

struct entry {
    char name[NAME_MAX_LEN + 1];
    uint32_t value;
    unsigned n, room;
    uint32_t *hashes;
};

struct vectors {
    size_t n, room;
    struct entry *entries;
};

struct vectors *vectors_new(void)
{
    return calloc(1, sizeof(struct vectors));
}

void vectors_free(struct vectors *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < v->n; i++)
        free(v->entries[i].hashes);
    free(v->entries);
    free(v);
}

static struct entry *find(const struct vectors *v, const char *name, uint32_t value)
{
    for (size_t i = v->n; i-- > 0;)                     /* the newest first: recording adds to it */
        if (v->entries[i].value == value && !strcmp(v->entries[i].name, name))
            return &v->entries[i];
    return NULL;
}

static struct entry *add_entry(struct vectors *v, const char *name, uint32_t value)
{
    struct entry *e;

    if (v->n == v->room) {
        v->room = v->room ? 2 * v->room : 256;
        v->entries = realloc(v->entries, v->room * sizeof(*v->entries));
        assert(v->entries);
    }
    e = &v->entries[v->n++];
    memset(e, 0, sizeof(*e));
    assert(strlen(name) <= NAME_MAX_LEN);
    strcpy(e->name, name);
    e->value = value;
    return e;
}

static void add_hash(struct entry *e, uint32_t hash)
{
    if (e->n == e->room) {
        e->room = e->room ? 2 * e->room : 64;
        e->hashes = realloc(e->hashes, e->room * sizeof(*e->hashes));
        assert(e->hashes);
    }
    e->hashes[e->n++] = hash;
}

void vectors_add(struct vectors *v, const struct isa_row *row, unsigned number, uint32_t hash)
{
    uint32_t mask, value;
    struct entry *e;

    row_bits_fixed(row->bits, &mask, &value);
    e = find(v, row->name, value);
    if (!e)
        e = add_entry(v, row->name, value);
    assert(number == e->n);
    add_hash(e, hash);
}

unsigned vectors_of(const struct vectors *v, const struct isa_row *row, const uint32_t **hashes)
{
    uint32_t mask, value;
    const struct entry *e;

    row_bits_fixed(row->bits, &mask, &value);
    e = find(v, row->name, value);
    *hashes = e ? e->hashes : NULL;
    return e ? e->n : 0;
}

static void put_le(FILE *f, uint32_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        fputc((int)(v >> 8 * i & 255), f);
}

static void write_entry(FILE *f, const struct entry *e)
{
    put_le(f, (uint32_t)strlen(e->name), 1);
    fputs(e->name, f);
    put_le(f, e->value, 4);
    put_le(f, e->n, 2);
    for (unsigned i = 0; i < e->n; i++)
        put_le(f, e->hashes[i], 4);
}

static int write_file(const struct vectors *v, const char *dir, unsigned opcode, struct error *err)
{
    char path[512];
    FILE *f = NULL;

    snprintf(path, sizeof(path), "%s/op%02u.vec", dir, opcode);
    for (size_t i = 0; i < v->n; i++) {
        if (v->entries[i].value >> 26 != opcode)
            continue;
        if (!f) {
            f = fopen(path, "wb");
            if (!f)
                return error_set(err, errno, "%s: %s", path, strerror(errno));
            fputs("ISAV", f);
            put_le(f, VERSION, 4);
        }
        write_entry(f, &v->entries[i]);
    }
    return f && fclose(f) ? error_set(err, errno, "%s: %s", path, strerror(errno)) : 0;
}

int vectors_write(const struct vectors *v, const char *dir, struct error *err)
{
    for (unsigned op = 0; op < 64; op++) {
        int rc = write_file(v, dir, op, err);

        if (rc)
            return rc;
    }
    return 0;
}

static bool get_le(FILE *f, uint32_t *v, unsigned bytes)
{
    *v = 0;
    for (unsigned i = 0; i < bytes; i++) {
        int c = fgetc(f);

        if (c == EOF)
            return false;
        *v |= (uint32_t)c << 8 * i;
    }
    return true;
}

static bool read_entry(struct vectors *v, FILE *f, uint32_t name_len)
{
    char name[NAME_MAX_LEN + 1] = { 0 };
    uint32_t value, n, hash;
    struct entry *e;

    if (name_len > NAME_MAX_LEN || fread(name, 1, name_len, f) != name_len || !get_le(f, &value, 4) ||
        !get_le(f, &n, 2))
        return false;
    e = add_entry(v, name, value);
    while (n--) {
        if (!get_le(f, &hash, 4))
            return false;
        add_hash(e, hash);
    }
    return true;
}

static bool read_entries(struct vectors *v, FILE *f)
{
    char magic[4];
    uint32_t version, len;

    if (fread(magic, 1, 4, f) != 4 || memcmp(magic, "ISAV", 4) || !get_le(f, &version, 4) || version != VERSION)
        return false;
    while (get_le(f, &len, 1))
        if (!read_entry(v, f, len))
            return false;
    return true;
}

struct vectors *vectors_read(const char *dir, struct error *err)
{
    struct vectors *v = vectors_new();
    char path[512];

    assert(v);
    for (unsigned op = 0; op < 64; op++) {
        FILE *f;
        bool good;

        snprintf(path, sizeof(path), "%s/op%02u.vec", dir, op);
        f = fopen(path, "rb");
        if (!f)
            continue;                                   /* no row with this primary opcode */
        good = read_entries(v, f);
        fclose(f);
        if (!good) {
            error_set(err, EINVAL, "%s: not a vector file", path);
            vectors_free(v);
            return NULL;
        }
    }
    return v;
}
