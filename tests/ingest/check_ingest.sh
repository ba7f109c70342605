#!/bin/bash
# crs-ingest from files, spools and standard input: following, rotation, hostile
# directories, kills, full disks.
set -u
export LC_ALL=C

. "$(dirname "$0")/../tools/count.sh"

B=$(cd "${B:-build}" && pwd)
dump=$B/bin/crs-dump
work=$(mktemp -d)
stores=$work/stores
mkdir "$stores"
ingest_pid=
mounted=

tidy() {
	[ -n "$ingest_pid" ] && kill -KILL "$ingest_pid" 2>/dev/null
	[ -n "$mounted" ] && umount "$mounted"
	chmod -R u+w "$work"
	rm -rf "$work"
}
trap tidy EXIT
trap 'exit 1' INT TERM

# Events FROM .. FROM + COUNT - 1, one a line.
events() { # FROM COUNT
	awk -v from="$1" -v n="$2" 'BEGIN {
		for (i = from; i < from + n; i++)
			printf "{\"uuid\":\"00000000-0000-4000-8000-%012x\",\"eventTime\":" \
			       "\"2026-01-01T00:%02d:%02dZ\",\"sensorSeq\":%d,\"processName\":\"p%d\"}\n",
			       i, i / 60 % 60, i % 60, i, i % 7 }'
}

ingest() { # STORE ARGUMENT...
	store=$1
	shift
	"$B/bin/crs-ingest" --store "$stores/$store" "$@" >>"$stores/$store.log" 2>&1
}

start_ingest() { # STORE ARGUMENT...
	store=$1
	shift
	"$B/bin/crs-ingest" --store "$stores/$store" "$@" >>"$stores/$store.log" 2>&1 &
	ingest_pid=$!
}

stop_ingest() { # [SIGNAL]
	kill "-${1:-TERM}" "$ingest_pid"
	wait "$ingest_pid" 2>/dev/null
	status=$?
	ingest_pid=
	return $status
}

rows() { # STORE DATASET
	"$dump" "$stores/$1" "$2"
}

count() { # STORE DATASET
	rows "$1" "$2" | wc -l
}

numbers() { # STORE
	rows "$1" events | grep -o '"sensorSeq":[0-9]*' | cut -d: -f2 | sort -n
}

stored_exactly() { # STORE FROM COUNT
	numbers "$1" >"$work/got"
	seq "$2" $(($2 + $3 - 1)) >"$work/expected"
	cmp -s "$work/got" "$work/expected" ||
		fail "expected $3 events, $(wc -l <"$work/got") are stored, first difference: $(
			diff "$work/got" "$work/expected" | sed -n '2p')"
}

dead() { # STORE FIELD: of each dead letter, in order
	rows "$1" deadletters | jq -r ".$2" | tr '\n' ' ' | sed 's/ $//'
}

wait_until() { # SECONDS COMMAND...
	tries=$(($1 * 20))
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.05
	done
}

has_events() { # STORE COUNT
	[ "$(count "$1" events 2>/dev/null)" -ge "$2" ]
}

# Runs crs-ingest; it must end with STATUS and one line that holds TEXT.
one_line() { # STATUS TEXT ARGUMENT...
	want=$1 text=$2
	shift 2
	timeout 20 "$B/bin/crs-ingest" "$@" >"$work/out" 2>&1 </dev/null
	same "status of $*" "$want" $?
	grep -qF -- "$text" "$work/out" || fail "$*: '$text' is not in: $(cat "$work/out")"
	[ "$(grep -vc '^hint: \|level=warn' "$work/out")" = 1 ] || fail "$*: $(cat "$work/out")"
}

begin "a file is stored once; a second run says so"
events 0 1000 >"$work/a"
ingest file --once "file:$work/a" || fail "$(tail -n 1 "$stores/file.log")"
stored_exactly file 0 1000
ingest file --once "file:$work/a" || fail "$(tail -n 1 "$stores/file.log")"
grep -q 'already stored' "$stores/file.log" || fail "the second run did not say so"
stored_exactly file 0 1000
same "bytes" "$(sort "$work/a" | sha256sum)" "$(rows file events | sort | sha256sum)"

