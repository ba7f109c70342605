#!/bin/bash
# Attackers' bytes never reach a terminal raw: in values, queries and paths,
# in rows, help, errors and every form of output.
. "$(dirname "$0")/lib.sh"

esc=$'\e[31m' c1=$'\xc2\x9b' bidi=$'\xe2\x80\xae' del=$'\x7f' bad=$'\xff'

perl -e '
	my @bad = ("\\u001b[31mred", "\xc2\x9b31m", "\xe2\x80\xaegpj.exe", "\x7f", "line\\nfeed",
		"tab\\there", "\\u0000nul", "\xe2\x81\xa6iso", "cr\\rlf", "\xd8\x9c");
	my $i = 0;
	for (@bad) {
		printf "{\"eventTime\":\"2026-01-22T10:00:%02dZ\",\"action\":\"DENY\",\"processName\":\"%s\",".
			"\"commandLine\":\"x %s y\",\"filePath\":\"/%s\",\"containerName\":\"%s\",\"tags\":[\"%s\"]}\n",
			$i++, $_, $_, $_, $_, $_;
	}' >"$dir/events"
store "$dir/store" "file:$dir/events"
export CRS_STORE=$dir/store TERM=xterm

for form in table json ndjson csv raw; do
	run_on_terminal "$qql" -o $form ''
	ok "$form is 0" is "$status" 0
	ok "$form is safe" out_is_safe
	ok "$form shows something" test -s "$dir/out"
done
run_on_terminal "$qql" -o csv --fields action,processName ''
ok 'a row of csv is a line' is "$(grep -c ^DENY "$dir/out")" "$(($(wc -l <"$dir/out") - 1))"
run_on_terminal "$qql" -o raw -0 ''
ok 'raw with NUL is safe' out_is_safe
run_on_terminal "$qql" ''
ok 'the table comes by itself' out_has eventTime
ok 'in the width of the terminal' test \
	"$(tr -d '\r' <"$dir/out" | wc -L)" -le 80
ok 'a row is a line' is "$(grep -c DENY "$dir/out")" 10
run_on_terminal "$qql" -o raw --force ''
ok '--force gives the bytes' grep -qF "$c1" "$dir/out"

for text in "$esc" "$c1" "$bidi" "$del" "$bad"; do
	for query in "nosuch$text:x" "action:$text" "\"$text" "$text" "processName:[$text"; do
		run_on_terminal "$qql" "$query"
		ok "query $(printf %q "$query") is safe" out_is_safe
		run_on_terminal "$qql" explain "$query"
		ok "explain $(printf %q "$query") is safe" out_is_safe
	done
	for option in -s -d --schema --since --tz --after --sort --fields -o -n --config --timeout; do
		run_on_terminal "$qql" $option "x${text}y" ''
		ok "$option $(printf %q "$text") is safe" out_is_safe
	done
	run_on_terminal "$qql" help "x$text"
	ok "help $(printf %q "$text") is safe" out_is_safe
	run_on_terminal "$qql" "--x$text"
	ok "an option with $(printf %q "$text") is safe" out_is_safe
done
for token in processName commandLine filePath tags; do
	run_on_terminal "$qql" help $token
	ok "values of $token are safe" out_is_safe
	ok "and shown" out_has 'most frequent'
done
run_on_terminal "$qql" datasets
ok 'datasets is safe' out_is_safe
run_on_terminal "$qql" stat
ok 'stat is safe' out_is_safe
hostile="$dir/sto$esc"
cp -r "$dir/store" "$hostile"
run_on_terminal "$qql" -s "$hostile" stat
ok 'the path of a store is safe' out_is_safe

finish
