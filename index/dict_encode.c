/*
 * index/dict_encode.c - writing a sorted dictionary.
 */
#include "index/dict_int.h"

#include <string.h>

struct shape {
	enum index_dict_form form; /* fixed, hex, or by block: near or far */
	size_t prefix;
	size_t width;
};

static size_t common_prefix(struct slice a, struct slice b)
{
	size_t n = a.len < b.len ? a.len : b.len, i = 0;

	while (i < n && a.p[i] == b.p[i])
		i++;
	return i;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool all_hex(struct slice s, size_t from)
{
	size_t i;

	for (i = from; i < s.len; i++)
		if (hex_digit(s.p[i]) < 0)
			return false;
	return true;
}

/* A prefix without digits before the digits, such as "sha256:" or none; what
 * ids have in common may go on in the digits. */
static size_t digits_start(struct slice s)
{
	size_t i = s.len;

	while (i > 0 && hex_digit(s.p[i - 1]) >= 0)
		i--;
	return i;
}

static struct shape shape_of(const struct slice *entries, const uint32_t *order,
			     uint32_t n)
{
	struct shape s = { DICT_NEAR, 0, 0 };
	struct slice first = entries[order[0]];
	size_t prefix = digits_start(first);
	bool hex;
	uint32_t i;

	for (i = 1; i < n; i++)
		if (entries[order[i]].len != first.len)
			return s;
	s = (struct shape){ DICT_FIXED, 0, first.len };
	hex = prefix <= DICT_HEX_PREFIX && first.len <= DICT_HEX_MAX &&
	      first.len - prefix >= DICT_HEX_MIN &&
	      (first.len - prefix) % 2 == 0;
	for (i = 1; i < n && hex; i++)
		hex = common_prefix(first, entries[order[i]]) >= prefix &&
		      all_hex(entries[order[i]], prefix);
	if (hex)
		s = (struct shape){ DICT_HEX, prefix, first.len - prefix };
	return s;
}

static void put_blob(struct buf *out, const struct slice *entries,
		     const uint32_t *order, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		buf_put_slice(out, entries[order[i]]);
}

static void put_hex(struct buf *out, const struct slice *entries,
		    const uint32_t *order, uint32_t n, size_t prefix)
{
	uint32_t i;
	size_t k;

	buf_put(out, entries[order[0]].p, prefix);
	index_put_pad(out, 0);
	for (i = 0; i < n; i++) {
		struct slice s = entries[order[i]];

		for (k = prefix; k + 1 < s.len; k += 2)
			buf_putc(out, (char)(hex_digit(s.p[k]) << 4 |
					     hex_digit(s.p[k + 1])));
	}
}

/* False if an offset does not fit into 16 bits. */
static bool put_near(struct buf *out, const struct slice *entries,
		     const uint32_t *order, uint32_t n)
{
	size_t bases = out->len, at = 0, base = 0;
	uint32_t i;

	for (i = 0; i <= n; i += DICT_GROUP)
		index_put32(out, 0);
	index_put_pad(out, 0);
	for (i = 0; i <= n; i++) {
		char le[2];

		if (i % DICT_GROUP == 0) {
			base = at;
			if (!out->error)
				index_set32(out->p + bases +
						    (size_t)(i / DICT_GROUP) *
							    4,
					    (uint32_t)base);
		}
		if (at - base > UINT16_MAX)
			return false;
		index_set16(le, (uint16_t)(at - base));
		buf_put(out, le, sizeof(le));
		if (i < n)
			at += entries[order[i]].len;
	}
	index_put_pad(out, 0);
	return true;
}

static void put_far(struct buf *out, const struct slice *entries,
		    const uint32_t *order, uint32_t n)
{
	size_t at = 0;
	uint32_t i;

	for (i = 0; i <= n; i++) {
		index_put32(out, (uint32_t)at);
		if (i < n)
			at += entries[order[i]].len;
	}
	index_put_pad(out, 0);
}

static int put_block(struct index_writer *w, const struct shape *shape,
		     const struct slice *entries, const uint32_t *order,
		     uint32_t first, uint32_t n)
{
	enum index_dict_form form = shape->form;
	size_t start = w->out.len, blob, body;
	struct buf *out = &w->out;

	index_put32(out, first);
	index_put32(out, n);
	index_put64(out, 0);
	index_put64(out, 0);
	body = out->len;
	if (form == DICT_NEAR && !put_near(out, entries, order, n)) {
		form = DICT_FAR;
		out->len = body;
	}
	if (form == DICT_FAR)
		put_far(out, entries, order, n);
	blob = out->len;
	if (form == DICT_HEX) {
		put_hex(out, entries, order, n, shape->prefix);
		blob += index_pad8(shape->prefix);
	} else {
		put_blob(out, entries, order, n);
	}
	if (out->error)
		return out->error;
	index_set32(out->p + start + 8, form);
	index_set32(out->p + start + 12, (uint32_t)shape->prefix);
	index_set32(out->p + start + 16, (uint32_t)shape->width);
	index_set32(out->p + start + 20, (uint32_t)(out->len - blob));
	return 0;
}

int index_dict_encode(struct index_writer *w, uint16_t field,
		      const struct slice *entries, const uint32_t *order,
		      uint32_t n)
{
	struct shape shape = shape_of(entries, order, n);
	uint32_t first = 0, block = 0;

	while (first < n) {
		size_t bytes = 0;
		uint32_t k = 0;
		int ret;

		while (first + k < n &&
		       (k == 0 ||
			bytes + entries[order[first + k]].len < DICT_BLOCK)) {
			/* With its offset. */
			bytes += entries[order[first + k]].len + 4;
			k++;
		}
		ret = index_part_begin(w, field, PART_DICTIONARY, block++);
		if (ret < 0)
			return ret;
		ret = put_block(w, &shape, entries, order + first, first, k);
		if (ret < 0)
			return ret;
		ret = index_part_end(w);
		if (ret < 0)
			return ret;
		first += k;
	}
	return 0;
}
