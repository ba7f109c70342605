#!/bin/sh
# Every fuzz target over its committed corpus: an input that once found
# something must never find it again.
set -u
passed=0 failed=0

for source in tests/fuzz/fuzz_*.c; do
	[ -f "$source" ] || continue
	name=${source##*/fuzz_}
	name=${name%.c}
	corpus=tests/fuzz/corpus/$name
	if [ ! -d "$corpus" ]; then
		echo "$name: there is no $corpus"
		failed=$((failed + 1))
	elif "$B/fuzz/replay_$name" "$corpus"; then
		passed=$((passed + 1))
	else
		echo "$name: failed"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
