#!/bin/bash
# libFuzzer on each target named (all of them if none is), FUZZ_TIME seconds
# each, starting from its committed corpus.  What it finds is left in
# $B/fuzz-found/NAME/: put a file that crashed into tests/fuzz/corpus/NAME/
# together with the fix.
set -u
time=${FUZZ_TIME:-60}
passed=0 failed=0

[ $# -gt 0 ] || set -- $(ls tests/fuzz | sed -n 's/^fuzz_\(.*\)\.c$/\1/p')
for name; do
	found=$B/fuzz-found/$name
	mkdir -p "$found/corpus"
	dict=()
	[ -f "tests/fuzz/$name.dict" ] && dict=("-dict=tests/fuzz/$name.dict")
	echo "  FUZZ  $name ($time s)"
	if "$B/libfuzzer/fuzz/fuzz_$name" -max_total_time="$time" -timeout=10 \
		-rss_limit_mb=2048 -print_final_stats=0 -verbosity=0 "${dict[@]}" \
		-artifact_prefix="$found/" "$found/corpus" "tests/fuzz/corpus/$name" \
		>"$found/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		tail -n 40 "$found/log"
		echo "$name: failed; the input is in $found"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
