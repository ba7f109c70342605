#!/bin/bash
# What being watched costs: single calls in ns, and real programs in ms, plain
# and watched by turns; the least of the rounds counts.
#
#   B=DIR tests/probe/bench.sh [ROUNDS]
. "${0%/*}/probe.sh"
rounds=${1:-7}

${CC:-cc} -O2 -D_GNU_SOURCE -o "$T/calls" "$here/bench_calls.c" || exit 1
chmod 755 "$T/calls"
rm -rf "$T/spool/b"

least() {
	sort -n | head -n 1
}
printf '%-22s %10s %10s %10s\n' call plain_ns watched_ns more_ns
for call in getppid:50000 open:2000 relative:2000 missing:2000; do
	name=${call%:*} n=${call#*:}
	for _ in $(seq "$rounds"); do
		"$T/calls" "$name" "$n" >>"$T/plain.$name"
		watch "$T/spool/b" -- "$T/calls" "$name" "$n" >>"$T/watched.$name"
	done
	p=$(awk '{ print $2 }' "$T/plain.$name" | least)
	w=$(awk '{ print $2 }' "$T/watched.$name" | least)
	printf '%-22s %10s %10s %10s\n' "$name" "$p" "$w" $((w - p))
done

cat >"$T/work/hello.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void)
{
	return puts("hello") < 0;
}
C
mkdir "$T/work/tree"
for d in $(seq 20); do
	mkdir "$T/work/tree/$d"
	for f in $(seq 30); do echo "$f" >"$T/work/tree/$d/$f"; done
done
chown -R "$USER_ID" "$T/work"
chmod -R a+rX "$T/work"

ms() {
	local start=$EPOCHREALTIME end
	"$@" >/dev/null 2>&1
	end=$EPOCHREALTIME
	echo $(((${end/./} - ${start/./}) / 100))
}
tenth() {
	printf '%d.%d' $(($1 / 10)) $(($1 % 10))
}
printf '%-22s %10s %10s %10s\n' program plain_ms watched_ms percent
work() {
	local name=$1 p w
	shift
	for _ in $(seq "$rounds"); do
		ms plain "$@" >>"$T/plain.$name"
		ms watch "$T/spool/b" -- "$@" >>"$T/watched.$name"
	done
	p=$(least <"$T/plain.$name")
	w=$(least <"$T/watched.$name")
	printf '%-22s %10s %10s %+9d%%\n' "$name" "$(tenth "$p")" "$(tenth "$w")" $(((w - p) * 100 / p))
}
work true /bin/true
work python python3 -c pass
work 200-execs sh -c 'i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done'
work gcc gcc -c -o /dev/null "$T/work/hello.c"
work tar-600-files tar cf /dev/null -C "$T/work" tree
work dd-40000-calls dd if=/dev/zero of=/dev/null bs=512 count=20000
