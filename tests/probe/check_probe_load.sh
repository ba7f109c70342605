#!/bin/bash
# Nothing is missed under load, nothing gets stuck, and what does not fit is
# counted exactly.
. "${0%/*}/probe.sh"

echo x >"$T/target"
chmod 644 "$T/target"

# The last END's field $2 in spool $1.
last() {
	python3 "$here/events.py" show "$1" sensorEvent "$2" | awk -F'\t' '$1 == "END" { print $2 }'
}

S=$T/spool/threads
watch "$S" --ring 64M --spool-max 256M -- timeout 60 \
	"$WORK" threads "$T/target" 24 1000
is "24 threads: status" $? 0
is "24 threads of 1000 opens are 24000 events" "$(events "$S" ruleType=READ filePath="$T/target")" 24000
is "of 24 threads" "$(python3 "$here/events.py" show "$S" filePath threadId | awk -F'\t' -v t="$T/target" '$1 == t { print $2 }' |
	sort -u | wc -l)" 24
ok "24 threads: sound" python3 "$here/events.py" sound "$S"

S=$T/spool/messages
watch "$S" --ring 64M --spool-max 256M -- timeout 60 \
	"$WORK" messages "$T/target" 8 500
is "sendmsg among the trapped calls: no deadlock" $? 0
is "and no open is missed" "$(events "$S" ruleType=READ filePath="$T/target")" 4000

mkdir "$T/work/storm" && chown "$USER_ID" "$T/work/storm"
S=$T/spool/storm
watch "$S" -- "$WORK" storm "$T/work/storm" 3000 >"$T/out.txt"
is "a storm of signals repeats no call" "$(cat "$T/out.txt")" "failed 0"
is "and no event" "$(events "$S" ruleType=WRITE workingDirectory="$T/work/storm")" 3000

# The spool holds little: what was deleted and what is there make the whole.
S=$T/spool/small
watch "$S" --ring 64M --spool-max 1M -- "$WORK" threads "$T/target" 2 5000
there=$(events "$S") lost=$(last "$S" droppedSpool)
ok "a small spool loses some ($lost)" test "$lost" -gt 1000
is "small spool: kept and lost make the last number" $((there + lost)) "$(last "$S" sensorSeq)"
ok "a LOSS event tells" test "$(events "$S" sensorEvent=LOSS)" -ge 1
ok "the cap holds" test "$(du -sb "$S" | cut -f1)" -le $((1024 * 1024 + 8192))

# The ring holds little: what was refused takes no number.
of_calls() {
	echo $(($(events "$1") - $(events "$1" ruleType=PROBE)))
}
# However fast the sink is, an event with an argument longer than the ring is
# lost.
long=$(printf '%06000d' 0)
busy='"$1" threads "$2" 2 5000; "$1" threads "$2" 1 1 "$3"'
watch "$T/spool/wide" --ring 64M -- sh -c "$busy" sh "$WORK" "$T/target" "$long"
all=$(of_calls "$T/spool/wide")
S=$T/spool/ring
watch "$S" --ring 4096 -- sh -c "$busy" sh "$WORK" "$T/target" "$long"
lost=$(last "$S" droppedRing)
ok "a small ring loses some ($lost)" test "$lost" -gt 0
is "small ring: sent and lost are all" $(($(of_calls "$S") + lost)) "$all"
ok "small ring: no gaps" python3 "$here/events.py" sound "$S"

S=$T/spool/rate
watch "$S" --max-rate 100 -- "$WORK" threads "$T/target" 1 5000
ok "above the rate: counted" test "$(last "$S" droppedRate)" -gt 1000
ok "above the rate: no gaps" python3 "$here/events.py" sound "$S"

# A page that only the watched program itself can fill in: the call on it is
# let go, and so are the others, until the supervisor moves again.
S=$T/spool/stuck
"$PROBE" --spool "$S" -- "$WORK" stuck "$T/target" >"$T/out.txt" 2>&1
case $? in
77) echo "no userfaultfd here: not tested" ;;
*)
	is "a supervisor that is stuck holds nobody up" "$(cat "$T/out.txt")" "went on"
	is "and sees again afterwards" "$(events "$S" ruleType=WRITE filePath="$T/target")" 100
	unseen=$(last "$S" droppedRing)
	is "what was not seen is counted" $((unseen + $(events "$S" ruleType=READ filePath="$T/target"))) 201
	;;
esac

case ${SAN:-} in
*thread*) exit ;; # it does not know how librdkafka makes its threads
esac

# Nobody at the other end: all goes to the spool, in time.
S=$T/spool/nobroker
start=$SECONDS
watch "$S" --kafka 127.0.0.1:1 --drain 1s -- "$WORK" threads "$T/target" 1 500 2>"$T/err.txt"
is "no broker: status" $? 0
is "no broker: the spool has them" "$(events "$S" ruleType=READ filePath="$T/target")" 500
ok "no broker: sound" python3 "$here/events.py" sound "$S"
ok "no broker: it says so" grep -q Kafka "$T/err.txt"
ok "no broker: the end is not held up ($((SECONDS - start)) s)" test $((SECONDS - start)) -le 10
plain "$PROBE" --kafka 127.0.0.1:1 --drain 1s -- "$WORK" one "$T/target" 2>/dev/null
is "no broker and no spool: the command's status" $? 0
