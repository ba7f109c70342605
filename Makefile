# CRS - container runtime security
#
#   make              everything, to $(B)/
#   make check        all tests (see CONTRIBUTING.md for the longer ones)
#   make demo         probe, store, query: once, on this machine
#
# Knobs: B=DIR (where everything is built, default build), SAN=address,undefined
# or SAN=thread, DEVELOPER=1 (more warnings, all errors), OPT=-O0, CC, FLEX,
# BISON, V=1 (show commands).

comma := ,
B ?= build$(if $(SAN),-$(subst $(comma),-,$(SAN)))
VERSION := 0.1.0
CC ?= cc
AR ?= ar
FLEX ?= flex
BISON ?= bison
OPT ?= -O2 -g
V ?= 0
Q = $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-5s %s\n' $(1) $(2);)

.DELETE_ON_ERROR:
.SUFFIXES:
all:

CPPFLAGS += -I. -I$(B)/gen -D_GNU_SOURCE
CFLAGS_base/opt_help.c := -DCRS_VERSION='"$(VERSION)"'
WARN := -Wall -Wextra -Wpedantic -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wvla -Wpointer-arith -Wwrite-strings -Wundef \
	-Werror=unused-result -Werror=implicit-function-declaration \
	-Werror=incompatible-pointer-types
ifeq ($(DEVELOPER),1)
WARN += -Werror -Wshadow -Wcast-qual -Wswitch-enum -Wformat=2
endif
CFLAGS += -std=c11 $(OPT) -fno-strict-aliasing -fstack-protector-strong -pthread
LDFLAGS += -pthread
ifneq ($(SAN),)
CFLAGS += -fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all
LDFLAGS += -fsanitize=$(SAN)
endif

# Floors, lowest first: a folder links only what stands before it.
FLOORS := base schemas index qql ingest probe
include $(foreach d,$(FLOORS),$(d)/module.mk)
include tests/module.mk

-include $(shell [ -d $(B) ] && find $(B) -name '*.d' 2>/dev/null)

# Objects of folder $(1): its sources and its generated ones.
objs = $(patsubst %.c,$(B)/obj/%.o,$(addprefix $(1)/,$($(1)_SRC))) \
	$(patsubst %.c,$(B)/obj/gen/%.o,$(addprefix $(1)/,$($(1)_GEN)))

define library
$(B)/lib$(1).a: $(call objs,$(1))
	$$(call say,AR,$$@)rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach d,$(FLOORS),$(eval $(call library,$(d))))

$(B)/obj/%.o: %.c Makefile | $(GENERATED_HEADERS)
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(CFLAGS_$<) -MMD -MP -c -o $@ $<

# Generated C has warnings of its own.
$(B)/obj/gen/%.o: $(B)/gen/%.c Makefile | $(GENERATED_HEADERS)
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -Wall -Wno-unused-function -MMD -MP -c -o $@ $<

# A program: $(1) name, $(2) its own sources, $(3) floors in link order, $(4) libraries
define program
$(B)/bin/$(1): $(patsubst %.c,$(B)/obj/%.o,$(2)) $(foreach d,$(3),$(B)/lib$(d).a)
	$$(call say,LD,$$@)mkdir -p $$(@D) && $(CC) $(CFLAGS) $(LDFLAGS) -o $$@ $$^ $(4)
all: $(B)/bin/$(1)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p),$($(p)_MAIN),$($(p)_FLOORS),$($(p)_LIBS))))

clean:
	rm -rf $(B)

.PHONY: all clean
