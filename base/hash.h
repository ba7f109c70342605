/*
 * base/hash.h - hashes and checksums.
 *
 * hash64/hash128 are XXH3 (libxxhash): fast, not for secrets; the
 * 128-bit form stands for long keys, whose full value is still compared.
 * crc32c is the Castagnoli polynomial (RFC 3720, appendix B.4), by SSE4.2
 * where the processor has it.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash128 {
	uint64_t hi;
	uint64_t lo;
};

uint64_t hash64(const void *p, size_t len);
/* For tables that hold what strangers choose: with a seed they do not know,
 * they cannot choose values that collide. */
uint64_t hash64_seeded(const void *p, size_t len, uint64_t seed);
struct hash128 hash128(const void *p, size_t len);
/* Start with crc = 0; feed the result back in to go on. */
uint32_t crc32c(uint32_t crc, const void *p, size_t len);

#endif
