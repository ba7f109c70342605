/*
 * qql/zone_file.c - TZif files (RFC 8536).
 *
 *   header  "TZif" version 15 unused bytes, six u32 counts
 *   version 1 data (32-bit times, skipped), then header and data again:
 *   i64 transition times, u8 type of each, types (i32 offset, u8 dst, u8 name),
 *   names, leap seconds, two lists of flags, then "\n" POSIX-TZ "\n"
 *
 * The C library's reader is not used: it keeps its zone in global state.
 */
#include <string.h>

#include "base/mem.h"
#include "qql/zone_int.h"

enum {
	HEADER = 44,
	TYPE = 6,
	TRANSITIONS_MAX = 10000,
};

struct counts {
	size_t flags_ut, flags_standard, leaps, times, types, names;
};

static uint64_t read_big(const char *p, int n)
{
	uint64_t v = 0;

	for (int i = 0; i < n; i++)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

/* Reads a header and moves past it; false if there is none. */
static bool take_header(struct slice *s, struct counts *c)
{
	const char *p = s->p;

	if (s->len < HEADER || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
		return false;
	c->flags_ut = read_big(p + 20, 4);
	c->flags_standard = read_big(p + 24, 4);
	c->leaps = read_big(p + 28, 4);
	c->times = read_big(p + 32, 4);
	c->types = read_big(p + 36, 4);
	c->names = read_big(p + 40, 4);
	*s = slice_of(p + HEADER, s->len - HEADER);
	return true;
}

static size_t data_size(const struct counts *c, size_t time_size)
{
	return c->times * (time_size + 1) + c->types * TYPE + c->names +
	       c->leaps * (time_size + 4) + c->flags_standard + c->flags_ut;
}

static int damaged(struct err *err)
{
	return err_set(err, ERR_USAGE, "the time zone's file is damaged");
}

static int take_transitions(struct qql_zone *z, struct slice data,
			    const struct counts *c, struct err *err)
{
	const char *type_of = data.p + c->times * 8;
	const char *types = type_of + c->times;

	if (!c->types || c->times > TRANSITIONS_MAX)
		return damaged(err);
	z->first = (int32_t)read_big(types, 4);
	if (!c->times)
		return 0;
	z->at = mem_calloc(c->times, sizeof(*z->at));
	z->offset = mem_calloc(c->times, sizeof(*z->offset));
	if (!z->at || !z->offset)
		return err_nomem(err);
	for (size_t i = 0; i < c->times; i++) {
		size_t type = (unsigned char)type_of[i];

		z->at[i] = (int64_t)read_big(data.p + 8 * i, 8);
		if (type >= c->types || (i && z->at[i] <= z->at[i - 1]))
			return damaged(err);
		z->offset[i] = (int32_t)read_big(types + type * TYPE, 4);
	}
	z->n = c->times;
	return 0;
}

int qql_zone_file_parse(struct qql_zone *z, struct slice file, struct err *err)
{
	struct counts c;
	struct slice footer;
	int ret;

	if (!take_header(&file, &c) || data_size(&c, 4) > file.len)
		return damaged(err);
	file = slice_of(file.p + data_size(&c, 4), file.len - data_size(&c, 4));
	if (!take_header(&file, &c) || data_size(&c, 8) > file.len)
		return damaged(err);
	ret = take_transitions(z, file, &c, err);
	if (ret < 0)
		return ret;
	footer = slice_of(file.p + data_size(&c, 8),
			  file.len - data_size(&c, 8));
	/* An empty footer is allowed: the last transition then holds on. */
	if (footer.len > 2 && footer.p[0] == '\n' &&
	    footer.p[footer.len - 1] == '\n' &&
	    !qql_zone_rule_parse(slice_of(footer.p + 1, footer.len - 2),
				 &z->rule))
		return damaged(err);
	return 0;
}
