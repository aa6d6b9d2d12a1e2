/* SPDX-License-Identifier: Apache-2.0 */
/* base/state.h - saved state, described once.
 *
 * A struct that belongs to the machine's state lists its saved fields in one table; the same table writes them and
 * reads them back.  Reset images, snapshots and migration are built on it.
 *
 *     static const struct state_field timer_fields[] = {
 *         STATE_U64(struct timer, deadline_ns, 1),
 *         STATE_BOOL(struct timer, armed, 1),
 *         STATE_U8_MAX(struct timer, mode, 2, 3),            // since version 2; values above 3 are refused
 *         STATE_ARRAY_U32(struct timer, history, 1),
 *         STATE_STRUCT(struct timer, source, 1, &source_list),
 *     };
 *     const struct state_list timer_list = STATE_LIST("timer", struct timer, 2, timer_fields);
 *
 * Format: one section per saved object, little-endian, describing itself:
 *     u32 magic, u32 body_bytes, u32 instance, schema, data
 *     schema = str name, u16 version, u16 nfields, nfields x { str name, u8 type, u8 flags, u32 count,
 *              schema if STRUCT }
 *     data   = the values in schema order, packed; BYTES_PTR and CUSTOM carry their own u64 length in front
 *     str    = u8 length, bytes
 * An array of structs describes its element once.
 *
 * Rules on loading (the input is untrusted):
 *   1. Every read is bounds-checked; a section is checked completely before the first field is changed, so an error
 *      leaves the object as it was.  Only CUSTOM loaders and hooks run after that; when one of them fails the object is
 *      half loaded and its owner must reset it.
 *   2. A field this program has and the section lacks keeps its present (reset) value, if the field is newer than the
 *      section's version; otherwise that is an error.
 *   3. A field the section has and this program lacks is an error, unless the section marks it optional.
 *   4. Type and count of a field never change: a changed field is a new field with a new name.
 *
 * Threads: no locks inside; the object must be at rest, the writer and the reader belong to the caller. */
#ifndef BASE_STATE_H
#define BASE_STATE_H

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATE_NAME_MAX 64   /* with the NUL */

/* The numbers are in the saved format: never renumber. */
enum state_type {
    STATE_T_BOOL = 1,
    STATE_T_U8 = 2,
    STATE_T_U16 = 3,
    STATE_T_U32 = 4,
    STATE_T_U64 = 5,
    STATE_T_STRUCT = 6,
    STATE_T_BYTES_PTR = 7,
    STATE_T_CUSTOM = 8,
};

#define STATE_OPTIONAL 1    /* a program that does not know this field may skip it */

struct state_list;
struct state_field;
struct error;

/* What a table cannot say: sparse or run-length coded contents.  obj is the struct that holds the field. */
struct state_custom {
    int (*save)(const void *obj, struct buf *out, struct error *err);
    /* Must consume exactly len_bytes; untrusted input. */
    int (*load)(void *obj, const uint8_t *data, size_t len_bytes, struct error *err);
};

struct state_field {
    const char *name;
    uint8_t type;                       /* enum state_type */
    uint8_t flags;
    uint16_t since;                     /* list version that introduced the field */
    uint32_t count;                     /* elements of an array; 1 otherwise */
    size_t offset;
    size_t len_offset;                  /* BYTES_PTR: a size_t or uint64_t holding the length */
    uint64_t max;                       /* numbers: greatest valid value; 0 = no limit */
    const struct state_list *nested;    /* STRUCT */
    const struct state_custom *custom;  /* CUSTOM */
};

struct state_list {
    const char *name;                   /* shorter than STATE_NAME_MAX */
    uint16_t version;
    uint16_t nfields;
    const struct state_field *fields;
    size_t size;                        /* of the C struct */
    /* All optional. */
    void (*pre_save)(void *obj);        /* bring derived state into the saved fields */
    int (*post_load)(void *obj, struct error *err);     /* rebuild what is derived; last step of a load */
    int (*check)(const void *obj, struct error *err);   /* fields that must agree; before post_load */
};

#define STATE_LIST(name_, struct_, version_, fields_, ...) \
    { .name = (name_), .version = (version_), .fields = (fields_), \
      .nfields = sizeof(fields_) / sizeof((fields_)[0]), .size = sizeof(struct_), __VA_ARGS__ }

#define STATE_MEMBER(s, f) (((s *)0)->f)
/* offsetof, and a compile error unless the element size is as the type says. */
#define STATE_AT(s, f, lvalue, size_) \
    (offsetof(s, f) + 0 * sizeof(char[sizeof(lvalue) == (size_) ? 1 : -1]))
#define STATE_ONE(s, f, v, t, size_, max_, flags_) \
    { .name = #f, .type = (t), .flags = (flags_), .since = (v), .count = 1, .max = (max_), \
      .offset = STATE_AT(s, f, STATE_MEMBER(s, f), size_) }
#define STATE_MANY(s, f, v, t, size_) \
    { .name = #f, .type = (t), .since = (v), \
      .count = sizeof(STATE_MEMBER(s, f)) / sizeof(STATE_MEMBER(s, f)[0]), \
      .offset = STATE_AT(s, f, STATE_MEMBER(s, f)[0], size_) }

