#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Few signals, processes, descriptors; little address space.
set -eu
# shellcheck source=conformance/tests/hostile-common.sh
# shellcheck disable=SC1091 # it is looked at by itself
. "${srcdir:=.}/conformance/tests/hostile-common.sh"

for many in 0 2; do
	within "signals-pending-$many" "" '^ok [0-9]* - mq.send' -- \
		"$environment" limit sigpending "$many" "$conform" -j2
done
within processes-6 "" 'fork: EAGAIN|pids.max|RLIMIT_NPROC|ulimit -u' -- \
	"$environment" pids 6 "$conform" -j2
within processes-3 "" 'EAGAIN' -- "$environment" pids 3 "$conform"
# Of a user that has no other processes.
within processes-6-user "" 'EAGAIN' -- \
	as_user 65530 "$environment" limit nproc 6 "$conform" -j2
within address-space "" -- \
	"$environment" limit as $((12000 * 1024)) "$conform" -j2
echo "1..$n"
