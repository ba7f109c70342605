#include "tests/unit/qql/helper_rows.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/time.h"
#include "index/builder.h"
#include "index/commit.h"
#include "schemas/decode.h"
#include "tests/test.h"

static const char things_schema[] =
	"{\"dataset\":\"things\",\"title\":\"Things\",\"kind\":\"log\","
	"\"time\":\"at\",\"fields\":["
	"{\"name\":\"at\",\"type\":\"date\"},"
	"{\"name\":\"kw\",\"type\":\"keyword\",\"sortable\":true,"
	"\"alias\":[\"other\"]},"
	"{\"name\":\"kws\",\"type\":\"keyword\",\"list\":true,"
	"\"freeText\":true},"
	"{\"name\":\"tx\",\"type\":\"text\"},"
	"{\"name\":\"txs\",\"type\":\"text\",\"list\":true},"
	"{\"name\":\"en\",\"type\":\"enum\",\"sortable\":true,"
	"\"values\":[\"ALLOW\",\"DENY\",\"MONITOR\"]},"
	"{\"name\":\"n\",\"type\":\"int\",\"sortable\":true},"
	"{\"name\":\"ns\",\"type\":\"int\",\"list\":true},"
	"{\"name\":\"size\",\"type\":\"int\",\"unit\":\"bytes\","
	"\"sortable\":true},"
	"{\"name\":\"d\",\"type\":\"double\",\"sortable\":true},"
	"{\"name\":\"b\",\"type\":\"bool\"},"
	"{\"name\":\"seen\",\"type\":\"date\",\"sortable\":true},"
	"{\"name\":\"ip\",\"type\":\"ip\",\"sortable\":true},"
	"{\"name\":\"ips\",\"type\":\"ip\",\"list\":true},"
	"{\"name\":\"id\",\"type\":\"uuid\"},"
	"{\"name\":\"sha\",\"type\":\"keyword\",\"prefix\":true},"
	"{\"name\":\"pod\",\"path\":\"kubernetes.pod.name\"},"
	"{\"name\":\"v.name\",\"path\":\"v[].name\"},"
	"{\"name\":\"v.sev\",\"path\":\"v[].sev\",\"type\":\"int\"},"
	"{\"name\":\"v.title\",\"path\":\"v[].title\",\"type\":\"text\"},"
	"{\"name\":\"v.fixed\",\"path\":\"v[].fixed\",\"type\":\"bool\"},"
	"{\"name\":\"v.addr\",\"path\":\"v[].addr\",\"type\":\"ip\"}"
	"]}";

static const char *const texts[] = {
	"web",
	"Web",
	"WEB-1",
	"api",
	"nginx:1.25",
	"ubuntu:latest",
	"/etc/passwd",
	"/etc/shadow",
	"/ETC/Shadow.bak",
	"curl -s http://x/y",
	"Ensure IAM Password Policy is Enabled",
	"10,125",
	"10.134",
	"qualys.corp.com",
	"",
	" ",
	"a b",
	"b a",
	"and",
	"*",
	"a*b",
	"?",
	"\xc3\x84pfel \xc3\xa4pfel",
	"\xe6\x97\xa5\xe6\x9c\xac",
	"\xe2\x84\xaa",
	"\xce\x91\xce\xa3",
	"esc \x1b[31m red",
	"c1 \xc2\x9b x",
	"bidi \xe2\x80\xae x",
	"tab\there",
	"line\nfeed",
	"quote\"d",
	"back\\slash",
	"null",
	"true",
	"5",
	"-0",
	"1e3",
	"2026-01-22",
	"10.0.0.1",
	"one two three",
	"two three",
	"one-two",
	"one_two",
	"the quick brown fox jumps over the lazy dog",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
};

static const char *const ips[] = {
	"10.0.0.1",
	"10.0.0.2",
	"10.1.2.3",
	"192.168.1.1",
	"::1",
	"fe80::1",
	"2001:db8::5",
	"::ffff:10.0.0.1",
	"255.255.255.255",
	"0.0.0.0",
};

