/*
 * ingest/lines.c - bytes to records.
 *
 *   data: [ given out | record at start ... | read, not looked at | free ]
 *         0           start                 scanned               end   BLOCK
 *
 * A full block is put aside until its batches are durable, and the record at
 * its end, which is unfinished, begins the next one.
 *
 * An oversize record keeps CUT bytes and DIGEST_ROOM behind them at `start`;
 * what comes later is hashed and dropped, so `end` returns to the same place
 * until the LF is seen.
 */
#include "ingest/lines_int.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "ingest/digest_int.h"

enum {
	CHUNK = 256 << 10, /* read at once */
	CUT = LIMIT_DEADLETTER_CUT,
	DIGEST_ROOM = INGEST_SHA256_LEN,
};

_Static_assert(INGEST_LINES_BLOCK >= LIMIT_MESSAGE + 2 * CHUNK,
	       "an unfinished record leaves room to read");

int ingest_lines_init(struct ingest_lines *l, struct err *err)
{
	*l = (struct ingest_lines){ .data = mem_alloc(INGEST_LINES_BLOCK) };
	return l->data ? 0 : err_nomem(err);
}

void ingest_lines_release(struct ingest_lines *l)
{
	mem_free(l->data);
	for (uint64_t i = l->first; i < l->current; i++)
		mem_free(l->blocks[i % INGEST_LINES_BLOCKS]);
	while (l->nspare > 0)
		mem_free(l->spare[--l->nspare]);
	ingest_digest_free(l->digest);
	*l = (struct ingest_lines){ .data = NULL };
}

void ingest_lines_restart(struct ingest_lines *l, int64_t offset)
{
	l->end = l->scanned = l->start;
	l->offset = offset;
	l->oversize = false;
}

/* The current block is full: makes room behind the record at its end. */
static int next_block(struct ingest_lines *l, struct err *err)
{
	char *data = l->data;

	if (l->lent && l->nspare > 0)
		data = l->spare[--l->nspare];
	else if (l->lent)
		data = mem_alloc(INGEST_LINES_BLOCK);
	if (!data)
		return err_nomem(err);
	memmove(data, l->data + l->start, l->end - l->start);
	if (l->lent)
		l->blocks[l->current++ % INGEST_LINES_BLOCKS] = l->data;
	l->data = data;
	l->lent = false;
	l->end -= l->start;
	l->scanned -= l->start;
	l->start = 0;
	return 0;
}

int ingest_lines_fill(struct ingest_lines *l, int fd, struct err *err)
{
	size_t room;
	ssize_t n;

	if (ingest_lines_full(l))
		return INGEST_LINES_LATER;
	if (l->end == INGEST_LINES_BLOCK) {
		int ret = next_block(l, err);

		if (ret < 0)
			return ret;
	}
	room = INGEST_LINES_BLOCK - l->end;
	do
		n = read(fd, l->data + l->end, room < CHUNK ? room : CHUNK);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return INGEST_LINES_LATER;
	if (n < 0)
		return err_errno(err, ERR_IO, errno, "could not read");
	l->end += (size_t)n;
	return n > 0 ? INGEST_LINES_MORE : INGEST_LINES_END;
}

/* Hashes and drops data[from, to), closing the hole. */
static int drop(struct ingest_lines *l, size_t from, size_t to, struct err *err)
{
	int ret = ingest_digest_add(l->digest,
				    slice_of(l->data + from, to - from), err);

	if (ret < 0)
		return ret;
	l->length += to - from;
	memmove(l->data + from, l->data + to, l->end - to);
	l->end -= to - from;
	l->scanned = from;
	return 0;
}

/* The unfinished record has outgrown the limit: from here on it is hashed. */
static int begin_oversize(struct ingest_lines *l, struct err *err)
{
	size_t kept = l->start + CUT;
	int ret = 0;

	if (!l->digest)
		ret = ingest_digest_new(&l->digest, err);
	if (ret == 0)
		ret = ingest_digest_start(l->digest, err);
	if (ret == 0)
		ret = ingest_digest_add(l->digest,
					slice_of(l->data + l->start, l->end - l->start),
					err);
	if (ret < 0)
		return ret;
	l->oversize = true;
	l->length = l->end - l->start;
	l->end = l->scanned = kept + DIGEST_ROOM;
	return 0;
}

static int end_oversize(struct ingest_lines *l, size_t lf, bool terminated,
			struct ingest_line *line, struct err *err)
{
	size_t kept = l->start + CUT;
	size_t from = kept + DIGEST_ROOM;
	uint8_t *sha256 = (uint8_t *)l->data + kept;
	int ret = drop(l, from, lf, err);

	if (ret == 0)
		ret = ingest_digest_end(l->digest, sha256, err);
	if (ret < 0)
		return ret;
	*line = (struct ingest_line){
		.text = slice_of(l->data + l->start, CUT),
		.offset = l->offset,
		.length = l->length,
		.sha256 = sha256,
	};
	l->offset += (int64_t)l->length + terminated;
	l->lent = true;
	l->start = l->scanned = from + terminated;
	l->oversize = false;
	return 1;
}

static bool is_blank(struct slice s)
{
	if (likely(s.len && (unsigned char)s.p[0] > ' '))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!strchr(" \t\r", s.p[i]) || !s.p[i])
			return false;
	}
	return true;
}

/* Gives out data[start, end_of_record); false if it is blank. */
static bool give(struct ingest_lines *l, size_t end_of_record, bool terminated,
		 struct ingest_line *line)
{
	size_t len = end_of_record - l->start;
	bool blank = is_blank(slice_of(l->data + l->start, len));

	if (blank)
		l->blank++;
	else
		*line = (struct ingest_line){
			.text = slice_of(l->data + l->start, len),
			.offset = l->offset,
			.length = len,
		};
	l->offset += (int64_t)len + terminated;
	l->lent |= !blank;
	l->start = l->scanned = end_of_record + terminated;
	return !blank;
}

int ingest_lines_next(struct ingest_lines *l, struct ingest_line *line,
		      struct err *err)
{
	for (;;) {
		const char *p = l->data + l->scanned;
		const char *lf = memchr(p, '\n', l->end - l->scanned);
		size_t at = lf ? (size_t)(lf - l->data) : l->end;

		if (l->oversize)
			return lf ? end_oversize(l, at, true, line, err) :
				    drop(l, l->scanned, l->end, err);
		if (!lf) {
			l->scanned = l->end;
			if (l->end - l->start > LIMIT_MESSAGE)
				return begin_oversize(l, err);
			return 0;
		}
		if (give(l, at, true, line))
			return 1;
	}
}

int ingest_lines_rest(struct ingest_lines *l, struct ingest_line *line,
		      struct err *err)
{
	if (l->oversize)
		return end_oversize(l, l->end, false, line, err);
	return l->end > l->start && give(l, l->end, false, line);
}

void ingest_lines_cut(struct ingest_lines *l)
{
	l->cuts[l->ncuts++] = l->current;
}

void ingest_lines_committed(struct ingest_lines *l)
{
	uint64_t upto = l->cuts[0];

	l->ncuts--;
	memmove(l->cuts, l->cuts + 1, l->ncuts * sizeof(l->cuts[0]));
	while (l->first < upto)
		l->spare[l->nspare++] = l->blocks[l->first++ % INGEST_LINES_BLOCKS];
}
