#!/bin/sh
# Names each tool and library header that the build needs and does not find,
# in one line.
missing=

for tool in "${CC:-cc}" "${AR:-ar}" "${FLEX:-flex}" "${BISON:-bison}"; do
	command -v "${tool%% *}" >/dev/null 2>&1 || missing="$missing ${tool%% *}"
done
if command -v "${CC:-cc}" >/dev/null 2>&1; then
	for header in lmdb.h librdkafka/rdkafka.h yajl/yajl_parse.h zstd.h \
		xxhash.h uniwidth.h microhttpd.h openssl/evp.h; do
		echo "#include <$header>" | ${CC:-cc} -E -x c - >/dev/null 2>&1 ||
			missing="$missing <$header>"
	done
fi
[ -z "$missing" ] && exit 0
echo "missing:$missing; on Debian run packaging/install-deps.sh build" >&2
exit 1
