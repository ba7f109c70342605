#!/bin/bash
# Exit statuses of qql, and one clear line for whatever goes wrong.
. "$(dirname "$0")/lib.sh"

cat >"$dir/events" <<'END'
{"eventTime":"2026-01-22T10:00:00Z","action":"DENY","processName":"curl","severity":5}
{"eventTime":"2026-01-22T10:00:01Z","action":"ALLOW","processName":"nginx","severity":1}
{"eventTime":"2026-01-22T10:00:02Z","action":"DENY","processName":"bash","severity":3}
END
store "$dir/store" "file:$dir/events"
export CRS_STORE=$dir/store

run "$qql" 'action:DENY'
ok 'found is 0' is "$status" 0
run "$qql" count 'action:DENY'
ok 'count is a number' out_is 2
ok 'count found is 0' is "$status" 0
run "$qql" count 'action:MONITOR'
ok 'count of nothing is 0' out_is 0
ok 'nothing found is 1' is "$status" 1
run "$qql" search 'action:MONITOR'
ok 'no rows is 1' is "$status" 1
ok 'no rows prints nothing' out_is ''
run "$qql" 'sevrity >= 4'
ok 'a wrong query is 2' is "$status" 2
ok 'with the token' err_has 'unknown token "sevrity"'
ok 'and a caret' err_has '^^^^^^^'
ok 'and a hint' err_has 'did you mean "severity"?'
run "$qql" -o json 'sevrity >= 4'
ok 'a wrong query in JSON is 2' is "$status" 2
ok 'the error is JSON' perl -MJSON::PP -0777 -ne \
	'my $e = decode_json($_)->{error}; exit !($e->{start} == 0 && $e->{end} == 7 && $e->{hint})' "$dir/out"
run "$qql" check 'action:DENY and'
ok 'check finds the error' is "$status" 2
run "$qql" check 'action:DENY'
ok 'check of a good query is silent' out_is ''
ok 'and 0' is "$status" 0
run "$qql" cuont action:DENY
ok 'a misspelt command is 2' is "$status" 2
ok 'and is named' err_has '"count"'
run "$qql" --ouput json x
ok 'a wrong option is 2' is "$status" 2
ok 'the nearest option is named' err_has '"--output"'
run "$qql" -o jsn x
ok 'a wrong form is 2' is "$status" 2
ok 'the nearest form is named' err_has '"json"'
run "$qql" count -o jsno x
ok 'a wrong form of a number is 2' is "$status" 2
ok 'the nearest one is named' err_has '"json"'
run "$qql" -d evnts x
ok 'a wrong dataset is 2' is "$status" 2
ok 'the nearest dataset is named' err_has 'events'
run "$qql" --sort procesName x
ok 'a wrong sort field is 2' is "$status" 2
run "$qql" --fields action,nope ''
ok 'a wrong field is 2' is "$status" 2
run "$qql" --after nonsense ''
ok 'a wrong cursor is 2' is "$status" 2
run "$qql" -n ten ''
ok 'a wrong number is 2' is "$status" 2
run "$qql" --tz Mars/Olympus ''
ok 'a wrong zone is 2' is "$status" 2
run "$qql" --since yesterdayish ''
ok 'a wrong date is 2' is "$status" 2
run "$qql" -0 ''
ok '-0 without raw is 2' is "$status" 2
run "$qql" -s "$dir/nowhere" ''
ok 'no store is 3' is "$status" 3
ok 'the store is named' err_has "$dir/nowhere"
ok 'with the next step' err_has 'crs-ingest'
mkdir "$dir/plain"
run "$qql" -s "$dir/plain" ''
ok 'a directory that is no store is 3' is "$status" 3
cp -r "$dir/store" "$dir/cut"
truncate -s 4096 "$dir/cut/data.mdb"
run "$qql" -s "$dir/cut" count
ok 'a damaged store is 3' is "$status" 3
run "$qql" --schema "$dir/none.json" ''
ok 'no such schema file is 2 or 3' test "$status" -ge 2
run "$qql" --help
ok 'help is 0' is "$status" 0
ok 'help lists the commands' out_has datasets
run "$qql" count --help
ok 'help of a command' out_has 'qql count'
run "$qql" --version
ok 'version is 0' is "$status" 0
run "$qql" --man
ok 'the man page' out_has '.TH'
run "$qql" help severity
ok 'help of a token' out_has severity
ok 'shows its values' out_has '1  5'
run "$qql" help sevrity
ok 'help of a wrong token is 2' is "$status" 2
run "$qql" tokens
ok 'tokens' out_has containerSha
run "$qql" datasets
ok 'datasets' out_has events
run "$qql" stat
ok 'stat' out_has 'B/event'
run "$qql" explain 'action:DENY'
ok 'explain is 0' is "$status" 0
ok 'explain shows segments' out_has scanned
run "$qql" verify
ok 'verify is 0' is "$status" 0
ok 'verify says so' out_has 'all good'
run "$qql" tail -o json
ok 'tail has no JSON document' is "$status" 2

# The store may come from an option, the environment, or a file.
printf 'store = "%s"\n' "$dir/store" >"$dir/crs.conf"
run env -u CRS_STORE "$qql" --config "$dir/crs.conf" count
ok 'the store from a file' out_is 3
printf 'stor = x\n' >"$dir/wrong.conf"
run "$qql" --config "$dir/wrong.conf" count
ok 'a wrong key is 2' is "$status" 2
ok 'the nearest key is named' err_has '"store"'
run "$qql" --config "$dir/none.conf" count
ok 'a file that is not there is an error' test "$status" -ge 2

# Every byte of the pages in use counts.
cp -r "$dir/store" "$dir/flipped"
perl -e '
	open my $f, "+<", $ARGV[0] or die; local $/; my $all = <$f>;
	my $at = index($all, "curl"); die if $at < 0;
	seek $f, $at, 0; print $f "Curl"' "$dir/flipped/data.mdb"
run "$qql" -s "$dir/flipped" verify
ok 'verify finds a flipped byte' is "$status" 3
ok 'and names it' out_has 'damaged:'

if [ "$(id -u)" != 0 ]; then
	chmod 000 "$dir/store"
	run "$qql" ''
	chmod 755 "$dir/store"
	ok 'no permission is 3' is "$status" 3
fi

# An empty store.
: >"$dir/none"
store "$dir/empty" "file:$dir/none"
run "$qql" -s "$dir/empty" ''
ok 'an empty store is 1' is "$status" 1
ok 'and says so' err_has 'no rows of dataset events'

# Pages.
for i in $(seq -w 0 119); do
	echo "{\"eventTime\":\"2026-01-22T11:00:00.${i}Z\",\"severity\":1}"
done >"$dir/many"
store "$dir/pages" "file:$dir/many"
after= n=0 pages=0
while :; do
	run "$qql" -s "$dir/pages" -o json -n 50 ${after:+--after "$after"} ''
	n=$((n + $(grep -o eventTime "$dir/out" | wc -l)))
	pages=$((pages + 1))
	after=$(perl -MJSON::PP -0777 -ne 'print decode_json($_)->{next} // ""' "$dir/out")
	[ -n "$after" ] && [ $pages -lt 10 ] || break
done
ok 'three pages' is $pages 3
ok 'hold every row once' is $n 120

finish
