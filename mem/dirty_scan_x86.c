/* SPDX-License-Identifier: Apache-2.0 */
/* AVX-512 counts bits in the vector (VPOPCNTDQ); AVX2 moves vectors and counts with the scalar POPCNT. */
#include "mem/dirty_scan_host.h"

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512vpopcntdq")))
#define AVX2 __attribute__((target("avx2,popcnt")))

AVX512 static uint64_t avx512_move(uint64_t *word, uint64_t *out, size_t lines)
{
    __m512i sum = _mm512_setzero_si512();

    for (size_t i = 0; i < lines; i++) {
        __m512i w = _mm512_load_si512(word + 8 * i);

        _mm512_storeu_si512(out + 8 * i, _mm512_or_si512(_mm512_loadu_si512(out + 8 * i), w));
        _mm512_store_si512(word + 8 * i, _mm512_setzero_si512());
        sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(w));
    }
    return (uint64_t)_mm512_reduce_add_epi64(sum);
}

AVX512 static uint64_t avx512_take(uint64_t *word, size_t lines)
{
    __m512i sum = _mm512_setzero_si512();

    for (size_t i = 0; i < lines; i++) {
        sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(_mm512_load_si512(word + 8 * i)));
        _mm512_store_si512(word + 8 * i, _mm512_setzero_si512());
    }
    return (uint64_t)_mm512_reduce_add_epi64(sum);
}

AVX2 static uint64_t count4(const uint64_t *w)
{
    return (uint64_t)(__builtin_popcountll(w[0]) + __builtin_popcountll(w[1]) + __builtin_popcountll(w[2]) +
                      __builtin_popcountll(w[3]));
}

AVX2 static uint64_t avx2_move(uint64_t *word, uint64_t *out, size_t lines)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < lines * 8; i += 4) {
        __m256i w = _mm256_load_si256((const __m256i *)(word + i));
        __m256i o = _mm256_loadu_si256((const __m256i *)(out + i));

        bits += count4(word + i);
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_or_si256(o, w));
        _mm256_store_si256((__m256i *)(word + i), _mm256_setzero_si256());
    }
    return bits;
}

AVX2 static uint64_t avx2_take(uint64_t *word, size_t lines)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < lines * 8; i += 4) {
        bits += count4(word + i);
        _mm256_store_si256((__m256i *)(word + i), _mm256_setzero_si256());
    }
    return bits;
}

static const struct dirty_scan avx512 = { "avx512", avx512_move, avx512_take };
static const struct dirty_scan avx2 = { "avx2", avx2_move, avx2_take };

const struct dirty_scan *dirty_scan_host_nth(unsigned i)
{
    const struct dirty_scan *have[2];
    unsigned n = 0;

    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq"))
        have[n++] = &avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt"))
        have[n++] = &avx2;
    return i < n ? have[i] : NULL;
}
