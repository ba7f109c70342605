/*
 * schemas/value_net.c - the 16-byte values: addresses and uuids.
 *
 * Canonical are the dotted v4 text, RFC 5952 for v6, and lower-case uuids with
 * dashes.  Forms of an ip (x = form - FORM_FIRST), v6 but for the last:
 *
 *   0 compressed, upper case   1, 2 all groups, no padding, lower and upper
 *   3, 4 all groups padded, lower and upper   5 v4 written "::ffff:1.2.3.4"
 *
 * Form of a uuid: 0, upper case.
 */
#include <string.h>

#include "schemas/value_int.h"

enum {
	IP_UPPER,
	IP_GROUPS,
	IP_GROUPS_UPPER,
	IP_PADDED,
	IP_PADDED_UPPER,
	IP_MAPPED,
	IP_FORMS,
	IP_CANONICAL,
	GROUPS = 8,
};

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_v4(const char *p, const char *end, uint8_t out[4])
{
	for (int i = 0; i < 4; i++) {
		const char *start = p;
		unsigned v = 0;

		if (i > 0 && (p == end || *p++ != '.'))
			return false;
		start = p;
		for (; p < end && *p >= '0' && *p <= '9' && p - start < 3; p++)
			v = v * 10 + (unsigned)(*p - '0');
		if (p == start || v > 255 || (*start == '0' && p - start > 1))
			return false;
		out[i] = (uint8_t)v;
	}
	return p == end;
}

/* Up to four hex digits; false if there is none. */
static bool take_group(const char **at, const char *end, unsigned *out)
{
	const char *p = *at;
	unsigned v = 0;

	for (; p < end && p - *at < 4 && hex_value(*p) >= 0; p++)
		v = v * 16 + (unsigned)hex_value(*p);
	if (p == *at)
		return false;
	*out = v;
	*at = p;
	return true;
}

static bool parse_v6(const char *p, const char *end, uint8_t out[16])
{
	unsigned groups[GROUPS] = { 0 };
	int n = 0, gap = -1;

	if (end - p >= 2 && p[0] == ':' && p[1] == ':') {
		gap = 0;
		p += 2;
	}
	while (p < end) {
		const char *group = p;

		if (n == GROUPS || !take_group(&p, end, &groups[n]))
			return false;
		if (p < end && *p == '.') {
			uint8_t v4[4];

			if (n > GROUPS - 2 || !parse_v4(group, end, v4))
				return false;
			groups[n++] = (unsigned)(v4[0] << 8 | v4[1]);
			groups[n++] = (unsigned)(v4[2] << 8 | v4[3]);
			p = end;
			break;
		}
		n++;
		if (p == end)
			break;
		if (*p++ != ':' || p == end)
			return false;
		if (*p == ':') {
			if (gap >= 0)
				return false;
			gap = n;
			p++;
		}
	}
	if (gap < 0 ? n != GROUPS : n >= GROUPS)
		return false;
	for (int i = 0; i < GROUPS; i++) {
		int from = gap < 0 || i < gap ? i : i - (GROUPS - n);
		unsigned v = gap >= 0 && i >= gap && from < gap ? 0 :
								  groups[from];

		out[2 * i] = (uint8_t)(v >> 8);
		out[2 * i + 1] = (uint8_t)v;
	}
	return true;
}

bool value_parse_ip(struct slice s, uint8_t out[16])
{
	uint8_t ip[16];

	if (s.len == 0 || s.len >= VALUE_IP_MAX)
		return false;
	if (memchr(s.p, ':', s.len)) {
		if (!parse_v6(s.p, s.p + s.len, ip))
			return false;
	} else {
		memcpy(ip, mapped, sizeof(mapped));
		if (!parse_v4(s.p, s.p + s.len, ip + 12))
			return false;
	}
	memcpy(out, ip, sizeof(ip));
	return true;
}

static size_t put_octet(char *out, unsigned v)
{
	size_t n = 0;

	if (v >= 100)
		out[n++] = (char)('0' + v / 100);
	if (v >= 10)
		out[n++] = (char)('0' + v / 10 % 10);
	out[n++] = (char)('0' + v % 10);
	return n;
}

static size_t put_v4(char *out, const uint8_t v4[4])
{
	size_t n = 0;

	for (int i = 0; i < 4; i++) {
		if (i)
			out[n++] = '.';
		n += put_octet(out + n, v4[i]);
	}
	return n;
}

static size_t put_group(char *out, unsigned v, bool padded, bool upper)
{
	const char *hex = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	size_t n = 0;

	for (int shift = 12; shift >= 0; shift -= 4)
		if (n || padded || shift == 0 || v >> shift)
			out[n++] = hex[v >> shift & 15];
	return n;
}

/* The first longest run of at least two zero groups (RFC 5952). */
static void find_gap(const uint8_t ip[16], int *start, int *len)
{
	*start = -1;
	*len = 1;
	for (int i = 0; i < GROUPS; i++) {
		int n = 0;

		while (i + n < GROUPS && !ip[2 * (i + n)] &&
		       !ip[2 * (i + n) + 1])
			n++;
		if (n > *len) {
			*start = i;
			*len = n;
		}
		i += n;
	}
}

static size_t put_v6(char *out, const uint8_t ip[16], unsigned x)
{
	bool upper = x == IP_UPPER || x == IP_GROUPS_UPPER ||
		     x == IP_PADDED_UPPER;
	bool padded = x == IP_PADDED || x == IP_PADDED_UPPER;
	int gap = -1, gap_len = 0;
	size_t n = 0;

	if (x == IP_CANONICAL || x == IP_UPPER)
		find_gap(ip, &gap, &gap_len);
	for (int i = 0; i < GROUPS; i++) {
		if (i == gap) {
			out[n++] = ':';
			out[n++] = ':';
			i += gap_len - 1;
			continue;
		}
		if (i && i != gap + gap_len)
			out[n++] = ':';
		else if (i && gap < 0)
			out[n++] = ':';
		n += put_group(out + n,
			       (unsigned)(ip[2 * i] << 8 | ip[2 * i + 1]),
			       padded, upper);
	}
	return n;
}