begin "what is appended later is stored by the next run, the unfinished line too"
events 1000 10 >>"$work/a"
events 1010 1 | tr -d '\n' >>"$work/a"
ingest file --once "file:$work/a" || fail "$(tail -n 1 "$stores/file.log")"
stored_exactly file 0 1011

begin "a file is followed, and SIGTERM drains"
events 0 100 >"$work/f"
start_ingest follow "file:$work/f"
wait_until 10 has_events follow 100 || fail "the first lines did not arrive"
events 100 50 >>"$work/f"
wait_until 10 has_events follow 150 || fail "later lines did not arrive"
events 150 1 | head -c 40 >>"$work/f"
sleep 0.3
same "events with half a line" 150 "$(count follow events)"
events 150 1 | tail -c +41 >>"$work/f"
wait_until 10 has_events follow 151 || fail "the finished line did not arrive"

begin "a rotated file is read to its end before the new one"
mv "$work/f" "$work/f.1"
events 151 20 >>"$work/f.1"
events 171 20 >"$work/f"
wait_until 10 has_events follow 191 || fail "the new file was not read"
stop_ingest || fail "status $? on SIGTERM"
stored_exactly follow 0 191

begin "a file that was rotated while nobody looked is found by its inode"
events 191 10 >>"$work/f"
mv "$work/f" "$work/f.2"
events 201 10 >"$work/f"
ingest follow --once "file:$work/f" || fail "$(tail -n 1 "$stores/follow.log")"
stored_exactly follow 0 211
same "dead letters" 0 "$(count follow deadletters)"

begin "a rotated file that is gone is a GAP"
events 211 10 >>"$work/f"
rm "$work/f"
events 221 5 >"$work/g" && mv "$work/g" "$work/f"
ingest follow --once "file:$work/f" || fail "$(tail -n 1 "$stores/follow.log")"
same "reasons" GAP "$(dead follow reason)"
same "events" 216 "$(count follow events)"

begin "a file that is cut while followed is a GAP and begins again"
events 0 100 >"$work/t"
start_ingest cut "file:$work/t"
wait_until 10 has_events cut 100 || fail "the lines did not arrive"
: >"$work/t"
sleep 0.5
events 100 30 >>"$work/t"
wait_until 10 has_events cut 130 || fail "the lines after the cut did not arrive"
stop_ingest || fail "status $? on SIGTERM"
stored_exactly cut 0 130
same "reasons" GAP "$(dead cut reason)"

begin "a file that changed behind its position is a GAP and begins again"
events 0 100 >"$work/c"
ingest changed --once "file:$work/c"
events 100 100 | dd of="$work/c" conv=notrunc status=none
ingest changed --once "file:$work/c" || fail "$(tail -n 1 "$stores/changed.log")"
stored_exactly changed 0 200
same "reasons" GAP "$(dead changed reason)"

begin "standard input"
{ events 0 100; echo; events 100 1 | tr -d '\n'; } | ingest stdin --once - || fail "$(tail -n 1 "$stores/stdin.log")"
stored_exactly stdin 0 101

begin "what cannot be an event is a dead letter, and its neighbours are unharmed"
{
	events 0 1
	echo '{"a":'
	printf '\xff\xfe\n'
	echo '[1,2]'
	head -c 3000000 /dev/zero | tr '\0' x
	echo
	printf '{"a":%s' "$(printf '[%.0s' $(seq 1000))"
	echo
	printf '\xef\xbb\xbf{"a":1}\n'
	head -c 1048577 /dev/zero | tr '\0' ' ' | sed 's/^ /{/; s/ $/}/'
	echo
	events 1 1
} >"$work/garbage"
ingest garbage --once "file:$work/garbage" || fail "$(tail -n 1 "$stores/garbage.log")"
stored_exactly garbage 0 2
same "reasons" "NOT_JSON NOT_UTF8 NOT_OBJECT TOO_LARGE TOO_DEEP NOT_JSON TOO_LARGE" \
	"$(dead garbage reason)"
