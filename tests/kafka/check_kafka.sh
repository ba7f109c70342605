#!/bin/bash
# The Kafka source against a real broker: one topic a case.
. "$(dirname "$0")/lib.sh"

dead() { # STORE: reason and detail of each dead letter
	rows "$1" deadletters | jq -r '.reason + " " + .detail'
}

field() { # STORE FIELD: of each dead letter
	rows "$1" deadletters | jq -r ".$2"
}

start_broker

begin "what is there is stored once, and a second run adds nothing"
ctl create basic 3
ctl produce basic 3 0 1000
ingest basic --once kafka:basic || fail "$(tail -n 1 "$work/basic.log")"
stored_exactly basic 0 1000
at_the_end basic basic
ingest basic --once kafka:basic || fail "second run: $(tail -n 1 "$work/basic.log")"
stored_exactly basic 0 1000

begin "a following run goes on where the last one ended, and SIGTERM drains"
start_ingest basic kafka:basic
ctl produce basic 3 1000 500
wait_until 20 has_events basic 1500 || fail "the events did not arrive"
stop_ingest || fail "status $? on SIGTERM"
stored_exactly basic 0 1500
at_the_end basic basic

begin "aborted transactions are not stored, and the offsets they leave out are no gap"
ctl create txn 1
for i in 0 1 2 3; do
	ctl produce txn 1 $((i * 5)) 5 transaction=commit
	ctl produce txn 1 $((1000 + i)) 5 transaction=abort
done
ingest txn --once kafka:txn || fail "$(tail -n 1 "$work/txn.log")"
stored_exactly txn 0 20
same "dead letters" "" "$(dead txn)"
ctl produce txn 1 20 5
ingest txn --once kafka:txn || fail "second run: $(tail -n 1 "$work/txn.log")"
stored_exactly txn 0 25
same "dead letters of the second run" "" "$(dead txn)"

begin "records deleted under a stopped ingester are one GAP with both offsets"
ctl create trimmed 1
ctl produce trimmed 1 0 50
ingest trimmed --once kafka:trimmed
ctl produce trimmed 1 50 50
ctl trim trimmed 0 80
ingest trimmed --once kafka:trimmed || fail "$(tail -n 1 "$work/trimmed.log")"
same "dead letters" "GAP expected offset 50, went on at offset 80: records were deleted before they were read" \
	"$(dead trimmed)"
same "offset of the gap" 50 "$(field trimmed offset)"
same "events" "$(seq 0 49; seq 80 99)" "$(numbers trimmed | sort -n)"
ingest trimmed --once kafka:trimmed
same "dead letters after another run" 1 "$(count trimmed deadletters)"

begin "records deleted that were stored are no gap"
ctl trim trimmed 0 100
ctl produce trimmed 1 100 5
ingest trimmed --once kafka:trimmed || fail "$(tail -n 1 "$work/trimmed.log")"
same "dead letters" 1 "$(count trimmed deadletters)"
same "events" 75 "$(count trimmed events)"

begin "a topic created anew with fewer records is one GAP, and is read from its start"
ctl create shorter 1
ctl produce shorter 1 0 100
ingest shorter --once kafka:shorter
ctl delete shorter
sleep 0.5
ctl create shorter 1
ctl produce shorter 1 100 40
ingest shorter --once kafka:shorter || fail "$(tail -n 1 "$work/shorter.log")"
stored_exactly shorter 0 140
same "dead letters" "GAP expected offset 100, went on at offset 0: the log ends before: the topic was created anew" \
	"$(dead shorter)"

begin "a topic created anew with more records is one GAP, and none of them is skipped"
ctl create longer 1
ctl produce longer 1 0 100
ingest longer --once kafka:longer
ctl delete longer
sleep 0.5
ctl create longer 1
ctl produce longer 1 100 240
ingest longer --once kafka:longer || fail "$(tail -n 1 "$work/longer.log")"
stored_exactly longer 0 340
same "dead letters" "GAP expected offset 100, went on at offset 0: another record stands before it: the topic was created anew" \
	"$(dead longer)"

begin "a topic created anew under a running ingester is noticed"
ctl create live 2
ctl produce live 2 0 100
start_ingest live kafka:live
wait_until 20 has_events live 100 || fail "the first topic did not arrive"
ctl delete live
sleep 3
ctl create live 2
ctl produce live 2 100 300
wait_until 30 has_events live 400 || fail "the second topic did not arrive"
stop_ingest || fail "status $? on SIGTERM"
stored_exactly live 0 400
same "gaps" 2 "$(dead live | grep -c '^GAP expected offset 50, went on at offset 0')"

