/*
 * base/opt.c - options from command line, environment and crs.conf.
 *
 * The highest source is read first and remembered per row; a lower one fills
 * in only rows that no higher one has set.
 */
#include "base/opt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_int.h"
#include "base/near.h"
#include "base/opt_int.h"

enum source { UNSET, FROM_CONFIG, FROM_ENV, FROM_ARGV };

struct parse {
	const struct opt_program *prog;
	void *values;
	struct arena *arena;
	struct opt_result result;
	unsigned char source[OPT_TABLE_MAX];
	/* The command line.  What argv[first..next) holds are arguments that
	 * were met so far; options move in front of them. */
	char **argv;
	int argc;
	int next;
	int first;
};

/* Options every program has. */
enum builtin { NO_BUILTIN, HELP, VERSION, MAN };

static const struct {
	const char *name;
	enum builtin what;
} builtins[] = { { "help", HELP }, { "version", VERSION }, { "man", MAN } };

static int set(struct parse *ps, const struct opt *o, enum source from,
	       const char *text, struct err *err)
{
	unsigned char *source = &ps->source[o - ps->prog->options];

	if (*source > (unsigned char)from)
		return 0;
	if (*source == UNSET &&
	    o->type == OPT_LIST) /* not added to the default */
		((struct opt_list *)((char *)ps->values + o->offset))->n = 0;
	*source = (unsigned char)from;
	return opt_store(o, ps->values, text, err);
}

static void hint_usage(const struct parse *ps, struct err *err)
{
	err_hint(err, "try \"%s --help\"", ps->prog->name);
}

static void set_builtin(struct parse *ps, enum builtin what)
{
	ps->result.help |= what == HELP;
	ps->result.version |= what == VERSION;
	ps->result.man |= what == MAN;
}

static enum builtin find_builtin(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++) {
		if (slice_eq(name, slice_str(builtins[i].name)))
			return builtins[i].what;
	}
	return NO_BUILTIN;
}

static const struct opt *find_long(const struct parse *ps, struct slice name)
{
	for (const struct opt *o = ps->prog->options; !opt_is_end(o); o++) {
		if (o->type != OPT_HEADING &&
		    slice_eq(name, slice_str(o->name)))
			return o;
	}
	return NULL;
}

static const struct opt *find_letter(const struct parse *ps, char letter)
{
	for (const struct opt *o = ps->prog->options; !opt_is_end(o); o++) {
		if (o->type != OPT_HEADING && o->letter == letter)
			return o;
	}
	return NULL;
}

static int unknown_long(const struct parse *ps, struct slice name,
			struct err *err)
{
	struct near near;
	int ret = err_set(err, ERR_USAGE, "unknown option \"--%.*s\"",
			  SLICE_ARG(name));

	near_init(&near, name);
	for (const struct opt *o = ps->prog->options; !opt_is_end(o); o++) {
		if (o->type != OPT_HEADING)
			near_offer(&near, slice_str(o->name));
	}
	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++)
		near_offer(&near, slice_str(builtins[i].name));
	if (near.best.p)
		err_hint(err, "did you mean \"--%.*s\"?", SLICE_ARG(near.best));
	else
		hint_usage(ps, err);
	return ret;
}

/* The value that stands in the next word of the command line. */
static int next_word(struct parse *ps, const struct opt *o, const char **out,
		     struct err *err)
{
	int ret;

	if (ps->next < ps->argc) {
		*out = ps->argv[ps->next++];
		return 0;
	}
	ret = err_set(err, ERR_USAGE, "option --%s needs a value %s", o->name,
		      o->arg ? o->arg : "");
	hint_usage(ps, err);
	return ret;
}

static int set_from_argv(struct parse *ps, const struct opt *o,
			 const char *text, struct err *err)
{
	int ret = set(ps, o, FROM_ARGV, text, err);

	if (ret < 0)
		err_prefix(err, "option --%s", o->name);
	return ret;
}

/* "--name", "--name=VALUE" or "--name VALUE" */
static int parse_long(struct parse *ps, const char *word, struct err *err)
{
	const char *equals = strchr(word, '=');
	struct slice name =
		slice_of(word, equals ? (size_t)(equals - word) : strlen(word));
	const struct opt *o = find_long(ps, name);
	const char *text = equals ? equals + 1 : NULL;
	int ret = 0;

	if (!o && find_builtin(name) == NO_BUILTIN)
		return unknown_long(ps, name, err);
	if (text && (!o || o->type == OPT_FLAG))
		return err_set(err, ERR_USAGE, "option --%.*s takes no value",
			       SLICE_ARG(name));
	if (!o) {
		set_builtin(ps, find_builtin(name));
		return 0;
	}
	if (o->type == OPT_FLAG) {
		text = "yes";
	} else if (!text) {
		ret = next_word(ps, o, &text, err);
	}
	return ret < 0 ? ret : set_from_argv(ps, o, text, err);
}

/* "-abc" (flags), "-nVALUE" or "-n VALUE" */
static int parse_letters(struct parse *ps, const char *letters, struct err *err)
{
	for (const char *p = letters; *p; p++) {
		const struct opt *o = find_letter(ps, *p);
		const char *text = "yes";
		int ret = 0;

		if (!o && *p == 'h') {
			ps->result.help = true;
			continue;
		}
		if (!o) {
			ret = err_set(err, ERR_USAGE, "unknown option \"-%c\"",
				      *p);
			hint_usage(ps, err);
			return ret;
		}
		if (o->type != OPT_FLAG) {
			if (p[1])
				text = p + 1;
			else
				ret = next_word(ps, o, &text, err);
		}
		if (ret == 0)
			ret = set_from_argv(ps, o, text, err);
		if (ret < 0 || o->type != OPT_FLAG)
			return ret;
	}
	return 0;
}