same "raw bytes" "5 2 5 3000000 1005 10 1048577" "$(dead garbage rawBytes)"
same "bytes that are not UTF-8" "fffe" \
	"$(rows garbage deadletters | jq -r 'select(.rawBase64).rawBase64' | base64 -d | od -An -tx1 | tr -d ' \n')"
same "sum of 3,000,000 times x" "$(head -c 3000000 /dev/zero | tr '\0' x | sha256sum | cut -d' ' -f1)" \
	"$(rows garbage deadletters | jq -r 'select(.rawBytes == 3000000).rawSha256')"
same "first part of it" 65536 \
	"$(rows garbage deadletters | jq -r 'select(.rawBytes == 3000000).raw | length')"

begin "a spool is read in order and emptied"
u1=11111111-1111-4111-8111-111111111111
u2=22222222-2222-4222-8222-222222222222
mkdir "$work/spool"
events 0 10 >"$work/spool/$u1-0.ndjson"
events 10 10 >"$work/spool/$u1-10.ndjson"
events 20 10 >"$work/spool/$u2-0.ndjson"
echo stays >"$work/spool/README"
ingest spool --once "spool:$work/spool" || fail "$(tail -n 1 "$stores/spool.log")"
stored_exactly spool 0 30
same "files left" README "$(ls "$work/spool")"

begin "a spool file that comes back is not stored again"
events 10 10 >"$work/spool/$u1-10.ndjson"
events 0 10 >"$work/spool/$u1-0.ndjson"
ingest spool --once "spool:$work/spool" || fail "$(tail -n 1 "$stores/spool.log")"
stored_exactly spool 0 30
same "files left" README "$(ls "$work/spool")"

begin "an .open file that is locked is left alone, an unlocked one is taken as it is"
events 30 5 >"$work/spool/$u1-20.ndjson.open"
events 35 5 >"$work/spool/$u2-10.ndjson.open"
events 40 1 | head -c 30 >>"$work/spool/$u2-10.ndjson.open"
exec 9>>"$work/spool/$u1-20.ndjson.open"
flock -x 9
ingest spool --once "spool:$work/spool" || fail "$(tail -n 1 "$stores/spool.log")"
same "events" 35 "$(count spool events)"
same "the torn line" NOT_JSON "$(dead spool reason)"
same "files left" "$u1-20.ndjson.open README" "$(ls "$work/spool" | tr '\n' ' ' | sed 's/ $//')"
exec 9>&-
ingest spool --once "spool:$work/spool" || fail "$(tail -n 1 "$stores/spool.log")"
stored_exactly spool 0 40

begin "a hostile spool cannot make it read or remove something else"
mkdir "$work/hostile"
events 0 5 >"$work/secret"
cp "$work/secret" "$work/secret2"
ln -s "$work/secret" "$work/hostile/$u1-0.ndjson"
ln "$work/secret2" "$work/hostile/$u1-1.ndjson"
mkfifo "$work/hostile/$u1-2.ndjson"
mkdir "$work/hostile/$u1-3.ndjson"
ln -s /dev/zero "$work/hostile/$u1-4.ndjson.open"
events 10 5 >"$work/hostile/$u2-0.ndjson"
wanted="10"
if [ "$(id -u)" = 0 ]; then
	events 20 5 >"$work/hostile/$u2-9.ndjson"
	chown 12345 "$work/hostile/$u2-9.ndjson"
fi
timeout 20 "$B/bin/crs-ingest" --store "$stores/h" --once "spool:$work/hostile" >"$work/h.log" 2>&1
same status 0 $?
stored_exactly h $wanted 5
same "the files outside" 10 "$(cat "$work/secret" "$work/secret2" | wc -l)"
[ -e "$work/hostile/$u1-1.ndjson" ] || fail "a hard link was removed"

begin "a spool is followed"
mkdir "$work/live"
start_ingest live "spool:$work/live"
for i in 0 1 2 3 4; do
	events $((i * 10)) 10 >"$work/live/$u1-$((i * 10)).ndjson.open"
	mv "$work/live/$u1-$((i * 10)).ndjson.open" "$work/live/$u1-$((i * 10)).ndjson"
	sleep 0.1
