base_SRC := arena.c buf.c conf.c crc32c.c err.c file.c hash.c json.c log.c mem.c \
	near.c opt.c opt_help.c opt_value.c slice.c term.c term_err.c time.c utf8.c
base_LIBS := -lxxhash -lunistring -lm
