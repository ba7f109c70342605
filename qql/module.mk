qql_SRC := \
	agg.c \
	agg_cell.c \
	agg_count.c \
	agg_part.c \
	agg_row.c \
	answer.c \
	answer_chart.c \
	answer_sort.c \
	answer_top.c \
	ast.c \
	ast_stage.c \
	bucket.c \
	check.c \
	check_aggregate.c \
	check_free.c \
	check_node.c \
	check_order.c \
	check_stage.c \
	check_text.c \
	cursor.c \
	date.c \
	date_math.c \
	diag.c \
	diag_stage.c \
	diag_word.c \
	exact.c \
	exec.c \
	filter.c \
	filter_ids.c \
	filter_leaf.c \
	heap.c \
	intern.c \
	look.c \
	match_dict.c \
	match_text.c \
	memory.c \
	number.c \
	out.c \
	plan_print.c \
	plan_print_stage.c \
	print.c \
	print_answer.c \
	print_answer_chart.c \
	print_answer_table.c \
	print_ast.c \
	print_csv.c \
	print_json.c \
	print_query.c \
	print_raw.c \
	print_stage.c \
	print_table.c \
	print_tokens.c \
	prune.c \
	query.c \
	read_date.c \
	read_net.c \
	read_number.c \
	rows.c \
	run_answer.c \
	run_count.c \
	run_pipe.c \
	run_rows.c \
	run_since.c \
	samples.c \
	scan.c \
	select.c \
	sort.c \
	value.c \
	values.c \
	walk.c \
	words.c \
	zone.c \
	zone_file.c \
	zone_rule.c

# Folding a dictionary is one long loop over bytes: let it be vectorized.
CFLAGS_qql/match_dict.c := -O3

# The scanner and the parser; the scanner needs the parser's token numbers.
qql_GEN := lex.c parse.c
GENERATED_HEADERS += $(B)/gen/qql/parse.h

$(B)/gen/qql/lex.c: qql/lex.l
	$(call say,FLEX,$<)mkdir -p $(@D) && $(FLEX) -o $@ $<

$(B)/gen/qql/parse.c: qql/parse.y
	$(call say,BISON,$<)mkdir -p $(@D) && $(BISON) -Wall -Werror --defines=$(@:.c=.h) -o $@ $<
$(B)/gen/qql/parse.h: $(B)/gen/qql/parse.c

PROGRAMS += qql
qql_MAIN := $(addprefix qql/cli/, \
	answer.c \
	cmd_check.c \
	cmd_count.c \
	cmd_datasets.c \
	cmd_explain.c \
	cmd_help.c \
	cmd_search.c \
	cmd_stat.c \
	cmd_tail.c \
	cmd_tokens.c \
	cmd_verify.c \
	howto.c \
	main_qql.c \
	rows.c \
	session.c \
	table.c \
	token.c)
qql_FLOORS := qql index schemas base
