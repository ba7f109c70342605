#!/bin/bash
# The demo shows what its workload did, and nothing made up: each answer is
# held to the pids, paths and port that the workload noted itself.
set -eu
. tests/tools/count.sh

demo=$B/demo
out=$(mktemp)
trap 'rm -f "$out"' EXIT

fact() { sed -n "s/^$1 //p" "$demo/work/facts"; }
# rows QUERY FIELD...: is there a row whose fields have these values (NAME=VALUE)?
rows() {
	query=$1
	shift
	"$B/bin/qql" -s "$demo/store" search -n all -o raw "$query" |
		python3 -c '
import json, sys
wanted = dict(a.split("=", 1) for a in sys.argv[1:])
sys.exit(not any(all(str(row.get(k)) == v for k, v in wanted.items())
                 for row in map(json.loads, sys.stdin)))' "$@"
}

tools/demo.sh >"$out" 2>&1 || { cat "$out"; exit 1; }
if grep -q 'committed sample events' "$out"; then
	tail -n 1 "$out"
	echo "the kernel gives no listener here: $(sed -n 1p "$demo/check.log")"
	exit 77
fi
for n in 1 2 3 4 5; do
	ok "answer $n is there" grep -q "^$n\. " "$out"
done
ok "it says what to type next" grep -q '^What next?' "$out"

port=$(fact port)
dir=$(cd "$demo/work" && pwd -P)
ok "the tampering shell, by pid and path" \
	rows 'ruleType:WRITE' "processId=$(fact tamper)" "filePath=$dir/etc/hosts" action=MONITOR
ok "the copy before it" rows 'ruleType:WRITE and processName:cp' "filePath=$dir/etc/hosts"
ok "the rename, by its new name" rows 'ruleType:WRITE and processName:mv' "filePath=$dir/www/archive.txt"
ok "the client's connection, by pid, address and port" \
	rows 'ruleType:NETWORK_OUTBOUND' "processId=$(fact client)" remoteIp=127.0.0.1 "remotePort=$port" protocol=TCP
ok "the server's port, by pid" \
	rows 'ruleType:NETWORK_INBOUND' "processId=$(fact server)" "localPort=$port"
ok "the server reads the page" \
	rows 'ruleType:READ' "processId=$(fact server)" "filePath=$dir/www/report.txt"
ok "the client's program" rows 'systemCall:sys_execve' "processId=$(fact client)"
ok "the run is framed: START" rows 'sensorEvent:START' ruleType=PROBE
ok "the run is framed: END" rows 'sensorEvent:END' ruleType=PROBE
ok "nothing of the run is lost" python3 - "$B/bin/qql" "$demo/store" <<'P'
import json, subprocess, sys
rows = subprocess.run([sys.argv[1], "-s", sys.argv[2], "search", "-n", "all", "-o", "raw", ""],
                      capture_output=True, check=True).stdout.splitlines()
by_sensor = {}
for row in map(json.loads, rows):
    by_sensor.setdefault(row["sensorUuid"], []).append(row["sensorSeq"])
for seqs in by_sensor.values():
    assert sorted(seqs) == list(range(min(seqs), min(seqs) + len(seqs))), seqs
P

# Where the kernel gives no listener, as below another watcher, it says so and
# answers from the committed sample.
spool=$(mktemp -d)
trap 'rm -rf "$out" "$spool"' EXIT
ok "below another watcher it runs all the same" \
	"$B/bin/crs-probe" --spool "$spool" -- tools/demo.sh >"$out" 2>&1
ok "and says why" grep -q 'committed sample events' "$out"
ok "with answers" grep -q '"remotePort":18080' "$out"

[ "$failed" = 0 ] || cat "$out"
finish
