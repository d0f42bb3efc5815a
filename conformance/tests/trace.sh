#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Every requirement has a case and every case a requirement; every case is in
# one list of conformance/mustpass/.
set -eu
: "${builddir:=.}" "${srcdir:=.}" "${AWK:=awk}"
trace=$srcdir/tools/pipc-trace
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
refused() { # MESSAGE FILE PROGRAM
	! "$trace" "$2" "$3" >"$dir/said" 2>&1 && grep -q -- "$1" "$dir/said"
}
listed() {
	"$builddir/pipc-conform" --list >"$dir/cases"
	"$AWK" 'FILENAME == cases { split($0, f, "\t"); id[f[1]]; next }
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
result trace "$trace" "$requirements" "$builddir/pipc-mutants"
result ids-differ ids_differ
result lists listed
sed '/^requirement: SEM-007/s/7/x/' "$requirements" >"$dir/less"
result unknown-named refused 'names SEM-007, which does not exist' \
	"$dir/less" "$builddir/pipc-conform"
result no-case refused 'requirement SEM-00x has no case' \
	"$dir/less" "$builddir/pipc-conform"
sed '/^spec: .*S84/d' "$requirements" >"$dir/gap"
result no-sentence refused 'sentence S84 has no case' \
	"$dir/gap" "$builddir/pipc-mutants"
result unreadable refused "cannot read '/no/such'" /no/such true
result no-program refused "cannot run '/no/such'" "$requirements" /no/such
echo "1..$n"
