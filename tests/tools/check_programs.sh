#!/bin/bash
# What every program does alike: --help, --version, --man, one line and exit
# status 2 for an unknown option, keys of crs.conf that stand in base/conf.def;
# and `make install` puts all of them in place.
set -u
passed=0 failed=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

ok() {
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $2"
	fi
}

sed -n 's/^X("\([^"]*\)".*/\1/p' base/conf.def | sort >"$tmp/known"
: >"$tmp/used"
read -ra programs < <(${MAKE:-make} -s --no-print-directory print-programs)

for name in "${programs[@]}"; do
	path=$B/bin/$name
	"$path" --help >"$tmp/out" 2>"$tmp/err" && [ ! -s "$tmp/err" ] &&
		grep -q "^Usage: $name " "$tmp/out"
	ok $? "$name --help"
	[ "$(wc -L <"$tmp/out")" -le 80 ]
	ok $? "$name --help fits in 80 columns"
	"$path" --version | grep -Eq "^$name \(CRS\) [0-9]+\.[0-9]+\.[0-9]+$"
	ok $? "$name --version"
	"$path" --man >"$tmp/man" && grep -q '^\.SH EXIT STATUS$' "$tmp/man"
	ok $? "$name --man"
	if command -v groff >/dev/null; then
		[ -z "$(groff -man -ww -Tascii "$tmp/man" 2>&1 >/dev/null)" ]
		ok $? "$name --man is clean roff"
	fi
	sed -n 's/^In the configuration file: \\fB\(.*\)\\fR\.$/\1/p' "$tmp/man" |
		sed 's/\\-/-/g' >>"$tmp/used"
	"$path" --no-such-option >"$tmp/out" 2>"$tmp/err" </dev/null
	[ $? = 2 ] && [ ! -s "$tmp/out" ] &&
		grep -q '^[^ ]*: unknown option "--no-such-option"' "$tmp/err" &&
		[ "$(grep -vc '^hint: ' "$tmp/err")" = 1 ]
	ok $? "$name with an unknown option: one line, exit status 2"
done

sort -u "$tmp/used" >"$tmp/keys"
cmp -s "$tmp/keys" "$tmp/known"
ok $? "keys of the programs (<) are those of base/conf.def (>): $(diff "$tmp/keys" "$tmp/known" | grep '^[<>]' | tr '\n' ' ')"

${MAKE:-make} -s --no-print-directory B="$B" SAN="${SAN:-}" DESTDIR="$tmp/root" \
	PREFIX=/usr install >"$tmp/log" 2>&1
ok $? "make install: $(tail -n 3 "$tmp/log")"
for name in "${programs[@]}"; do
	[ -x "$tmp/root/usr/bin/$name" ] && [ -s "$tmp/root/usr/share/man/man1/$name.1" ]
	ok $? "$name is installed with its man page"
done
for schema in schemas/*.json; do
	cmp -s "$schema" "$tmp/root/usr/share/crs/schemas/${schema##*/}"
	ok $? "$schema is installed"
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
