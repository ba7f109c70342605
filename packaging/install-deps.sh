#!/bin/sh
# Installs the Debian packages of the given profiles, each a list in
# packaging/deps/PROFILE.txt.  What is there already is left alone: with nothing
# missing this takes no time, no network and no privilege.
#
#   packaging/install-deps.sh build test
set -u

here=$(dirname "$0")
missing=

[ $# -gt 0 ] || { echo "usage: $0 PROFILE..." >&2; exit 2; }

for profile; do
	list=$here/deps/$profile.txt
	[ -r "$list" ] || { echo "install-deps: no such profile: $profile" >&2; exit 2; }
	for package in $(sed 's/#.*//' "$list"); do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)
		[ "$status" = installed ] || missing="$missing $package"
	done
done
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
	echo "install-deps: there is no apt-get here; please install:$missing" >&2
	exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "install-deps: neither root nor sudo; as root run: apt-get install$missing" >&2
		exit 1
	fi
	as_root=sudo
fi

install() {
	$as_root apt-get -q update >/dev/null &&
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
			--no-install-recommends install $missing >"$log" 2>&1
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "installing:$missing"
install || { sleep 3; install; } && exit 0
tail -n 20 "$log" >&2
echo "install-deps: could not install:$missing" >&2
exit 1
