#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Environments in which a part of a correct system is missing or forbidden.
set -eu
# shellcheck source=conformance/tests/hostile-common.sh
# shellcheck disable=SC1091 # it is looked at by itself
. "${srcdir:=.}/conformance/tests/hostile-common.sh"

if [ "$(id -u)" -eq 0 ] && have setpriv; then
	within not-root "" 'uids: needs root' -- \
		setpriv --reuid 65534 --regid 65534 --clear-groups "$conform" -j2
else
	within not-root "" -- "$conform" -j2
fi

if have prlimit; then
	within no-queue-bytes mq. 'mq_open: EMFILE' 'ulimit -q' -- \
		prlimit --msgqueue=0 "$conform" -j2
	within few-descriptors "" -- prlimit --nofile=24 "$conform" -j2
	within very-few-descriptors "" -- prlimit --nofile=12 "$conform"
else
	skip prlimit "no prlimit(1)"
fi

if have unshare && mounted : true 2>/dev/null; then
	within no-dev-shm "sem. shm." 's(em|hm)(_open)?: .*mount -t tmpfs' -- \
		mounted 'mount -t tmpfs -o ro none /dev' "$conform" -j2
	within read-only "sem. shm." 'shm_open: EROFS' -- \
		mounted 'mount -t tmpfs -o ro none /dev/shm' "$conform" -j2
	within full "sem. shm." 'ENOSPC|SIGBUS|signal 7' -- \
		mounted 'mount -t tmpfs -o size=4k,mode=1777 none /dev/shm &&
			head -c 8192 /dev/zero >/dev/shm/full 2>/dev/null || :' \
		"$conform" -j2
	# Names like ours, only shorter; they are all there in the end.
	# shellcheck disable=SC2016
	within others-objects "" '^others: 8742 of 8742$' -- \
		mounted 'mount -t tmpfs -o mode=1777 none /dev/shm &&
			cd /dev/shm && { echo c && echo c0 && for n in 1 2 3 4
			do awk -v n=$n '\''BEGIN { for (i = 0; i < 16 ^ (n - 1);
				i++) printf "c0%0" n "x\n", i }'\''; done; } |
			sed "p; s/^/sem./" | xargs touch &&
			chown 65533 * && chmod 600 *' \
		sh -c '"$0" -j2; echo "others: $(ls | wc -l) of 8742"' \
		"$conform"
else
	skip namespaces "no mount namespace: not permitted"
fi

deny=$builddir/deny
if "$deny" ENOSYS mq true 2>/dev/null; then
	within mq-enosys mq. 'not checked: mq, .* mq_open: ENOSYS; .*filter' -- \
		"$deny" ENOSYS mq "$conform" -j2
	within mq-sigsys mq. 'not checked: mq, .*signal 31.* filter' -- \
		"$deny" SIGSYS mq "$conform" -j2
	within mq-eperm mq. 'not checked: mq, .* mq_open: EPERM; .*filter' -- \
		"$deny" EPERM mq "$conform" -j2
	within mq-no-notify mq.notify 'not checked: mq_notify, .*ENOSYS' \
		-- "$deny" ENOSYS mq_notify "$conform" -j2
	within mq-no-transfer mq. 'not checked: mq, .* mq_send: ENOSYS' -- \
		"$deny" ENOSYS mq_timedsend "$conform" -j2
else
	skip seccomp "no seccomp filter here"
fi

# A case that fails while the wall clock is set from outside.
step=$builddir/.libs/step-clock.so
if [ -e "$step" ]; then
	within clock-stepped "" 'UNRESOLVED: .*meta.c' 'wall clock was set by' -- \
		env "LD_PRELOAD=$step" "$conform" --run meta.fails-late \
		--run meta.passes
else
	skip clock-stepped "nothing to preload"
fi

status=0
"$conform" >&- 2>"$dir/out" || status=$?
result=1
[ "$status" -eq 2 ] && grep -q 'cannot write to stdout' "$dir/out" && result=0
finish stdout-closed "$result"
within all-in-one-process "" 'needs fork' -- "$conform" --no-fork-cases
echo "1..$n"
