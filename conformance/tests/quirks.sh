#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The compiler of platform-notes/*.quirks names what is wrong in them.
set -eu
: "${srcdir:=.}" "${AWK:=awk}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
echo '.id = "sem.open.absent"' >"$dir/cases.c"
n=0
compile() { "$AWK" -f "$srcdir/tools/quirks.awk" "$dir/x.quirks" "$dir/cases.c"; }
good='quirk: a.b
match: os=Linux version<10.3
cases: sem.open.*
expect: fail timeout
source: a report
note: something
 that goes on.'
result() { # NAME CONDITION-STATUS
	n=$((n + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		printf '%s\n' "$out" | sed 's/^/# /'
	fi
}
refused() { # NAME SED-SCRIPT MESSAGE
	printf '%s\n' "$good" | sed "$2" >"$dir/x.quirks"
	if out=$(compile 2>&1); then
		result "$1" 1
	else
		printf '%s\n' "$out" | grep -q "x.quirks:[0-9]*: $3" &&
			result "$1" 0 || result "$1" 1
	fi
}
printf '%s\n' "$good" >"$dir/x.quirks"
out=$(compile 2>&1) && printf '%s\n' "$out" |
	grep -q '"a report", "something that goes on.", false' && result good 0 ||
	result good 1
printf '%s\n' "$good" | sed 's/a report/a report; unverified/' >"$dir/x.quirks"
out=$(compile 2>&1) && printf '%s\n' "$out" | grep -q ', true}' &&
	result unverified 0 || result unverified 1
refused unknown-field 's/^note:/nota:/' "unknown field: 'nota'"
refused no-source '/^source:/d' "no 'source:'"
refused no-note '/^note:/,$d' "no 'note:'"
refused outcome 's/timeout/late/' "unknown outcome: 'late'"
refused glob 's/open\.\*/opne.*/' "no case matches 'sem.opne.\*'"
refused match-field 's/version/vresion/' "unknown field to match: 'vresion'"
refused match-form 's/os=Linux/Linux/' "not FIELD=VALUE: 'Linux'"
refused stanza 's/^quirk:/quack:/' "a stanza begins with"
refused twice 's/^match:.*/&\n&/' "second 'match:'"
refused no-field 's/^match:/match/' "not 'field: value'"
refused orphan '1s/^/ lost\n/' "a continuation of nothing"
refused same-name '$s/$/\n\nquirk: a.b/' "second stanza of that name: 'a.b'"
echo "1..$n"
