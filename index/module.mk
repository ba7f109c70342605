# One source per line, so that two people's changes do not meet.
index_SRC := \
	commit.c \
	create.c \
	descriptor.c \
	env.c \
	env_data.c \
	guard.c \
	lock.c \
	meta.c \
	pages.c \
	pages_walk.c \
	pend.c \
	positions.c \
	record.c \
	register.c \
	snapshot.c \
	space.c \
	store.c \
	verify.c \
	verify_walk.c \
	versions.c
index_LIBS := -llmdb -lzstd
