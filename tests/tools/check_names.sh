#!/bin/bash
# Exported symbols say where they live: index_* comes from index/.  The lowest
# floors drop the folder's word, there the first word of the file stands for it:
# err_* comes from base/err.c.
set -u
failed=0 symbols=0

while read -r folder _; do
	folder=${folder%:}
	archive=$B/lib$folder.a
	[ -f "$archive" ] || continue
	while read -r object name; do
		case $folder in
		base | schemas)
			word=${object%.o}
			word=${word%%_*}
			;;
		*) word=${folder}_ ;;
		esac
		symbols=$((symbols + 1))
		case $name in
		"$word"*) ;;
		# What instrumented code brings along.
		__*san* | __odr_asan* | _sancov*) ;;
		*)
			echo "$folder/${object%.o}.c exports $name, which does not begin with $word"
			failed=1
			;;
		esac
	done < <(nm -A -g --defined-only "$archive" 2>/dev/null |
		sed -n 's/^[^:]*:\([^:]*\.o\):[0-9a-f]* [A-Z] \(.*\)$/\1 \2/p')
done < <(${MAKE:-make} -s --no-print-directory print-floors)
echo "$symbols symbols"
exit $failed
