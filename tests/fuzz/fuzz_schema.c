/*
 * tests/fuzz/fuzz_schema.c - schemas/: any bytes as a schema file.
 *
 * What is taken can be looked through, explained, followed by itself, and
 * decodes a message.
 */
#include <stdint.h>
#include <stdlib.h>

#include "schemas/dataset.h"
#include "schemas/decode.h"
#include "schemas/tokens_doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition)
		abort();
}

static void look_through(const struct dataset *ds)
{
	must(ds->nall == ds->nfields + 4);
	for (field_id id = 0; id < ds->nall; id++) {
		const struct field *f = &ds->fields[id];

		must(dataset_find(ds, f->name) == id);
		must(!dataset_is_prefix(ds, f->name));
		for (uint32_t i = 0; i < f->naliases; i++)
			must(dataset_find(ds, f->aliases[i]) == id);
		must(f->object == OBJECT_NONE || f->object < ds->nobjects);
	}
	for (object_id o = 0; o < ds->nobjects; o++)
		must(dataset_find_object(ds, ds->objects[o].name) == o);
	must(ds->kind != DATASET_LOG || ds->time < ds->nfields);
	must(ds->kind != DATASET_TABLE || ds->key < ds->nfields);
}

static void decode_one(const struct dataset *ds)
{
	static const char message[] =
		"{\"a\":1,\"b\":{\"c\":[1,{\"d\":null}]},\"a.b\":\"x\",\"v\":[{\"q\":1}]}";
	struct decode_refusal why;
	const struct record *rec;
	struct decoder *d;

	must(decoder_new(&d, ds, NULL) == 0);
	must(decode_message(d, slice_str(message), &rec, &why, NULL) >= 0);
	decoder_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dataset *ds;
	struct err err = ERR_INIT;
	struct buf text;

	if (dataset_new(&ds, slice_of((const char *)data, size), "fuzz", &err) <
	    0) {
		must(err.message[0] != '\0');
		return 0;
	}
	look_through(ds);
	must(dataset_check_successor(ds, ds, &err) == 0);
	buf_init(&text, 64 << 20);
	must(tokens_markdown(&text, ds) == 0);
	buf_release(&text);
	decode_one(ds);
	dataset_free(ds);
	return 0;
}
