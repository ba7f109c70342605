# Test programs and the targets that run them.
#
# Each tests/unit/<folder>/test_*.c is one program.  It links the archives of
# its folder and of those below, so that an upward call does not link.  Other
# files of the folder, helper_*.c, are linked into all of them.
#
# Each tests/fuzz/fuzz_<name>.c is built with tests/fuzz/standalone.c, which
# replays files, and with libFuzzer for `make fuzz`.
#
# Each executable tests/*/check_*.sh is one check; see CONTRIBUTING.md.

# $(1) folder
unit_sources = $(wildcard tests/unit/$(1)/test_*.c)
unit_helpers = $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/unit/$(1)/helper_*.c))

define unit_tests
UNIT_TESTS += $(patsubst %.c,$(B)/%,$(call unit_sources,$(1)))
$(patsubst %.c,$(B)/%,$(call unit_sources,$(1))): $(B)/%: $(B)/obj/%.o \
		$(call unit_helpers,$(1)) $$(call archives,$(1) $(USES_$(1)))
	$$(call say,LD,$$@)mkdir -p $$(@D) && $(CC) $(CFLAGS) $(LDFLAGS) -o $$@ $$^ -lcmocka $$(call libs,$(1) $(USES_$(1)))
endef
$(foreach d,$(FLOORS),$(eval $(call unit_tests,$(d))))

# A fuzz target may use every folder, the highest first in link order, unless
# USES_fuzz_<name> says less.
USES_fuzz := ingest qql index schemas base
USES_fuzz_text := base
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAYS := $(FUZZ:%=$(B)/fuzz/replay_%)
FUZZERS := $(FUZZ:%=$(B)/fuzz/fuzz_%)
ifeq ($(FUZZER),1)
CFLAGS += -fsanitize=fuzzer-no-link
endif

# $(1) name, $(2) folders
define fuzz_target
$(B)/fuzz/replay_$(1): $(B)/obj/tests/fuzz/fuzz_$(1).o \
		$(B)/obj/tests/fuzz/standalone.o $$(call archives,$(2))
	$$(call say,LD,$$@)mkdir -p $$(@D) && $(CC) $(CFLAGS) $(LDFLAGS) -o $$@ $$^ $$(call libs,$(2))
$(B)/fuzz/fuzz_$(1): $(B)/obj/tests/fuzz/fuzz_$(1).o $$(call archives,$(2))
	$$(call say,LD,$$@)mkdir -p $$(@D) && $(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $$@ $$^ $$(call libs,$(2))
endef
$(foreach f,$(FUZZ),$(eval $(call fuzz_target,$(f),$(or $(USES_fuzz_$(f)),$(USES_fuzz)))))

CHECKS := $(sort $(wildcard tests/*/check_*.sh))
TEST_ENV = B='$(abspath $(B))' CC='$(CC)' SAN='$(SAN)' MAKE='$(MAKE)'

unit-programs: $(UNIT_TESTS) $(REPLAYS)

# Everything, after installing what is missing.
check:
	@packaging/install-deps.sh build test kafka
	@$(MAKE) $(jobs) --no-print-directory all unit-programs
	@$(TEST_ENV) tests/tools/run-tests.sh $(abspath $(UNIT_TESTS)) $(CHECKS)

check-unit:
	@$(MAKE) $(jobs) --no-print-directory unit-programs
	@$(TEST_ENV) tests/tools/run-tests.sh $(abspath $(UNIT_TESTS)) tests/fuzz/check_corpus.sh

# One check alone: check-floors, check-names, ...
check-floors check-headers check-names check-style: check-%: $(FLOORS:%=$(B)/lib%.a)
	@$(TEST_ENV) tests/tools/check_$*.sh

# What the checks ask for.
print-floors:
	@$(foreach d,$(FLOORS),echo '$(d): $(d) $(USES_$(d))';)
print-programs:
	@echo '$(PROGRAMS)'

# The suites that take long have a run.sh each.
torture: unit-programs
torture bench: all
	@if [ -x tests/$@/run.sh ]; then $(TEST_ENV) tests/$@/run.sh; \
	else echo 'tests/$@/run.sh is not there' >&2; exit 1; fi

CLANG ?= clang
fuzz:
	@$(MAKE) $(jobs) --no-print-directory B=$(B)/libfuzzer CC=$(CLANG) \
		SAN=address,undefined FUZZER=1 fuzzers
	@$(TEST_ENV) FUZZ_TIME='$(FUZZ_TIME)' tests/fuzz/run.sh $(FUZZ)
fuzzers: $(FUZZERS)

LINT_FILES = $(shell git ls-files '*.c' '*.h')
lint:
	@FILES='$(LINT_FILES)' CPPFLAGS='$(CPPFLAGS)' tests/tools/lint.sh
FILES ?= $(LINT_FILES)
format:
	clang-format -i $(FILES)

.PHONY: bench check check-floors check-headers check-names check-style \
	check-unit format fuzz fuzzers lint print-floors print-programs torture unit-programs
