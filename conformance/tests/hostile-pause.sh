#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Time that a run does not get: pauses and a busy machine.  PIPC_TEST_BUSY=1
# runs it under eight busy loops as well, which takes a minute.
set -eu
# shellcheck source=conformance/tests/hostile-common.sh
# shellcheck disable=SC1091 # it is looked at by itself
. "${srcdir:=.}/conformance/tests/hostile-common.sh"

most=40
within frozen "" -- "$environment" freeze 500 13000 "$conform" -j2
within stopped "" -- "$environment" stop 500 13000 "$conform" -j2
most=60
within cases-stopped "" -- "$environment" stop-cases 600 2000 "$conform" -j2
if [ "${PIPC_TEST_BUSY:-0}" = 1 ]; then
	# shellcheck disable=SC2034 # for hostile-common.sh
	most=180
	within busy "" -- "$environment" busy 8 "$conform" -j2
else
	skip busy "takes a minute: PIPC_TEST_BUSY=1"
fi
echo "1..$n"
