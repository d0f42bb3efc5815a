#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Every case names requirements that exist; how many have a case is printed.
set -eu
echo 1..2
"$builddir/pipc-conform" --list >trace-cases.tmp
"$AWK" -F '\t' '$2 == "" { print "# " $1 " names no requirement"; bad = 1 }
	END { exit bad }' trace-cases.tmp && echo "ok 1 - every case has one" ||
	echo "not ok 1 - every case has one"
"$AWK" 'FNR == NR { if ($1 == "requirement:") known[$2]; next }
	{ split($0, f, "\t"); n = split(f[2], r, " ")
	  for (i = 1; i <= n; i++) {
		if (!(r[i] in known)) { print "# unknown " r[i]; bad = 1 }
		else seen[r[i]] } }
	END { for (k in known) total++; for (s in seen) have++
	  print "# " have " of " total " requirements have a case"; exit bad }
	' "$srcdir/conformance/requirements.txt" trace-cases.tmp &&
	echo "ok 2 - every requirement named exists" ||
	echo "not ok 2 - every requirement named exists"
rm -f trace-cases.tmp
