#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Signals that are ignored or blocked when a program is started, and a terminal
# that goes away: all is checked that is checked otherwise.
set -eu
# shellcheck source=conformance/tests/hostile-common.sh
# shellcheck disable=SC1091 # it is looked at by itself
. "${srcdir:=.}/conformance/tests/hostile-common.sh"

within as-usual "" -- "$conform" -j2
checked "$dir/out" >"$dir/usual"
within as-usual-in-one-process "" -- "$conform" --no-fork-cases
checked "$dir/out" >"$dir/usual-alone"

like=$dir/usual
within sigchld-ignored "" -- "$environment" ignore CHLD "$conform" -j2
within all-ignored "" -- "$environment" ignore all "$conform" -j2
within real-time-blocked "" -- "$environment" block rt "$conform" -j2
within all-blocked "" -- "$environment" block all "$conform" -j2
within nohup "" -- "$environment" hang-up 1000 nohup "$conform" -j2
like=$dir/usual-alone
within alone-all-blocked "" -- \
	"$environment" block all "$conform" --no-fork-cases
within alone-alarm-blocked "" -- \
	"$environment" block ALRM "$conform" --no-fork-cases
within alone-all-ignored "" -- \
	"$environment" ignore all "$conform" --no-fork-cases
# shellcheck disable=SC2034 # for hostile-common.sh
like=

# pipc-stress from the same start.
for how in "ignore CHLD" "ignore all" "block all"; do
	status=0
	# shellcheck disable=SC2086
	timed "$environment" $how "$stress" --profile smoke --seconds 2 \
		--format tap >"$dir/out" 2>&1 || status=$?
	result=1
	[ "$status" -eq 0 ] && result=0
	finish "stress-$(echo "$how" | tr ' ' -)" "$result"
done
echo "1..$n"
