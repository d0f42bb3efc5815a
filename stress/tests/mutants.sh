#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Each invariant can fail: over each backend every seeded bug is caught by each
# of its cells, and by a hang only where its text says so.  No cells: "-".
set -eu
: "${builddir:=.}" "${srcdir:=.}"
# shellcheck disable=SC1091 # it is looked at by itself
. "$srcdir/stress/tests/backends"
mutants=$builddir/stress-mutants
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$mutants" --list-mutants >"$dir/list"
n=0
# Left out without a seeded bug too: else the bug's only effect is that less is
# checked, which is not to catch it.
cannot_run() { # BACKEND CELL
	"$builddir/pipc-stress" --backend "$1" --run "$2" --format tap |
		grep -q '# SKIP'
}
caught() { # BACKEND MUTANT CELL TEXT
	n=$((n + 1))
	case $4 in
	*hangs) wanted='^not ok 1 - .*' deadline=1 ;;
	*) wanted='^not ok 1 - .* (FAIL|LEAK)$' deadline=5 ;;
	esac
	# A bug that shows now and then gets more chances on a loaded machine.
	for _ in 1 2 3 4 5 6 7 8; do
		"$mutants" --backend "$1" --mutant "$2" --run "$3" --format tap \
			--deadline "$deadline" >"$dir/out" 2>&1 && rc=0 || rc=$?
		[ "$rc" -eq 0 ] || break
	done
	if [ "$rc" -eq 1 ] && grep -Eq "$wanted" "$dir/out"; then
		echo "ok $n - $1 $2 $3"
	elif grep -q '# SKIP' "$dir/out" && cannot_run "$1" "$3"; then
		echo "ok $n - $1 $2 $3 # SKIP not supported here"
	else
		echo "not ok $n - $1 $2 $3"
	fi
	sed -n 's/^# \(again.*\)*/&/p' "$dir/out"
}
for backend in $backends; do
	while IFS='	' read -r name cells text; do
		[ "$cells" != - ] || continue
		for cell in $cells; do
			caught "$backend" "$name" "$cell" "$text"
		done
	done <"$dir/list"
done
echo "1..$n"
