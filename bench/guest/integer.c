/* SPDX-License-Identifier: Apache-2.0 */
/* bench/guest/integer.c - lists, strings, matrices, state machines, sorting, calls. */
#include "bench.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

/* ---- coremark-like: a list, a small matrix, a state machine, and a CRC over what they give ---- */

struct node {
    struct node *next;
    int16_t key, value;
};

enum { NODES = 200, MATRIX = 12 };

static NOINLINE uint16_t crc16(uint16_t crc, uint16_t v)
{
    for (unsigned i = 0; i < 16; i++, v >>= 1)
        crc = (uint16_t)((crc ^ v) & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
    return crc;
}

static NOINLINE struct node *merge_sort(struct node *list, int (*compare)(const struct node *, const struct node *))
{
    struct node *slow = list, *fast, *half, *out = NULL, **tail = &out;

    if (!list || !list->next)
        return list;
    for (fast = list->next; fast && fast->next; fast = fast->next->next)
        slow = slow->next;
    half = slow->next;
    slow->next = NULL;
    list = merge_sort(list, compare);
    half = merge_sort(half, compare);
    while (list && half) {
        struct node **from = compare(list, half) <= 0 ? &list : &half;

        *tail = *from;
        tail = &(*from)->next;
        *from = *tail;
    }
    *tail = list ? list : half;
    return out;
}

static int by_key(const struct node *a, const struct node *b)
{
    return a->key - b->key;
}

static int by_value(const struct node *a, const struct node *b)
{
    return a->value != b->value ? a->value - b->value : a->key - b->key;
}

static NOINLINE struct node *reverse(struct node *list)
{
    struct node *out = NULL;

    while (list) {
        struct node *next = list->next;

        list->next = out;
        out = list;
        list = next;
    }
    return out;
}

static NOINLINE const struct node *find(const struct node *list, int16_t value)
{
    while (list && list->value != value)
        list = list->next;
    return list;
}

static uint16_t list_work(struct node *nodes, unsigned round, uint16_t crc)
{
    struct node *list = nodes;

    for (unsigned i = 0; i < NODES; i++)
        nodes[i] = (struct node){ i + 1 < NODES ? &nodes[i + 1] : NULL, (int16_t)i, (int16_t)((i * 37 + round) % 101) };
    for (unsigned i = 0; i < 30; i++) {
        const struct node *n = find(list, (int16_t)(i * 5 % 127));

        crc = crc16(crc, n ? (uint16_t)n->key : 0xffff);
        list = reverse(list);
    }
    list = merge_sort(list, by_value);
    crc = crc16(crc, (uint16_t)list->key);
    list = merge_sort(list, by_key);
    return crc16(crc, (uint16_t)list->next->value);
}

static NOINLINE uint16_t matrix_work(unsigned round, uint16_t crc)
{
    static int16_t a[MATRIX][MATRIX], b[MATRIX][MATRIX];
    static int32_t c[MATRIX][MATRIX];
    int32_t sum = 0;

    for (unsigned i = 0; i < MATRIX; i++)
        for (unsigned k = 0; k < MATRIX; k++) {
            a[i][k] = (int16_t)(i * 7 + k + round);
            b[i][k] = (int16_t)(k * 5 - i);
        }
    for (unsigned i = 0; i < MATRIX; i++)
        for (unsigned k = 0; k < MATRIX; k++) {
            int32_t s = 0;

            for (unsigned l = 0; l < MATRIX; l++)
                s += a[i][l] * b[l][k];
            c[i][k] = s;
            sum += (s >> 2 & 15) * (s >> 5 & 127);
        }
    return crc16(crc, (uint16_t)(sum + c[3][4]));
}

enum state { START, SIGN, INTEGER, FRACTION, EXPONENT, INVALID, STATES };

static NOINLINE enum state number_state(const char **text, unsigned *visits)
{
    enum state s = START;

    for (; **text && **text != ','; ++*text) {
        char ch = **text;
        bool digit = ch >= '0' && ch <= '9';

        visits[s]++;
        switch (s) {
        case START: s = digit ? INTEGER : ch == '+' || ch == '-' ? SIGN : ch == '.' ? FRACTION : INVALID; break;
        case SIGN: s = digit ? INTEGER : ch == '.' ? FRACTION : INVALID; break;
        case INTEGER: s = digit ? INTEGER : ch == '.' ? FRACTION : ch == 'e' ? EXPONENT : INVALID; break;
        case FRACTION: s = digit ? FRACTION : ch == 'e' ? EXPONENT : INVALID; break;
        case EXPONENT: s = digit || ch == '-' ? EXPONENT : INVALID; break;
        default: break;
        }
    }
    if (**text)
        ++*text;
    return s;
}

static uint16_t state_work(uint16_t crc)
{
    const char *text = "5012,1234,-874,+122,35.54400,.1234500,-110.700,+0.64400,"
                       "5.500e3,-.123e-2,-87e832,+0.6e-12,T0.3e-1F,-T.T++Tq,1T3.4e4z";
    unsigned visits[STATES] = { 0 }, ends[STATES] = { 0 };

    while (*text)
        ends[number_state(&text, visits)]++;
    for (unsigned i = 0; i < STATES; i++)
        crc = crc16(crc16(crc, (uint16_t)visits[i]), (uint16_t)ends[i]);
    return crc;
}

static uint64_t coremark_like(size_t mib)
{
    static struct node nodes[NODES];
    uint16_t crc = 0;

    (void)mib;
    begin();
    for (unsigned round = 0; round < 12000; round++) {
        crc = list_work(nodes, round, crc);
        crc = matrix_work(round, crc);
        crc = state_work(crc);
    }
    return crc;
}

/* ---- dhrystone-like: records, strings, small functions ---- */

struct record {
    struct record *next;
    int kind, choice, number;
    char text[32];
};

static NOINLINE bool later(const char *a, const char *b, int *where)
{
    int i = 2;

    while (i <= 2)
        if (a[i] == b[i + 1])
            *where = 'A';
        else
            i += 3;
    if (strcmp(a, b) > 0) {
        *where += 7;
        return true;
    }
    return false;
}

static NOINLINE int choose(int in, int limit)
{
    switch (in) {
    case 0: return 0;
    case 1: return limit > 100 ? 0 : 3;
    case 2: return 1;
    default: return 2;
    }
}

static NOINLINE void fill_arrays(int *one, int (*two)[50], int at, int v)
{
    int i = at + 5;

    one[i] = v;
    one[i + 1] = one[i];
    one[i + 30] = i;
    for (int k = i; k <= i + 1; k++)
        two[i][k] = i;
    two[i][i - 1]++;
    two[i + 20][i] = one[i];
}

static NOINLINE void use_record(struct record *r, int *total)
{
    struct record *next = r->next;

    *next = *r;
    r->number = 5;
    next->number = r->number;
    next->next = r->next;
    if (next->kind == 0) {
        next->number = 6;
        next->choice = choose(r->choice, *total);
        next->next = r->next;
        *total += next->number + 10;
    }
}

static uint64_t dhrystone_like(size_t mib)
{
    static int one[50], two[50][50];
    struct record a = { .kind = 0, .choice = 2 }, b = { .kind = 0 };
    char first[32], second[32];
    uint64_t sum = 0;
    int total = 10, where = 0;

    (void)mib;
    a.next = &b;
    strcpy(a.text, "A PROGRAM OF THIS KIND, STRING");
    strcpy(first, "A PROGRAM OF THIS KIND, 1ST...");
    begin();
    for (int i = 0; i < 8000000; i++) {
        strcpy(second, "A PROGRAM OF THIS KIND, 2ND...");
        second[28] = (char)('a' + i % 26);
        if (!later(first, second, &where))
            total += 7 * where % 13;
        fill_arrays(one, two, i & 7, total);
        use_record(&a, &total);
        total = total % 1009 + i / (a.number + 1) % 7;
        sum += (uint64_t)total;
    }
    for (int i = 0; i < 50; i++)
        sum = mix(sum, (uint64_t)(one[i] + two[i][i]));
    return sum;
}

/* ---- small loops ---- */

static uint64_t hash(size_t mib)
{
    uint64_t h = 1;

    (void)mib;
    begin();
    for (uint64_t i = 0; i < 200000000; i++) {
        h = h * 6364136223846793005ull + 1442695040888963407ull;
        if (h & 1)
            h ^= i;
    }
    return h;
}

static int compare_words(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static uint64_t sort(size_t mib)
{
    enum { N = 1000000 };
    uint32_t *v = must_alloc(N * sizeof(*v)), s = 1;
    uint64_t sum = 0;

    (void)mib;
    for (unsigned i = 0; i < N; i++)
        v[i] = s = s * 1664525u + 1013904223u;
    begin();
    qsort(v, N, sizeof(*v), compare_words);
    for (unsigned i = 0; i < N; i += 100)
        sum = mix(sum, v[i]);
    return sum;
}

static uint64_t crc32(size_t mib)
{
    static uint8_t data[1 << 16];
    uint32_t table[256], c = ~0u;

    (void)mib;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t r = i;

        for (int k = 0; k < 8; k++)
            r = r & 1 ? r >> 1 ^ 0xedb88320u : r >> 1;
        table[i] = r;
    }
    begin();
    for (int round = 0; round < 1200; round++)
        for (size_t i = 0; i < sizeof(data); i++)
            c = table[(c ^ data[i]) & 255] ^ c >> 8;
    return c;
}

static uint64_t sieve(size_t mib)
{
    enum { N = 8 << 20 };
    uint8_t *p = must_alloc(N);
    unsigned n = 0;

    (void)mib;
    memset(p, 1, N);
    begin();
    for (unsigned i = 2; i < N; i++)
        if (p[i]) {
            n++;
            for (unsigned k = 2 * i; k < N; k += i)
                p[k] = 0;
        }
    return n;
}

static NOINLINE unsigned fib(unsigned n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static uint64_t calls(size_t mib)
{
    (void)mib;
    begin();
    return fib(37);
}

const struct kernel integer_kernels[] = {
    { "coremark-like", coremark_like }, { "dhrystone-like", dhrystone_like }, { "hash", hash }, { "qsort", sort },
    { "crc32", crc32 }, { "sieve", sieve }, { "calls", calls }, { NULL, NULL },
};
