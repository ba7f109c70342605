#!/bin/bash
# Exactly once, whatever happens: the ingester is killed at random moments and
# frozen, the topic grows, the broker is killed; at the end the store holds
# what was produced, each event once, up to the last offset.
#
# CRS_EVENTS, CRS_KILLS, CRS_FREEZE (s) and CRS_SEED choose the form; the
# default is the short one of `make check`.
. "$(dirname "$0")/lib.sh"

events=${CRS_EVENTS:-200000}
kills=${CRS_KILLS:-5}
freeze=${CRS_FREEZE:-2}
RANDOM=${CRS_SEED:-$$}
topic=exactly-once

# A kill every 0.3 to 1.5 s while the events are being produced.
rate=$((events * 10 / (kills * 12 + freeze * 10 + 60)))
half=$((events / 2))

produce_all() {
	"$ctl" "$brokers" produce $topic 6 0 $half rate=$rate || exit 1
	"$ctl" "$brokers" grow $topic 8 || exit 1
	"$ctl" "$brokers" produce $topic 8 $half $((events - half)) rate=$rate || exit 1
}

kill_and_restart() {
	ms=$((RANDOM % 1200 + 300))
	sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
	kill -KILL "$ingest_pid"
	wait "$ingest_pid" 2>/dev/null
	start_ingest s kafka:$topic
}

start_broker
begin "$events events, $kills kills, $freeze s frozen, 6 partitions grown to 8, a broker crash"
ctl create $topic 6
start_ingest s kafka:$topic
produce_all 2>"$work/produce.log" &
producer=$!
for i in $(seq "$kills"); do
	kill_and_restart
	if [ "$i" = $((kills / 3 + 1)) ]; then
		kill -STOP "$ingest_pid"
		sleep "$freeze"
		kill -CONT "$ingest_pid"
	fi
	if [ "$i" = $((2 * kills / 3 + 1)) ]; then
		"$here/kafka.sh" crash "$work/broker"
		"$here/kafka.sh" start "$work/broker" "$port" || fail "the broker did not come back"
	fi
done
wait $producer || fail "not everything could be produced: $(tail -n 1 "$work/produce.log")"
stop_ingest || fail "crs-ingest ended with status $? on SIGTERM"
ingest s --once kafka:$topic || fail "the last run: $(tail -n 1 "$work/s.log")"
stored_exactly s 0 "$events"
at_the_end s $topic
same "dead letters" 0 "$(count s deadletters)"
[ -n "$broken" ] && cat "$work/s.log"
finish
