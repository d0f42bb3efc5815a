#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The runner tells what a misbehaving case did, and rejects bad input.
set -eu
: "${builddir:=.}" "${srcdir:=.}" "${AWK:=awk}"
conform=$builddir/pipc-conform
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
check() { # NAME WANTED-PATTERN COMMAND...
	name=$1 wanted=$2
	shift 2
	n=$((n + 1))
	out=$("$@" 2>&1) && rc=0 || rc=$?
	if printf '%s\nstatus %s\n' "$out" "$rc" | grep -Eq -- "$wanted"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		printf '%s\nstatus %s\n' "$out" "$rc" | sed 's/^/# /'
	fi
}
meta() { # NAME WANTED-PATTERN [CASE]
	check "$1" "$2" "$conform" --run "meta.${3:-$1}"
}
meta passes '^ok 1 - meta.passes$'
meta fails '^not ok 1 - meta.fails FAIL'
meta fails-status '^status 1$' fails
meta checks-nothing 'SKIP UNRESOLVED'
meta leaks '^not ok 1 - meta.leaks LEAK'
meta leaks-descriptor '^not ok .* LEAK'
meta hangs '^not ok .* TIMEOUT'
meta crashes '^# killed by signal 11'
meta killed-with-grandchildren '^# killed by signal 9'
meta exits-early '^# exited early'
meta garbage '^# something that is no record'
meta blocks 'blocked: .*sem_wait\(sem\).* did not return'
meta peer-blocks '^not ok .* FAIL'
meta undefined '^# noted write-to-null=killed by signal 11'
meta exec '^ok 1 - meta.exec$'
meta thread '^ok 1 - meta.thread$'
meta trace 'call sem_trywait\(.*\) = -1, EAGAIN' busy
check seed-told -- '--seed 42' "$conform" --run meta.random --seed 42
check seed-again "$("$conform" --run meta.random-value --seed 7 | grep noted)" \
	"$conform" --run meta.random-value --seed 7
check debug 'sem_open\("/.*O_CREAT\|O_EXCL, 0600, 0\) = ' \
	"$conform" --debug meta.leaks
check no-fork 'SKIP UNRESOLVED: needs fork' \
	"$conform" --no-fork-cases --run meta.exec
check no-fork-runs '^ok 1 - meta.passes' \
	"$conform" --no-fork-cases --run meta.passes
check repeat '^ok 3 - meta.passes run 3' \
	"$conform" --repeat 3 --run meta.passes
check order "$(seq 1 20 | sed 's/.*/ok & -/' | tr '\n' ' ' | sed 's/ $//')" \
	sh -c "'$conform' -j8 --repeat 20 --run meta.passes |
		grep ^ok | cut -d' ' -f1-3 | tr '\n' ' '"
check ktap '^KTAP version 1$' "$conform" --format ktap --run meta.passes
check strict '^not ok .*UNRESOLVED' "$conform" --strict --run meta.checks-nothing
check expect '^not ok 1 - meta.fails # TODO' \
	"$conform" --expect meta.fails=FAIL --run meta.fails
check expect-status '^status 0$' \
	"$conform" --expect meta.fails=FAIL --run meta.fails
check expect-pass '^status 1$' \
	"$conform" --expect meta.passes=FAIL --run meta.passes
check skip '^1\.\.1$' "$conform" --run 'meta.passe*' --run meta.fails \
	--skip meta.fails
check probe '^mq_notify	' "$conform" --probe
check list '^sem.open.absent' "$conform" --list
check list-json '^\{"record":"listed","id":"sem.open.absent"' \
	"$conform" --list=json
check help '--shuffle\[=SEED\]' "$conform" --help
check bad-option "unknown option '--shufle'; did you mean '--shuffle'" \
	"$conform" --shufle
check bad-option-status '^status 2$' "$conform" --shufle
check bad-case "no case matches 'no.such'" "$conform" --run no.such
check near-case "did you mean 'meta.passes'" "$conform" --run meta.pases
check bad-backend "no such backend 'nul'; did you mean 'null'" \
	"$conform" --backend nul
check bad-mutant "no such mutant 'x'" "$conform" --mutant x
check bad-jobs "not a number of jobs .* '0'" "$conform" -j0
check bad-json "cannot write '/no/such/file'" "$conform" --json /no/such/file
check bad-cases "cannot read '/no/such/file'" "$conform" --cases /no/such/file
check directory "cannot read '/': " "$conform" --cases /
check bad-format "no such format 'tpa'; did you mean 'tap'" \
	"$conform" --format tpa
check bad-outcome "no such outcome.* 'meta.fails=FIAL'; did you mean 'FAIL'" \
	"$conform" --expect meta.fails=FIAL
check no-outcome "no '=OUTCOME' after 'meta.fails'" \
	"$conform" --expect meta.fails
echo '# none' >"$dir/empty.cases"
check empty-cases "no case in the list '.*empty.cases'" \
	"$conform" --cases "$dir/empty.cases"
