/*
 * tests/fuzz/standalone.c - a fuzz target without a fuzzer: each argument is
 * an input file, or a directory of them.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"

enum { INPUT_MAX = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	struct err err = ERR_INIT;
	uint8_t *exact = NULL;
	struct buf b;
	int ret;

	buf_init(&b, INPUT_MAX);
	ret = file_read(path, &b, &err);
	if (ret < 0) {
		fprintf(stderr, "%s\n", err.message);
		goto out;
	}
	/* Of its very size, so that ASan sees a read beyond the end. */
	exact = malloc(b.len ? b.len : 1);
	if (!exact)
		abort();
	if (b.len)
		memcpy(exact, b.p, b.len);
	(void)LLVMFuzzerTestOneInput(exact, b.len);
out:
	free(exact);
	buf_release(&b);
	return ret;
}

static int replay(const char *path);

static int replay_directory(const char *path)
{
	struct dirent **entries = NULL;
	int n = scandir(path, &entries, NULL, alphasort);
	int ret = n < 0 ? -1 : 0;

	for (int i = 0; i < n; i++) {
		char child[4096];

		snprintf(child, sizeof(child), "%s/%s", path,
			 entries[i]->d_name);
		if (entries[i]->d_name[0] != '.' && replay(child) < 0)
			ret = -1;
		free(entries[i]);
	}
	free(entries);
	return ret;
}

static int replay(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return replay_directory(path);
	return replay_file(path);
}

int main(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++) {
		if (replay(argv[i]) < 0)
			status = 1;
	}
	return status;
}
