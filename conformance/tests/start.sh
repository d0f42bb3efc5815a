#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The clean state that cases start in, and what the runner does about cases that
# are stopped, cannot be killed, leave processes, or write what is not theirs.
set -eu
: "${builddir:=.}" "${srcdir:=.}"
conform=$builddir/pipc-conform stress=$builddir/pipc-stress
environment=$builddir/environment
dir=$(mktemp -d)
group=
cleanup() {
	[ -z "$group" ] || thaw
	rm -rf "$dir"
}
trap cleanup EXIT
n=0
ok() { # NAME RESULT
	n=$((n + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		sed 's/^/# /' "$dir/out" | head -n 40
	fi
}
skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}
check() { # NAME PATTERN COMMAND...: the output or "status N" has the pattern
	name=$1 pattern=$2 result=0 rc=0
	shift 2
	"$@" >"$dir/out" 2>&1 || rc=$?
	echo "status $rc" >>"$dir/out"
	grep -Eq -- "$pattern" "$dir/out" || result=1
	ok "$name" "$result"
}
again() { # NAME PATTERN: of the same output
	result=0
	grep -Eq -- "$2" "$dir/out" || result=1
	ok "$1" "$result"
}

# The state that a case sees, and what is said of it.
state() {
	"$@" "$conform" --run meta.state
}
check clean '^# noted state=0 blocked, 0 ignored, umask [0-7]{4}, 4 open$' state \
	"$environment" ignore all
again says-ignored '^# reset at start: [0-9]+ signals were ignored; '
check clean-blocked '^# noted state=0 blocked, 0 ignored' state \
	"$environment" block all
again says-blocked '^# reset at start: .*signals were blocked'
check sigchld '^# reset at start: SIGCHLD was ignored' state \
	"$environment" ignore CHLD
check mask 'noted state=0 blocked, 0 ignored, umask 0022' \
	sh -c 'umask 0222; exec "$1" --run meta.state' sh "$conform"
again says-umask '^# reset at start: .*umask was 0222'
check mask-kept 'noted state=.*, umask 0027' \
	sh -c 'umask 0027; exec "$1" --run meta.state' sh "$conform"
check descriptors ', 4 open$' state "$environment" descriptors 250
again says-descriptors '^# reset at start: .*25[0-9] descriptors were open'
check json-descriptor '"outcome":"NOTED"' sh -c '
	"$1" --run meta.state --json /dev/fd/7 7>"$2" >"$3" && cat "$2" "$3"
' sh "$conform" "$dir/json" "$dir/tap"
again json-is-not-the-case-s ', 4 open"'
check one-process 'noted state=0 blocked, 0 ignored' \
	"$environment" block all "$conform" --no-fork-cases --run meta.state
for program in "$conform" "$stress"; do
	for value in 0 1001 ten 4x -1; do
		check "multiplier $value" \
			"PIPC_TIMEOUT_MULTIPLIER is not a number from 1 to 1000: '$value'" \
			env PIPC_TIMEOUT_MULTIPLIER="$value" "$program" --version
		again "multiplier-$value-status" '^status 2$'
	done
done

# Time.
check late "^# did not end within 1 s; PIPC_TIMEOUT_MULTIPLIER=4 gives more" \
	"$conform" --run meta.hangs
check later "^# did not end within 2 s; PIPC_TIMEOUT_MULTIPLIER=8 gives more" \
	env PIPC_TIMEOUT_MULTIPLIER=2 "$conform" --run meta.hangs
check late-alone "^# did not end within 1 s; PIPC_TIMEOUT_MULTIPLIER=4" \
	"$conform" --no-fork-cases --run meta.hangs
check spins '^not ok 1 - meta.spins TIMEOUT' "$conform" --run meta.spins
again spins-says '^# did not end within 1 s'

# The process of a case, which the system must list.
case_of() { # RUNNER
	tries=0
	until pid=$(cat "/proc/$1/task/$1/children" 2>/dev/null) &&
		[ -n "$pid" ] && [ "$(ps -o pgid= -p "${pid%% *}" |
			tr -d ' ')" = "${pid%% *}" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || return 1
		sleep 0.05
	done
	echo "${pid%% *}"
}
listed=false
[ ! -e "/proc/$$/task/$$/children" ] || listed=true
if $listed; then
	"$conform" --run meta.lasts >"$dir/out" 2>&1 &
	runner=$!
	pid=$(case_of "$runner") && kill -STOP "$pid"
	sleep 8 # longer than the case may take
	kill -CONT "$pid"
	wait "$runner" || :
	again stopped '^ok 1 - meta.lasts'
else
	skip stopped "the system does not list children"
fi

# A process that cannot be killed, where there is a freezer that does so.
freezer=/sys/fs/cgroup/freezer
freeze() { # PID
	group=$freezer/pipc-$$
	mkdir "$group" 2>/dev/null && echo "$1" >"$group/cgroup.procs" &&
		echo FROZEN >"$group/freezer.state"
}
thaw() {
	echo THAWED >"$group/freezer.state" 2>/dev/null || :
	sleep 0.3
	rmdir "$group" 2>/dev/null || :
	group=
}
if $listed && [ -w "$freezer/cgroup.procs" ]; then
	"$conform" --run meta.blocks --run meta.passes >"$dir/out" 2>&1 &
	runner=$!
	# Asleep in the call, of which the message is to tell.
	pid=$(case_of "$runner") && sleep 0.3 && freeze "$pid"
	wait "$runner" || :
	thaw
	again unkillable '^not ok [0-9] - meta.blocks TIMEOUT'
	again unkillable-told \
		'^# could not be killed: process [0-9]*, state D in .*sem_wait'
	again unkillable-goes-on '^ok [0-9] - meta.passes'
	"$conform" --run meta.hangs >"$dir/out" 2>&1 &
	runner=$! before=$(date +%s)
	pid=$(case_of "$runner") && freeze "$pid"
	sleep 0.2
	kill -TERM "$runner"
	wait "$runner" || :
	took=$(($(date +%s) - before))
	thaw
	again unkillable-interrupted '^Bail out! interrupted by signal 15'
	ok unkillable-in-time "$((took > 30))"
else
	skip unkillable "no freezer that makes processes unkillable"
fi

# Processes that leave the group of their case.
check escapes '^not ok [0-9] - meta.escapes LEAK' \
	"$conform" -j2 --run meta.escapes --run meta.lasts --seed "77$$"
again escapes-counted '^# left behind: 7 processes$'
again escapes-alone '^ok [0-9] - meta.lasts$'
result=0
! pgrep -f -- "--seed 77$$" >>"$dir/out" 2>&1 || result=1
ok escapes-killed "$result"

# What a case writes.
check writes '^# output: Bail out!$' "$conform" --run meta.writes
again writes-stdio '^# output: ok 2 - no$'
again writes-passes '^ok 1 - meta.writes$'
result=0
! grep -Eq '^(Bail out|1\.\.3|not ok|ok 2)' "$dir/out" || result=1
ok writes-only-marked "$result"
check writes-json '"messages":\["output: Bail out!","output: 1..3",' \
	"$conform" --run meta.writes --json -
check writes-alone '^# output: ok 2 - no$' \
	"$conform" --no-fork-cases --run meta.writes
check floods '^# output: \.\.\. and 29[0-9]{7} bytes more$' \
	"$conform" --run meta.floods
ok floods-bounded "$(($(wc -c <"$dir/out") > 20000))"
echo "1..$n"
