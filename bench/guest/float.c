/* SPDX-License-Identifier: Apache-2.0 */
/* bench/guest/float.c - scalar double: mathematical functions, linear equations, transforms. */
#include "bench.h"

#include <math.h>
#include <string.h>

#define SCALAR __attribute__((noinline, optimize("no-tree-vectorize")))

static uint64_t bits(double v)
{
    uint64_t b;

    memcpy(&b, &v, sizeof(b));
    return b;
}

static uint64_t sum_of(const double *v, size_t n)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum = mix(sum, bits(v[i]));
    return sum;
}

/* ---- whetstone-like: small arrays, branches, functions of the C library ---- */

static SCALAR void turn(double *e, double t)
{
    for (int i = 0; i < 6; i++) {
        e[0] = (e[0] + e[1] + e[2] - e[3]) * t;
        e[1] = (e[0] + e[1] - e[2] + e[3]) * t;
        e[2] = (e[0] - e[1] + e[2] + e[3]) * t;
        e[3] = (-e[0] + e[1] + e[2] + e[3]) / 2.0;
    }
}

static SCALAR uint64_t whetstone_like(size_t mib)
{
    double e[4] = { 1, -1, -1, -1 }, x = 0.2, y = 0.5, z = 0.75;

    (void)mib;
    begin();
    for (int round = 0; round < 80000; round++) {
        for (int i = 0; i < 4; i++)
            turn(e, 0.499975);
        for (int i = 0; i < 6; i++) {
            x = 0.499975 * atan(2.0 * sin(x) * cos(x) / (cos(x + y) + cos(x - y) - 1.0));
            y = 0.499975 * atan(2.0 * sin(y) * cos(y) / (cos(x + y) + cos(x - y) - 1.0));
        }
        for (int i = 0; i < 8; i++)
            z = sqrt(exp(log(z) / 0.50025));
        z = z < 1e-3 ? z + 0.7 : z;
        e[round & 3] += z > y ? x : y;
    }
    e[0] += x + y + z;
    return sum_of(e, 4);
}

/* ---- linpack-like: a dense system by elimination with row exchange ---- */

static SCALAR void axpy(double *y, const double *x, double f, int n)
{
    for (int i = 0; i < n; i++)
        y[i] += f * x[i];
}

static SCALAR void solve(double *a, double *b, int n)
{
    for (int k = 0; k < n; k++) {
        int p = k;

        for (int i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[p * n + k]))
                p = i;
        for (int i = 0; p != k && i < n; i++) {
            double t = a[k * n + i];

            a[k * n + i] = a[p * n + i];
            a[p * n + i] = t;
        }
        if (p != k) {
            double t = b[k];

            b[k] = b[p];
            b[p] = t;
        }
        for (int i = k + 1; i < n; i++) {
            double f = -a[i * n + k] / a[k * n + k];

            axpy(&a[i * n + k], &a[k * n + k], f, n - k);
            b[i] += f * b[k];
        }
    }
    for (int k = n - 1; k >= 0; k--) {
        for (int i = k + 1; i < n; i++)
            b[k] -= a[k * n + i] * b[i];
        b[k] /= a[k * n + k];
    }
}

static uint64_t linpack_like(size_t mib)
{
    enum { N = 300 };
    static double a[N * N], b[N];
    uint64_t x = 88172645463325252ull, sum = 0;

    (void)mib;
    begin();
    for (int round = 0; round < 8; round++) {
        for (int i = 0; i < N * N; i++)
            a[i] = (double)(int64_t)(next_random(&x) >> 20) * 0x1p-43 - 0.5;
        for (int i = 0; i < N; i++)
            b[i] = i;
        solve(a, b, N);
        sum = mix(sum, sum_of(b, N));
    }
    return sum;
}

/* ---- FFT: complex, in place, radix 2 ---- */

static SCALAR void transform(double *re, double *im, unsigned n, const double *cosine, const double *sine)
{
    for (unsigned i = 1, k = 0; i < n; i++) {
        unsigned bit = n >> 1;

        for (; k & bit; bit >>= 1)
            k ^= bit;
        k ^= bit;
        if (i < k) {
            double t = re[i], u = im[i];

            re[i] = re[k], im[i] = im[k];
            re[k] = t, im[k] = u;
        }
    }
    for (unsigned len = 2; len <= n; len <<= 1)
        for (unsigned i = 0; i < n; i += len)
            for (unsigned k = 0; k < len / 2; k++) {
                unsigned w = k * (n / len), p = i + k, q = p + len / 2;
                double r = re[q] * cosine[w] - im[q] * sine[w], s = re[q] * sine[w] + im[q] * cosine[w];

                re[q] = re[p] - r, im[q] = im[p] - s;
                re[p] += r, im[p] += s;
            }
}

static uint64_t fft(size_t mib)
{
    enum { N = 1 << 14 };
    static double re[N], im[N], cosine[N / 2], sine[N / 2];

    (void)mib;
    for (int i = 0; i < N / 2; i++) {
        cosine[i] = cos(2 * M_PI * i / N);
        sine[i] = sin(2 * M_PI * i / N);
    }
    for (int i = 0; i < N; i++)
        re[i] = i % 17 - 8.0, im[i] = i % 5;
    begin();
    for (int round = 0; round < 40; round++) {
        transform(re, im, N, cosine, sine);
        for (int i = 0; i < N; i++)
            re[i] *= 1.0 / 128, im[i] *= 1.0 / 128;
    }
    return sum_of(re, N) ^ sum_of(im, N);
}

/* ---- small loops ---- */

static SCALAR uint64_t matmul(size_t mib)
{
    enum { N = 160 };
    static double a[N][N], b[N][N], c[N][N];

    (void)mib;
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) {
            a[i][k] = i * 0.25 + k;
            b[i][k] = 1.0 / (1 + i + k);
        }
    begin();
    for (int r = 0; r < 12; r++)
        for (int i = 0; i < N; i++)
            for (int k = 0; k < N; k++) {
                double s = 0;

                for (int l = 0; l < N; l++)
                    s += a[i][l] * b[l][k];
                c[i][k] = s + r;
            }
    return sum_of(c[0], N * N);
}

static uint64_t sin_sqrt(size_t mib)
{
    double x = 0.5;

    (void)mib;
    begin();
    for (int i = 0; i < 5000000; i++)
        x = sin(x) + sqrt(fabs(x)) * 0.5;
    return bits(x);
}

const struct kernel float_kernels[] = {
    { "whetstone-like", whetstone_like }, { "linpack-like", linpack_like }, { "fft", fft }, { "matmul", matmul },
    { "sin-sqrt", sin_sqrt }, { NULL, NULL },
};
