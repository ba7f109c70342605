/*
 * index/record_int.h - small records of the store: bytes with a CRC before them.
 *
 * Every value in `meta`, `offs`, `segs` and `pend` is a CRC32C (little-endian)
 * over the first letter of the database's name, the record's key and its
 * payload, then the payload.  So a record that a misplaced page makes turn up
 * under another key or in another database is damage too.
 */
#ifndef INDEX_RECORD_INT_H
#define INDEX_RECORD_INT_H

#include <stdint.h>
#include <string.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"

enum { INDEX_RECORD_CRC = 4 };

enum index_record_db {
	INDEX_RECORD_META = 'm',
	INDEX_RECORD_OFFS = 'o',
	INDEX_RECORD_PEND = 'p',
	INDEX_RECORD_SEGS = 's',
};

/* LMDB aligns nothing, so every load and store goes through memcpy.  The bytes
 * of values are little-endian, those of keys big-endian. */
static inline uint16_t index_get16(const char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap16(v) :
							v;
}

static inline uint32_t index_get32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap32(v) :
							v;
}

static inline uint64_t index_get64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(v) :
							v;
}

static inline void index_set16(char *p, uint16_t v)
{
	v = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap16(v) : v;
	memcpy(p, &v, sizeof(v));
}

static inline void index_set32(char *p, uint32_t v)
{
	v = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap32(v) : v;
	memcpy(p, &v, sizeof(v));
}

static inline void index_set64(char *p, uint64_t v)
{
	v = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(v) : v;
	memcpy(p, &v, sizeof(v));
}

static inline uint16_t index_get16be(const char *p)
{
	return __builtin_bswap16(index_get16(p));
}

static inline uint32_t index_get32be(const char *p)
{
	return __builtin_bswap32(index_get32(p));
}

static inline uint64_t index_get64be(const char *p)
{
	return __builtin_bswap64(index_get64(p));
}

static inline void index_set16be(char *p, uint16_t v)
{
	index_set16(p, __builtin_bswap16(v));
}

static inline void index_set32be(char *p, uint32_t v)
{
	index_set32(p, __builtin_bswap32(v));
}

static inline void index_set64be(char *p, uint64_t v)
{
	index_set64(p, __builtin_bswap64(v));
}

/* Puts the CRC of key and payload into the first 4 bytes of `record`, whose
 * payload of `len` bytes stands behind them. */
void index_record_seal(enum index_record_db db, struct slice key, char *record,
		       size_t len);
/* The payload of a stored value, if its CRC is right: ERR_CORRUPT naming
 * `what`.  `payload` borrows from `value`. */
MUST_CHECK int index_record_check(enum index_record_db db, struct slice key,
				  struct slice value, const char *what,
				  struct slice *payload, struct err *err);

#endif
