#!/bin/bash
# docs/tokens/*.md are what the schemas give today, and each example in them is
# a valid query.
set -u
qql=$B/bin/qql
passed=0 failed=0

bad() {
	echo "$1"
	failed=$((failed + 1))
}

for schema in schemas/*.json; do
	name=$(basename "$schema" .json)
	page=docs/tokens/$name.md
	if "$qql" tokens -d "$name" --output markdown | cmp -s - "$page"; then
		passed=$((passed + 1))
	else
		bad "$page is stale: qql tokens -d $name --output markdown >$page"
	fi
	while IFS= read -r query; do
		if "$qql" check -d "$name" -- "$query"; then
			passed=$((passed + 1))
		else
			bad "$page: $query"
		fi
	done < <(sed -n 's/^    //p' "$page")
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
