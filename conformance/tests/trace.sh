#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Every case names requirements that exist and is in one list; how many
# requirements have a case is printed.
set -eu
: "${builddir:=.}" "${srcdir:=.}" "${AWK:=awk}"
cases=$(mktemp)
trap 'rm -f "$cases"' EXIT
echo 1..3
"$builddir/pipc-conform" --list >"$cases"
if "$AWK" -F '\t' '$2 == "" { print "# " $1 " names no requirement"; bad = 1 }
	END { exit bad }' "$cases"; then
	echo "ok 1 - every case has a requirement"
else
	echo "not ok 1 - every case has a requirement"
fi
if "$AWK" 'FNR == NR { if ($1 == "requirement:") known[$2]; next }
	{ split($0, f, "\t"); n = split(f[2], r, " ")
	  for (i = 1; i <= n; i++) {
		if (!(r[i] in known)) { print "# unknown " r[i]; bad = 1 }
		else seen[r[i]] } }
	END { for (k in known) total++; for (s in seen) have++
	  print "# " have " of " total " requirements have a case"; exit bad }
	' "$srcdir/conformance/requirements.txt" "$cases"; then
	echo "ok 2 - every requirement named exists"
else
	echo "not ok 2 - every requirement named exists"
fi
if "$AWK" 'FILENAME == cases { split($0, f, "\t"); id[f[1]]; next }
	/^#/ || NF == 0 { next }
	!($1 in id) { print "# " FILENAME " lists no case: " $1; bad = 1 }
	$1 in listed { print "# listed twice: " $1; bad = 1 }
	{ listed[$1] }
	END { for (i in id) if (!(i in listed)) {
		print "# in no conformance/mustpass/*.cases: " i; bad = 1 }
	  exit bad }' cases="$cases" "$cases" \
	"$srcdir"/conformance/mustpass/*.cases; then
	echo "ok 3 - every case is in one list"
else
	echo "not ok 3 - every case is in one list"
fi
