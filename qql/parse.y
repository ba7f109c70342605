/*
 * qql/parse.y - the grammar of QQL: read it as the reference.
 *
 * Each action is one constructor call.  Names, types and values are checked
 * later, in check.c.  The scanner tells the five opening brackets apart, so
 * that one token of look-ahead is enough; %expect 0 stays: fix the grammar,
 * never raise it.
 */
%define api.pure full
%define api.prefix {qql_yy}
%define api.token.prefix {TOK_}
%define api.location.type {struct span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param { struct qql_scan *s }

%code requires {
#include "qql/scan_int.h"
}

%code provides {
/* What the scanner returns once it has noted an error: bison is then silent. */
enum { TOK_FAILED = TOK_QQL_YYerror };
}

%code {
#include "base/mem.h"
#include "qql/diag_int.h"

#define YYLLOC_DEFAULT(cur, rhs, n)                                       \
	do {                                                              \
		(cur).start = (n) ? YYRHSLOC(rhs, 1).start                \
				  : YYRHSLOC(rhs, 0).end;                 \
		(cur).end = YYRHSLOC(rhs, n).end;                         \
	} while (0)
#define YYMALLOC mem_alloc
#define YYFREE mem_free

static int qql_yylex(union QQL_YYSTYPE *value, struct span *at,
		     struct qql_scan *s);
static void qql_yyerror(const struct span *at, struct qql_scan *s,
			const char *message);
}

%union {
	enum qql_cmp cmp;
	struct qql_ends ends;
	struct qql_node *node;
	struct qql_value *value;
	struct qql_values values;
	struct qql_stage *stage;
	struct qql_term *term;
	struct qql_terms terms;
}

%token END 0		"end of query"
%token NAME		"a token"
%token WORD		"a word"
%token STRING		"a quoted value"
%token EXACT		"a value in backticks"
%token COLON		"':'"
%token <cmp> CMP	"a comparison"
%token AND		"'and'"
%token OR		"'or'"
%token NOT		"'not'"
%token IS		"'is'"
%token NULL_WORD	"'null'"
%token IN		"'in'"
%token PAREN		"'('"
%token GROUP		"'(' of a group"
%token INTERVAL		"'(' of a range"
%token MEMBERS		"'(' of a list"
%token SQUARE		"'['"
%token PAREN_END	"')'"
%token SQUARE_END	"']'"
%token DOTS		"'..'"
%token COMMA		"','"
%token PIPE		"'|'"
%token STATS		"'stats'"
%token TOP		"'top'"
%token RARE		"'rare'"
%token TIMECHART	"'timechart'"
%token SORT		"'sort'"
%token LIMIT		"'limit'"
%token FIELDS		"'fields'"
%token BY		"'by'"
%token AS		"'as'"
%token IDENT		"a name"
%token NUMBER		"a number"
%token PERIOD		"a time span"
%token MINUS		"'-'"

%type <node> filter or_expr and_expr not_expr primary condition test range
%type <ends> ends
%type <values> values
%type <value> value
%type <stage> stage
%type <term> name term argument number period result order most
%type <terms> arguments results terms keys series orders

%%

query:
  filter stages			{ qql_ast_root(s, $1); }
;

filter:
  %empty			{ $$ = qql_ast_all(s, @$); }
| or_expr
;

or_expr:
  and_expr
| or_expr OR and_expr		{ $$ = qql_ast_join(s, QQL_OR, $1, $3); }
;

and_expr:
  not_expr
| and_expr AND not_expr		{ $$ = qql_ast_join(s, QQL_AND, $1, $3); }
;

not_expr:
  primary
| NOT not_expr			{ $$ = qql_ast_not(s, @$, $2); }
;

primary:
  PAREN or_expr PAREN_END	{ $$ = $2; }
| condition
| value				{ $$ = qql_ast_free(s, $1); }
;

condition:
  NAME test			{ $$ = qql_ast_named(s, @$, @1, $2); }
;

test:
  COLON value			{ $$ = qql_ast_match(s, $2); }
| COLON range			{ $$ = $2; }
| COLON SQUARE values SQUARE_END	{ $$ = qql_ast_list(s, $3); }
| COLON GROUP or_expr PAREN_END	{ $$ = qql_ast_group(s, $3); }
| CMP value			{ $$ = qql_ast_compare(s, $1, $2); }
| IS NULL_WORD			{ $$ = qql_ast_null(s); }
| IS NOT NULL_WORD		{ $$ = qql_ast_negate(qql_ast_null(s)); }
| IN MEMBERS values PAREN_END	{ $$ = qql_ast_list(s, $3); }
| NOT IN MEMBERS values PAREN_END
				{ $$ = qql_ast_negate(qql_ast_list(s, $4)); }
;

range:
  SQUARE ends SQUARE_END	{ $$ = qql_ast_range(s, $2, false, false); }
| SQUARE ends PAREN_END		{ $$ = qql_ast_range(s, $2, false, true); }
| INTERVAL ends SQUARE_END	{ $$ = qql_ast_range(s, $2, true, false); }
| INTERVAL ends PAREN_END	{ $$ = qql_ast_range(s, $2, true, true); }
;

ends:
  value DOTS value		{ $$ = (struct qql_ends){ $1, $3 }; }
| value DOTS			{ $$ = (struct qql_ends){ $1, NULL }; }
| DOTS value			{ $$ = (struct qql_ends){ NULL, $2 }; }
;

values:
  value				{ $$ = qql_ast_values(s, (struct qql_values){ 0 }, $1); }
| values COMMA value		{ $$ = qql_ast_values(s, $1, $3); }
;

value:
  words				{ $$ = qql_ast_value(s, QQL_BARE, @1); }
| STRING			{ $$ = qql_ast_value(s, QQL_QUOTED, @1); }
| EXACT				{ $$ = qql_ast_value(s, QQL_EXACT, @1); }
;

words:
  WORD
| words WORD
;

stages:
  %empty
| stages PIPE stage		{ qql_ast_append(s, $3); }
;

stage:
  STATS results keys
	{ $$ = qql_ast_stage(s, QQL_STATS, @$, NULL, $2, $3, NULL); }
| TOP number term keys
	{ $$ = qql_ast_stage(s, QQL_TOP, @$, $2, qql_ast_one($3), $4, NULL); }
| RARE number term keys
	{ $$ = qql_ast_stage(s, QQL_RARE, @$, $2, qql_ast_one($3), $4, NULL); }
| TIMECHART period result series most
	{ $$ = qql_ast_stage(s, QQL_TIMECHART, @$, $2, qql_ast_one($3), $4, $5); }
| SORT orders
	{ $$ = qql_ast_stage(s, QQL_SORT, @$, NULL, $2, qql_ast_none(), NULL); }
| LIMIT number
	{ $$ = qql_ast_stage(s, QQL_LIMIT, @$, $2, qql_ast_none(), qql_ast_none(), NULL); }
| FIELDS terms
	{ $$ = qql_ast_stage(s, QQL_FIELDS, @$, NULL, $2, qql_ast_none(), NULL); }
;

results:
  result			{ $$ = qql_ast_one($1); }
| results COMMA result		{ $$ = qql_ast_terms(s, $1, $3); }
;

result:
  term
| term AS name			{ $$ = qql_ast_alias($1, $3); }
;

keys:
  %empty			{ $$ = qql_ast_none(); }
| BY terms			{ $$ = $2; }
;

series:
  %empty			{ $$ = qql_ast_none(); }
| BY term			{ $$ = qql_ast_one($2); }
;

most:
  %empty			{ $$ = NULL; }
| LIMIT number			{ $$ = $2; }
;

orders:
  order				{ $$ = qql_ast_one($1); }
| orders COMMA order		{ $$ = qql_ast_terms(s, $1, $3); }
;

order:
  term
| MINUS term			{ $$ = qql_ast_descending($2); }
;

terms:
  term				{ $$ = qql_ast_one($1); }
| terms COMMA term		{ $$ = qql_ast_terms(s, $1, $3); }
;

term:
  name
| name PAREN arguments PAREN_END
				{ $$ = qql_ast_call($1, @$, $3); }
;

arguments:
  argument			{ $$ = qql_ast_one($1); }
| arguments COMMA argument	{ $$ = qql_ast_terms(s, $1, $3); }
;

argument:
  name
| number
| period
;

name:
  IDENT				{ $$ = qql_ast_term(s, QQL_TERM_NAME, @1); }
| BY				{ $$ = qql_ast_term(s, QQL_TERM_NAME, @1); }
| AS				{ $$ = qql_ast_term(s, QQL_TERM_NAME, @1); }
| LIMIT				{ $$ = qql_ast_term(s, QQL_TERM_NAME, @1); }
;

number:
  NUMBER			{ $$ = qql_ast_term(s, QQL_TERM_NUMBER, @1); }
;

period:
  PERIOD			{ $$ = qql_ast_term(s, QQL_TERM_PERIOD, @1); }
;

%%

static int qql_yylex(union QQL_YYSTYPE *value, struct span *at,
		     struct qql_scan *s)
{
	int token = qql_scan_next(s, at);

	if (token == TOK_CMP)
		value->cmp = s->cmp;
	return token;
}

/* Called by bison for "memory exhausted" only. */
static void qql_yyerror(const struct span *at, struct qql_scan *s,
			const char *message)
{
	(void)at;
	(void)message;
	qql_scan_nomem(s);
}

/* The exact set of expected tokens (LAC) says what the place is for. */
static int yyreport_syntax_error(const yypcontext_t *context,
				 struct qql_scan *s)
{
	yysymbol_kind_t expected[YYNTOKENS];
	int n = yypcontext_expected_tokens(context, expected, YYNTOKENS);
	unsigned wants = 0;

	for (int i = 0; i < n; i++) {
		if (expected[i] == YYSYMBOL_STRING)
			wants |= QQL_WANTS_VALUE;
		if (expected[i] == YYSYMBOL_AND)
			wants |= QQL_WANTS_OPERATOR;
		if (expected[i] == YYSYMBOL_IDENT)
			wants |= QQL_WANTS_NAME;
		if (expected[i] == YYSYMBOL_NUMBER)
			wants |= QQL_WANTS_NUMBER;
		if (expected[i] == YYSYMBOL_PERIOD)
			wants |= QQL_WANTS_PERIOD;
	}
	qql_diag_syntax(s, wants);
	return 0;
}

/* An error of the last reduction comes after the last token: bison then knows
 * nothing of it. */
int qql_scan_parse(struct qql_scan *s)
{
	(void)qql_yyparse(s);
	return s->code;
}
