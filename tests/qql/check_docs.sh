#!/bin/bash
# Each line of the ```qql blocks in docs/qql.md is a query that compiles; the
# word after ```qql is its dataset (events if there is none).
set -u
passed=0 failed=0

while IFS=$'\t' read -r dataset query; do
	if message=$("$B/bin/qql" check -d "$dataset" -- "$query" 2>&1); then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s\n%s\n' "$query" "$message"
	fi
done < <(awk '
	/^```qql/ { inside = 1; dataset = $2 == "" ? "events" : $2; next }
	/^```/ { inside = 0; next }
	inside && NF { print dataset "\t" $0 }' docs/qql.md)
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
