#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Every sentence of the specification has a requirement, every requirement a case
# and every case a requirement; every case is in one list of conformance/mustpass/.
set -eu
: "${builddir:=.}" "${srcdir:=.}" "${AWK:=awk}"
trace=$srcdir/tools/pipc-trace
specification=$srcdir/conformance/specification.txt
requirements=$srcdir/conformance/requirements.txt
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
result() { # NAME COMMAND...
	name=$1
	shift
	n=$((n + 1))
	if AWK=$AWK "$@" >"$dir/out" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
	fi
	sed 's/^/# /' "$dir/out"
}
refused() { # MESSAGE SPECIFICATION REQUIREMENTS PROGRAM
	text=$1
	shift
	! "$trace" "$@" >"$dir/said" 2>&1 && grep -q -- "$text" "$dir/said"
}
listed() {
	"$builddir/pipc-conform" --list >"$dir/cases"
	"$AWK" 'FILENAME == cases { split($0, f, "\t"); id[f[1]]; next }
	/^# on request: / { $0 = $4 }
	/^#/ || NF == 0 { next }
	!($1 in id) { print FILENAME " lists no case: " $1; bad = 1 }
	$1 in listed { print "listed twice: " $1; bad = 1 }
	{ listed[$1] }
	END { for (i in id) if (!(i in listed)) {
		print "in no conformance/mustpass/*.cases: " i; bad = 1 }
	  exit bad }' cases="$dir/cases" "$dir/cases" \
		"$srcdir"/conformance/mustpass/*.cases
}
ids_differ() {
	! "$builddir/pipc-conform" --list | cut -f 1 | sort | uniq -d | grep .
}
result trace "$trace" "$specification" "$requirements" \
	"$builddir/pipc-mutants"
result ids-differ ids_differ
result lists listed
sed '/^requirement: SEM-007/s/7/x/' "$requirements" >"$dir/less"
result unknown-named refused 'names SEM-007, which does not exist' \
	"$specification" "$dir/less" "$builddir/pipc-conform"
result no-case refused 'requirement SEM-00x has no case' \
	"$specification" "$dir/less" "$builddir/pipc-conform"

# The sentences: one is removed, has no requirement, is named by none.
changed() { # SED-SCRIPT MESSAGE
	sed "$1" "$specification" >"$dir/changed"
	refused "$2" "$dir/changed" "$requirements" "$builddir/pipc-mutants"
}
result sentence-removed changed '/^sentence: S84$/,/^$/d' \
	'sentence S85 where S84 comes next'
result sentence-removed-named changed '/^sentence: S84$/,/^$/d' \
	'requirement MQ-114 names sentence S84, which does not exist'
result last-removed changed '/^sentence: S110$/,$d' \
	'requirement GEN-019 names sentence S110, which does not exist'
result no-requirement changed '/^sentence: S84$/,/^$/{/^requirements:/d;}' \
	'S84 must have either requirements or a reason'
result other-requirement changed \
	'/^sentence: S84$/,/^$/s/ MQ-115//' \
	'S84 lists requirements MQ-114 MQ-116 MQ-119 MQ-131, but'
result no-text changed '/^sentence: S84$/,/^$/{/^text:/d;}' \
	'S84 has no section or no text'
result unknown-line changed 's/^note:/nota:/' 'unknown line: nota:'
sed '/^spec: .*S84/d' "$requirements" >"$dir/gap"
result no-sentence refused 'sentence S84 has no case' \
	"$specification" "$dir/gap" "$builddir/pipc-mutants"
printf '\nsentence: S111\nsection: x\ntext: y\nreason: a statement of fact\n' |
	cat "$specification" - >"$dir/more"
with_reason() {
	"$trace" "$dir/more" "$requirements" "$builddir/pipc-mutants" |
		grep '^110 of 111 sentences .* 1 a reason'
}
result reason with_reason
result unreadable refused "cannot read '/no/such'" /no/such /no/such true
result no-program refused "cannot run '/no/such'" \
	"$specification" "$requirements" /no/such
echo "1..$n"
