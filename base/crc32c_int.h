/*
 * base/crc32c_int.h - the parts of crc32c() that its test compares.
 */
#ifndef BASE_CRC32C_INT_H
#define BASE_CRC32C_INT_H

#include <stddef.h>
#include <stdint.h>

/* Slicing-by-8, for processors without the instruction. */
uint32_t crc32c_portable(uint32_t crc, const void *p, size_t len);

#endif
