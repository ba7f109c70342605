schemas_SRC := catalog.c dataset.c decode.c decode_array.c decode_fast.c decode_keys.c \
	decode_list.c decode_tokens.c decode_yajl.c field.c fold.c json_tree.c \
	refusal.c schema_check.c schema_field.c schema_read.c tokens_doc.c \
	unicode_table.c value.c value_date.c value_net.c value_num.c \
	value_text.c words.c
schemas_GEN := builtin.c
schemas_LIBS := -lyajl

# The datasets compiled in.
SCHEMA_FILES := $(patsubst %,schemas/%.json,events images containers sensors \
	policies deadletters)

$(B)/gen/schemas/builtin.c: tools/embed.sh $(SCHEMA_FILES)
	$(call say,GEN,$@)mkdir -p $(@D) && sh tools/embed.sh $(SCHEMA_FILES) > $@
