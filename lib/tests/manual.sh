#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The manual page describes exactly the functions and statuses of the header.
set -eu
: "${srcdir:=.}"
words() { # FILE PATTERN
	grep -oE "$2" "$1" | sed 's/($//; s/^.F[no] //' | sort -u
}
same() { # NAME HEADER-PATTERN MANUAL-PATTERN
	header=$(words "$srcdir/lib/pipc.h" "$2")
	manual=$(words "$srcdir/lib/pipc.3" "$3")
	if [ "$header" = "$manual" ]; then
		echo "ok $1"
	else
		echo "not ok $1"
		printf 'pipc.h has:\n%s\npipc.3 has:\n%s\n' "$header" "$manual" |
			sed 's/^/# /'
	fi
}
echo 1..2
same '1 - functions' '\bpipc_[a-z_]+\(' '^\.F[no] pipc_[a-z_]+'
same '2 - statuses' 'PIPC_(OK|[A-Z]+_ERROR)\b' 'PIPC_(OK|[A-Z]+_ERROR)\b'