done
wait_until 10 has_events live 50 || fail "the events did not arrive"
stop_ingest || fail "status $? on SIGTERM"
stored_exactly live 0 50
same "files left" "" "$(ls "$work/live")"

begin "killed at random moments while it reads a file, nothing is lost or doubled"
events 0 300000 >"$work/big"
kills=0
while [ $kills -lt 20 ]; do
	start_ingest killed --once "file:$work/big"
	sleep "0.0$((RANDOM % 9 + 1))"
	kill -KILL "$ingest_pid" 2>/dev/null && kills=$((kills + 1))
	wait "$ingest_pid" 2>/dev/null
	ingest_pid=
done
ingest killed --once "file:$work/big" || fail "$(tail -n 1 "$stores/killed.log")"
stored_exactly killed 0 300000

begin "killed at random moments while it reads a spool, nothing is lost or doubled"
mkdir "$work/kspool"
for i in $(seq 0 49); do
	events $((i * 2000)) 2000 >"$work/kspool/$u1-$((i * 2000)).ndjson"
done
for i in $(seq 10); do
	start_ingest kspool --once "spool:$work/kspool"
	sleep "0.0$((RANDOM % 9 + 1))"
	kill -KILL "$ingest_pid" 2>/dev/null
	wait "$ingest_pid" 2>/dev/null
	ingest_pid=
done
ingest kspool --once "spool:$work/kspool" || fail "$(tail -n 1 "$stores/kspool.log")"
stored_exactly kspool 0 100000
same "files left" "" "$(ls "$work/kspool")"

begin "a second writer is told who the first one is"
start_ingest locked "file:$work/f"
wait_until 10 has_events locked 1 || fail "the first writer does not run"
one_line 3 "$ingest_pid" --store "$stores/locked" --once "file:$work/a"
stop_ingest || fail "status $? on SIGTERM"

begin "wrong usage ends in one line"
one_line 2 'no source is given' --store "$work/u"
one_line 2 '"nosuch:x" is not a source' --store "$work/u" nosuch:x
one_line 2 'is not a source' --store "$work/u" "$work/a"
one_line 2 'unknown option "--onec"' --store "$work/u" --onec -
one_line 2 "$work/missing" --store "$work/u" "file:$work/missing"
one_line 2 "$work/missing" --store "$work/u" "spool:$work/missing"
one_line 2 'is not a regular file' --store "$work/u" "file:$work"
one_line 2 'evnts' --store "$work/u" --dataset evnts --once -
one_line 2 'is given twice' --store "$work/u" - -
one_line 2 "$work/missing.json" --store "$work/u" --schema "$work/missing.json" -
one_line 2 'is not an address' --store "$work/u" --metrics nonsense -
one_line 3 'cannot listen on' --store "$work/u" --metrics 192.0.2.1:1 -

begin "a secret stands in a file that others cannot read"
printf 'kafka.bootstrap.servers = 127.0.0.1:1\nkafka.sasl.password = hunter2\n' >"$work/crs.conf"
chmod 644 "$work/crs.conf"
one_line 2 'others can read it' --store "$work/u" --config "$work/crs.conf" kafka:crs.events
chmod 640 "$work/crs.conf"
case ${SAN:-} in
*thread*) ;; # librdkafka's C11 threads crash under ThreadSanitizer
*)
	one_line 3 'no broker could be reached' --store "$work/u" \
		--config "$work/crs.conf" --connect-timeout 200ms kafka:crs.events
	grep -q hunter2 "$work/out" && fail "the secret is shown: $(cat "$work/out")"
	;;
esac
printf 'kafak.x = 1\n' >"$work/crs.conf"
one_line 2 'unknown key "kafak.x"' --store "$work/u" --config "$work/crs.conf" kafka:crs.events

