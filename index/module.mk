# One source per line, so that two people's changes do not meet.
index_SRC := \
	bits.c \
	bounds.c \
	builder.c \
	column.c \
	column_open.c \
	commit.c \
	compare.c \
	counts.c \
	create.c \
	descriptor.c \
	dict.c \
	dict_encode.c \
	dict_find.c \
	encode_field.c \
	encode_ids.c \
	encode_packs.c \
	encode_stats.c \
	env.c \
	env_data.c \
	frame.c \
	guard.c \
	intern.c \
	lock.c \
	mask.c \
	merge.c \
	merge_columns.c \
	merge_make.c \
	merge_plan.c \
	merge_rows.c \
	merge_write.c \
	meta.c \
	pages.c \
	pages_walk.c \
	part.c \
	pend.c \
	positions.c \
	raw.c \
	rebuild.c \
	record.c \
	register.c \
	retention.c \
	scan.c \
	scan_object.c \
	seal.c \
	segment.c \
	set.c \
	snapshot.c \
	sort.c \
	source.c \
	space.c \
	spread.c \
	store.c \
	template.c \
	template_encode.c \
	template_fit.c \
	verify.c \
	verify_walk.c \
	versions.c \
	writer.c
index_LIBS := -llmdb -lzstd
# Loops that are to become vectors.
CFLAGS_index/compare.c := -O3
CFLAGS_index/frame.c := -O3
CFLAGS_index/mask.c := -O3
