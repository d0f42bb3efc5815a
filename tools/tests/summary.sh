#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What tools/summary.awk and tools/unchecked.awk say of TAP: of hand-made lines,
# and of pipc-conform's.
set -eu
: "${builddir:=.}" "${srcdir:=.}" "${AWK:=awk}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
says() { # NAME SCRIPT FILE... -- LINE...
	name=$1 script=$2
	shift 2
	set -- "$@"
	files=
	while [ "$1" != -- ]; do
		files="$files $dir/$1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # a list of names without spaces
	"$AWK" -f "$srcdir/tools/$script.awk" $files >"$dir/out" 2>&1
	n=$((n + 1)) good=ok
	for line; do
		grep -qxF -e "$line" "$dir/out" || good="not ok"
	done
	echo "$good $n - $name"
	[ "$good" = ok ] || sed 's/^/# /' "$dir/out"
}
cat >"$dir/filter" <<'END'
1..9
# Linux 6.1 x86_64, glibc 2.36; backend system, seed 1
ok 1 - capability.sem
ok 2 - capability.mq # SKIP UNSUPPORTED: mq: mq_open: ENOSYS; a filter refuses it
ok 3 - capability.mq-notify # SKIP UNSUPPORTED: mq_notify: mq_open: ENOSYS; a filter refuses it
ok 4 - sem.open.twice
ok 5 - sem.post.overflow # SKIP UNSUPPORTED: _POSIX_VERSION is before 202405L
ok 6 - mq.open.twice # SKIP UNSUPPORTED: mq: mq_open: ENOSYS; a filter refuses it
ok 7 - mq.send.blocks # SKIP UNSUPPORTED: mq: mq_open: ENOSYS; a filter refuses it
ok 8 - gen.platform.features # SKIP UNSUPPORTED: no message-queues
ok 9 - gen.limits.all # SKIP UNRESOLVED: set-up conformance/cases/gen.c:9: no room
# not checked: mq, 2 cases: mq_open: ENOSYS; a filter refuses it; remedy: allow it
# not checked: gen.platform.features, 1 case: no message-queues
# not checked: gen.limits.all, 1 case: no room
# 2 PASS 6 UNSUPPORTED 1 UNRESOLVED; 2 ok, 0 xfail, 0 xpass, 0 regression, 1 absent, 6 unchecked; 1 ms
# status 3: as expected, but 6 cases were not checked
END
says unchecked summary filter -- \
	'                    passed   deviate unchecked    absent' \
	'semaphores               1         0         0         1' \
	'message queues           0         0         2         0' \
	'all kinds                0         0         2         0' \
	'capabilities             1         0         2         0' \
	'Not checked (6):' \
	'  message queues, 2 cases: mq_open: ENOSYS; a filter refuses it; remedy: allow it' \
	'  gen.platform.features: no message-queues' \
	'Not for this system (1):' \
	'  sem.post.overflow: _POSIX_VERSION is before 202405L' \
	'status 3: as expected, but 6 cases were not checked'
cat >"$dir/broken" <<'END'
1..4
not ok 1 - capability.mq FAIL
# mq: mq_receive: expected 5 bytes, got EMSGSIZE
# a correct system: message queues work
# GEN-024: what is there works (XSH 2.8)
# again: pipc-conform --run 'capability.mq'
# closer: gdb
ok 2 - sem.open.twice
not ok 3 - mq.close.not-a-queue # TODO FAIL linux.mq-close-any
# conformance/cases/mq.c:1: expected EBADF, got success
# quirk linux.mq-close-any: mq_close closes any descriptor. (seen)
ok 4 - mq.open.twice # TODO gone.quirk
# not on this system: sem_clockwait: sem_clockwait: ENOSYS
# broken: mq: mq_receive: expected 5 bytes, got EMSGSIZE
# look first at: capability.mq (1 further red case builds on it: mq.open 1)
# 2 PASS 2 FAIL; 1 ok, 1 xfail, 1 xpass, 1 regression, 0 absent, 0 unchecked; 1 ms
# status 1: 2 results are not as expected
END
says broken summary broken -- \
	'capabilities             0         1         0         0' \
	'message queues           1         1         0         0' \
	'Broken capabilities (1):' \
	'  mq: mq_receive: expected 5 bytes, got EMSGSIZE' \
	'Not on this system (1):' \
	'  sem_clockwait: sem_clockwait: ENOSYS' \
	'Regressions (1):' \
	'  capability.mq (GEN-024): "message queues work" does not hold: mq: mq_receive: expected 5 bytes, got EMSGSIZE' \
	"    again: pipc-conform --run 'capability.mq'" \
	'Known deviations of this system (1):' \
	'Stale quirks (1):' \
	'Look first at capability.mq (1 further red case builds on it: mq.open 1)' \
	'status 1: 2 results are not as expected'
cat >"$dir/interrupted" <<'END'
1..2
ok 1 - sem.open.twice
Bail out! interrupted by signal 2 (Interrupt)
# 1 PASS; 1 ok, 0 xfail, 0 xpass, 0 regression, 0 absent, 0 unchecked; 1 ms
END
says interrupted summary interrupted -- 'The run did not finish (1):'
# That all capabilities are there is not a line of the table.
sed '1d;/SKIP/d;/^# not/d' "$dir/filter" >"$dir/good"
says capabilities-present summary good -- \
	'semaphores               1         0         0         0'
n=$((n + 1))
if grep -q '^capabilities' "$dir/out"; then
	echo "not ok $n - capabilities-not-told"
else
	echo "ok $n - capabilities-not-told"
fi

says sum unchecked filter broken filter -- 'Not checked (8):' \
	'  mq, 4 cases: mq_open: ENOSYS; a filter refuses it; remedy: allow it' \
	'  gen.platform.features, 2 cases: no message-queues'
says all-checked unchecked good --
n=$((n + 1))
if [ -s "$dir/out" ]; then
	echo "not ok $n - nothing-to-say"
else
	echo "ok $n - nothing-to-say"
fi

# The numbers of both are those of the run.
for with in '' '--backend null'; do
	# shellcheck disable=SC2086 # two words or none
	"$builddir/pipc-conform" -j2 --run 'sem.open.*' --run 'gen.*' $with \
		>"$dir/real" || :
	last=$(grep '^# .* regression, ' "$dir/real")
	absent=${last%% absent*} unchecked=${last%% unchecked*}
	says "real${with#--backend}" summary real -- "$(grep '^# status' "$dir/real" |
		cut -c3-)"
	n=$((n + 1))
	if "$AWK" -v absent="${absent##* }" -v unchecked="${unchecked##* }" '
		NR > 1 && NF > 4 && $NF ~ /^[0-9]+$/ {
			u += $(NF - 1)
			a += $NF
		}
		END { exit a != absent || u != unchecked }' "$dir/out"; then
		echo "ok $n - real-counts${with#--backend}"
	else
		echo "not ok $n - real-counts${with#--backend}"
		sed 's/^/# /' "$dir/out"
	fi
done
echo "1..$n"
