#!/bin/bash
# Answers of pipe stages: each form of output, bars and charts on a terminal.
. "$(dirname "$0")/lib.sh"

cat >"$dir/events" <<'END'
{"eventTime":"2026-01-22T10:00:00Z","action":"DENY","processName":"curl","severity":5,"remoteIp":"10.1.2.3","tags":["a","b"]}
{"eventTime":"2026-01-22T10:00:01Z","action":"ALLOW","processName":"nginx","severity":1,"remoteIp":"10.1.9.9"}
{"eventTime":"2026-01-22T12:59:02Z","action":"DENY","processName":"curl","severity":4,"tags":["b","b"]}
{"eventTime":"2026-01-22T13:00:03Z","action":"DENY","processName":"ba\"sh"}
END
store "$dir/store" "file:$dir/events"
export CRS_STORE=$dir/store

run "$qql" '| stats count, sum(severity), avg(severity) by action'
ok 'stats' out_is '{"action":"ALLOW","count":1,"sum(severity)":1,"avg(severity)":1}
{"action":"DENY","count":3,"sum(severity)":9,"avg(severity)":4.5}'
run "$qql" 'action:MONITOR | stats count, max(severity)'
ok 'stats of nothing is a row' out_is '{"count":0,"max(severity)":null}'
ok 'and status 1' is "$status" 1
run "$qql" '| top 1 processName'
ok 'top' out_is '{"processName":"curl","count":2,"share":0.5}'
run "$qql" -o csv '| rare 2 processName | sort -processName'
ok 'rare as csv' out_is 'processName,count,share
nginx,1,0.25
"ba""sh",1,0.25'
run "$qql" -o json '| stats count by tags'
ok 'a list row counts once for each value, as json' out_is '{"rows":[
{"tags":"a","count":1},
{"tags":"b","count":2},
{"tags":null,"count":2}
],"next":null}'
run "$qql" '| timechart 1h count by action'
ok 'empty hours are in a chart' out_is '{"eventTime":"2026-01-22T10:00:00Z","action":"DENY","count":1}
{"eventTime":"2026-01-22T10:00:00Z","action":"ALLOW","count":1}
{"eventTime":"2026-01-22T11:00:00Z","action":"DENY","count":0}
{"eventTime":"2026-01-22T11:00:00Z","action":"ALLOW","count":0}
{"eventTime":"2026-01-22T12:00:00Z","action":"DENY","count":1}
{"eventTime":"2026-01-22T12:00:00Z","action":"ALLOW","count":0}
{"eventTime":"2026-01-22T13:00:00Z","action":"DENY","count":1}
{"eventTime":"2026-01-22T13:00:00Z","action":"ALLOW","count":0}'
run "$qql" --since 2026-01-22T12:00 --until 2026-01-22T13:59 '| timechart 1h max(severity) by action limit 1'
ok 'a chart keeps to --since and --until' out_is '{"eventTime":"2026-01-22T12:00:00Z","action":"DENY","max(severity)":4}
{"eventTime":"2026-01-22T13:00:00Z","action":"DENY","max(severity)":null}'
run "$qql" '| stats count by cidr(remoteIp, 16)'
ok 'nets' out_is '{"cidr(remoteIp, 16)":"10.1.0.0/16","count":2}
{"cidr(remoteIp, 16)":null,"count":2}'
run "$qql" -o table --tz +02:00 '| stats count by bucket(eventTime, 1h)'
ok 'a table in a pipe has no bars' out_is 'bucket(eventTime, 1h)    count
2026-01-22 12:00:00.000      2
2026-01-22 14:00:00.000      1
2026-01-22 15:00:00.000      1'
run "$qql" '| sort severity, -processName | limit 3 | fields processName, severity'
ok 'rows are sorted and cut' out_is '{"processName":"nginx","severity":1}
{"processName":"curl","severity":4}
{"processName":"curl","severity":5}'
run "$qql" '| limit 3 | sort severity | fields severity | limit 2'
ok 'sorted behind a limit' out_is '{"severity":1}
{"severity":4}'
run "$qql" '| limit 2 | stats count by processName'
ok 'the newest rows alone are counted' out_is '{"processName":"ba\"sh","count":1}
{"processName":"curl","count":1}'
run "$qql" count '| stats count by processName'
ok 'count counts what comes out' out_is 3
run "$qql" count '| limit 2'
ok 'rows too' out_is 2
run "$qql" -o raw '| stats count'
ok 'raw has no answers' is "$status" 2
run "$qql" --sort severity '| limit 2'
ok 'an option for a stage is refused' is "$status" 2
run "$qql" tail '| stats count'
ok 'tail takes no stages' is "$status" 2
run "$qql" '| timechart 1s count by action limit 1'
ok 'too many buckets' is "$status" 2
ok 'are named' grep -q 'more than the limit of 10000' "$dir/err"
run_on_terminal "$qql" '| top 2 action'
ok 'bars on a terminal' grep -q 'DENY .*3 .*75.0%.*█' "$dir/out"
run_on_terminal "$qql" '| timechart 1h count by action'
ok 'a chart on a terminal' grep -q '^DENY .*█ ██' "$dir/out"
finish
