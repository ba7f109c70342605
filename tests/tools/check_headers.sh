#!/bin/bash
# Each header compiles alone, included twice, as strict C11.
set -u
cc=${CC:-cc}

check() {
	printf '#include "%s"\n#include "%s"\nstruct check_headers;\n' "$1" "$1" |
		$cc -std=c11 -D_GNU_SOURCE -I. -I"$B/gen" -Wall -Wextra -Wpedantic \
			-Werror -fsyntax-only -x c - || echo "$1: does not stand alone"
}
export -f check
export cc B

mapfile -t headers < <(find $(${MAKE:-make} -s --no-print-directory print-floors |
	sed 's/:.*//') tests -name '*.h' | sort)
bad=$(printf '%s\0' "${headers[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'check "$1"' run 2>&1)
echo "${#headers[@]} headers"
[ -z "$bad" ] && exit 0
printf '%s\n' "$bad"
exit 1
