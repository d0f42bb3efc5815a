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
# NAME COMMAND...: the command's success is the result.
result() {
	name=$1
	shift
	n=$((n + 1))
	if "$@"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$dir/out"
	fi
}
says() { tr -d '\n\t' <"$dir/out" | grep -q -- "$1"; }
refuses() { ! compile >"$dir/out" 2>&1 && says "x.quirks:[0-9]*: $1"; }
accepts() { compile >"$dir/out" 2>&1 && says "$1"; }
input() { printf '%s\n' "$good" | sed "$1" >"$dir/x.quirks"; }
refused() { # NAME SED-SCRIPT MESSAGE
	input "$2"
	result "$1" refuses "$3"
}
input ''
result good accepts '"a report", "something that goes on.", false}'
input 's/a report/a report; unverified/'
result unverified accepts '"something that goes on.", true}'
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