begin "a schema of one's own needs no rebuild, and the store remembers it"
cat >"$work/app.json" <<-END
	{ "dataset": "app", "title": "App", "kind": "log", "time": "at",
	  "fields": [ { "name": "at", "type": "date", "help": "When." },
		      { "name": "msg", "type": "text", "help": "What." } ] }
END
echo '{"at":"2026-01-01T00:00:00Z","msg":"hello"}' >"$work/app.log"
ingest app --once --schema "$work/app.json" --dataset app "file:$work/app.log" ||
	fail "$(tail -n 1 "$stores/app.log")"
echo '{"at":"2026-01-01T00:00:01Z","msg":"again"}' >>"$work/app.log"
ingest app --once --dataset app "file:$work/app.log" || fail "without the schema file"
same "rows" 2 "$(count app app)"

begin "any number of threads and both decoders store the same"
{
	events 0 100000
	awk 'BEGIN { for (i = 0; i < 20000; i++) printf "{\"eventTime\": \"2026-02-01T00:00:00.%03dZ\", " \
		"\"processName\": \"a\\u00e9\\n%d\", \"more\": [1.0, null, {\"x\": %d}]}\n", i % 1000, i % 50, i }'
	printf 'nonsense\n[]\n{"processName":"\377"}\n{"processName":1e3}\n'
} >"$work/mixed"
for how in "1 fast" "2 fast" "5 fast" "1 yajl" "2 yajl"; do
	to="same-${how% *}-${how#* }"
	ingest "$to" --once --threads "${how% *}" --decoder "${how#* }" "file:$work/mixed" ||
		fail "$how: $(tail -n 1 "$stores/$to.log")"
	same "rows with $how" 120001 "$(count "$to" events)"
	rows "$to" events | sort | sha256sum >"$work/sum-$to"
	cmp "$work/sum-same-1-fast" "$work/sum-$to" || fail "$how: other rows"
	same "dead letters with $how" "NOT_JSON NOT_OBJECT NOT_UTF8" \
		"$(dead "$to" reason)"
done
one_line 2 'unknown decoder "slow"' --store "$work/u" --decoder slow "file:$work/a"

begin "a full disk: one line, nothing lost, and it goes on when there is room"
if mkdir "$work/disk" && mount -t tmpfs -o size=6m tmpfs "$work/disk" 2>/dev/null; then
	mounted=$work/disk
	events 0 400000 >"$work/many"
	"$B/bin/crs-ingest" --store "$work/disk/s" --once "file:$work/many" >"$work/out" 2>&1
	same status 3 $?
	grep -q 'No space left on device' "$work/out" || fail "$(cat "$work/out")"
	stored=$("$dump" "$work/disk/s" events | wc -l)
	[ "$stored" -gt 0 ] && [ "$stored" -lt 400000 ] || fail "$stored events are stored"
	mount -o remount,size=200m "$work/disk"
	"$B/bin/crs-ingest" --store "$work/disk/s" --once "file:$work/many" >"$work/out" 2>&1 ||
		fail "$(cat "$work/out")"
	same "events" 400000 "$("$dump" "$work/disk/s" events | grep -o '"sensorSeq":[0-9]*' | sort -u | wc -l)"
	same "rows" 400000 "$("$dump" "$work/disk/s" events | wc -l)"
	begin "a read-only disk: one line"
	mount -o remount,ro "$work/disk"
	one_line 3 'ead-only' --store "$work/disk/s" --once "file:$work/a"
	one_line 3 'ead-only' --store "$work/disk/new" --once "file:$work/a"
	umount "$work/disk"
	mounted=
else
	name=
	echo "not run: no right to mount a small disk"
fi

begin "metrics are served while it runs"
start_ingest metrics --metrics 127.0.0.1:19464 "file:$work/a"
wait_until 10 has_events metrics 1010 || fail "the events did not arrive"
curl -s http://127.0.0.1:19464/metrics >"$work/metrics.txt" || fail "no answer"
grep -q '^crs_ingest_events_total 1010$' "$work/metrics.txt" || fail "$(cat "$work/metrics.txt")"
same "GET /" 404 "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:19464/)"
stop_ingest || fail "status $? on SIGTERM"

finish
