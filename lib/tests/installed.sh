#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# installed.sh DESTDIR LIBDIR MANDIR CC...: the installed libraries, used as their
# manual pages say: their own examples, built by what pkg-config tells.
set -eu
[ $# -ge 4 ] || { echo "usage: installed.sh DESTDIR LIBDIR MANDIR CC..." >&2; exit 2; }
destdir=$1 libdir=$1$2 pages=$1$3/man3
shift 3
compiler=$*
command -v pkg-config >/dev/null 2>&1 || {
	echo "installed.sh: pkg-config is missing" >&2
	exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

PKG_CONFIG_LIBDIR=$libdir/pkgconfig
PKG_CONFIG_SYSROOT_DIR=$destdir
PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS PKG_CONFIG_ALLOW_SYSTEM_LIBS
static=--static
for shared in "$libdir"/libpipc.so* "$libdir"/libpipc*.dylib; do
	[ ! -e "$shared" ] || static=
done
example() { # MODULE WORD: what its manual page has, which says that word
	# The flags are words.
	# shellcheck disable=SC2086
	flags=$(pkg-config $static --cflags --libs "$1")
	sed -n '/^\.Bd -literal/,/^\.Ed/{/^\./!p;}' "$pages/$1.3" \
		>"$work/example.c"
	# shellcheck disable=SC2086
	$compiler "$work/example.c" -o "$work/example" $flags
	said=$(LD_LIBRARY_PATH=$libdir "$work/example")
	[ "$said" = "$2" ] || {
		echo "installed.sh: the example of $1.3 said '$said'" >&2
		exit 1
	}
	echo "ok - the example of $1.3, with $flags"
}
example pipc alone
[ -e "$libdir/pkgconfig/pipc-posix.pc" ] || exit 0
example pipc-posix hello
# It was no queue of the system's.
if PIPC_REF_DIR=$work/none LD_LIBRARY_PATH=$libdir "$work/example" \
	2>/dev/null; then
	echo "installed.sh: the example uses the system's queues" >&2
	exit 1
fi