begin "no value, no JSON, 2 MiB and headers do no harm to their neighbours"
ctl create odd 1 max.message.bytes=4194304
ctl produce odd 1 0 1
ctl produce odd 1 1 1 kind=tombstone
ctl produce odd 1 2 1 kind=text
ctl produce odd 1 3 1 bytes=2097152
ctl produce odd 1 4 1 kind=headers
ctl produce odd 1 5 1
ingest odd --once kafka:odd || fail "$(tail -n 1 "$work/odd.log")"
same "events" "0 4 5" "$(numbers odd | sort -n | tr '\n' ' ' | sed 's/ $//')"
same "reasons" "NO_VALUE NOT_JSON TOO_LARGE" "$(field odd reason | tr '\n' ' ' | sed 's/ $//')"
same "offsets" "1 2 3" "$(field odd offset | tr '\n' ' ' | sed 's/ $//')"
same "keys" "key-1 key-2 key-3" "$(field odd messageKey | tr '\n' ' ' | sed 's/ $//')"
same "raw bytes" "null 17 2097152" "$(field odd rawBytes | tr '\n' ' ' | sed 's/ $//')"
same "raw text" "this is no JSON 2" "$(field odd raw | sed -n 2p)"
at_the_end odd odd

begin "partitions that are added while it runs are found"
ctl create grown 2
ctl produce grown 2 0 200
start_ingest grown kafka:grown
wait_until 20 has_events grown 200 || fail "the first events did not arrive"
ctl grow grown 5
ctl produce grown 5 200 500
wait_until 20 has_events grown 700 || fail "the new partitions were not found"
stop_ingest || fail "status $? on SIGTERM"
stored_exactly grown 0 700
at_the_end grown grown

begin "several topics in several sources"
ctl create one 2
ctl create two 1
ctl create three 1
ctl produce one 2 0 100
ctl produce two 1 100 100
ctl produce three 1 200 100
ingest several --once kafka:one,two kafka:three || fail "$(tail -n 1 "$work/several.log")"
stored_exactly several 0 300

begin "a broker that is restarted is waited for, and nothing is lost or doubled"
ctl create restarted 4
start_ingest restarted kafka:restarted
ctl produce restarted 4 0 1000
wait_until 20 has_events restarted 1000 || fail "the first events did not arrive"
"$here/kafka.sh" stop "$work/broker"
sleep 1
"$here/kafka.sh" start "$work/broker" "$port" || fail "the broker did not come back"
ctl produce restarted 4 1000 1000
wait_until 30 has_events restarted 2000 || fail "the later events did not arrive"
stop_ingest || fail "status $? on SIGTERM"
stored_exactly restarted 0 2000
at_the_end restarted restarted
same "dead letters" 0 "$(count restarted deadletters)"

begin "what cannot work ends in one clear line"
one_line() { # STATUS TEXT ARGUMENT...
	want=$1 text=$2
	shift 2
	"$B/bin/crs-ingest" --store "$work/errors" "$@" >"$work/out" 2>&1
	same "status of $*" "$want" $?
	grep -qF "$text" "$work/out" || fail "$*: '$text' is not in: $(cat "$work/out")"
	[ "$(grep -vc '^hint: \|level=warn' "$work/out")" = 1 ] || fail "$*: $(cat "$work/out")"
}
one_line 2 'kafka topic "missing" does not exist' -d events \
	-X "bootstrap.servers=$brokers" kafka:missing
one_line 2 'no dataset takes topic "one"' -X "bootstrap.servers=$brokers" kafka:one
one_line 2 'no broker is given' -d events kafka:one
one_line 2 'kafka property "no.such.thing"' -d events \
	-X "bootstrap.servers=$brokers" -X no.such.thing=1 kafka:one
one_line 3 'no broker could be reached within 1 s' -d events --connect-timeout 1s \
	-X bootstrap.servers=127.0.0.1:1 kafka:one
one_line 2 'property "sasl.password" is a secret' -d events \
	-X "bootstrap.servers=$brokers" -X sasl.password=x kafka:one
one_line 2 'source "kafka:one" is given twice' -d events \
	-X "bootstrap.servers=$brokers" kafka:one kafka:one

finish
