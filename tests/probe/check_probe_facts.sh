#!/bin/bash
# What an event says: files, names, programs, addresses, refusals.
. "${0%/*}/probe.sh"

S=$T/spool/files W=$T/work
mkdir "$W/files" && chown "$USER_ID" "$W/files"
watch "$S" --image reg:5000/a/b:1@sha256:ff --container box -- "$WORK" files "$W/files"
is "files: status" $? 0
ok "files: sound" python3 "$here/events.py" sound "$S"
D=$W/files
n() { events "$S" "$@"; }
w() { n ruleType=WRITE systemCall=sys_write "$@"; }
r() { n ruleType=READ systemCall=sys_open "$@"; }

is "write of a new file" "$(w via=sys_openat filePath="$D/plain" 'arguments=O_WRONLY|O_CREAT|O_TRUNC')" 1
is "read through .." "$(r filePath="$D/plain" arguments=./sub/../plain)" 1
is "O_RDWR is one read" "$(r filePath="$D/plain" arguments=O_RDWR)" 1
is "O_RDWR is one write" "$(w filePath="$D/plain" arguments=O_RDWR)" 1
is "O_RDONLY|O_TRUNC writes too" "$(w filePath="$D/plain" 'arguments=O_RDONLY|O_TRUNC')" 1
is "O_RDONLY|O_CREAT of a new file writes" "$(w filePath="$D/new" arguments=new)" 1
is "through a linked directory" "$(w filePath="$D/sub/inside" arguments=via/inside via=sys_openat)" 1
is "below a descriptor" "$(r filePath="$D/sub/inside" arguments=inside)" 1
is "openat2 below a descriptor" "$(w via=sys_openat2 filePath="$D/sub/second")" 1
is "openat2 reads too" "$(r via=sys_openat2 filePath="$D/sub/second")" 1
is "through a dangling link" "$(w filePath="$D/dangling-target" arguments=dangling)" 1
is "missing files are no events" "$(n filePath="$D/missing")" 0
is "nor are missing directories" "$(n filePath="$D/no/such/dir")" 0
is "O_PATH is no event" "$(r filePath="$D/sub" via=sys_openat)" 0
is "rename" "$(w via=sys_rename filePath="$D/renamed" arguments="$D/plain" )" 1
is "rename has both names" "$(w via=sys_rename arguments="$D/renamed" arguments="$D/plain")" 1
is "renameat2 below a descriptor" "$(w via=sys_renameat2 filePath="$D/sub/moved" arguments="$D/renamed")" 1
is "link" "$(w via=sys_link filePath="$D/hard" arguments="$D/new")" 1
is "linkat" "$(w via=sys_linkat filePath="$D/hard2" arguments="$D/sub/moved")" 1
is "symlinkat keeps its text" "$(w via=sys_symlinkat filePath="$D/sub/soft" arguments=anywhere)" 1
is "truncate" "$(w via=sys_truncate filePath="$D/sub/inside")" 1
is "mknod" "$(w via=sys_mknod filePath="$D/fifo")" 1
is "unlink" "$(w via=sys_unlink filePath="$D/fifo")" 1
is "unlinkat" "$(w via=sys_unlinkat filePath="$D/sub/soft")" 1
is "creat" "$(w via=sys_creat filePath="$D/created")" 1
pid=$(python3 "$here/events.py" show "$S" processId filePath | awk -F'\t' -v d="$D/created" '$2 == d { print $1 }')
is "/proc/self is the caller's" "$(r filePath="/proc/$pid/status")" 1
is "bytes that are no UTF-8" "$(w filePath="$D/bad\\xffnameé")" 1
is "an unreadable path is said" "$(r filePath= quality=unreadable)" 1
is "all by one process" "$(n ruleType=WRITE processPath="$WORK" invokedPath="$WORK" processName=workload \
	userId="$USER_ID" workingDirectory="$D" parentProcessName=crs-keeper action=MONITOR processId="$pid" threadId="$pid")" \
	"$(n ruleType=WRITE)"
is "image and container" "$(n imageName=reg:5000/a/b imageTag=1 imageDigest=sha256:ff containerName=box)" "$(n)"
is "the sensor's own events" "$(n ruleType=PROBE sensorEvent=START):$(n ruleType=PROBE sensorEvent=END)" 1:1

S=$T/spool/exec
watch "$S" -- "$WORK" exec /bin/echo >"$T/out.txt"
is "exec: output" "$(sort -u "$T/out.txt")" "first se cond"
E=$(readlink -f /bin/echo)
x() { events "$S" ruleType=SYSCALL systemCall=sys_execve processPath="$WORK" "$@"; }
is "execve" "$(x via=sys_execve execPath="$E" execArgs='se cond')" 1
is "execveat of a descriptor" "$(x via=sys_execveat execPath="$E" execArgs=first)" 1
is "a program that is not there" "$(x execPath=/nonexistent/program)" 1
is "facts are new after exec" "$(events "$S" ruleType=READ processPath="$E" invokedPath=/bin/echo \
	commandLine='/bin/echo first se cond' filePath=/etc/ld.so.cache)" 1
printf '#!/bin/sh\n: >"%s"\n' "$W/made" >"$W/script"
chmod 755 "$W/script"
S=$T/spool/script
watch "$S" -- "$W/script"
is "a script has its own name and its interpreter's" "$(events "$S" ruleType=WRITE filePath="$W/made" \
	invokedPath="$W/script" processPath="$(readlink -f /bin/sh)" commandLine="/bin/sh $W/script")" 1

