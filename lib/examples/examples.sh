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
		for place in /dev/shm/ /dev/shm/sem. /dev/mqueue/; do
			[ ! -e "$place$name" ] || echo "$place$name"
		done
	done
}

example() { # WANTED-LAST-LINE PROGRAM [ARGUMENT]
	wanted=$1 program=$2 argument=${3-}
	n=$((n + 1))
	"$builddir/lib/examples/$program" ${argument:+"$argument"} >example.tmp 2>&1 && rc=0 || rc=$?
	left=$(left_behind example.tmp)
	if [ "$rc" -eq 77 ]; then
		echo "ok $n - $program $argument # SKIP $(tail -n 1 example.tmp)"
	elif [ "$rc" -eq 0 ] && [ -z "$left" ] &&
		tail -n 1 example.tmp | grep -qx "$wanted"; then
		echo "ok $n - $program $argument"
	else
		echo "not ok $n - $program $argument"
		sed 's/^/# /' example.tmp
		echo "# status $rc; left behind: ${left:-nothing}"
	fi
}

echo 1..5
example 'the partner speaks in round 999, and 1000 rounds had every checksum right' \
	shm-conversation
example '1000 questions were answered in order' mq-conversation
example '1000 messages came with [0-9]* notifications' mq-notification signal
example '1000 messages came with [0-9]* notifications' mq-notification thread
example 'two processes counted to 4000' sem-critical-section
