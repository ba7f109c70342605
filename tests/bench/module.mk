TOOLS += crs-gen
crs-gen_MAIN := tests/bench/main_gen.c
crs-gen_FLOORS := base
crs-gen_LIBS := $(base_LIBS) -lm
