#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Both readers of platform-notes/*.quirks, that of the build and that of
# --quirks FILE, name what is wrong in the same words, and what the notes claim
# is what the logs in platform-notes/evidence show.
set -eu
: "${builddir:=.}" "${srcdir:=.}" "${AWK:=awk}"
conform=$builddir/pipc-conform
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
echo '.id = "sem.open.absent"' >"$dir/cases.c"
n=0
compile() { "$AWK" -f "$srcdir/tools/quirks.awk" "$dir/x.quirks" "$dir/cases.c"; }
# The same lines on stderr, and the same verdict, at run time.
both() { # STATUS of the first reader
	run=0
	"$conform" --quirks "$dir/x.quirks" --list >/dev/null 2>"$dir/run" || run=2
	sed 's/^pipc-conform: //' "$dir/run" | sort >"$dir/run.sorted"
	sort "$dir/out" >"$dir/sorted"
	[ "$1" -eq 0 ] || diff "$dir/sorted" "$dir/run.sorted" >>"$dir/out" || return 1
	[ "$run" -eq "$1" ] || { cat "$dir/run" >>"$dir/out" && return 1; }
}
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
refuses() { ! compile >"$dir/out" 2>&1 && says "x.quirks:$1" && both 2; }
accepts() { compile >"$dir/out" 2>&1 && says "$1" && both 0; }
input() { printf '%s\n' "$good" | sed "$1" >"$dir/x.quirks"; }
refused() { # NAME SED-SCRIPT LINE:MESSAGE
	input "$2"
	result "$1" refuses "$3"
}
input ''
result good accepts '"a report", "something that goes on.", false}'
input 's/a report/a report; unverified/'
result unverified accepts '"something that goes on.", true}'
refused unknown-field 's/^note:/nota:/' "6: unknown field: 'nota'"
refused no-source '/^source:/d' "1: no 'source:'"
refused no-note '/^note:/,$d' "1: no 'note:'"
refused empty 's/^cases:.*/cases:/' "1: no 'cases:'"
refused outcome 's/timeout/late/' "4: unknown outcome: 'late'"
refused glob 's/open\.\*/opne.*/' "3: no case matches 'sem.opne.\*'"
refused second-glob 's/open\.\*/open.* mq.?/' "3: no case matches 'mq.?'"
refused glob-dot 's/open\.\*/open*absent x.*/;s/sem\./sem?/' "3: no case matches 'x.\*'"
refused match-field 's/version/vresion/' "2: unknown field to match: 'vresion'"
refused match-form 's/os=Linux/Linux/' "2: not FIELD=VALUE: 'Linux'"
refused match-operator 's/os=Linux/os==Linux/' "2: not FIELD=VALUE: 'os==Linux'"
refused match-version 's/10.3/ten/' "2: not a version: 'version<ten'"
refused stanza 's/^quirk:/quack:/' "1: a stanza begins with"
refused twice 's/^match:.*/&\n&/' "3: second 'match:'"
refused no-field 's/^match:/match/' "2: not 'field: value'"
refused orphan '1s/^/ lost\n/' "1: a continuation of nothing"
refused same-name '$s/$/\n\nquirk: a.b/' "9: second stanza of that name: 'a.b'"
input 's/something/a "quoted" \\ thing/'
result quoted accepts '"a \\"quoted\\" \\\\ thing that'
remedy='s/^quirk:.*/remedy: a.r/;s/^cases:.*/cause: mq*: *ENOSYS/
	s/^expect:.*/text: do this/;/^note:/,$d'
input "$remedy"
result remedy accepts '{"a.r", .*, "mq\*: \*ENOSYS", "", "do this"}'
refused remedy-no-cause "$remedy;/^cause:/d" "1: no 'cause:'"
input "$remedy;s/^text:/sign: missing:\/dev\/shm limit:msgqueue<10\n&/"
result signs accepts '"missing:/dev/shm limit:msgqueue<10"'
refused sign-unknown "$remedy;s/^text:/sign: moon:full\n&/" \
	"4: unknown sign: 'moon:full'"
refused sign-number "$remedy;s/^text:/sign: limit:nofile<x\n&/" \
	"4: unknown sign: 'limit:nofile<x'"
provides='s/^quirk:.*/provides: a.p/;s/^cases:.*/capabilities: sem mq_notify/
	/^expect:/d;/^note:/,$d'
input "$provides"
result provides accepts '{"a.p", .*, "sem mq_notify", "a report"}'
refused provides-unknown "$provides;s/mq_notify/mq_notfiy/" \
	"3: unknown capability: 'mq_notfiy'"
refused provides-nothing "$provides;s/^capabilities:.*/capabilities:/" \
	"1: no 'capabilities:'"
refused provides-note "$provides;s/^source:/note:/" "4: unknown field: 'note'"
refused two-faults 's/timeout/late/;s/open\.\*/opne.*/;s/version/vresion/' \
	"2: unknown field to match: 'vresion'"
refused second-bad "\$s/\$/\n\nquirk: a.b\nmatch: os=Linux\n also/" \
	"9: second stanza of that name"
refused only-a-name '2,$d' "1: no 'match:'"
input '1s/^/# a comment\n\n/;4s/$/\t /'
result comments accepts '"a report", "something that goes on.", false}'
input 's/$/\r/'
result carriage-returns accepts '"a report", "something that goes on.", false}'
refused carriage-return-bad 's/timeout/late/;s/$/\r/' \
	"4: unknown outcome: 'late'"
for sign in limit:nofile 'number:/proc/x<1' 'limit:<1' missing:dev filter:x \
	elsewhere:here held:half held:all 'number:a<b<1' small:; do
	input "$remedy;s|^text:|sign: $sign\n&|"
	case $sign in
	'number:/proc/x<1' | held:half) result "sign-$sign" accepts "\"$sign\"" ;;
	*) result "sign-$sign" refuses "4: unknown sign: '$sign'" ;;
	esac
done
# What is compiled in can be read at run time.
readable() { "$conform" --quirks "$1" --list >/dev/null 2>"$dir/out"; }
for name in "$srcdir"/platform-notes/*.quirks; do
	result "read-${name##*/}" readable "$name"
done
refused remedy-note "$remedy;s/^text:/note:/" "4: unknown field: 'note'"

# The rule of evidence: a quirk is unverified until a log shows it as xfail, or
# as absent if it expects that a case finds nothing to check.
notes=$srcdir/platform-notes
cat /dev/null "$notes"/evidence/*.jsonl >"$dir/logs" 2>"$dir/out" || :
shown() {
	grep -Eq "\"verdict\":\"(xfail|absent)\",\"quirk\":\"$1\"" "$dir/logs"
}
hidden() { ! shown "$1"; }
"$AWK" 'BEGIN { RS = "" }
	match($0, /(^|\n)quirk:[^\n]*/) {
		id = substr($0, RSTART, RLENGTH)
		sub(/^\n?quirk:[ \t]*/, "", id)
		source = substr($0, index($0, "\nsource:") + 1)
		sub(/\n[a-z].*/, "", source)
		print (source ~ /unverified/ ? "hidden" : "shown"), id
	}' "$notes"/*.quirks | grep -v ' null\.' >"$dir/quirks" # runner.sh shows null
while read -r how id; do
	result "$id" "$how" "$id"
done <"$dir/quirks"
red() { grep -o '"id":"[^"]*".*"verdict":"\(xpass\|regression\)"' "$dir/logs"; }
green() { ! red >"$dir/out"; }
result logs-are-green green
echo "1..$n"
