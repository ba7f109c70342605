#!/bin/bash
# Runs test programs and check scripts, and counts.
#
#   B=DIR tests/tools/run-tests.sh PROGRAM|SCRIPT.sh...
#
# Programs run first, as many at a time as there are cores; scripts then, one
# after another in name order.  Output goes to $B/test-logs/ and is shown only
# on failure.  Exit status 77 of a script: skipped, its last line says why; with
# CI=true that is a failure.  A log that ends in "N passed, N failed" counts as
# that many; a cmocka program counts its tests; anything else counts as one.
set -u

logs=$B/test-logs
limit=${TEST_TIMEOUT:-1800}
passed=0 failed=0 skipped=0

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}

# $B/tests/unit/base/test_err -> unit/base/test_err
name_of() {
	local name=${1#"$B"/}
	name=${name#tests/}
	printf '%s\n' "${name%.sh}"
}

# Runs $1; leaves NAME.log and NAME.status.
run_one() {
	local log
	log=$logs/$(name_of "$1")
	mkdir -p "${log%/*}"
	# The shell's own word about a signal goes nowhere.
	{ timeout -k 10 "$limit" "$1" >"$log.log" 2>&1 </dev/null; } 2>/dev/null
	echo $? >"$log.status"
}
export -f run_one name_of
export B logs limit

# The counts of log $1, whose program ended with status $2: "passed failed skipped"
count() {
	awk -v status="$2" '
		/^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ {
			p = $1; f = $3; s = $5 + 0; closing = 1; next
		}
		closing && NF { closing = 0 }
		/^\[  PASSED  \] [0-9]+ test/ { cp = $4; cmocka = 1 }
		/^\[  FAILED  \] [0-9]+ test\(s\), listed/ { cf = $4; cmocka = 1 }
		END {
			if (!closing) { s = 0; p = cmocka ? cp : status == 0; f = cmocka ? cf : 0 }
			if (status != 0 && f == 0) f = 1
			print p + 0, f + 0, s + 0
		}' "$1"
}

report() {
	local name log status p f s why
	name=$(name_of "$1")
	log=$logs/$name.log
	status=$(cat "$logs/$name.status" 2>/dev/null || echo 1)
	if [ "$status" = 77 ]; then
		why=$(tail -n 1 "$log")
		if [ "${CI:-}" != true ]; then
			skipped=$((skipped + 1))
			printf '  SKIP  %s: %s\n' "$name" "$why"
			return
		fi
		printf '  FAIL  %s: skipped, which CI=true does not allow: %s\n' "$name" "$why"
		failed=$((failed + 1))
		return
	fi
	read -r p f s < <(count "$log" "$status")
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	if [ "$CI_STRICT" = 1 ] && [ "$s" -gt 0 ]; then
		failed=$((failed + s)) skipped=$((skipped - s)) f=$((f + s))
	fi
	if [ "$f" = 0 ]; then
		printf '  PASS  %s (%d)\n' "$name" "$p"
		return
	fi
	printf '  FAIL  %s (%d of %d, exit status %s); the end of %s:\n' \
		"$name" "$f" $((p + f)) "$status" "$log"
	[ "$status" = 124 ] && printf '        stopped after %s s\n' "$limit"
	tail -n 60 "$log" | sed 's/^/        /'
}

CI_STRICT=0
[ "${CI:-}" = true ] && CI_STRICT=1

programs=() scripts=()
for t; do
	case $t in
	*.sh) scripts+=("$t") ;;
	*) programs+=("$t") ;;
	esac
done

rm -rf "$logs"
mkdir -p "$logs"
if [ ${#programs[@]} -gt 0 ]; then
	printf '%s\0' "${programs[@]}" |
		xargs -0 -n 1 -P "$(nproc)" bash -c 'run_one "$1"' run
	for t in "${programs[@]}"; do
		report "$t"
	done
fi
if [ ${#scripts[@]} -gt 0 ]; then
	for t in "${scripts[@]}"; do
		if [ ! -x "$t" ]; then
			printf '  FAIL  %s: not executable\n' "$(name_of "$t")"
			failed=$((failed + 1))
			continue
		fi
		run_one "$t"
		report "$t"
	done
fi

if [ "$skipped" -gt 0 ]; then
	printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
else
	printf '%d passed, %d failed\n' "$passed" "$failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
