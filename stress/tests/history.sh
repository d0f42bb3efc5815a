#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Histories of correct backends are linearizable, and seeded bugs are seen.
set -eu
: "${builddir:=.}" "${srcdir:=.}"
# shellcheck disable=SC1091 # it is looked at by itself
. "$srcdir/stress/tests/backends"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
check() { # NAME STATUS PATTERN COMMAND...
	name=$1 wanted=$2 pattern=$3
	shift 3
	n=$((n + 1))
	"$@" >"$dir/out" 2>&1 && rc=0 || rc=$?
	if grep -q '^ok 1 - history # SKIP' "$dir/out"; then
		echo "ok $n - $name # SKIP $(sed -n 's/.*# SKIP //p' "$dir/out")"
	elif [ "$rc" -eq "$wanted" ] && grep -Eq -- "$pattern" "$dir/out"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		tail -n 40 "$dir/out" | sed 's/^/# /'
	fi
}
check bad-number 2 "'x'" "$builddir/pipc-stress" --history=x
check two-backends 2 "not 'system,null'" \
	"$builddir/pipc-stress" --history --backend system,null
for backend in $backends; do
	check "$backend" 0 '^# 300 of 300 histories .* 0 of them undecided' \
		"$builddir/pipc-stress" --history=300 --seed 1 --backend "$backend"
	for mutant in lost_message duplicated_message torn_payload short_message \
		wrong_priority wrong_order no_priorities full_is_ignored \
		lost_wakeup double_post wait_without_taking wrong_value \
		early_timed_receive early_timeout second_queue_emfile \
		second_open_enfile receive_enomem wait_eagain post_enosys; do
		check "$backend-$mutant" 1 \
			"--history=200 .*--mutant $mutant --seed [0-9]+" \
			"$builddir/stress-mutants" --history=500 --seed 1 --deadline 2 \
			--backend "$backend" --mutant "$mutant"
	done
done
echo "1..$n"
