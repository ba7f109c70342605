TOOLS += crs-gen
crs-gen_MAIN := tests/bench/main_gen.c
crs-gen_FLOORS := base
crs-gen_LIBS := $(base_LIBS) -lm

TOOLS += crs-bench-decode
crs-bench-decode_MAIN := tests/bench/main_decode.c
crs-bench-decode_FLOORS := schemas base

TOOLS += crs-bench-segment
crs-bench-segment_MAIN := tests/bench/main_segment.c
crs-bench-segment_FLOORS := index schemas base

TOOLS += crs-bench-query
crs-bench-query_MAIN := tests/bench/main_query.c
crs-bench-query_FLOORS := qql index schemas base
