/*
 * qql/read_net.c - literals of ip and uuid fields.
 */
#include "qql/check_int.h"

#include "schemas/value.h"

enum {
	V4_BITS = 96, /* of a v4 address in its v6 form: ::ffff:a.b.c.d */
	ALL_BITS = 128,
};

static void full_interval(struct qql_interval *out, const uint8_t ip[16],
			  unsigned bits)
{
	uint8_t lo[16], hi[16];

	for (unsigned i = 0; i < 16; i++) {
		unsigned kept = bits > 8 * i ? bits - 8 * i : 0;
		uint8_t mask = kept >= 8 ? 0xff : (uint8_t)(0xff00u >> kept);

		lo[i] = ip[i] & mask;
		hi[i] = (uint8_t)(ip[i] | (uint8_t)~mask);
	}
	out->start = qql_key_b16(lo);
	out->end = qql_key_b16(hi);
	out->between = false;
}

/* Digits without a leading zero, up to `max`. */
static bool read_small(struct slice s, unsigned max, unsigned *out)
{
	unsigned n = 0;

	if (!s.len || s.len > 3 || (s.p[0] == '0' && s.len > 1))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (unsigned)(s.p[i] - '0');
	}
	*out = n;
	return n <= max;
}

static bool read_cidr(struct slice text, struct qql_interval *out)
{
	const char *slash = memchr(text.p, '/', text.len);
	struct slice address, size;
	uint8_t ip[16];
	unsigned bits;
	bool v4;

	if (!slash)
		return false;
	address = slice_of(text.p, (size_t)(slash - text.p));
	size = slice_of(slash + 1, text.len - address.len - 1);
	v4 = !memchr(address.p, ':', address.len);
	if (!value_parse_ip(address, ip) ||
	    !read_small(size, v4 ? ALL_BITS - V4_BITS : ALL_BITS, &bits))
		return false;
	full_interval(out, ip, v4 ? V4_BITS + bits : bits);
	return true;
}

/* 10.1.* and 10.1.*.*: whole octets, then stars only. */
static bool read_octets(struct slice text, struct qql_interval *out)
{
	uint8_t ip[16] = { [10] = 0xff, [11] = 0xff };
	unsigned octets = 0, parts = 0;
	bool stars = false;
	size_t at = 0;

	for (;;) {
		const char *dot = memchr(text.p + at, '.', text.len - at);
		size_t end = dot ? (size_t)(dot - text.p) : text.len;
		struct slice part = slice_of(text.p + at, end - at);
		unsigned octet;

		if (++parts > 4)
			return false;
		if (slice_eq(part, SLICE_LIT("*"))) {
			stars = true;
		} else {
			if (stars || !read_small(part, 255, &octet))
				return false;
			ip[12 + octets++] = (uint8_t)octet;
		}
		if (!dot)
			break;
		at = end + 1;
	}
	full_interval(out, ip, V4_BITS + 8 * octets);
	return stars && octets > 0;
}

int qql_read_ip(struct qql_check *c, const struct qql_test *t,
		const struct qql_literal *l, struct qql_interval *out)
{
	struct slice text = l->text;
	uint8_t ip[16];
	int ret;

	if (value_parse_ip(text, ip)) {
		full_interval(out, ip, ALL_BITS);
		return 0;
	}
	if (text.len && (read_cidr(text, out) || read_octets(text, out)))
		return 0;
	ret = qql_check_wrong(c, t, l->span, text, "an address");
	if (text.len && memchr(text.p, '%', text.len))
		err_hint(c->err, "leave the zone out");
	else if (slice_eq_ascii_case(text, SLICE_LIT("null")))
		err_hint(c->err, "write %.*s is null",
			 SLICE_ARG(t->node->name));
	else
		err_hint(
			c->err,
			"forms are 10.1.2.3, 10.1.0.0/16, 10.1.*, fe80::1 and fe80::/10");
	return ret;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_dash_place(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

/* The start of a uuid's text: number of hex digits, or -1. */
static int read_uuid_start(struct slice text, uint8_t out[16])
{
	int digits = 0;

	memset(out, 0, 16);
	if (!text.len || text.len > VALUE_UUID_LEN)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		int digit = hex_digit(text.p[i]);

		if (is_dash_place(i)) {
			if (text.p[i] != '-')
				return -1;
			continue;
		}
		if (digit < 0)
			return -1;
		out[digits / 2] |= (uint8_t)(digit << (digits % 2 ? 0 : 4));
		digits++;
	}
	return digits;
}

static int wrong_uuid(struct qql_check *c, const struct qql_test *t,
		      const struct qql_literal *l, bool partial)
{
	char dashed[VALUE_UUID_LEN + 1];
	size_t n = 0;
	int ret = qql_check_wrong(c, t, l->span, l->text, "a uuid");

	if (partial) {
		err_hint(c->err, "for one that begins so write %.*s:%.*s",
			 SLICE_ARG(t->node->name), SLICE_ARG(l->text));
		return ret;
	}
	/* Hex digits without their dashes? */
	for (size_t i = 0; i < l->text.len; i++) {
		if (hex_digit(l->text.p[i]) < 0 || l->text.len > 32)
			return ret;
		if (is_dash_place(n))
			dashed[n++] = '-';
		dashed[n++] = l->text.p[i];
	}
	if (n > 8)
		err_hint(c->err, "did you mean %.*s?", (int)n, dashed);
	return ret;
}

/* After ":" the start of a uuid stands for all that begin so.  In ranges and
 * comparisons it lies just before them, as its text does. */
int qql_read_uuid(struct qql_check *c, const struct qql_test *t,
		  const struct qql_literal *l, struct qql_interval *out)
{
	struct slice text = l->text;
	uint8_t id[16];
	int digits;

	if (text.len > 1 && l->use == QQL_USE_MATCH && !l->exact &&
	    text.p[text.len - 1] == '*')
		text.len--;
	digits = read_uuid_start(text, id);
	if (digits < 0)
		return wrong_uuid(c, t, l, false);
	if (digits < 32 && (l->use == QQL_USE_EQUAL || l->exact))
		return wrong_uuid(c, t, l, true);
	full_interval(out, id, 4u * (unsigned)digits);
	if (l->use == QQL_USE_ORDER && digits < 32) {
		out->end = qql_key_before(out->start, CLASS_B16);
		out->between = true;
	}
	return 0;
}