echo 'sem.opne.absent # a comment' >"$dir/wrong.cases"
check wrong-cases "no case matches 'sem.opne.absent'" \
	"$conform" --cases "$dir/wrong.cases"
check no-value "no value for option '--run'" "$conform" --run
check full-stdout "cannot write to stdout" \
	sh -c "'$conform' --run meta.passes >/dev/full"
# The lines "again" and "closer" can be pasted: what they start is the same
# program, which says the same.
pasted() { # COMMAND...: what the line "again" of a failure says, run
	"$@" >"$dir/first" 2>&1 || :
	sed -n 's/^# again: //p' "$dir/first" | head -n 1 >"$dir/again"
	[ -s "$dir/again" ] || { cat "$dir/first" && return 9; }
	again=0
	sh "$dir/again" >"$dir/second" 2>&1 || again=$?
	grep '^not ok' "$dir/first" >"$dir/expected"
	grep '^not ok' "$dir/second" | diff "$dir/expected" - || {
		cat "$dir/again" "$dir/second" && return 9; }
	return "$again"
}
mkdir "$dir/a 'dir"
ln -s "$(cd "$builddir" && pwd)/pipc-mutants" "$dir/a 'dir/mutants"
printf '%s\n' 'quirk: other.case' 'match: os=*' 'cases: meta.passes' \
	'expect: crash' 'source: test' 'note: none' >"$dir/my \"quirks"
check again '^status 1$' pasted "$conform" --run meta.fails
check again-mutant '^status 1$' pasted "$builddir/pipc-mutants" \
	--mutant sem_open_ignores_umask --run sem.open.umask
check again-backend '^status 1$' pasted "$builddir/pipc-mutants" \
	--backend ref --mutant sem_open_ignores_umask --run sem.open.umask
check again-path '^status 1$' pasted "$dir/a 'dir/mutants" --run meta.fails \
	--mutant sem_open_ignores_umask --quirks "$dir/my \"quirks" \
	--quirks none
check again-quirks '^status 1$' pasted "$conform" --run meta.passes \
	--quirks "$dir/my \"quirks"
check again-expect '^status 1$' pasted "$conform" --run meta.passes \
	--expect 'meta.p*=FAIL'
check again-strict '^status 1$' pasted "$conform" --run meta.checks-nothing \
	--strict
check again-require '^status 1$' pasted "$conform" --backend null \
	--run capability.mq --require shm,mq
check again-no-fork '^status 1$' pasted "$conform" --run meta.fails \
	--no-fork-cases
"$conform" --run meta.random-value --seed 77 --expect '*=CRASH' \
	>"$dir/first" || :
sed -n 's/^# again: //p' "$dir/first" >"$dir/again"
check again-seed "^$(grep noted "$dir/first")\$" sh "$dir/again"
check closer '^meta.fails' sh -c "'$conform' --run meta.fails |
	sed -n 's/^# closer: gdb --args //;s/; strace .*//p' >'$dir/again'
	sh '$dir/again' 2>&1 | sed -n 's/^not ok 1 - //p'"
# Interrupted: nothing stays, neither objects nor processes (which would hold
# the pipe that this shell reads until they end, 600 s later).
if "$conform" --run meta.interrupts | grep -q '# SKIP UNSUPPORTED'; then
	signals=
else
	signals='1:SIGHUP 2:SIGINT 15:SIGTERM'
fi
for sig in $signals; do
	PIPC_META_NAME=/m$$
	PIPC_META_SIGNAL=${sig%:*}
	export PIPC_META_NAME PIPC_META_SIGNAL
	before=$(date +%s)
	check "${sig#*:}" "^Bail out! interrupted by signal ${sig%:*}" \
		"$conform" -j2 --run meta.interrupts --run meta.hangs \
		--json "$dir/interrupted.jsonl" --force
	after=$(date +%s)
	check "${sig#*:}-json" '"interrupted":true' tail -n 1 "$dir/interrupted.jsonl"
	check "${sig#*:}-objects" '^ok 1' "$conform" --run meta.name-is-free
	check "${sig#*:}-processes" '^status 0$' test $((after - before)) -lt 300
done
# Two runs at once do not disturb each other (but may take what the other needs).
"$conform" -j2 --seed 1 --allow-unchecked >"$dir/other" 2>&1 &
check beside-another '^status 0$' "$conform" -j2 --seed 2 --allow-unchecked
other=0
wait $! || other=$?
check another '^status 0$' sh -c "grep -A 9 '^not ok' '$dir/other'; exit $other"
# Nothing passes on null, but for what needs no object.
null() {
	"$conform" --backend null -j4 --skip gen.constants.queues-supported \
		--skip capability.uids
}
check null-status '^status 77$' null
n=$((n + 1))
if null | grep '^ok' | grep -qv '# SKIP UNSUPPORTED'; then
	echo "not ok $n - nothing passes on null"
else
	echo "ok $n - nothing passes on null"
fi
echo "1..$n"