static bool is_v4(const uint8_t ip[16])
{
	return memcmp(ip, mapped, sizeof(mapped)) == 0;
}

static size_t put_ip(char *out, const uint8_t ip[16], unsigned x)
{
	if (is_v4(ip) && x == IP_CANONICAL)
		return put_v4(out, ip + 12);
	if (is_v4(ip) && x == IP_MAPPED) {
		memcpy(out, "::ffff:", 7);
		return 7 + put_v4(out + 7, ip + 12);
	}
	return put_v6(out, ip, x);
}

size_t value_format_ip(const uint8_t ip[16], char out[VALUE_IP_MAX])
{
	return put_ip(out, ip, IP_CANONICAL);
}

static unsigned guess_ip_form(const uint8_t ip[16], struct slice s)
{
	size_t colons = 0;
	bool upper = false;

	if (is_v4(ip))
		return memchr(s.p, ':', s.len) && memchr(s.p, '.', s.len) ?
			       IP_MAPPED :
			       IP_CANONICAL;
	for (size_t i = 0; i < s.len; i++) {
		colons += s.p[i] == ':';
		upper |= s.p[i] >= 'A' && s.p[i] <= 'F';
	}
	if (s.len == 39)
		return upper ? IP_PADDED_UPPER : IP_PADDED;
	if (colons == GROUPS - 1 && !memmem(s.p, s.len, "::", 2))
		return upper ? IP_GROUPS_UPPER : IP_GROUPS;
	return upper ? IP_UPPER : IP_CANONICAL;
}

enum value_status value_ip_decode(const struct scalar *s, struct value *out,
				  value_form *form, bool *proven)
{
	char canonical[VALUE_IP_MAX];
	size_t len;

	if (s->kind != JSON_STRING || !value_parse_ip(s->content, out->b16))
		return VALUE_INVALID;
	len = value_format_ip(out->b16, canonical);
	if (len == s->content.len &&
	    memcmp(canonical, s->content.p, len) == 0) {
		*form = FORM_CANONICAL;
		*proven = s->raw.len == len + 2;
		return VALUE_OK;
	}
	*form = (value_form)(FORM_FIRST + guess_ip_form(out->b16, s->content));
	return VALUE_OK;
}

size_t value_ip_format(const uint8_t ip[16], value_form form,
		       char out[VALUE_TEXT_MAX])
{
	unsigned x = form >= FORM_FIRST ? form - FORM_FIRST : IP_CANONICAL;
	size_t len = put_ip(out + 1, ip, x < IP_FORMS ? x : IP_CANONICAL);

	out[0] = '"';
	out[len + 1] = '"';
	return len + 2;
}

static inline bool is_dash_place(int i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

/* 1 to 16, or 0 for what is no hex digit. */
static const uint8_t hex_of[256] = {
	['0'] = 1, 2,  3,  4,  5,  6,          7,  8,  9,  10, ['A'] = 11,
	12,        13, 14, 15, 16, ['a'] = 11, 12, 13, 14, 15, 16,
};

bool value_parse_uuid(struct slice s, uint8_t out[16])
{
	uint8_t id[16];
	bool bad = false;
	int n = 0;

	if (s.len != VALUE_UUID_LEN)
		return false;
	for (int i = 0; i < VALUE_UUID_LEN; i += 2) {
		uint8_t hi, lo;

		if (is_dash_place(i)) {
			bad |= s.p[i] != '-';
			i++;
		}
		hi = hex_of[(unsigned char)s.p[i]];
		lo = hex_of[(unsigned char)s.p[i + 1]];
		bad |= !hi || !lo;
		id[n++] = (uint8_t)((hi - 1u) << 4 | (lo - 1u));
	}
	if (bad)
		return false;
	memcpy(out, id, sizeof(id));
	return true;
}

static void put_uuid(const uint8_t id[16], const char *hex, char *out)
{
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = hex[id[i] >> 4];
		*out++ = hex[id[i] & 15];
	}
}

void value_format_uuid(const uint8_t id[16], char out[VALUE_UUID_LEN])
{
	put_uuid(id, "0123456789abcdef", out);
}

enum value_status value_uuid_decode(const struct scalar *s, struct value *out,
				    value_form *form, bool *proven)
{
	bool upper = false, lower = false;

	if (s->kind != JSON_STRING || !value_parse_uuid(s->content, out->b16))
		return VALUE_INVALID;
	for (int i = 0; i < VALUE_UUID_LEN; i++) {
		upper |= s->content.p[i] >= 'A' && s->content.p[i] <= 'F';
		lower |= s->content.p[i] >= 'a';
	}
	*form = upper ? FORM_FIRST : FORM_CANONICAL;
	/* Digits and dashes stand where they must; letters of one case. */
	*proven = !(upper && lower) && s->raw.len == VALUE_UUID_LEN + 2;
	return VALUE_OK;
}

size_t value_uuid_format(const uint8_t id[16], value_form form,
			 char out[VALUE_TEXT_MAX])
{
	out[0] = '"';
	put_uuid(id,
		 form == FORM_FIRST ? "0123456789ABCDEF" : "0123456789abcdef",
		 out + 1);
	out[VALUE_UUID_LEN + 1] = '"';
	return VALUE_UUID_LEN + 2;
}
