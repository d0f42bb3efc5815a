#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The runner tells what a misbehaving case did, and rejects bad input.
set -eu
conform=$builddir/pipc-conform
n=0
check() { # NAME WANTED-PATTERN COMMAND...
	name=$1 wanted=$2
	shift 2
	n=$((n + 1))
	out=$("$@" 2>&1) && rc=0 || rc=$?
	if printf '%s\nstatus %s\n' "$out" "$rc" | grep -Eq "$wanted"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		printf '%s\nstatus %s\n' "$out" "$rc" | sed 's/^/# /'
	fi
}
echo 1..17
check passes '^ok 1 - meta.passes$' "$conform" --run meta.passes
check fails '^not ok 1 - meta.fails FAIL' "$conform" --run meta.fails
check fails-status '^status 1$' "$conform" --run meta.fails
check nothing 'SKIP UNRESOLVED' "$conform" --run meta.checks-nothing
check leaks '^not ok 1 - meta.leaks LEAK' "$conform" --run meta.leaks
check leaks-fd '^not ok .* LEAK' "$conform" --run meta.leaks-descriptor
check hangs '^not ok .* TIMEOUT' "$conform" --run meta.hangs
check crashes '^# killed by signal 11' "$conform" --run meta.crashes
check grandchildren '^# killed by signal 9' "$conform" --run meta.killed-with-grandchildren
check early '^# exited early' "$conform" --run meta.exits-early
check garbage '^# something that is no record' "$conform" --run meta.garbage
check bad-option '^status 2$' "$conform" --no-such-option
check bad-case "no case matches 'no.such'" "$conform" --run no.such
check bad-backend "no such backend 'nul'" "$conform" --backend nul
check list '^sem.open.absent' "$conform" --list
check null-status '^status 0$' "$conform" --backend null
n=$((n + 1))
if "$conform" --backend null | grep '^ok' | grep -qv '# SKIP UNSUPPORTED'; then
	echo "not ok $n - nothing passes on null"
else
	echo "ok $n - nothing passes on null"
fi
