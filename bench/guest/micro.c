/* SPDX-License-Identifier: Apache-2.0 */
/* bench/guest/micro.c - what a guest program does most, one figure each; static, runs from an initramfs.
 * Prints "BEGIN name" and "END name operations"; the host measures its own processor time between the two. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void begin(const char *name)
{
    printf("BEGIN %s\n", name);
    fflush(stdout);
}

static void end(const char *name, double operations)
{
    printf("END %s %.0f\n", name, operations);
    fflush(stdout);
}

static volatile uint64_t sink;

static void integer(void)
{
    uint64_t h = 1;

    begin("int-hash");
    for (uint64_t i = 0; i < 200000000; i++) {
        h = h * 6364136223846793005ull + 1442695040888963407ull;
        if (h & 1)
            h ^= i;
    }
    sink = h;
    end("int-hash", 200000000);
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static void sort(void)
{
    enum { N = 1000000 };
    uint32_t *v = malloc(N * sizeof(*v)), s = 1;

    for (unsigned i = 0; i < N; i++)
        v[i] = s = s * 1664525u + 1013904223u;
    begin("int-qsort");
    qsort(v, N, sizeof(*v), compare);
    end("int-qsort", N);
    free(v);
}

static void crc(void)
{
    static uint8_t data[1 << 16];
    uint32_t table[256], c = ~0u;

    for (uint32_t i = 0; i < 256; i++) {
        uint32_t r = i;

        for (int k = 0; k < 8; k++)
            r = r & 1 ? r >> 1 ^ 0xedb88320u : r >> 1;
        table[i] = r;
    }
    begin("int-crc32");
    for (int round = 0; round < 600; round++)
        for (size_t i = 0; i < sizeof(data); i++)
            c = table[(c ^ data[i]) & 255] ^ c >> 8;
    sink = c;
    end("int-crc32", 600.0 * sizeof(data));
}

static void sieve(void)
{
    enum { N = 8 << 20 };
    uint8_t *p = malloc(N);
    unsigned n = 0;

    begin("int-sieve");
    memset(p, 1, N);
    for (unsigned i = 2; i < N; i++)
        if (p[i]) {
            n++;
            for (unsigned k = 2 * i; k < N; k += i)
                p[k] = 0;
        }
    sink = n;
    end("int-sieve", N);
    free(p);
}

static unsigned fib(unsigned n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static void calls(void)
{
    begin("int-calls");
    sink = fib(36);
    end("int-calls", 48315633);
}

static void doubles(void)
{
    enum { N = 160 };
    static double a[N][N], b[N][N], c[N][N];
    double x = 0.5;

    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) {
            a[i][k] = i * 0.25 + k;
            b[i][k] = 1.0 / (1 + i + k);
        }
    begin("double-matmul");
    for (int r = 0; r < 6; r++)
        for (int i = 0; i < N; i++)
            for (int k = 0; k < N; k++) {
                double s = 0;

                for (int l = 0; l < N; l++)
                    s += a[i][l] * b[l][k];
                c[i][k] = s + r;
            }
    end("double-matmul", 6.0 * N * N * N * 2);
    begin("double-sin-sqrt");
    for (int i = 0; i < 3000000; i++)
        x = sin(x) + sqrt(fabs(x)) * 0.5;
    sink = (uint64_t)(x * 1000 + c[1][1]);
    end("double-sin-sqrt", 3000000);
}

static void memory(size_t mib)
{
    size_t n = mib << 17, count = 10000000;
    uint64_t *p = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), x = 88172645463325252ull, s = 0;
    char name[32];

    if (p == MAP_FAILED)
        return;
    for (size_t i = 0; i < n; i++)
        p[i] = i;
    snprintf(name, sizeof(name), "store-seq-%zuM", mib);
    begin(name);
    for (unsigned r = 0; r < 4; r++)
        for (size_t i = 0; i < n; i++)
            p[i] = i + r;
    end(name, 4.0 * (double)n);
    snprintf(name, sizeof(name), "store-random-%zuM", mib);
    begin(name);
    for (size_t i = 0; i < count; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        p[x & (n - 1)] = x;
    }
    end(name, (double)count);
    snprintf(name, sizeof(name), "load-random-%zuM", mib);
    begin(name);
    for (size_t i = 0; i < count; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        s += p[x & (n - 1)];
    }
    sink = s;
    end(name, (double)count);
    munmap(p, mib << 20);
}

static void vectors(void)
{
    static float a[4096], b[4096], c[4096];
    char *from = malloc(1 << 20), *to = malloc(1 << 20);

    memset(from, 1, 1 << 20);
    begin("vector-memcpy");
    for (int i = 0; i < 4000; i++)
        memcpy(to, from, 1 << 20);
    sink = (uint64_t)to[5];
    end("vector-memcpy", 4000.0 * (1 << 20));
    for (int i = 0; i < 4096; i++)
        b[i] = (float)i, c[i] = 0.5f;
    begin("vector-saxpy");
    for (int r = 0; r < 4000; r++)
        for (int i = 0; i < 4096; i++)
            a[i] = b[i] * c[i] + (float)r;
    sink = (uint64_t)a[7];
    end("vector-saxpy", 4000.0 * 4096);
    free(from);
    free(to);
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        memory(strtoul(argv[1], NULL, 0));
        return 0;
    }
    integer();
    sort();
    crc();
    sieve();
    calls();
    doubles();
    vectors();
    memory(argc > 1 ? strtoul(argv[1], NULL, 0) : 256);
    return 0;
}