static const char *const ids[] = {
	"00000000-0000-0000-0000-000000000000",
	"dc58a1f0-1111-2222-3333-444455556666",
	"DC58A1F0-1111-2222-3333-444455556667",
	"ffffffff-ffff-ffff-ffff-ffffffffffff",
};

static const char *const shas[] = {
	"dc58a1aa", "dc58a1bb", "dc99", "00ff", "ab", "DC58",
};

static const char *const numbers[] = {
	"0",
	"1",
	"-1",
	"5",
	"4.5",
	"9223372036854775807",
	"-9223372036854775808",
	"1e3",
	"1.0",
	"\"7\"",
	"443",
	"8080",
	"3",
	"2",
	"4",
	"99999999999999999999",
};

static const char *const doubles[] = {
	"0",     "-0.0",   "1.5",     "4.5", "-2.25",
	"1e300", "1e-300", "\"3.5\"", "5",   "1e400",
};

#define PICK(random, list) ((list)[helper_below(random, ARRAY_SIZE(list))])

uint64_t helper_next(uint64_t *random)
{
	uint64_t z = (*random += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t helper_below(uint64_t *random, uint32_t n)
{
	return (uint32_t)(helper_next(random) >> 16) % n;
}

const char *helper_text(uint64_t *random)
{
	return PICK(random, texts);
}

struct dataset *helper_things(void)
{
	struct err err = ERR_INIT;
	struct dataset *ds = NULL;

	if (dataset_new(&ds, slice_str(things_schema), "test", &err) < 0)
		fail_msg("%s", err.message);
	return ds;
}

struct maker {
	uint64_t *random;
	struct buf *out;
	bool comma;
	bool spaced;
};

/* False: the key is left out. */
static bool key(struct maker *m, const char *name)
{
	if (helper_below(m->random, 10) < 4)
		return false;
	if (m->comma)
		buf_puts(m->out, m->spaced ? ", " : ",");
	m->comma = true;
	json_quote(m->out, slice_str(name));
	buf_puts(m->out, m->spaced ? ": " : ":");
	if (helper_below(m->random, 12) == 0) {
		buf_puts(m->out, "null");
		return false;
	}
	return true;
}

static void put_text(struct maker *m)
{
	json_quote(m->out, slice_str(helper_text(m->random)));
}

static void put_string(struct maker *m, const char *s)
{
	json_quote(m->out, slice_str(s));
}

static void put_number(struct maker *m)
{
	buf_puts(m->out, PICK(m->random, numbers));
}

static void put_ip(struct maker *m)
{
	put_string(m, PICK(m->random, ips));
}

static void put_date(struct maker *m, int64_t from, int64_t range)
{
	char text[TIME_TEXT_MAX];
	int64_t ns = from + (int64_t)(helper_next(m->random) % (uint64_t)range);

	ns -= ns % NS_PER_MS;
	buf_putc(m->out, '"');
	buf_put(m->out, text, time_format_utc(ns, text));
	buf_putc(m->out, '"');
}

static void put_list(struct maker *m, void (*put)(struct maker *m))
{
	uint32_t n = helper_below(m->random, 5);

	if (n == 4) {
		put(m); /* a scalar is one element */
		return;
	}
	buf_putc(m->out, '[');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_puts(m->out, m->spaced ? ", " : ",");
		if (helper_below(m->random, 9) == 0)
			buf_puts(m->out, "null");
		else
			put(m);
	}
	buf_putc(m->out, ']');
}

static void put_element(struct maker *m)
{
	struct maker e = { m->random, m->out, false, m->spaced };

	buf_putc(m->out, '{');
	if (key(&e, "name"))
		put_text(&e);
	if (key(&e, "sev"))
		put_number(&e);
	if (key(&e, "title"))
		put_text(&e);
	if (key(&e, "fixed"))
		buf_puts(e.out, helper_below(e.random, 2) ? "true" : "false");
	if (key(&e, "addr"))
		put_ip(&e);
	buf_putc(m->out, '}');
}

static void put_misfit(struct maker *m)
{
	static const char *const misfits[] = { "{}",      "[1,[2]]",
					       "\"x y\"", "{\"a\":1}",
					       "true",    "-1.5" };

	buf_puts(m->out, PICK(m->random, misfits));
}

/* Now and then something that does not fit its field. */
static void value(struct maker *m, const char *name,
		  void (*put)(struct maker *m))
{
	if (!key(m, name))
		return;
	if (helper_below(m->random, 25) == 0)
		put_misfit(m);
	else
		put(m);
}

static void put_enum(struct maker *m)
{
	static const char *const values[] = { "ALLOW", "deny", "MONITOR",
					      "Deny", "OTHER" };

	put_string(m, PICK(m->random, values));
}

static void put_double(struct maker *m)
{
	buf_puts(m->out, PICK(m->random, doubles));
}

static void put_bool(struct maker *m)
{
	static const char *const values[] = { "true", "false", "\"TRUE\"" };

	buf_puts(m->out, PICK(m->random, values));
}

static void put_seen(struct maker *m)
{
	put_date(m, 0, 100 * 365 * NS_PER_DAY);
}

static void put_id(struct maker *m)
{
	put_string(m, PICK(m->random, ids));
}

static void put_sha(struct maker *m)
{
	put_string(m, PICK(m->random, shas));
}

static void put_texts(struct maker *m)
{
	put_list(m, put_text);
}

static void put_numbers(struct maker *m)
{
	put_list(m, put_number);
}

static void put_ips(struct maker *m)
{
	put_list(m, put_ip);
}

static void put_elements(struct maker *m)
{
	put_list(m, put_element);
}

static void put_pod(struct maker *m)
{
	buf_puts(m->out, "{\"pod\":{\"name\":");
	put_text(m);
	buf_puts(m->out, "}}");
}

/* Times of a few days, often the same. */
static void put_at(struct maker *m)
{
	const int64_t day = INT64_C(1769040000) * NS_PER_S; /* 2026-01-22 */
	char text[TIME_TEXT_MAX];
	int64_t ns =
		day + (int64_t)helper_below(m->random, 300) * 600 * NS_PER_S;

	buf_putc(m->out, '"');
	buf_put(m->out, text, time_format_utc(ns, text));
	buf_putc(m->out, '"');
}

void helper_thing(uint64_t *random, struct buf *out)
{
	struct maker m = { random, out, false, helper_below(random, 2) };

	buf_putc(out, '{');
	value(&m, "at", put_at);
	value(&m, "kw", put_text);
	value(&m, "kws", put_texts);
	value(&m, "tx", put_text);
	value(&m, "txs", put_texts);
	value(&m, "en", put_enum);
	value(&m, "n", put_number);
	value(&m, "ns", put_numbers);
	value(&m, "size", put_number);
	value(&m, "d", put_double);
	value(&m, "b", put_bool);
	value(&m, "seen", put_seen);
	value(&m, "ip", put_ip);
	value(&m, "ips", put_ips);
	value(&m, "id", put_id);
	value(&m, "sha", put_sha);
	value(&m, "kubernetes", put_pod);
	value(&m, "v", put_elements);
	value(&m, "unknown", put_misfit);
	buf_putc(out, '}');
}

void helper_rows_init(struct helper_rows *h, uint64_t seed)
{
	struct err err = ERR_INIT;

	*h = (struct helper_rows){ .random = seed };
	snprintf(h->dir, sizeof(h->dir), "/tmp/crs_qql_XXXXXX");
	assert_non_null(mkdtemp(h->dir));
	h->ds = helper_things();
	if (index_store_open(&h->store, h->dir, INDEX_WRITE, &err) < 0 ||
	    index_store_register(h->store, h->ds, &err) < 0)
		fail_msg("%s", err.message);
}

static int remove_one(const char *path, const struct stat *st, int kind,
		      struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void helper_rows_release(struct helper_rows *h)
{
	index_store_close(h->store);
	dataset_free(h->ds);
	for (size_t i = 0; i < h->n; i++)
		free(h->rows[i].source);
	free(h->rows);
	nftw(h->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void keep_row(struct helper_rows *h, struct slice line, int64_t time)
{
	struct helper_row *row;

	if (h->n == h->cap) {
		h->cap = h->cap ? 2 * h->cap : 256;
		h->rows = realloc(h->rows, h->cap * sizeof(*h->rows));
		assert_non_null(h->rows);
	}
	row = &h->rows[h->n++];
	row->source = malloc(line.len + 1);
	assert_non_null(row->source);
	memcpy(row->source, line.p, line.len);
	row->len = line.len;
	row->time = time;
}

static void add_line(struct helper_rows *h, struct decoder *d,
		     struct index_builder *b, struct slice line)
{
	struct decode_refusal refused;
	const struct record *rec;
	struct record row;

	if (decode_message(d, line, &rec, &refused, NULL) != 0)
		fail_msg("%.*s: %s", SLICE_ARG(line), refused.detail);
	row = *rec;
	if (!row.has_time)
		row.time = INT64_C(1769100000) * NS_PER_S;
	assert_int_equal(index_builder_add(b, &row, NULL), 0);
	keep_row(h, line, row.time);
}

static int by_time(const void *a, const void *b)
{
	const struct helper_row *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

/* Rows of a batch are stored by time, ties as they came. */
static void number_rows(struct helper_rows *h, size_t from, int64_t received)
{
	for (size_t i = from; i < h->n; i++)
		h->rows[i].sequence = i;
	qsort(h->rows + from, h->n - from, sizeof(*h->rows), by_time);
	for (size_t i = from; i < h->n; i++)
		h->rows[i].sequence = i;
	for (size_t i = from; i < h->n; i++)
		h->rows[i].received = received;
}

static void commit(struct helper_rows *h, struct index_builder *b, size_t from)
{
	int64_t received = (INT64_C(1769300000) + (int64_t)h->n) * NS_PER_S;
	struct err err = ERR_INIT;
	struct index_sealed *sealed;
	struct index_txn *txn;

	if (index_builder_seal(b, &sealed, &err) < 0 ||
	    index_txn_begin(&txn, h->store, &err) < 0 ||
	    index_txn_add(txn, sealed, &err) < 0 ||
	    index_txn_commit(txn, received, &err) < 0)
		fail_msg("%s", err.message);
	index_sealed_free(sealed);
	number_rows(h, from, received);
}

void helper_rows_lines(struct helper_rows *h, const char *const *lines,
		       size_t n)
{
	struct index_builder *b;
	struct decoder *d;
	size_t from = h->n;

	assert_int_equal(decoder_new(&d, h->ds, NULL), 0);
	assert_int_equal(index_builder_new(&b, h->ds, NULL), 0);
	for (size_t i = 0; i < n; i++)
		add_line(h, d, b, slice_str(lines[i]));
	commit(h, b, from);
	index_builder_free(b);
	decoder_free(d);
}

void helper_rows_batch(struct helper_rows *h, uint32_t rows)
{
	struct index_builder *b;
	struct decoder *d;
	size_t from = h->n;
	struct buf line;

	buf_init(&line, 1 << 20);
	assert_int_equal(decoder_new(&d, h->ds, NULL), 0);
	assert_int_equal(index_builder_new(&b, h->ds, NULL), 0);
	for (uint32_t i = 0; i < rows; i++) {
		buf_reset(&line);
		helper_thing(&h->random, &line);
		add_line(h, d, b, buf_slice(&line));
	}
	commit(h, b, from);
	index_builder_free(b);
	decoder_free(d);
	buf_release(&line);
}

static const struct helper_row *ordered;

static int newest_first(const void *a, const void *b)
{
	return -by_time(&ordered[*(const size_t *)a],
			&ordered[*(const size_t *)b]);
}

void helper_rows_order(const struct helper_rows *h, size_t *out)
{
	for (size_t i = 0; i < h->n; i++)
		out[i] = i;
	ordered = h->rows;
	qsort(out, h->n, sizeof(*out), newest_first);
}
