#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The programs as process 1 of a container: every option keeps its value, a word
# that is no option is an error, nothing is mounted, and signals end the run.
set -eu
: "${builddir:=.}"
unshare -m -p -f true 2>/dev/null || {
	echo "1..0 # SKIP no process namespace: not permitted"
	exit 0
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
conform=$builddir/pipc-conform
n=0
check() { # NAME COMMAND...
	name=$1
	shift
	n=$((n + 1))
	if "$@"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		tail -n 20 "$dir/out" | sed 's/^/# /'
	fi
}
# Runs a command as process 1; its status is that of unshare.
first() { # COMMAND...
	status=0
	unshare -p -f "$@" >"$dir/out" 2>&1 </dev/null || status=$?
}
has() { grep -Eq -- "$1" "$dir/out"; }
last_is_summary() {
	tail -n 1 "$dir/out" | grep -q '^{"record":"summary",.*"interrupted":'"$1"
}
green() { [ "$status" -eq 0 ] || [ "$status" -eq 3 ]; }

first "$conform" --run sem.open.twice -j 2 --json "$dir/json" --seed 7
check options green
check values-of-options has '^ok 1 - sem.open.twice'
check only-what-was-asked has '^1\.\.1$'
check seed has 'seed 7$'
check json-file grep -q '"id":"sem.open.twice"' "$dir/json"
check last-line last_is_summary false

first "$conform" --run sem.open.twice quiet
check stray-word test "$status" -eq 2
check stray-word-told has "'quiet'"
first "$conform" quiet root=/dev/none --run sem.open.twice
check stray-words-first test "$status" -eq 2
first "$conform" --run
check no-value test "$status" -eq 2

# shellcheck disable=SC2016
# /proc/self is nothing there: the process has no number in that /proc.
first unshare -m sh -c 'mount --make-rprivate / && umount -l /proc &&
	mount -t tmpfs -o mode=1777 tmpfs /dev/shm && exec "$@"' sh "$conform" -j2
check without-proc green
check without-proc-whole last_is_summary false

# A container may have no /dev/shm; that is not for the suite to change.
# shellcheck disable=SC2016
first unshare -m sh -c 'mount --make-rprivate / &&
	mount -t tmpfs tmpfs /dev && exec "$@"' sh "$conform" --probe
check nothing-mounted sh -c '! grep "^# mounted" "$1"' sh "$dir/out"
check nothing-mounted-probe has '^shm	[a-z]*: '

# A signal to process 1 ends the run, and the results are whole.
: >"$dir/out"
unshare -p -f "$conform" --json "$dir/interrupted" --run meta.hangs \
	--repeat 1000 >"$dir/out" 2>&1 </dev/null &
outer=$!
tries=0
until has '^# Linux' || [ "$tries" -eq 300 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
# shellcheck disable=SC2046
kill -TERM $(cat /proc/"$outer"/task/*/children)
status=0
wait "$outer" || status=$?
check signal test "$status" -eq 143
check signal-bails-out has '^Bail out! interrupted by signal 15'
check signal-records grep -q '^{"record":"summary",.*"interrupted":true' \
	"$dir/interrupted"

stress=$builddir/pipc-stress
if [ -x "$stress" ]; then
	first "$stress" --run 'sem/pingpong*' --list
	check stress-values test "$status" -eq 0
	check stress-only-asked sh -c '! grep -v "^sem/pingpong" "$1"' sh \
		"$dir/out"
	first "$stress" --list quiet
	check stress-stray-word test "$status" -eq 2
fi
echo "1..$n"
