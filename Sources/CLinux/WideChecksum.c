#include "WideChecksum.h"

#ifdef LARDER_HAS_WIDE_CHECKSUM
#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define XXH_INLINE_ALL
#define XXH_VECTOR 2 // XXH_AVX2, which the header defines only later
#include <xxhash.h>

void larder_wide_checksum_update(void *state, const void *bytes, size_t length) {
    XXH3_128bits_update(state, bytes, length);
}

void larder_wide_checksum(const void *bytes, size_t length, uint64_t *low, uint64_t *high) {
    XXH128_hash_t hash = XXH3_128bits(bytes, length);
    *low = hash.low64;
    *high = hash.high64;
}
#pragma clang attribute pop
#endif
