# The .case files, and their runner: `make bless` writes the expected parts.
CASE_SRC := $(wildcard tests/cases/*.c) tests/oracle/oracle.c
UNIT_TESTS += $(B)/tests/cases/run_cases

$(B)/tests/cases/run_cases: $(CASE_SRC:%.c=$(B)/obj/%.o) $(call archives,qql $(USES_qql))
	$(call say,LD,$@)mkdir -p $(@D) && $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call libs,qql $(USES_qql))

bless: $(B)/tests/cases/run_cases
	$(Q)$< --bless

.PHONY: bless
