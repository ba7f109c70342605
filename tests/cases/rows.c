/*
 * tests/cases/rows.c - which rows a plan finds.
 */
#include "tests/cases/rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "schemas/decode.h"
#include "tests/oracle/oracle.h"

static void die(const char *what)
{
	fprintf(stderr, "run_cases: %s\n", what);
	exit(3);
}

void rows_matching(struct buf *out, const struct plan *plan,
		   const struct slice *rows, size_t n)
{
	struct decoder *decoder;
	struct err err = ERR_INIT;

	if (decoder_new(&decoder, plan->ds, &err) < 0)
		die(err.message);
	for (size_t i = 0; i < n; i++) {
		struct oracle_row row = { .sequence = i };
		struct decode_refusal refused;
		const struct record *rec;

		if (decode_message(decoder, rows[i], &rec, &refused, &err) != 0)
			die("a row cannot be decoded");
		if (!oracle_matches(plan, rec, &row))
			continue;
		if (out->len)
			buf_putc(out, ' ');
		buf_put_u64(out, i + 1);
	}
	decoder_free(decoder);
}
