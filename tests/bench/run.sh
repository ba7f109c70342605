#!/bin/bash
# tests/bench/run.sh - measures this build against its references in one run.
#
# usage: run.sh [EVENTS]        (default 5000000; B names the build directory)
#
# Every figure stands beside a reference taken in the same run on the same
# file: reading the bytes (wc -l) for ingest, grep -c -F for queries.  Figures
# are medians of RUNS runs (default 5); ingest runs on one core.
set -eu
export LC_ALL=C

B=${B:-build}
N=${1:-5000000}
RUNS=${RUNS:-5}
W=$(mktemp -d "${TMPDIR:-/tmp}/crs-bench.XXXXXX")
trap 'rm -rf "$W"' EXIT
gen=$B/bin/crs-gen ingest=$B/bin/crs-ingest qql=$B/bin/qql

now() { date +%s%N; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
# Milliseconds of a command, median of RUNS.
ms() {
	for _ in $(seq "$RUNS"); do
		t=$(now)
		"$@" >/dev/null || [ $? -eq 1 ]
		echo $((($(now) - t) / 1000))
	done | median | awk '{ printf "%.2f", $1 / 1000 }'
}
row() { printf '%-44s %14s %14s  %s\n' "$@"; }

echo "events: $N, generated with seed 1; machine: $(nproc) cores, $(awk -F': ' \
	'/model name/ { print $2; exit }' /proc/cpuinfo)"
"$gen" --count "$N" --seed 1 >"$W/events.ndjson"
bytes=$(stat -c %s "$W/events.ndjson")
echo "file: $bytes bytes, $((bytes / N)) a message"
row "what" "measured" "reference" "ratio and reference"

t=$(now)
taskset -c 0 "$ingest" --store "$W/store" --dataset events --once "file:$W/events.ndjson" 2>"$W/log"
t=$((($(now) - t) / 1000000))
rate=$((N * 1000 / t))
t=$(now)
wc -l <"$W/events.ndjson" >"$W/lines"
wc=$((($(now) - t) / 1000000 + 1))
row "file to durable, one core, events/s" "$rate" "$((N * 1000 / wc))" \
	"$(awk -v a="$rate" -v b="$((N * 1000 / wc))" 'BEGIN { printf "%.3f of wc -l", a / b }')"
[ "$("$qql" -s "$W/store" count)" = "$N" ] || { echo "stored count differs"; exit 1; }

"$qql" -s "$W/store" stat -o json >"$W/stat.json"
live=$(du -s --block-size=1 "$W/store/data.mdb" | cut -f1)
row "file bytes per event" "$((live / N))" "$((bytes / N))" \
	"$(awk -v a="$live" -v b="$bytes" 'BEGIN { printf "%.3f of the text", a / b }')"

sha=$(head -n 1 "$W/events.ndjson" | sed 's/.*"containerSha":"\([0-9a-f]*\)".*/\1/')
query() { # name, text for grep, command and query
	name=$1 text=$2
	shift 2
	q=$(ms "$qql" -s "$W/store" "$@")
	g=$(ms grep -c -F "$text" "$W/events.ndjson")
	row "$name, ms" "$q" "$g" "$(awk -v a="$q" -v b="$g" 'BEGIN { printf "%.0fx grep", b / a }')"
}
query "newest 50 of a program" '"processName":"nginx"' search -n 50 -o ndjson 'processName:nginx'
query "newest 50 of all" '"uuid"' search -n 50 -o ndjson ''
query "count of a container" "$sha" count "containerSha:$sha"
query "count of denied and a program" '"action":"DENY"' count 'action:DENY and processName:nginx'
query "count by path prefix" '"filePath":"/etc' count 'filePath:/etc/*'
query "count by substring" 'shadow' count 'filePath:*shadow*'
query "count by range" '"remotePort":22' count 'remotePort:[20 .. 30]'
