#!/bin/bash
# Byte exact: what went in comes out of `qql -o raw`, or lies in a dead letter
# with its bytes; nothing is in neither place and nothing in both.  Ordinary
# producers' JSON is rebuilt from the columns: under 1 % is kept whole.
set -eu
. tests/tools/count.sh

here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# round NAME: messages in NAME.ndjson through a store and back
round() {
	store=$work/$1
	"$B/bin/crs-ingest" --store "$store" --dataset events --once "file:$work/$1.ndjson" 2>"$work/log" ||
		{ cat "$work/log"; return 1; }
	"$B/bin/qql" -s "$store" search -n all -0 -o raw '' >"$work/$1.stored" || [ $? -eq 1 ]
	"$B/bin/qql" -s "$store" -d deadletters search -n all -0 -o raw '' >"$work/$1.dead" || [ $? -eq 1 ]
	"$here/compare.py" "$work/$1.ndjson" "$work/$1.stored" "$work/$1.dead" &&
		"$B/bin/qql" -s "$store" verify >"$work/log" 2>&1
}

for seed in 1 2 3; do
	"$here/messages.py" hostile "${CRS_MESSAGES:-4000}" "$seed" >"$work/hostile$seed.ndjson"
	ok "hostile messages, seed $seed" round "hostile$seed"
done

"$here/messages.py" ordinary 20000 1 >"$work/ordinary.ndjson"
ok "ordinary messages" round ordinary
"$B/bin/qql" -s "$work/ordinary" stat -o json >"$work/stat.json"
ok "under 1 % of ordinary messages are kept whole" python3 -c '
import json, sys
sets = {d["dataset"]: d for d in json.load(open(sys.argv[1]))["datasets"]}
events = sets["events"]
print("kept whole:", events["exceptions"], "of", events["rows"])
sys.exit(events["rows"] != 20000 or events["exceptions"] >= 200)' "$work/stat.json"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
if "$B/bin/crs-probe" --check >/dev/null 2>&1; then
	mkdir "$work/w"
	"$B/bin/crs-probe" --spool "$work/spool" -- tools/demo-workload.sh "$work/w" "$port" 2>/dev/null
	cat "$work"/spool/*.ndjson >"$work/probe.ndjson"
	ok "the probe's own messages" round probe
fi

finish
