#!/bin/sh
# tools/demo.sh [--kafka] - probe, store and query once, on this machine.
#
# Runs a short workload of real programs under crs-probe, stores its events
# and answers five questions about it.  Events travel through a spool
# directory; with --kafka through an Apache Kafka that is started for the
# purpose.  B names the build directory; everything is left in $B/demo.
set -eu

B=${B:-build}
dir=$B/demo
store=$dir/store
via=spool
[ "${1-}" = --kafka ] && via=kafka
sample=tests/data/sample-events.ndjson

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] && [ -z "${NO_COLOR-}" ] || say() { printf '\n%s\n' "$*"; }
ask() { # ask QUESTION COMMAND...: the question, the command, its answer
	say "$1"
	shift
	printf '$ qql -s %s' "$store"
	for word; do case $word in
	*[!A-Za-z0-9_,=./:-]*) printf " '%s'" "$word" ;;
	*) printf ' %s' "$word" ;;
	esac; done
	printf '\n'
	"$B/bin/qql" -s "$store" "$@" || [ $? -eq 1 ]
}
free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

rm -rf "$dir"
mkdir -p "$dir/work"

if ! "$B/bin/crs-probe" --check >"$dir/check.log" 2>&1; then
	sed -n '1p' "$dir/check.log"
	say "No watching here: the answers below come from committed sample events."
	via=sample
fi

case $via in
spool)
	port=$(free_port)
	"$B/bin/crs-probe" --spool "$dir/spool" --image demo/workload:1 -- \
		tools/demo-workload.sh "$dir/work" "$port"
	"$B/bin/crs-ingest" --store "$store" --once "spool:$dir/spool"
	;;
kafka)
	port=$(free_port)
	broker=$("$B/bin/kafkactl" port)
	tests/kafka/kafka.sh fetch
	tests/kafka/kafka.sh start "$dir/kafka" "$broker"
	trap 'tests/kafka/kafka.sh stop "$dir/kafka"' EXIT INT TERM
	"$B/bin/kafkactl" "127.0.0.1:$broker" create crs.events 1
	"$B/bin/crs-probe" --kafka "127.0.0.1:$broker" --topic crs.events \
		--image demo/workload:1 -- tools/demo-workload.sh "$dir/work" "$port"
	"$B/bin/crs-ingest" --store "$store" -X "bootstrap.servers=127.0.0.1:$broker" \
		--once kafka:crs.events
	;;
sample)
	"$B/bin/crs-ingest" --store "$store" --once --dataset events "file:$sample"
	port=$(sed -n 's/.*"remotePort":\([0-9]*\).*/\1/p' "$sample" | head -n 1)
	;;
esac

ask "1. Which programs were started?" \
	search -n 8 --fields eventTime,processId,processName,execPath 'systemCall:sys_execve'
ask "2. Who wrote to a hosts file?" \
	search --fields eventTime,processId,processName,filePath 'ruleType:WRITE and filePath:"etc/hosts"'
ask "3. Who connected to the web server?" \
	search -n 4 --fields eventTime,processId,processName,remoteIp,remotePort \
	"ruleType:NETWORK_OUTBOUND and remotePort:$port"
ask "4. Which connections came in?" \
	search -n 4 --fields eventTime,processId,processName,localPort,remoteIp \
	"ruleType:NETWORK_INBOUND and localPort:$port"
ask "5. How many files did python read?" \
	count 'ruleType:READ and processName:python3*'

say "What next?"
cat <<TXT
  $B/bin/qql -s $store 'ruleType:WRITE'             the newest writes
  $B/bin/qql -s $store -o raw 'filePath:hosts'      events byte for byte, as JSON
  $B/bin/qql -s $store explain 'processName:curl'   how a query is run
  $B/bin/qql tokens                                 everything that can be searched
  $B/bin/crs-probe --spool $dir/spool -- COMMAND    watch a program of your own
TXT
