#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Few and small message queues: limits of the namespace and of the user.
set -eu
# shellcheck source=conformance/tests/hostile-common.sh
# shellcheck disable=SC1091 # it is looked at by itself
. "${srcdir:=.}/conformance/tests/hostile-common.sh"

# The limits of Linux belong to the IPC namespace.
limits=/proc/sys/fs/mqueue
if have unshare && spaced -i "[ -w $limits/msg_max ]" true 2>/dev/null; then
	within msg_max-1 "" '^ok [0-9]* - mq.send' -- \
		spaced -i "echo 1 >$limits/msg_max &&
			echo 1 >$limits/msg_default" "$conform" -j2
	within msg_max-1-user "" '^ok [0-9]* - mq.send' -- \
		spaced -i "echo 1 >$limits/msg_max &&
			echo 1 >$limits/msg_default" \
		"$environment" user 65531 "$conform" -j2
	within msgsize_max-128 "" '^ok [0-9]* - mq.send' -- \
		spaced -i "echo 128 >$limits/msgsize_max &&
			echo 128 >$limits/msgsize_default" \
		"$environment" user 65531 "$conform" -j2
	for many in 0 1 2; do
		within "queues_max-$many" "" -- \
			spaced -i "echo $many >$limits/queues_max" \
			"$conform" -j2
		within "queues_max-$many-user" "" \
			'ENOSPC' 'queues_max' -- \
			spaced -i "echo $many >$limits/queues_max" \
			"$environment" user 65531 "$conform" -j2
	done
else
	skip namespace "no IPC namespace: not permitted"
fi
for bytes in 0 500 2000 20000; do
	within "msgqueue-$bytes" "" 'EMFILE' 'ulimit -q' -- \
		"$environment" limit msgqueue "$bytes" "$conform" -j2
done
# The bytes are those of a user: of one that nobody else is meanwhile.
for free in 100 1000 10000; do
	within "bytes-held-by-others-$free" "" \
		'EMFILE; others hold' -- \
		as_user 65531 "$environment" hold-queues "$free" "$conform" -j2
done
echo "1..$n"
