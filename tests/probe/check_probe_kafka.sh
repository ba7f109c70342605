#!/bin/bash
# Events to a real broker: the whole run under one key, and what the broker does
# not take while it is away is in the spool, once each.
case ${SAN:-} in
*thread*)
	echo "librdkafka's threads are made without the sanitizer's knowledge"
	exit 77
	;;
esac
kafka=${0%/*}/../kafka/kafka.sh
command -v kcat >/dev/null || {
	echo "kcat is not installed"
	exit 77
}
"$kafka" fetch >/dev/null 2>&1 || {
	"$kafka" fetch
	exit
}
. "${0%/*}/probe.sh"

port=$("$B/bin/kafkactl" port)
brokers=127.0.0.1:$port
"$kafka" start "$T/broker" "$port" || exit 1
stop_broker() {
	[ -f "$T/broker/pid" ] && "$kafka" crash "$T/broker"
}
trap 'stop_broker; finish' EXIT
"$B/bin/kafkactl" "$brokers" create probe 4 retention.ms=-1 || exit 1

# "KEY JSON" lines of the topic.
topic() {
	timeout 30 kcat -C -q -e -b "$brokers" -t "$1" -o beginning -f '%k %s\n'
}

echo x >"$T/target"
chmod 644 "$T/target"
plain "$PROBE" --kafka "$brokers" --topic probe -- "$WORK" threads "$T/target" 4 1000
is "status" $? 0
topic probe >"$T/all.txt"
cut -d' ' -f2- "$T/all.txt" >"$T/all.json"
mkdir "$T/asfile"
cp "$T/all.json" "$T/asfile/x-$(head -n 1 "$T/all.json" | sed 's/.*"sensorSeq":\([0-9]*\).*/\1/').ndjson"
ok "sound" python3 "$here/events.py" sound "$T/asfile"
is "every open" "$(events "$T/asfile" ruleType=READ filePath="$T/target")" 4000
is "one key, the sensor" "$(cut -d' ' -f1 "$T/all.txt" | sort -u)" \
	"$(sed 's/.*"sensorUuid":"\([^"]*\).*/\1/' "$T/all.json" | sort -u)"

sha=$(printf '%064d' 7)
plain "$PROBE" --kafka "$brokers" --topic probe --container-sha "$sha" -- true
is "one key, the container" "$(topic probe | grep -c "^$sha .*\"containerSha\":\"$sha\"")" \
	"$(topic probe | grep -c "^$sha ")"

# The broker goes away for good while events come.
"$B/bin/kafkactl" "$brokers" create outage 1 retention.ms=-1 || exit 1
S=$T/spool/outage
plain "$PROBE" --kafka "$brokers" --topic outage --spool "$S" -X message.timeout.ms=1500 --drain 2s -- \
	sh -c "while [ ! -e '$T/work/done' ]; do cat '$T/target'; sleep 0.2; done" >/dev/null 2>"$T/err.txt" &
pid=$!
for _ in $(seq 100); do
	[ "$("$B/bin/kafkactl" "$brokers" ends outage | cut -d' ' -f3)" -gt 5 ] && break
	sleep 0.1
done
"$kafka" stop "$T/broker"
sleep 3
touch "$T/work/done"
wait "$pid"
is "outage: status" $? 0
ok "outage: said once" test "$(grep -c Kafka "$T/err.txt")" -ge 1 -a "$(grep -c Kafka "$T/err.txt")" -le 3
"$kafka" start "$T/broker" "$port" || exit 1
topic outage >"$T/after.txt"
seqs() {
	sed 's/.*"sensorSeq":\([0-9]*\).*/\1/'
}
ok "outage: the broker has some" test "$(wc -l <"$T/after.txt")" -gt 5
ok "outage: the spool has the rest" test "$(events "$S")" -gt 5
last=$(cat "$S"/*.ndjson | seqs | sort -n | tail -n 1)
is "outage: none is missing" "$( (seqs <"$T/after.txt"; cat "$S"/*.ndjson | seqs) | sort -nu | wc -l)" "$last"
is "outage: END is in the spool" "$(events "$S" sensorEvent=END droppedRing=0 droppedSpool=0)" 1
