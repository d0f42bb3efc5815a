#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Real programs over libpipc-posix: preloaded, linked, and from the archive.
set -eu
: "${builddir:=.}"
build=$(cd "$builddir" && pwd)
library=$build/.libs/libpipc-posix.so
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Cases of permissions become other users, who need to reach the objects.
chmod 755 "$work"
mkdir -m 1777 "$work/objects"
PIPC_REF_DIR=$work/objects
export PIPC_REF_DIR

tests=0
result() { # STATUS TEXT: with what it said in $work/log
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
	else
		echo "not ok $tests - $2"
		sed 's/^/# /' "$work/log"
	fi
}
skip() { # TEXT REASON
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}
try() { # TEXT COMMAND...
	text=$1
	shift
	status=0
	"$@" >"$work/log" 2>&1 </dev/null || status=$?
	result "$status" "$text"
}
preloaded() { LD_PRELOAD=$library "$@"; }

# Cases of what only a kernel's queues have, the mode that fstat() shows, and
# queues that others may only receive from, or only send to.
only_kernels='mq.extension.read
	mq.extension.files mq.extension.namespace mq.limits.shown-maxima mq.limits.bytes-of-user
	mq.limits.queues-of-system mq.access.shown-mode-and-owner
	mq.access.umask mq.access.group'
conform() {
	skips=
	for id in $only_kernels; do
		skips="$skips --skip $id"
	done
	# What is known of this system is not known of the library.
	# shellcheck disable=SC2086
	preloaded "$build/pipc-conform" --backend=system --quirks=none \
		--allow-unchecked -j2 $skips
}

never_calls() {
	LD_PRELOAD=$library valgrind --tool=callgrind \
		--callgrind-out-file="$work/callgrind" true >"$work/log" 2>&1
	callgrind_annotate --threshold=100 "$work/callgrind" |
		tr -d , >"$work/log"
	cost=$(awk '/libpipc-posix/ { n += $1 } END { print n + 0 }' "$work/log")
	echo "its own start-up: $cost instructions" >>"$work/log"
	# What the compiler puts into any shared library.
	[ "$cost" -le 100 ]
}

instructions() { # COMMAND...
	valgrind --tool=callgrind --callgrind-out-file="$work/callgrind" \
		"$@" >"$work/log" 2>&1 &&
		sed -n 's/^summary: *//p' "$work/callgrind"
}
slope() { # instructions of one close(), times 1000
	few=$(instructions "$build/lib/tests/posix-names" close 1000)
	many=$(instructions "$build/lib/tests/posix-names" close 2000)
	echo $((many - few))
}
close_is_cheap() {
	plain=$(slope)
	ours=$(LD_PRELOAD=$library && export LD_PRELOAD && slope)
	added=$(((ours - plain + 500) / 1000))
	echo "close() takes $added instructions more" >"$work/log"
	[ "$added" -le 40 ]
}

for how in linked archive; do
	try "$how" "$build/lib/tests/posix-$how"
done
try 'archive, event loops' "$build/lib/tests/posix-poll-archive"
# A module brings it into a program that does not have it: that is said, once.
plug=$build/lib/tests/.libs/posix-plug.so
load() { # LINES COMMAND...
	wanted=$1
	shift
	status=0
	LD_LIBRARY_PATH=$build/.libs "$@" 2>"$work/said" || status=$?
	cat "$work/said"
	[ "$(grep -c . "$work/said")" -eq "$wanted" ] || return 1
	[ "$wanted" -eq 0 ] || grep -q LD_PRELOAD "$work/said" || return 1
	return "$status"
}
# The queue is the library's: without it there may be none.
load_ours() {
	load 0 "$@" && rm "$PIPC_REF_DIR/pipc.q.plug"
}
load_plain() { # LINES COMMAND...
	load "$@" || return 1
	rm -f "$PIPC_REF_DIR/pipc.q.plug"
}
loads() {
	program=$build/lib/tests/posix-load
	# It may not get a queue: it is the system's.
	try 'a module brings it: it says so' load_plain 1 \
		sh -c '"$0" "$@" || [ $? -eq 1 ]' "$program" "$plug" /plug
	try 'and can be silenced' load_plain 0 env PIPC_POSIX_QUIET=1 \
		sh -c '"$0" "$@" || [ $? -eq 1 ]' "$program" "$plug" /plug
	try 'a module that is bound to it' load_ours "$program" "$plug" /plug deep
	try 'a module of a program that has it' load_ours \
		env LD_PRELOAD="$library" "$program" "$plug" /plug
}

if [ -e "$library" ] && [ -e "$plug" ]; then
	loads
else
	skip 'a module brings it' 'there is no shared library'
fi
if [ ! -e "$library" ]; then
	skip preloaded 'there is no shared library'
elif [ ! -e "$build/lib/tests/posix-names" ]; then
	skip preloaded 'without the library these calls do not link here'
elif ! preloaded "$build/lib/tests/posix-names" close 1 >/dev/null 2>&1; then
	skip preloaded 'nothing can be preloaded here'
else
	try preloaded preloaded "$build/lib/tests/posix-names"
	try 'preloaded, event loops' preloaded "$build/lib/tests/posix-poll"
	try pipc-conform conform
	if command -v python3 >/dev/null 2>&1; then
		try "Python's processes and threads" \
			preloaded python3 "$srcdir/lib/tests/posix.py"
	else
		skip "Python's processes and threads" 'there is no Python 3'
	fi
	if grep -q '^#define PIPC_COVERAGE' "$build/config.h"; then
		skip instructions 'lines are counted in this build'
	elif command -v valgrind >/dev/null 2>&1; then
		try 'who never calls it pays nothing' never_calls
		try 'close() costs next to nothing' close_is_cheap
	else
		skip instructions 'there is no valgrind'
	fi
fi
try 'nothing is left' rmdir "$PIPC_REF_DIR"
echo "1..$tests"
