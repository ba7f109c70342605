#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "schemas/catalog.h"
#include "tests/test.h"

static const char own[] =
	"{\"dataset\":\"own\",\"time\":\"at\",\"topics\":[\"own.topic\"],\"fields\":["
	"{\"name\":\"at\",\"type\":\"date\"}]}";

static void test_catalog__built_in_datasets(void **state)
{
	static const char *const names[] = {
		"events",  "images",   "containers",
		"sensors", "policies", "deadletters",
	};
	struct catalog *c;
	struct err err = ERR_INIT;

	(void)state;
	if (catalog_new(&c, &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(catalog_count(c), ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct dataset *ds = catalog_find(c, slice_str(names[i]));

		test_row("%s", names[i]);
		assert_non_null(ds);
		assert_ptr_equal(catalog_at(c, i), ds);
		assert_true(ds->ncolumns > 0);
	}
	assert_ptr_equal(catalog_by_topic(c, SLICE_LIT("crs.events")),
			 catalog_find(c, SLICE_LIT("events")));
	assert_null(catalog_by_topic(c, SLICE_LIT("crs")));
	catalog_free(c);
}

/* The help page of a token needs a sentence and examples. */
static void test_catalog__every_built_in_field_has_help(void **state)
{
	struct catalog *c;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(catalog_new(&c, &err), 0);
	for (size_t i = 0; i < catalog_count(c); i++) {
		const struct dataset *ds = catalog_at(c, i);

		for (uint32_t f = 0; f < ds->nfields; f++) {
			const struct field *field = &ds->fields[f];

			test_row("%.*s.%.*s", SLICE_ARG(ds->name),
				 SLICE_ARG(field->name));
			assert_true(field->nexamples > 0);
			assert_true(field->help.len > 0);
			assert_int_equal(field->help.p[field->help.len - 1],
					 '.');
			assert_memory_equal(field->help.p, "Use ", 4);
		}
	}
	catalog_free(c);
}

static void test_catalog__names_the_nearest(void **state)
{
	struct catalog *c;
	const struct dataset *ds;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(catalog_new(&c, &err), 0);
	assert_int_equal(catalog_get(c, SLICE_LIT("event"), &ds, &err),
			 ERR_NOT_FOUND);
	assert_string_equal(err.message, "unknown dataset \"event\"");
	assert_string_equal(err.hint, "did you mean \"events\"?");
	assert_int_equal(catalog_get(c, SLICE_LIT("images"), &ds, &err), 0);
	assert_slice(ds->name, "images");
	catalog_free(c);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void remove_file(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(unlink(path), 0);
}

static void test_catalog__files_and_directories(void **state)
{
	char dir[] = "/tmp/crs-catalog-XXXXXX";
	char path[256], want[512];
	struct catalog *c;
	struct err err = ERR_INIT;
	size_t builtin;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(catalog_new(&c, &err), 0);
	builtin = catalog_count(c);
	write_file(dir, "b.json", own);
	write_file(dir, "ignored.txt", "{");
	assert_int_equal(catalog_add_dir(c, dir, &err), 0);
	assert_int_equal(catalog_count(c), builtin + 1);
	/* The same name replaces. */
	snprintf(path, sizeof(path), "%s/b.json", dir);
	assert_int_equal(catalog_add_file(c, path, &err), 0);
	assert_int_equal(catalog_count(c), builtin + 1);
	assert_slice(catalog_by_topic(c, SLICE_LIT("own.topic"))->name, "own");
	write_file(dir, "a.json", "{\"dataset\":\"x\"}");
	assert_int_equal(catalog_add_dir(c, dir, &err), ERR_SCHEMA);
	snprintf(want, sizeof(want),
		 "%s/a.json: fields: a dataset needs fields", dir);
	assert_string_equal(err.message, want);
	remove_file(dir, "a.json");
	remove_file(dir, "b.json");
	remove_file(dir, "ignored.txt");
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(catalog_add_dir(c, dir, &err), ERR_NOT_FOUND);
	assert_true(catalog_add_file(c, path, &err) < 0);
	catalog_free(c);
}

static void test_catalog__survives_no_memory(void **state)
{
	struct catalog *c = NULL;
	struct err err = ERR_INIT;
	int ret = ERR_NO_MEMORY;

	(void)state;
	for (uint64_t i = 1; ret == ERR_NO_MEMORY; i++) {
		mem_fail_after(i);
		ret = catalog_new(&c, &err);
		mem_fail_after(0);
		assert_true(i < 20000);
	}
	assert_int_equal(ret, 0);
	catalog_free(c);
}

TEST_MAIN(TEST(test_catalog__built_in_datasets),
	  TEST(test_catalog__every_built_in_field_has_help),
	  TEST(test_catalog__names_the_nearest),
	  TEST(test_catalog__files_and_directories),
	  TEST(test_catalog__survives_no_memory))
