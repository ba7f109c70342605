# tests/probe/probe.sh - for the checks of crs-probe: a place to work in, the
# workload program, and an unprivileged user.  Read with `.`.
#
#   $T         a directory of our own, removed at the end
#   $WORK      the workload program
#   watch DIR [OPTION]... -- COMMAND...   runs the probe unprivileged
#   launch DIR [OPTION]... -- COMMAND... &   so that $! is the probe
#   events DIR [FIELD=VALUE]...           how many events match
#   ok NAME TEST...                       one result
set -u

PROBE=$B/bin/crs-probe
T=$(mktemp -d)
chmod 755 "$T"
passed=0 failed=0
here=${BASH_SOURCE[0]%/*}

finish() {
	local status=$?
	rm -rf "$T"
	if [ $((passed + failed)) -gt 0 ]; then
		echo "$passed passed, $failed failed"
		[ "$failed" = 0 ] || status=1
	fi
	exit "$status"
}
trap finish EXIT

skip() {
	echo "$1"
	trap - EXIT
	rm -rf "$T"
	exit 77
}

# As root: another user without any privilege.  The build directory may be out
# of that user's reach, so the programs are copied.
cp "$PROBE" "$T/crs-probe" && PROBE=$T/crs-probe
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	USER_ID=1001
	as_user=(setpriv --reuid 1001 --regid 1001 --clear-groups)
else
	USER_ID=$(id -u)
	as_user=()
fi
# A directory on the path that this user cannot search would be an answer too.
export PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/go/bin
plain() { "${as_user[@]}" "$@"; }
mkdir -m 755 "$T/spool" "$T/work"
chown "$USER_ID" "$T/spool" "$T/work" 2>/dev/null

plain "$PROBE" --check >"$T/check.txt" 2>&1 ||
	skip "no seccomp listener here: $(head -n 1 "$T/check.txt")"

WORK=$T/workload
${CC:-cc} -O1 -w -D_GNU_SOURCE -pthread -o "$WORK" "$here/workload.c" || exit 1
chmod 755 "$WORK"

watch() {
	local dir=$1
	shift
	plain "$PROBE" --spool "$dir" "$@"
}

launch() {
	local dir=$1
	shift
	exec "${as_user[@]}" "$PROBE" --spool "$dir" "$@"
}

events() {
	python3 "$here/events.py" count "$@"
}

ok() {
	local name=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok: $name: $*"
	fi
}

# is NAME GOT WANTED
is() {
	ok "$1 (got '$2', wanted '$3')" test "$2" = "$3"
}
