#!/bin/bash
# The probe stands for its command: status, signals, terminal; and watches on
# when the command or the process in the foreground is gone.
. "${0%/*}/probe.sh"

S=$T/spool/life
status() {
	"$@" >"$T/out.txt" 2>"$T/err.txt"
	echo $?
}
is "status 0" "$(status watch "$S" -- true)" 0
is "status 7" "$(status watch "$S" -- sh -c 'exit 7')" 7
is "death by a signal" "$(status watch "$S" -- sh -c 'kill -KILL $$')" 137
is "not found" "$(status watch "$S" -- no-such-command)" 127
ok "not found: said" grep -q '^crs-probe: cannot run "no-such-command": No such file' "$T/err.txt"
is "not executable" "$(status watch "$S" -- /etc/passwd)" 126
printf '#!/nonexistent/interpreter\n' >"$T/noint"
chmod 755 "$T/noint"
is "no interpreter" "$(status watch "$S" -- "$T/noint")" 127
is "no command" "$(status watch "$S")" 2
is "no place for events" "$(status plain "$PROBE" -- true)" 2
is "a bad option" "$(status watch "$S" --spool-max none -- true)" 2
is "a bad Kafka property" "$(status plain "$PROBE" --kafka localhost:1 -X no.such=1 -- true)" 2
is "a spool that is a file" "$(status watch /etc/passwd -- true)" 2
ok "a spool that is a file: said" grep -q '"/etc/passwd" is not a directory' "$T/err.txt"
ln -s "$T/spool" "$T/link"
is "a spool that is a link" "$(status watch "$T/link" -- true)" 2
is "a spool that cannot be made" "$(status watch /proc/spool -- true)" 3
is "standard input and output" "$(echo through | watch "$S" -- cat)" through
is "the command's output ends with it" "$(watch "$T/spool/left" -- sh -c 'sleep 5 >/dev/null 2>&1 & echo done')" done
is "the command keeps its other descriptors" "$(watch "$S" -- sh -c 'echo three >&3' 3>&1 >/dev/null)" three
is "and gets none of ours" "$(watch "$S" -- ls /proc/self/fd | tr '\n' ' ')" "$(ls /proc/self/fd | tr '\n' ' ')"
ok "life: sound" python3 "$here/events.py" sound "$S"

wait_for() {
	for _ in $(seq 1 200); do
		"$@" && return 0
		sleep 0.05
	done
	return 1
}
grew() {
	test "$(events "$@")" -gt "$before"
}

# Signals that are sent to the probe alone reach the command.
S=$T/spool/signal
launch "$S" -- sh -c 'trap "echo got; exit 9" TERM; echo ready; while :; do sleep 0.1; done' >"$T/out.txt" &
pid=$!
wait_for grep -q ready "$T/out.txt"
kill -TERM "$pid"
wait "$pid"
is "SIGTERM is passed on" "$?:$(tail -n 1 "$T/out.txt")" 9:got

# A blocking accept that nobody answers can be interrupted.
S=$T/spool/block
launch "$S" -- "$WORK" block >"$T/out.txt" &
pid=$!
wait_for grep -q server4 "$T/out.txt"
sleep 0.3
start=$(date +%s%N)
kill -TERM "$pid"
wait "$pid"
is "SIGTERM in accept kills" $? 143
took=$((($(date +%s%N) - start) / 1000000))
ok "within a second ($took ms)" test "$took" -lt 1000
is "the accept is an event of an unknown peer" "$(events "$S" via=sys_accept quality=peer_unknown \
	localPort="$(awk '{ print $2 }' "$T/out.txt")")" 1

# Stopping and going on, as a shell's job control sees it.
S=$T/spool/stop
launch "$S" -- sh -c 'kill -STOP $$; exit 5' &
pid=$!
stopped() { grep -q '^State:.*[Tt] ' "/proc/$pid/status"; }
ok "it stops when the command stops" wait_for stopped
kill -CONT "$pid"
wait "$pid"
is "and goes on with it" $? 5
ok "on a terminal too" python3 "$here/terminal.py" "${as_user[@]}" "$PROBE" --spool "$T/spool/tty"

# A daemon outlives the command.
S=$T/spool/daemon
echo x >"$T/target"
chmod 644 "$T/target"
watch "$S" -- "$WORK" daemon "$T/target" "$T/mark1"
is "the command ends before its daemon" $? 0
before=$(events "$S" filePath="$T/target")
ok "the daemon is watched on" wait_for grew "$S" filePath="$T/target"
touch "$T/mark1"
ended() { test "$(events "$S" sensorEvent=END)" = 1; }
ok "END comes with the daemon's end" wait_for ended
ok "daemon: sound" python3 "$here/events.py" sound "$S"

# The process in the foreground is killed; the command is not.
S=$T/spool/killed
launch "$S" -- sh -c "echo \$\$ >'$T/work/pid'; while [ ! -e '$T/mark2' ]; do cat '$T/target' >/dev/null || touch '$T/work/broken'; sleep 0.02; done; touch '$T/work/last'" &
pid=$!
wait_for test -s "$T/work/pid"
kill -KILL "$pid"
wait "$pid" 2>/dev/null
is "killed" $? 137
before=$(events "$S" filePath="$T/target" processName=cat)
ok "the command goes on and is watched" wait_for grew "$S" filePath="$T/target" processName=cat
touch "$T/mark2"
ok "to its own end" wait_for test -e "$T/work/last"
ok "and no call failed" test ! -e "$T/work/broken"
ok "killed: END" wait_for ended
ok "killed: sound" python3 "$here/events.py" sound "$S"

# The keeper is killed: that is said, and the status is still the command's.
launch "$T/spool/nokeeper" -- sh -c 'echo ready; sleep 1.5; exit 5' >"$T/out.txt" 2>"$T/err.txt" &
pid=$!
wait_for grep -q ready "$T/out.txt"
wait_for pgrep -P "$pid" -x crs-keeper >"$T/keeper"
kill -KILL "$(cat "$T/keeper")"
wait "$pid"
is "without a keeper: status" $? 5
ok "without a keeper: said" grep -q 'the watching process died' "$T/err.txt"

# One listener above another.
S=$T/spool/outer
is "nested: status" "$(status watch "$S" -- "$PROBE" --spool "$T/spool/inner" -- echo inside)" 3
is "nested: one line and a hint" "$(cat "$T/err.txt")" "crs-probe: cannot watch: another supervisor has a listener above this process (EBUSY)
hint: --if-unsupported run runs the command unwatched"
is "nested, if asked: runs" "$(watch "$S" -- "$PROBE" --if-unsupported run --spool "$T/spool/inner" -- echo inside 2>/dev/null)" inside
is "nested: the inner one tells its sink" "$(events "$T/spool/inner" sensorEvent=START)" 2
ok "nested: sound" python3 "$here/events.py" sound "$T/spool/inner"

S=$T/spool/beat
watch "$S" --heartbeat 200ms -- sleep 1.1
beats=$(events "$S" sensorEvent=HEARTBEAT)
ok "heartbeats ($beats)" test "$beats" -ge 4 -a "$beats" -le 6
