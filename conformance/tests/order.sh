#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Three runs in random order give every case the same outcome.
set -eu
: "${builddir:=.}" "${srcdir:=.}"
echo 1..1
if out=$("$srcdir/tools/trust" -n 3 "$builddir/pipc-conform" -j2 2>&1); then
	echo "ok 1 - order"
else
	echo "not ok 1 - order"
fi
printf '%s\n' "$out" | sed 's/^/# /'
