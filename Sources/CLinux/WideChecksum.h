/// XXH3 with 256-bit vectors, for processors that have them: see Checksum.c, which alone calls this, and Processor.c.
#ifndef LARDER_WIDE_CHECKSUM_H
#define LARDER_WIDE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && defined(__clang__)
#define LARDER_HAS_WIDE_CHECKSUM 1
/// `state` is the XXH3_state_t that Checksum.c has made: its layout does not depend on the vectors.
void larder_wide_checksum_update(void *state, const void *bytes, size_t length);
void larder_wide_checksum(const void *bytes, size_t length, uint64_t *low, uint64_t *high);
#endif

#endif
