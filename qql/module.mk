qql_SRC := \
	cursor.c \
	exec.c \
	filter.c \
	filter_ids.c \
	filter_leaf.c \
	match_dict.c \
	match_text.c \
	out.c \
	print.c \
	print_csv.c \
	print_json.c \
	print_raw.c \
	print_table.c \
	prune.c \
	rows.c \
	run_count.c \
	run_rows.c \
	run_since.c \
	select.c \
	sort.c \
	walk.c

# Folding a dictionary is one long loop over bytes: let it be vectorized.
CFLAGS_qql/match_dict.c := -O3
