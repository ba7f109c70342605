/*
 * crs-bench-decode - messages a second through the decoder alone.
 *
 * usage: crs-bench-decode FILE [DATASET [ROUNDS]]
 *
 * The file is held in memory, one message a line.  What the record says about
 * the messages is counted too, so that nothing can be optimised away.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/time.h"
#include "schemas/catalog.h"
#include "schemas/decode.h"

enum { FILE_MAX = 1 << 30 };

struct counts {
	uint64_t messages, refused, irregular, raw, values;
};

static int decode_all(struct decoder *d, struct slice text, struct counts *n,
		      struct err *err)
{
	const char *p = text.p, *end = text.p + text.len;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		struct decode_refusal refused;
		const struct record *rec;
		int ret;

		nl = nl ? nl : end;
		ret = decode_message(d, slice_of(p, (size_t)(nl - p)), &rec,
				     &refused, err);
		if (ret < 0)
			return ret;
		p = nl + 1;
		n->messages++;
		if (ret > 0) {
			n->refused++;
			continue;
		}
		n->irregular += !rec->regular;
		n->values += rec->nvalues;
		for (uint32_t i = 0; i < rec->nitems; i++)
			n->raw += rec->items[i].form == FORM_RAW &&
				  rec->items[i].kind != ITEM_NULL;
	}
	return 0;
}

static void report(const struct counts *n, size_t bytes, int64_t ns)
{
	double s = (double)ns / 1e9;

	printf("%.0f messages/s, %.0f MB/s, %.0f B a message; %llu refused, "
	       "%llu irregular, %llu raw items, %llu values\n",
	       (double)n->messages / s, (double)bytes / s / 1e6,
	       (double)bytes / (double)n->messages,
	       (unsigned long long)n->refused, (unsigned long long)n->irregular,
	       (unsigned long long)n->raw, (unsigned long long)n->values);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct catalog *catalog = NULL;
	struct decoder *decoder = NULL;
	const struct dataset *ds;
	int rounds = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 5;
	struct buf text;
	int ret;

	buf_init(&text, FILE_MAX);
	if (argc < 2) {
		fprintf(stderr,
			"usage: crs-bench-decode FILE [DATASET [ROUNDS]]\n");
		return 2;
	}
	ret = file_read(argv[1], &text, &err);
	if (ret == 0)
		ret = catalog_new(&catalog, &err);
	if (ret == 0)
		ret = catalog_get(catalog,
				  slice_str(argc > 2 ? argv[2] : "events"), &ds,
				  &err);
	if (ret == 0)
		ret = decoder_new(&decoder, ds, &err);
	for (int i = 0; ret == 0 && i < rounds; i++) {
		struct counts n = { .messages = 0 };
		int64_t start = time_monotonic();

		ret = decode_all(decoder, buf_slice(&text), &n, &err);
		report(&n, text.len, time_monotonic() - start);
	}
	if (ret < 0)
		fprintf(stderr, "crs-bench-decode: %s\n", err.message);
	decoder_free(decoder);
	catalog_free(catalog);
	buf_release(&text);
	return err_exit_status(ret);
}
