/*
 * base/opt_value.c - option values: from text to the struct of the program.
 */
#include <string.h>

#include "base/opt_int.h"
#include "base/slice.h"
#include "base/time.h"

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit sizes[] = {
	{ "", 1 },
	{ "B", 1 },
	{ "k", UINT64_C(1) << 10 },
	{ "K", UINT64_C(1) << 10 },
	{ "M", UINT64_C(1) << 20 },
	{ "G", UINT64_C(1) << 30 },
	{ "T", UINT64_C(1) << 40 },
	{ "KiB", UINT64_C(1) << 10 },
	{ "MiB", UINT64_C(1) << 20 },
	{ "GiB", UINT64_C(1) << 30 },
	{ "TiB", UINT64_C(1) << 40 },
	{ "kB", 1000 },
	{ "KB", 1000 },
	{ "MB", 1000000 },
	{ "GB", 1000000000 },
	{ "TB", UINT64_C(1000000000000) },
	{ NULL, 0 },
};

/* clang-format off */
static const struct unit durations[] = {
	{ "ns", 1 },
	{ "us", NS_PER_US },
	{ "ms", NS_PER_MS },
	{ "s", NS_PER_S },
	{ "m", 60 * NS_PER_S },
	{ "h", 3600 * NS_PER_S },
	{ "d", NS_PER_DAY },
	{ "w", 7 * NS_PER_DAY },
	{ NULL, 0 },
};
/* clang-format on */

/* Digits at *p; false if there is none or the number does not fit. */
static bool read_number(const char **p, uint64_t *out)
{
	const char *s = *p;
	uint64_t v = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++) {
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return false;
	}
	*p = s;
	*out = v;
	return true;
}

/* A number, then the name of a unit, perhaps with a blank between. */
static bool read_with_unit(const char *text, const struct unit *units,
			   uint64_t *out)
{
	uint64_t n;

	if (!read_number(&text, &n))
		return false;
	if (*text == ' ')
		text++;
	for (const struct unit *u = units; u->name; u++) {
		if (strcmp(text, u->name) == 0)
			return !__builtin_mul_overflow(n, u->factor, out);
	}
	/* Nothing is nothing in any unit. */
	*out = 0;
	return n == 0 && *text == '\0';
}

int opt_parse_size(const char *text, uint64_t *out, struct err *err)
{
	uint64_t v;
	int ret;

	if (read_with_unit(text, sizes, &v)) {
		*out = v;
		return 0;
	}
	ret = err_set(err, ERR_USAGE, "\"%s\" is not a size", text);
	err_hint(err,
		 "write a number of bytes, or one such as 64M, 1GiB, 100kB");
	return ret;
}

int opt_parse_duration(const char *text, int64_t *out, struct err *err)
{
	uint64_t v;
	int ret;

	if (read_with_unit(text, durations, &v) && v <= INT64_MAX) {
		*out = (int64_t)v;
		return 0;
	}
	ret = err_set(err, ERR_USAGE, "\"%s\" is not a duration", text);
	err_hint(err,
		 "write a whole number and its unit: 500ms, 10s, 5m, 2h, 30d");
	return ret;
}

static int parse_int(const char *text, int64_t *out, struct err *err)
{
	bool negative = *text == '-';
	const char *p = text + (negative || *text == '+');
	uint64_t v;

	if (!read_number(&p, &v) || *p != '\0' ||
	    v > (uint64_t)INT64_MAX + negative)
		return err_set(err, ERR_USAGE, "\"%s\" is not a whole number",
			       text);
	*out = negative ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

static int parse_bool(const char *text, bool *out, struct err *err)
{
	static const char *const words[][2] = {
		{ "no", "yes" },
		{ "false", "true" },
		{ "off", "on" },
		{ "0", "1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		for (int value = 0; value < 2; value++) {
			if (slice_eq_ascii_case(slice_str(text),
						slice_str(words[i][value]))) {
				*out = value;
				return 0;
			}
		}
	}
	return err_set(err, ERR_USAGE, "\"%s\" is neither yes nor no", text);
}

static int check_bounds(const struct opt *o, const char *text, int64_t v,
			struct err *err)
{
	if (o->max <= o->min || (v >= o->min && v <= o->max))
		return 0;
	return err_set(err, ERR_USAGE, "\"%s\" is not between %lld and %lld",
		       text, (long long)o->min, (long long)o->max);
}

static int store_int(const struct opt *o, int64_t *target, const char *text,
		     struct err *err)
{
	int64_t v = 0;
	int ret = o->type == OPT_INT ? parse_int(text, &v, err) :
				       opt_parse_duration(text, &v, err);

	if (ret == 0)
		ret = check_bounds(o, text, v, err);
	if (ret == 0)
		*target = v;
	return ret;
}

static int store_size(const struct opt *o, uint64_t *target, const char *text,
		      struct err *err)
{
	uint64_t v = 0;
	int ret = opt_parse_size(text, &v, err);

	if (ret == 0)
		ret = check_bounds(o, text,
				   v > INT64_MAX ? INT64_MAX : (int64_t)v, err);
	if (ret == 0)
		*target = v;
	return ret;
}

static int store_item(struct opt_list *list, const char *text, struct err *err)
{
	if (list->n == OPT_LIST_MAX)
		return err_set(err, ERR_USAGE, "given more than %d times",
			       OPT_LIST_MAX);
	list->items[list->n++] = text;
	return 0;
}

int opt_store(const struct opt *o, void *values, const char *text,
	      struct err *err)
{
	void *target = (char *)values + o->offset;

	switch (o->type) {
	case OPT_FLAG:
		return parse_bool(text, target, err);
	case OPT_STRING:
		*(const char **)target = text;
		return 0;
	case OPT_LIST:
		return store_item(target, text, err);
	case OPT_INT:
	case OPT_DURATION:
		return store_int(o, target, text, err);
	case OPT_SIZE:
		return store_size(o, target, text, err);
	case OPT_HEADING:
		break;
	}
	return 0;
}
