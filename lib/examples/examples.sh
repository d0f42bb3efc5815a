#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The examples run to their end, say what they should, and leave nothing behind.
set -eu
builddir=${builddir:-.}
n=0
trap 'rm -f example.tmp' EXIT

# The names it used that the system still shows, where it shows any.
left_behind() {
	sed -n 's|^[a-z ]* /\(p[a-z0-9]\{11\}\)$|\1|p' "$1" | while read -r name; do
		for place in /dev/shm/ /dev/shm/sem. /dev/mqueue/ \
			/dev/shm/pipc.s. /dev/shm/pipc.m. /dev/shm/pipc.q.; do
			[ ! -e "$place$name" ] || echo "$place$name"
		done
	done
}

example() { # WANTED-LAST-LINE PROGRAM [ARGUMENT]
	wanted=$1 program=$2 argument=${3-}
	n=$((n + 1))
	# Words: a command that runs the example in its way.
	# shellcheck disable=SC2086
	$under "$builddir/lib/examples/$program" ${argument:+"$argument"} >example.tmp 2>&1 && rc=0 || rc=$?
	left=$(left_behind example.tmp)
	if [ "$rc" -eq 77 ]; then
		echo "ok $n - $how$program $argument # SKIP $(tail -n 1 example.tmp)"
	elif [ "$rc" -eq 0 ] && [ -z "$left" ] &&
		tail -n 1 example.tmp | grep -qx "$wanted"; then
		echo "ok $n - $how$program $argument"
	else
		echo "not ok $n - $how$program $argument"
		sed 's/^/# /' example.tmp
		echo "# status $rc; left behind: ${left:-nothing}"
	fi
}

shm() {
	example 'the partner speaks in round 999, and 1000 rounds had every checksum right' \
		shm-conversation
}
mq() {
	example '1000 questions were answered in order' mq-conversation
	example '1000 messages came with [0-9]* notifications' \
		mq-notification signal
	example '1000 messages came with [0-9]* notifications' \
		mq-notification thread
	example '1000 messages came by an event loop' mq-events
}
sem() {
	example 'two processes counted to 4000' sem-critical-section
}
how='' under=''
shm
mq
sem
if grep -q '^#define PIPC_REF 1' "$builddir/config.h"; then
	how='ref: ' under='env PIPC_BACKEND=ref'
	shm
	mq
	sem
	# A kernel without queues: these, and no more, come from elsewhere.
	how='no queues: ' under="$builddir/deny ENOSYS mq"
	! $under true 2>/dev/null || mq
fi
echo "1..$n"
