#!/bin/bash
# tests/torture/run.sh - the long forms of the hostile tests.
#
# Every allocation of parser, decoder, builder, reader and run made to fail in
# turn, under the sanitizers; random queries against the oracle; damaged
# stores; kills during commits; exactly once through a real broker.  B names
# the build directory.  Takes about half an hour on two cores.
set -eu

B=${B:-build}
export B
failed=0

step() { # step NAME COMMAND...
	name=$1
	shift
	echo "== $name"
	if "$@"; then
		echo "ok: $name"
	else
		echo "FAILED: $name"
		failed=$((failed + 1))
	fi
}

step "every allocation fails in turn, under ASan and UBSan" \
	env -u B "${MAKE:-make}" --no-print-directory check-unit SAN=address,undefined
step "100,000 random queries equal the plain scan" \
	env CRS_RANDOM_QUERIES=100000 "$B/tests/unit/qql/test_random"
step "4,000 rounds of damage to a store end in an answer or a message" \
	env CRS_DAMAGE_ROUNDS=4000 "$B/tests/unit/index/test_damage"
step "300 kills during commits" tests/crash/check_commit_kill.sh 300
step "1,000,000 events through Kafka, 20 kills, a freeze, growth, a broker crash" \
	env CRS_EVENTS=1000000 CRS_KILLS=20 CRS_FREEZE=15 tests/kafka/check_kafka_exactly_once.sh
[ "$failed" = 0 ]
