# CRS - container runtime security
#
#   make              everything, to $(B)/
#   make check        all tests; installs what they need first
#   make demo         probe, store, query: once, on this machine
#   make demo-kafka   the same through a real Kafka
#
#   make check-unit   unit tests and fuzz corpus only
#   make torture      every allocation and store call made to fail in turn
#   make fuzz         libFuzzer on each parser, FUZZ_TIME seconds each
#   make bench        speed and size, against peers
#   make lint         clang-format and clang-tidy, where they are installed
#   make format       clang-format on FILES
#   make man          the man pages, to $(B)/man/
#   make install      to $(DESTDIR)$(PREFIX)
#   make check-deps   is everything here that the build needs?
#   make clean
#
# Knobs: B=DIR (where everything is built, default build), SAN=address,undefined
# or SAN=thread (built in a directory of its own), DEVELOPER=1 (more warnings,
# all of them errors; CI=true sets it), OPT=-O0, CC, FLEX, BISON, V=1 (show
# commands), PREFIX, DESTDIR, FUZZ_TIME.

comma := ,
B ?= build$(if $(SAN),-$(subst $(comma),-,$(SAN)))
VERSION := 0.1.0
CC ?= cc
AR ?= ar
FLEX ?= flex
BISON ?= bison
OPT ?= -O2 -g
PREFIX ?= /usr/local
FUZZ_TIME ?= 60
DEVELOPER ?= $(if $(filter true,$(CI)),1,0)
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
LDFLAGS += -pthread -Wl,--as-needed
ifneq ($(SAN),)
CFLAGS += -fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all
LDFLAGS += -fsanitize=$(SAN)
endif
ifneq ($(findstring address,$(SAN)),)
CPPFLAGS += -DARENA_DEBUG
endif

# The folders, lowest first, and which others each may use: in link order, the
# highest first.  tests/tools/check_floors.sh holds the includes to it.
FLOORS := base schemas index qql ingest probe
USES_base :=
USES_schemas := base
USES_index := schemas base
USES_qql := index schemas base
USES_ingest := index schemas base
USES_probe := schemas base

# Archives and foreign libraries of the folders $(1), which are in link order.
archives = $(foreach d,$(1),$(B)/lib$(d).a)
libs = $(foreach d,$(1),$($(d)_LIBS))

include $(wildcard $(FLOORS:%=%/module.mk))
include $(wildcard tests/*/module.mk)
include tests/module.mk

-include $(shell [ -d $(B) ] && find $(B) -name '*.d' 2>/dev/null)

# A change of compiler or flags builds everything anew.
FLAGS := $(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(VERSION)
$(B)/.flags: FORCE
	@mkdir -p $(@D) && printf '%s\n' '$(subst ','\'',$(FLAGS))' >$@.new && \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# Asked once per build directory: a missing tool is named in one line.
$(B)/.deps:
	@mkdir -p $(@D) && CC='$(CC)' FLEX='$(FLEX)' BISON='$(BISON)' \
		AR='$(AR)' tools/check-deps.sh && touch $@
check-deps:
	@CC='$(CC)' FLEX='$(FLEX)' BISON='$(BISON)' AR='$(AR)' \
		tools/check-deps.sh && echo 'nothing is missing'

# Objects of folder $(1): its sources and its generated ones.
objs = $(patsubst %.c,$(B)/obj/%.o,$(addprefix $(1)/,$($(1)_SRC))) \
	$(patsubst %.c,$(B)/obj/gen/%.o,$(addprefix $(1)/,$($(1)_GEN)))

define library
$(B)/lib$(1).a: $(call objs,$(1))
	$$(call say,AR,$$@)rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach d,$(FLOORS),$(eval $(call library,$(d))))

$(B)/obj/%.o: %.c $(B)/.flags | $(B)/.deps $(GENERATED_HEADERS)
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(CFLAGS_$<) -MMD -MP -c -o $@ $<

# Generated C has warnings of its own.
$(B)/obj/gen/%.o: $(B)/gen/%.c $(B)/.flags | $(B)/.deps $(GENERATED_HEADERS)
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -Wall -Wno-unused-function -MMD -MP -c -o $@ $<

# A program: $(1) name, $(2) its own sources, $(3) folders in link order, $(4) libraries
define program
$(B)/bin/$(1): $(patsubst %.c,$(B)/obj/%.o,$(2)) $(call archives,$(3))
	$$(call say,LD,$$@)mkdir -p $$(@D) && $(CC) $(CFLAGS) $(LDFLAGS) -o $$@ $$^ $(4) $(call libs,$(3))
all: $(B)/bin/$(1)
endef
# TOOLS are programs that tests need: built, but not installed.
$(foreach p,$(PROGRAMS) $(TOOLS),$(eval $(call program,$(p),$($(p)_MAIN),$($(p)_FLOORS),$($(p)_LIBS))))

$(PROGRAMS:%=$(B)/man/%.1): $(B)/man/%.1: $(B)/bin/%
	$(call say,MAN,$@)mkdir -p $(@D) && $< --man >$@
man: $(PROGRAMS:%=$(B)/man/%.1)

install: all man
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/crs/schemas
	install -m 755 $(PROGRAMS:%=$(B)/bin/%) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(PROGRAMS:%=$(B)/man/%.1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(wildcard schemas/*.json) $(DESTDIR)$(PREFIX)/share/crs/schemas

# One `make` with all cores, unless the caller chose.
jobs = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

demo:
	@packaging/install-deps.sh build demo
	@$(MAKE) $(jobs) --no-print-directory all
	@B='$(B)' tools/demo.sh

demo-kafka:
	@packaging/install-deps.sh build demo kafka
	@$(MAKE) $(jobs) --no-print-directory all
	@B='$(B)' tools/demo.sh --kafka

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

clean:
	rm -rf $(B)

FORCE:
.PHONY: all check-deps clean demo demo-kafka help install man FORCE
