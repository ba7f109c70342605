/*
 * index/record.c - small records of the store: bytes with a CRC before them.
 */
#include "index/record_int.h"

#include "base/hash.h"

static uint32_t record_crc(enum index_record_db db, struct slice key,
			   const char *payload, size_t len)
{
	const char letter = (char)db;

	return crc32c(crc32c(crc32c(0, &letter, 1), key.p, key.len), payload,
		      len);
}

void index_record_seal(enum index_record_db db, struct slice key, char *record,
		       size_t len)
{
	index_set32(record,
		    record_crc(db, key, record + INDEX_RECORD_CRC, len));
}

int index_record_check(enum index_record_db db, struct slice key,
		       struct slice value, const char *what,
		       struct slice *payload, struct err *err)
{
	struct slice p;

	if (value.len < INDEX_RECORD_CRC)
		return err_set(err, ERR_CORRUPT, "%s is cut short", what);
	p = slice_of(value.p + INDEX_RECORD_CRC, value.len - INDEX_RECORD_CRC);
	if (index_get32(value.p) != record_crc(db, key, p.p, p.len))
		return err_set(err, ERR_CORRUPT,
			       "%s is damaged: its checksum is wrong", what);
	*payload = p;
	return 0;
}