/* Moves argv[from..next) in front of the arguments met so far. */
static void move_forward(struct parse *ps, int from)
{
	for (; from < ps->next; from++, ps->first++) {
		char *word = ps->argv[from];

		memmove(&ps->argv[ps->first + 1], &ps->argv[ps->first],
			(size_t)(from - ps->first) * sizeof(*ps->argv));
		ps->argv[ps->first] = word;
	}
}

static int parse_argv(struct parse *ps, struct err *err)
{
	bool stop = ps->prog->flags & OPT_STOP_AT_ARGUMENT;

	ps->first = ps->next = ps->argc > 0;
	while (ps->next < ps->argc) {
		const char *word = ps->argv[ps->next];
		int from = ps->next, ret;

		if (word[0] != '-' || word[1] == '\0') {
			if (stop)
				break;
			ps->next++;
			continue;
		}
		ps->next++;
		if (strcmp(word, "--") == 0) {
			move_forward(ps, from);
			break;
		}
		if (word[1] == '-')
			ret = parse_long(ps, word + 2, err);
		else
			ret = parse_letters(ps, word + 1, err);
		if (ret < 0)
			return ret;
		move_forward(ps, from);
	}
	ps->result.first_arg = ps->first;
	ps->result.nargs = ps->argc - ps->first;
	return 0;
}

static int read_environment(struct parse *ps, struct err *err)
{
	for (const struct opt *o = ps->prog->options; !opt_is_end(o); o++) {
		const char *text = o->env ? getenv(o->env) : NULL;
		int ret;

		if (!text || !*text)
			continue;
		ret = set(ps, o, FROM_ENV, text, err);
		if (ret < 0) {
			err_prefix(err, "environment variable %s", o->env);
			return ret;
		}
	}
	return 0;
}

static const struct slice conf_keys[] = {
#define X(key, text) SLICE_INIT(key),
#include "base/conf.def"
#undef X
};

/* "kafka.*" matches "kafka.acks"; *rest is then "acks". */
static bool key_matches(struct slice pattern, struct slice key,
			struct slice *rest)
{
	if (pattern.len == 0 || pattern.p[pattern.len - 1] != '*')
		return slice_eq(pattern, key);
	pattern.len--;
	if (key.len <= pattern.len ||
	    memcmp(key.p, pattern.p, pattern.len) != 0)
		return false;
	*rest = slice_of(key.p + pattern.len, key.len - pattern.len);
	return true;
}

static int unknown_key(struct slice key, struct err *err)
{
	struct near near;
	int ret;

	near_init(&near, key);
	for (size_t i = 0; i < ARRAY_SIZE(conf_keys); i++) {
		struct slice rest;

		if (key_matches(conf_keys[i], key, &rest))
			return 0; /* another program's */
		near_offer(&near, conf_keys[i]);
	}
	ret = err_set(err, ERR_USAGE, "unknown key \"%.*s\"", SLICE_ARG(key));
	if (near.best.p)
		err_hint(err, "did you mean \"%.*s\"?", SLICE_ARG(near.best));
	return ret;
}

/* "REST=VALUE" for a key given by a pattern. */
static const char *join(struct arena *arena, struct slice rest,
			const char *value)
{
	size_t len = strlen(value);
	char *p = arena_alloc(arena, rest.len + len + 2);

	if (!p)
		return NULL;
	memcpy(p, rest.p, rest.len);
	p[rest.len] = '=';
	memcpy(p + rest.len + 1, value, len + 1);
	return p;
}

static int config_line(void *ctx, struct slice key, const char *value,
		       struct err *err)
{
	struct parse *ps = ctx;

	for (const struct opt *o = ps->prog->options; !opt_is_end(o); o++) {
		struct slice rest = { NULL, 0 };
		int ret;

		if (!o->key || !key_matches(slice_str(o->key), key, &rest))
			continue;
		if (rest.p) {
			value = join(ps->arena, rest, value);
			if (!value)
				return err_nomem(err);
		}
		ret = set(ps, o, FROM_CONFIG, value, err);
		if (ret < 0)
			err_prefix(err, "%.*s", SLICE_ARG(key));
		return ret;
	}
	return unknown_key(key, err);
}

static int read_config(struct parse *ps, const char *config, struct err *err)
{
	const struct opt *o = find_long(ps, SLICE_LIT("config"));

	if (o && o->type == OPT_STRING &&
	    ps->source[o - ps->prog->options] > FROM_CONFIG)
		config = *(const char **)((char *)ps->values + o->offset);
	return config ? conf_read(config, ps->arena, config_line, ps, err) : 0;
}

static void check_table(const struct opt_program *prog)
{
	size_t n = 0;

	while (!opt_is_end(&prog->options[n]))
		n++;
	assert(n <= OPT_TABLE_MAX);
	(void)n;
}

int opt_parse(const struct opt_program *prog, void *values, int argc,
	      char **argv, const char *config, struct arena *arena,
	      struct opt_result *result, struct err *err)
{
	struct parse ps = { .prog = prog,
			    .values = values,
			    .arena = arena,
			    .argc = argc,
			    .argv = argv };
	int ret;

	check_table(prog);
	ret = parse_argv(&ps, err);
	if (ret == 0 &&
	    !(ps.result.help || ps.result.version || ps.result.man)) {
		ret = read_environment(&ps, err);
		if (ret == 0)
			ret = read_config(&ps, config, err);
	}
	if (ret == 0)
		*result = ps.result;
	return ret;
}
