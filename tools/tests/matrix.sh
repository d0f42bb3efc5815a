#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The page of pipc-matrix in a browser: needs chromium, and nothing else.
set -eu
: "${srcdir:=.}"
if ! command -v python3 >/dev/null; then
	echo "1..0 # SKIP no python3"
	exit 0
fi
srcdir=$(cd "$srcdir" && pwd)
PYTHONDONTWRITEBYTECODE=1 exec python3 "$srcdir/tools/tests/browser.py" \
	"$srcdir/tools/pipc-matrix" "$@"
