#!/bin/bash
# Every form of output, byte for byte; pipes that close; records with NUL.
. "$(dirname "$0")/lib.sh"

cat >"$dir/events" <<'END'
{"eventTime":"2026-01-22T10:00:00Z","action":"DENY","processName":"curl","severity":5,"tags":["a","b,c"]}
{ "action": "ALLOW",   "eventTime":"2026-01-22T10:00:01Z", "processName":"ng\u0069nx", "x":{"y":[1,2.50,1e400]} }
{"eventTime":"2026-01-22T10:00:02Z","action":"DENY","processName":"ba\"sh\nx","severity":3,"unknown":null}
{"eventTime":"2026-01-22T10:00:03.5+02:00","commandLine":"","processName":"äö","hostIp":"::ffff:10.0.0.1"}
END
store "$dir/store" "file:$dir/events"
export CRS_STORE=$dir/store

run "$qql" -o raw -n all ''
ok 'raw is what was stored' cmp <(sort "$dir/out") <(sort "$dir/events")
run "$qql" -o raw -0 -n all ''
ok 'with NUL too' cmp <(tr '\0' '\n' <"$dir/out" | sort) <(sort "$dir/events")
ok 'and NUL only' is "$(tr -cd '\n' <"$dir/out" | wc -c | tr -d ' ')" 0
run "$qql" --sort severity:asc --fields processName,severity ''
ok 'ndjson of fields, nulls last' out_is '{"processName":"ba\"sh\nx","severity":3}
{"processName":"curl","severity":5}
{"processName":"nginx","severity":null}
{"processName":"äö","severity":null}'
run "$qql" -o csv --fields eventTime,processName,tags,commandLine ''
ok 'csv' out_is 'eventTime,processName,tags,commandLine
2026-01-22T10:00:02Z,"ba""sh
x",,
2026-01-22T10:00:01Z,nginx,,
2026-01-22T10:00:00Z,curl,"[""a"",""b,c""]",
2026-01-22T08:00:03.500Z,äö,,""'
run "$qql" -o json --fields action -n 1 'action:DENY'
ok 'json' perl -MJSON::PP -0777 -ne \
	'my $d = decode_json($_); exit !(@{$d->{rows}} == 1 && $d->{rows}[0]{action} eq "DENY" && $d->{next})' "$dir/out"
run "$qql" -o json 'action:MONITOR'
ok 'json of nothing is a document' perl -MJSON::PP -0777 -ne \
	'exit !(@{decode_json($_)->{rows}} == 0)' "$dir/out"
run "$qql" -o table --fields action,severity --tz +02:00 'severity > 0'
ok 'table in a pipe' out_is 'action  severity
DENY           3
DENY           5'
run "$qql" --fields _seq,processName '_seq:0'
ok 'virtual fields' out_is '{"_seq":0,"processName":"äö"}'
run "$qql" count 'system is null'
ok 'aliases' out_is 4
run "$qql" count '_received > now-1h and _received <= now'
ok 'received' out_is 4
run "$qql" count --since 2026-01-22T10:00:01Z --until 2026-01-22T10:00:01Z
ok 'since and until' out_is 1
run "$qql" count --tz +01:00 'eventTime:[2026-01-22T11:00:01 .. 2026-01-22T11:00:02]'
ok 'zone' out_is 2

# A reader that goes away ends qql quietly.
perl -e 'printf "{\"eventTime\":\"2026-01-22T11:%02d:%02d.%03dZ\",\"severity\":%d}\n",
	$_ / 60000, $_ / 1000 % 60, $_ % 1000, $_ % 5 for 0 .. 49999' >"$dir/many"
store "$dir/big" "file:$dir/many"
for form in raw ndjson json csv table; do
	"$qql" -s "$dir/big" -n all -o $form '' 2>"$dir/err" | head -n 2 >"$dir/out"
	status=${PIPESTATUS[0]}
	ok "$form into head is quiet" err_lines 0
	ok "$form into head is 0" is "$status" 0
done
run "$qql" -s "$dir/big" -n all -o raw 'severity:3'
ok 'many rows' is "$(wc -l <"$dir/out" | tr -d ' ')" 10000
ok 'newest first' cmp "$dir/out" <(grep '"severity":3' "$dir/many" | tac)
"$qql" -s "$dir/big" -n all -o raw '' >/dev/full 2>"$dir/err"
status=$?
ok 'a full disk is 3' is "$status" 3
run "$qql" -s "$dir/big" --timeout 1ns count
ok 'a timeout is 3' is "$status" 3

# tail shows what is committed, none skipped, and what was there on request.
mkfifo "$dir/fifo"
"$qql" -s "$dir/store" tail -o raw --since 2000 '' >"$dir/tail" 2>"$dir/err" &
tail=$!
for i in 1 2 3; do
	echo "{\"eventTime\":\"2020-01-01T00:00:0$i.000Z\",\"severity\":4}" >"$dir/late"
	store "$dir/store" "file:$dir/late"
	mv "$dir/late" "$dir/late$i"
done
for i in $(seq 50); do
	[ "$(wc -l <"$dir/tail")" -ge 7 ] && break
	sleep 0.1
done
kill -INT $tail
wait $tail
status=$?
ok 'tail ends by SIGINT' is "$status" 130
ok 'tail shows all rows' is "$(wc -l <"$dir/tail" | tr -d ' ')" 7
ok 'late ones in order' is "$(tail -n 3 "$dir/tail" | grep -o '0[123].000Z' | tr '\n' ' ')" \
	'01.000Z 02.000Z 03.000Z '

finish
