#!/bin/bash
# Exported symbols say where they live: index_* comes from index/.  The lowest
# floors drop the folder's word, there a word of the file's name stands for it:
# err_* comes from base/err.c, date_* from schemas/value_date.c.
set -u
failed=0 symbols=0

# Does $1 begin with one of the words that follow?
begins() {
	local name=$1 word
	shift
	case $name in
	# What instrumented code brings along.
	__*san* | __odr_asan* | _sancov*) return 0 ;;
	esac
	for word; do
		[[ $name == "$word"* ]] && return 0
	done
	return 1
}

while read -r folder _; do
	folder=${folder%:}
	archive=$B/lib$folder.a
	[ -f "$archive" ] || continue
	while read -r object name; do
		case $folder in
		base | schemas) words="${object%.o} ${folder%s}" words=${words//_/ } ;;
		*) words=${folder}_ ;;
		esac
		symbols=$((symbols + 1))
		begins "$name" $words && continue
		echo "$folder/${object%.o}.c exports $name, which does not begin with ${words// / or }"
		failed=1
	done < <(nm -A -g --defined-only "$archive" 2>/dev/null |
		sed -n 's/^[^:]*:\([^:]*\.o\):[0-9a-f]* [A-Z] \(.*\)$/\1 \2/p')
done < <(${MAKE:-make} -s --no-print-directory print-floors)
echo "$symbols symbols"
exit $failed
