#!/bin/bash
# Programs of every make are seen alike: dynamic and static glibc, static musl,
# Go, and bare system calls.
. "${0%/*}/probe.sh"

echo marked >"$T/marked"
chmod 644 "$T/marked"

# A program without any C library: opens argv[1], exits.
cat >"$T/bare.c" <<'C'
static long call(long n, long a, long b, long c)
{
	long ret;
	__asm__ volatile("syscall" : "=a"(ret) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return ret;
}
__attribute__((used)) static void begin(long *stack)
{
	call(60, call(2, stack[2], 0, 0) < 0, 0, 0);
}
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");
C

seen() {
	local name=$1 via=$2
	shift 2
	chmod 755 "$1"
	watch "$T/spool/$name" -- "$@"
	is "$name: status" $? 0
	is "$name: one event for one open" "$(events "$T/spool/$name" ruleType=READ via="$via" filePath="$T/marked" \
		processPath="$1" userId="$USER_ID")" 1
	ok "$name: sound" python3 "$here/events.py" sound "$T/spool/$name"
}

seen glibc sys_openat "$WORK" one "$T/marked"
if ${CC:-cc} -O1 -w -D_GNU_SOURCE -pthread -static -o "$T/static" "$here/workload.c" 2>/dev/null; then
	seen glibc-static sys_openat "$T/static" one "$T/marked"
fi
if command -v musl-gcc >/dev/null; then
	cat >"$T/musl.c" <<'C'
#include <fcntl.h>
int main(int argc, char **argv)
{
	return argc < 2 || open(argv[1], O_RDONLY) < 0;
}
C
	musl-gcc -static -o "$T/musl" "$T/musl.c" && seen musl-static sys_open "$T/musl" "$T/marked"
fi
if [ "$(uname -m)" = x86_64 ]; then
	${CC:-cc} -O1 -w -static -nostdlib -o "$T/bare" "$T/bare.c" && seen bare sys_open "$T/bare" "$T/marked"
fi
if command -v go >/dev/null && GOCACHE=$T/gocache CGO_ENABLED=0 go build -o "$T/go" "$here/open.go" 2>"$T/go.txt"; then
	seen go sys_openat "$T/go" "$T/marked" 127.0.0.1:9
	is "go: connect" "$(events "$T/spool/go" ruleType=NETWORK_OUTBOUND remoteIp=127.0.0.1 remotePort=9 protocol=TCP)" 1
fi