#define STATE_BOOL(s, f, v) STATE_ONE(s, f, v, STATE_T_BOOL, 1, 1, 0)
#define STATE_U8(s, f, v) STATE_ONE(s, f, v, STATE_T_U8, 1, 0, 0)
#define STATE_U16(s, f, v) STATE_ONE(s, f, v, STATE_T_U16, 2, 0, 0)
#define STATE_U32(s, f, v) STATE_ONE(s, f, v, STATE_T_U32, 4, 0, 0)
#define STATE_U64(s, f, v) STATE_ONE(s, f, v, STATE_T_U64, 8, 0, 0)
#define STATE_U8_MAX(s, f, v, m) STATE_ONE(s, f, v, STATE_T_U8, 1, m, 0)
#define STATE_U16_MAX(s, f, v, m) STATE_ONE(s, f, v, STATE_T_U16, 2, m, 0)
#define STATE_U32_MAX(s, f, v, m) STATE_ONE(s, f, v, STATE_T_U32, 4, m, 0)
#define STATE_U64_MAX(s, f, v, m) STATE_ONE(s, f, v, STATE_T_U64, 8, m, 0)
/* A number that a program without the field may drop. */
#define STATE_U64_OPTIONAL(s, f, v) STATE_ONE(s, f, v, STATE_T_U64, 8, 0, STATE_OPTIONAL)
/* Arrays inside the struct (one dimension; for more, wrap the inner one in a struct). */
#define STATE_ARRAY_BOOL(s, f, v) STATE_MANY(s, f, v, STATE_T_BOOL, 1)
#define STATE_BYTES(s, f, v) STATE_MANY(s, f, v, STATE_T_U8, 1)
#define STATE_ARRAY_U16(s, f, v) STATE_MANY(s, f, v, STATE_T_U16, 2)
#define STATE_ARRAY_U32(s, f, v) STATE_MANY(s, f, v, STATE_T_U32, 4)
#define STATE_ARRAY_U64(s, f, v) STATE_MANY(s, f, v, STATE_T_U64, 8)
/* A union of 16 bytes and the like: count numbers of 64 bits laid over the field. */
#define STATE_RAW_U64(s, f, v) \
    { .name = #f, .type = STATE_T_U64, .since = (v), .count = sizeof(STATE_MEMBER(s, f)) / 8, \
      .offset = offsetof(s, f) + 0 * sizeof(char[sizeof(STATE_MEMBER(s, f)) % 8 == 0 ? 1 : -1]) }
/* A struct inside the struct; an array of structs. */
#define STATE_STRUCT(s, f, v, list_) \
    { .name = #f, .type = STATE_T_STRUCT, .since = (v), .count = 1, .offset = offsetof(s, f), .nested = (list_) }
#define STATE_ARRAY_STRUCT(s, f, v, list_) \
    { .name = #f, .type = STATE_T_STRUCT, .since = (v), \
      .count = sizeof(STATE_MEMBER(s, f)) / sizeof(STATE_MEMBER(s, f)[0]), .offset = offsetof(s, f), .nested = (list_) }
/* Bytes behind a pointer, with the 64-bit length beside it.  The buffer belongs to the configuration: loading needs one
 * of exactly the saved length in place. */
#define STATE_BYTES_PTR(s, f, len_f, v) \
    { .name = #f, .type = STATE_T_BYTES_PTR, .since = (v), .count = 1, .offset = offsetof(s, f), \
      .len_offset = STATE_AT(s, len_f, STATE_MEMBER(s, len_f), 8) }
#define STATE_CUSTOM(name_, v, ops) \
    { .name = (name_), .type = STATE_T_CUSTOM, .since = (v), .count = 1, .custom = (ops) }

struct state_writer {
    struct buf out;
    bool raw;           /* tests: tables only, no hooks, no CUSTOM fields */
};

struct state_reader {
    const uint8_t *data;
    size_t len_bytes;
    size_t pos;         /* moves past a section only when it loaded */
    bool raw;
};

/* The head of the section at the reader's position. */
struct state_section {
    char name[STATE_NAME_MAX];
    uint32_t instance;
    uint16_t version;
};

void state_writer_init(struct state_writer *w);
void state_writer_fini(struct state_writer *w);
void state_reader_init(struct state_reader *r, const void *data, size_t len_bytes);

/* Appends one section.  instance tells several objects of one list apart (a processor's number).  0 or -errno; on error
 * the writer holds what it held before. */
int state_save(const struct state_list *list, void *obj, uint32_t instance, struct state_writer *w, struct error *err);

/* 1: *s describes the next section; 0: no more input; -errno: not a section. */
int state_peek(const struct state_reader *r, struct state_section *s, struct error *err);

/* Reads the next section, which must be of this list and instance, into obj; moves past it. */
int state_load(const struct state_list *list, void *obj, uint32_t instance, struct state_reader *r, struct error *err);

/* Moves past the next section without reading it. */
int state_skip(struct state_reader *r, struct error *err);

/* Checks a table itself: names present, unique and short, types known, fields inside the struct.  For tests. */
int state_list_check(const struct state_list *list, struct error *err);

#endif
