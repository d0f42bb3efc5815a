#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A small /dev/shm, and one that is not everybody's.
set -eu
# shellcheck source=conformance/tests/hostile-common.sh
# shellcheck disable=SC1091 # it is looked at by itself
. "${srcdir:=.}/conformance/tests/hostile-common.sh"

if ! { have unshare && mounted : true 2>/dev/null; }; then
	echo "1..0 # SKIP no mount namespace: not permitted"
	exit 0
fi
on() { # OPTIONS COMMAND...
	options=$1
	shift
	mounted "mount -t tmpfs -o $options none /dev/shm" "$@"
}
within inodes-50 "" '^ok [0-9]* - sem' '^ok [0-9]* - shm' -- \
	on nr_inodes=50,mode=1777 "$conform" -j2
within inodes-5 "" 'ENOSPC' -- on nr_inodes=5,mode=1777 "$conform" -j2
within size-16k "" '^ok [0-9]* - sem' 'ENOSPC|SIGBUS|signal 7' -- \
	on size=16k,mode=1777 "$conform" -j2
within size-1m "" '^ok [0-9]* - sem' '^ok [0-9]* - shm' -- \
	on size=1m,mode=1777 "$conform" -j2
within mode-755 "sem. shm." '(sem|shm)_open: EACCES' '/dev/shm' -- \
	on mode=755 "$environment" user 65534 "$conform" -j2
within mode-755-root "" '^ok [0-9]* - sem' '^ok [0-9]* - shm' -- \
	on mode=755 "$conform" -j2
within not-sticky "" '^ok [0-9]* - sem' '^ok [0-9]* - shm' -- \
	on mode=777 "$conform" -j2
within quota-of-file-size "" -- \
	"$environment" limit fsize 65536 "$conform" -j2
echo "1..$n"
