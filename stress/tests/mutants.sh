#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Each invariant can fail: every seeded bug is caught by each of its cells, and
# by a hang only where its text says so.
set -eu
: "${builddir:=.}"
mutants=$builddir/stress-mutants
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$mutants" --list-mutants >"$dir/list"
n=0
while IFS='	' read -r name cells text; do
	for cell in $cells; do
		n=$((n + 1))
		case $text in
		*hangs) wanted='^not ok 1 - .*' deadline=1 ;;
		*) wanted='^not ok 1 - .* (FAIL|LEAK)$' deadline=5 ;;
		esac
		"$mutants" --mutant "$name" --run "$cell" --format tap \
			--deadline "$deadline" >"$dir/out" 2>&1 && rc=0 || rc=$?
		if [ "$rc" -eq 1 ] && grep -Eq "$wanted" "$dir/out"; then
			echo "ok $n - $name $cell"
		elif grep -q '# SKIP' "$dir/out"; then
			echo "ok $n - $name $cell # SKIP not supported here"
		else
			echo "not ok $n - $name $cell"
		fi
		sed -n 's/^# \(again.*\)*/&/p' "$dir/out"
	done
done <"$dir/list"
echo "1..$n"
