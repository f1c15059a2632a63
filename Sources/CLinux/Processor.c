/// What the processor is and can do, asked as rarely as can be: in a virtual machine each question leaves it for some
/// microseconds (2.6 where that was measured).
#include "CLinux.h"
#include "WideChecksum.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

int larder_processor(uint32_t *words, int count) {
#if defined(__x86_64__) || defined(__i386__)
    static const uint32_t leaves[][2] = {{0, 0}, {1, 0}, {7, 0}, {7, 1}, {4, 1}, {4, 3}, {0xd, 1}, {0x80000001, 0}};
    int used = 0;
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        uint32_t a = 0, b = 0, c = 0, d = 0;
        if (used + 4 > count) break;
        __get_cpuid_count(leaves[i][0], leaves[i][1], &a, &b, &c, &d);
        if (leaves[i][0] == 1) b &= 0xffff;                     // the rest says on which core we run
        if (leaves[i][0] == 4) a &= 0x3fff;                     // likewise how many share the cache
        words[used++] = a;
        words[used++] = b;
        words[used++] = c & ~(leaves[i][0] == 1 ? 1u << 27 : 0u);
        words[used++] = d;
    }
    return used;
#else
    (void)words, (void)count;
    return 0;
#endif
}

#ifdef LARDER_HAS_WIDE_CHECKSUM
#include <stdatomic.h>

/// EBX of leaf 7: what came after AVX.
static uint32_t extensions(void) {
    enum { is_asked = 1 };
    static _Atomic uint64_t known;
    uint64_t answer = atomic_load_explicit(&known, memory_order_relaxed);
    if (!answer) {
        uint32_t a, b = 0, c, d;
        if (__get_cpuid_max(0, 0) >= 7) __cpuid_count(7, 0, a, b, c, d);
        answer = (uint64_t)b << 32 | is_asked;
        atomic_store_explicit(&known, answer, memory_order_relaxed);
    }
    return (uint32_t)(answer >> 32);
}

/// XSAVE and AVX in the processor, and the system keeps registers of 128 and of 256 bits.
static int has_vectors(void) {
    uint32_t a, b, c, d, low, high;
    __cpuid(1, a, b, c, d);
    if ((c & (bit_OSXSAVE | bit_AVX)) != (bit_OSXSAVE | bit_AVX)) return 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & 6) == 6;
}

int larder_has_wide_vectors(void) {
    enum { unknown, yes, no };
    static _Atomic int known;
    int answer = atomic_load_explicit(&known, memory_order_relaxed);
    if (answer == unknown) {
        answer = extensions() & bit_AVX2 && has_vectors() ? yes : no;
        atomic_store_explicit(&known, answer, memory_order_relaxed);
    }
    return answer == yes;
}

int larder_has_digest_instructions(void) { return (extensions() & bit_SHA) != 0; }

/// What nettle asks the processor at start, of which one answer counts here: whether it computes SHA-256. The others are
/// about ciphers, and about two ways to combine blocks by XOR. (nettle 3.8: fat-x86_64.c, cpuid.asm.)
void _nettle_cpuid(uint32_t leaf, uint32_t registers[4]) {
    for (int i = 0; i < 4; i++) registers[i] = 0;
    if (leaf == 7) registers[1] = extensions();
}
#else
int larder_has_wide_vectors(void) { return 0; }
int larder_has_digest_instructions(void) { return 0; }
#endif