S=$T/spool/net
watch "$S" -- "$WORK" net >"$T/ports.txt"
is "net: status" $? 0
port() { awk -v w="$1" '$1 == w { print $2 }' "$T/ports.txt"; }
p4=$(port server4) p6=$(port server6) udp=$(port udp)
o() { n ruleType=NETWORK_OUTBOUND systemCall=sys_connect "$@"; }
i() { n ruleType=NETWORK_INBOUND "$@"; }
is "connect" "$(o via=sys_connect remoteIp=127.0.0.1 remotePort="$p4" protocol=TCP)" 2
is "accept4 knows the peer" "$(i systemCall=sys_accept via=sys_accept4 localIp=127.0.0.1 localPort="$p4" \
	remoteIp=127.0.0.1 remotePort="$(port client4)" protocol=TCP quality=)" 1
is "nobody there, non-blocking: no event" "$(i via=sys_accept localPort="$p4")" 1
is "bind" "$(i systemCall=sys_bind localIp=127.0.0.1 localPort=0 protocol=TCP)" 1
is "bind of a datagram socket" "$(i systemCall=sys_bind localIp=127.0.0.1 protocol=UDP)" 1
if [ "$p6" != 0 ]; then
	is "connect by v6" "$(o remoteIp=::1 remotePort="$p6" protocol=TCP)" 1
	is "blocking accept with somebody there" "$(i via=sys_accept localIp=::1 localPort="$p6" remoteIp=::1 quality=)" 1
fi
is "sendto" "$(o via=sys_sendto remoteIp=127.0.0.1 remotePort="$udp" localPort="$udp" protocol=UDP)" 1
is "sendmsg with an address only" "$(o via=sys_sendmsg remotePort="$udp")" 1
is "sendmmsg is folded" "$(o via=sys_sendmmsg remotePort="$udp" count=3)" 1
is "unix sockets are no events" "$(o remoteIp=)" 0

S=$T/spool/accepts
is "accept is what it was" "$("$WORK" accepts)" good
is "and is so when watched" "$(watch "$S" -- "$WORK" accepts)" good
is "its result is told" "$(events "$S" via=sys_accept returnCode=-24 remoteIp=127.0.0.1)" 1

S=$T/spool/prefork
watch "$S" -- timeout 60 "$WORK" prefork 8 200
is "eight servers on one socket, 1600 calls" $? 0
seen=$(n via=sys_accept remoteIp=127.0.0.1) unknown=$(n via=sys_accept quality=peer_unknown)
ok "all accepted ($seen, and $unknown of an unknown peer)" test $((seen + unknown)) -ge 1600

# Where the runtime refuses pidfd_getfd, /proc tells.
S=$T/spool/nogetfd
plain "$WORK" without-getfd "$PROBE" --spool "$S" -- "$WORK" net >"$T/ports.txt"
is "without pidfd_getfd: status" $? 0
p4=$(port server4) p6=$(port server6) udp=$(port udp)
is "connect" "$(o via=sys_connect remoteIp=127.0.0.1 remotePort="$p4")" 2
is "accept4 knows the peer" "$(i systemCall=sys_accept via=sys_accept4 localIp=127.0.0.1 localPort="$p4" \
	remoteIp=127.0.0.1 remotePort="$(port client4)" protocol=TCP quality=)" 1
is "nobody there, non-blocking: no event" "$(i via=sys_accept localPort="$p4")" 1
is "sendto" "$(o via=sys_sendto remotePort="$udp" localPort="$udp" protocol=UDP)" 1
is "unix sockets are no events" "$(o remoteIp=)" 0

S=$T/spool/iouring
watch "$S" -- "$WORK" iouring >"$T/out.txt"
is "io_uring_setup is refused" "$(cat "$T/out.txt")" "errno 38"
is "with one event" "$(n systemCall=sys_io_uring_setup ruleType=SYSCALL action=DENY enforced=true)" 1
if [ "$(uname -m)" = x86_64 ]; then
	S=$T/spool/int80
	watch "$S" -- "$WORK" int80 /etc/passwd >"$T/out.txt"
	is "a foreign call is refused" "$(cat "$T/out.txt")" "answer -38"
	is "with one event that says so" "$(n systemCall=sys_i386 systemCallNumber=5 action=DENY)" 1
	S=$T/spool/int80run
	watch "$S" --foreign run -- "$WORK" int80 /etc/passwd >"$T/out.txt"
	is "or let run, with one event" "$(n systemCall=sys_i386 action=MONITOR)" 1
fi
if [ "$(id -u)" = 0 ]; then
	S=$T/spool/ids
	"$PROBE" --spool "$S" -- "$WORK" ids 1001 /etc/hostname
	is "after setuid the new user is told" "$(n ruleType=READ filePath=/etc/hostname userId=1001 groupId=1001 processPath="$WORK")" 1
fi
if [ "$(id -u)" = 0 ]; then
	# As root in a container: without CAP_SYS_PTRACE a process that gave up
	# root is closed to us, but for the memory that was opened before.
	S=$T/spool/noptrace
	setpriv --bounding-set=-sys_ptrace,-sys_admin "$PROBE" --spool "$S" -- "$WORK" ids 1001 /etc/hostname
	is "after setuid, without CAP_SYS_PTRACE" "$(n ruleType=READ filePath=/etc/hostname arguments=/etc/hostname \
		userId=1001 processPath="$WORK")" 1
fi
