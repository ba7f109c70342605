/*
 * qql/read_number.c - literals of int, double and bool fields.
 */
#include "qql/check_int.h"

#include "qql/look_int.h"
#include "schemas/value.h"

static struct slice trim(struct slice s)
{
	while (s.len && s.p[0] == ' ')
		s = slice_of(s.p + 1, s.len - 1);
	while (s.len && s.p[s.len - 1] == ' ')
		s.len--;
	return s;
}

static int wrong(struct qql_check *c, const struct qql_test *t,
		 const struct qql_literal *l)
{
	const char *wanted = t->field->type == FIELD_INT ? "a whole number" :
							   "a number";
	int ret = qql_check_wrong(c, t, l->span, l->text, wanted);
	uint32_t dots = qql_look_dots(l->text);

	if (slice_eq_ascii_case(l->text, SLICE_LIT("null")))
		err_hint(c->err, "write %.*s is null",
			 SLICE_ARG(t->node->name));
	else if (dots && dots < l->text.len)
		err_hint(c->err, "a range is written %.*s:[a .. b]",
			 SLICE_ARG(t->node->name));
	else if (t->field->unit == UNIT_BYTES)
		err_hint(c->err,
			 "units are B, kB, MB, GB, TB, KiB, MiB, GiB and TiB");
	return ret;
}

enum { TOO_LONG = 2 };

/* kB is 1000, KiB 1024.  1: applied, 0: no such unit,
 * TOO_LONG: more digits than a power of 1024 can be applied to exactly. */
static int apply_unit(struct qql_check *c, struct qql_number *n,
		      struct slice unit)
{
	static const char prefixes[] = "kmgt";
	const char *p;
	int power, ret;

	if (unit.len == 1 && (unit.p[0] | 0x20) == 'b')
		return 1;
	if (unit.len < 2 || unit.len > 3 ||
	    (unit.p[unit.len - 1] | 0x20) != 'b')
		return 0;
	p = memchr(prefixes, unit.p[0] | 0x20, sizeof(prefixes) - 1);
	if (!p)
		return 0;
	power = (int)(p - prefixes) + 1;
	if (unit.len == 2) {
		qql_number_shift(n, 3 * power);
		return 1;
	}
	if ((unit.p[1] | 0x20) != 'i')
		return 0;
	ret = qql_number_scale(c->arena, n, 10u * (unsigned)power);
	return ret == 0 ? TOO_LONG : ret;
}

static int read_number(struct qql_check *c, const struct qql_test *t,
		       const struct qql_literal *l, struct qql_number *out)
{
	struct slice rest, text = trim(l->text);
	int ret = qql_number_parse(c->arena, text, out, &rest);

	if (ret == 1 && rest.len)
		ret = t->field->unit == UNIT_BYTES ?
			      apply_unit(c, out, trim(rest)) :
			      0;
	if (ret < 0)
		return err_nomem(c->err);
	if (ret == 1)
		return 0;
	wrong(c, t, l);
	if (ret == TOO_LONG)
		err_hint(c->err, "with this unit it has at most 18 digits");
	return ERR_MEANING;
}

static int too_large(struct qql_check *c, const struct qql_test *t,
		     const struct qql_literal *l)
{
	int ret = qql_check_wrong(c, t, l->span, l->text,
				  t->field->type == FIELD_INT ?
					  "numbers of 64 bits" :
					  "numbers of double precision");

	err_hint(c->err, "in a range or comparison it may stand");
	return ret;
}

/* Beyond all values of the type, on the side the number says. */
static void beyond(const struct qql_number *n, struct qql_interval *out)
{
	int side = n->negative ? -1 : 1;

	out->start = out->end = (struct qql_key){ .side = side };
	if (side > 0)
		out->end = qql_key_before(out->end, CLASS_NUM);
	else
		out->start = qql_key_next(out->start, CLASS_NUM);
	out->between = true;
}

int qql_read_int(struct qql_check *c, const struct qql_test *t,
		 const struct qql_literal *l, struct qql_interval *out)
{
	struct qql_floor floor;
	int ret = read_number(c, t, l, &out->number);

	if (ret < 0)
		return ret;
	floor = qql_number_floor(&out->number);
	if (floor.side) {
		if (l->use != QQL_USE_ORDER)
			return too_large(c, t, l);
		beyond(&out->number, out);
		return 0;
	}
	if (floor.fraction && l->use != QQL_USE_ORDER)
		return wrong(c, t, l);
	out->start = out->end = qql_key_num(floor.value);
	out->between = floor.fraction;
	if (floor.fraction)
		out->start = qql_key_next(out->end, CLASS_NUM);
	return 0;
}

int qql_read_double(struct qql_check *c, const struct qql_test *t,
		    const struct qql_literal *l, struct qql_interval *out)
{
	struct slice text;
	double d = 0;
	int ret = read_number(c, t, l, &out->number);

	if (ret < 0)
		return ret;
	out->between = false;
	text = qql_number_text(c->arena, &out->number);
	if (!text.p)
		return err_nomem(c->err);
	if (!value_parse_double(text, &d) && out->number.exponent > 0) {
		if (l->use != QQL_USE_ORDER)
			return too_large(c, t, l);
		beyond(&out->number, out);
		return 0;
	}
	out->start = out->end = qql_key_num(value_from_double(d));
	return 0;
}

int qql_read_bool(struct qql_check *c, const struct qql_test *t,
		  const struct qql_literal *l, struct qql_interval *out)
{
	bool yes = slice_eq_ascii_case(l->text, SLICE_LIT("true"));
	int ret;

	if (!yes && !slice_eq_ascii_case(l->text, SLICE_LIT("false"))) {
		ret = qql_check_wrong(c, t, l->span, l->text, "true or false");
		if (slice_eq_ascii_case(l->text, SLICE_LIT("null")))
			err_hint(c->err, "write %.*s is null",
				 SLICE_ARG(t->node->name));
		return ret;
	}
	out->start = out->end = qql_key_num(yes);
	out->between = false;
	return 0;
}
