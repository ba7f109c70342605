/*
 * ingest/spool_list.c - the files of a spool directory, in reading order.
 */
#include "ingest/spool_list_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "schemas/value.h"

enum { DIGITS_MAX = 20, CAP_FIRST = 64 };

static const char sealed_end[] = ".ndjson";
static const char open_end[] = ".ndjson.open";

bool ingest_spool_parse(const char *name, struct ingest_spool_file *out)
{
	char canonical[VALUE_UUID_LEN];
	struct ingest_spool_file f;
	uint64_t first = 0;
	const char *p;

	if (strnlen(name, VALUE_UUID_LEN + 1) <= VALUE_UUID_LEN ||
	    name[VALUE_UUID_LEN] != '-' ||
	    !value_parse_uuid(slice_of(name, VALUE_UUID_LEN), f.sensor))
		return false;
	value_format_uuid(f.sensor, canonical);
	if (memcmp(canonical, name, VALUE_UUID_LEN) != 0)
		return false;
	name += VALUE_UUID_LEN + 1;
	for (p = name; *p >= '0' && *p <= '9'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (p - name == DIGITS_MAX || first > (UINT64_MAX - digit) / 10)
			return false;
		first = 10 * first + digit;
	}
	if (p == name)
		return false;
	f.open = strcmp(p, open_end) == 0;
	if (!f.open && strcmp(p, sealed_end) != 0)
		return false;
	f.first = first;
	f.digits = (uint8_t)(p - name);
	*out = f;
	return true;
}

void ingest_spool_format(const struct ingest_spool_file *f,
			 char out[INGEST_SPOOL_NAME_MAX])
{
	char uuid[VALUE_UUID_LEN];

	value_format_uuid(f->sensor, uuid);
	snprintf(out, INGEST_SPOOL_NAME_MAX, "%.*s-%0*llu%s", VALUE_UUID_LEN,
		 uuid, f->digits, (unsigned long long)f->first,
		 f->open ? open_end : sealed_end);
}

static int compare(const void *va, const void *vb)
{
	const struct ingest_spool_file *a = va, *b = vb;
	int c = memcmp(a->sensor, b->sensor, sizeof(a->sensor));

	if (c == 0)
		c = (a->first > b->first) - (a->first < b->first);
	return c ? c : a->open - b->open;
}

static void sort_and_cut(struct ingest_spool_list *l)
{
	if (l->n > 0)
		qsort(l->files, l->n, sizeof(*l->files), compare);
	if (l->n > INGEST_SPOOL_LIST_MAX)
		l->n = INGEST_SPOOL_LIST_MAX;
}

static int add(struct ingest_spool_list *l, const struct ingest_spool_file *f,
	       struct err *err)
{
	if (l->n == 2 * INGEST_SPOOL_LIST_MAX)
		sort_and_cut(l);
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : CAP_FIRST;
		void *p = mem_realloc_array(l->files, cap, sizeof(*l->files));

		if (!p)
			return err_nomem(err);
		l->files = p;
		l->cap = cap;
	}
	l->files[l->n++] = *f;
	return 0;
}

int ingest_spool_list_read(struct ingest_spool_list *l, int dirfd,
			   struct err *err)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct ingest_spool_file f;
	const struct dirent *e;
	int ret = 0;

	if (!d) {
		ret = err_errno(err, ERR_IO, errno, "could not read the directory");
		if (fd >= 0)
			close(fd);
		return ret;
	}
	l->n = 0;
	while (ret == 0 && (e = readdir(d))) {
		if (ingest_spool_parse(e->d_name, &f))
			ret = add(l, &f, err);
	}
	closedir(d);
	if (ret == 0)
		sort_and_cut(l);
	return ret;
}

void ingest_spool_list_release(struct ingest_spool_list *l)
{
	mem_free(l->files);
	*l = (struct ingest_spool_list){ .n = 0 };
}
