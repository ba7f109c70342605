/*
 * ingest/kafka_options.c - properties for librdkafka, as users give them.
 */
#include "ingest/kafka_options.h"

#include <string.h>

#include "base/buf.h"
#include "base/file.h"

enum { SECRET_MAX = 64 << 10 };

static const char *const secrets[] = {
	"sasl.password",	"ssl.key.password",
	"ssl.keystore.password", "ssl.key.pem",
	"sasl.oauthbearer.config", "sasl.oauthbearer.client.secret",
};

/* Exactly-once rests on these. */
static const struct {
	const char *name, *why;
} ours[] = {
	{ "enable.auto.commit", "positions are kept in the store" },
	{ "enable.auto.offset.store", "positions are kept in the store" },
	{ "auto.commit.enable", "positions are kept in the store" },
	{ "auto.offset.reset", "positions are kept in the store" },
	{ "isolation.level", "aborted transactions are never stored" },
	{ "enable.partition.eof", "--once decides it" },
	{ "group.instance.id", "partitions are assigned, not shared in a group" },
};

bool ingest_property_is_secret(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		if (strcmp(name, secrets[i]) == 0)
			return true;
	}
	return false;
}

static int check_name(const char *name, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		if (strcmp(name, ours[i].name) == 0)
			return err_set(err, ERR_USAGE,
				       "property \"%s\" cannot be set: %s", name,
				       ours[i].why);
	}
	return 0;
}

/* The content of a file, without the line feed editors put at its end. */
static int read_secret(const char *path, struct arena *a, const char **out,
		       struct err *err)
{
	struct slice kept;
	struct buf b;
	int ret;

	buf_init(&b, SECRET_MAX);
	ret = file_read(path, &b, err);
	if (ret == 0) {
		if (b.len > 0 && b.p[b.len - 1] == '\n')
			b.len--;
		kept = arena_dup(a, buf_slice(&b));
		if (kept.p)
			*out = kept.p;
		else
			ret = err_nomem(err);
	}
	if (b.p)
		explicit_bzero(b.p, b.cap);
	buf_release(&b);
	return ret;
}

int ingest_property_parse(const char *text, bool on_command_line,
			  struct arena *a, struct ingest_property *out,
			  struct err *err)
{
	const char *equals = strchr(text, '=');
	struct ingest_property p;
	struct slice name;
	int ret;

	if (!equals || equals == text) {
		/* What was given may be a secret: it is not repeated. */
		ret = err_set(err, ERR_USAGE, "a property must be NAME=VALUE");
		err_hint(err, "for example -X bootstrap.servers=HOST:9092");
		return ret;
	}
	name = arena_dup(a, slice_of(text, (size_t)(equals - text)));
	if (!name.p)
		return err_nomem(err);
	p.name = name.p;
	p.value = equals + 1;
	ret = check_name(p.name, err);
	if (ret < 0)
		return ret;
	if (ingest_property_is_secret(p.name) && p.value[0] == '@') {
		ret = read_secret(p.value + 1, a, &p.value, err);
		if (ret < 0)
			return ret;
	} else if (on_command_line && ingest_property_is_secret(p.name)) {
		ret = err_set(err, ERR_USAGE,
			      "property \"%s\" is a secret, and others can read a command line",
			      p.name);
		err_hint(err, "write it to a file and give -X %s=@FILE", p.name);
		return ret;
	}
	*out = p;
	return 0;
}
