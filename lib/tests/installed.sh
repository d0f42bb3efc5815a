#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# installed.sh DESTDIR LIBDIR MANDIR CC...: the installed library, used as its
# manual page says: the page's own example, built by what pkg-config tells.
set -eu
[ $# -ge 4 ] || { echo "usage: installed.sh DESTDIR LIBDIR MANDIR CC..." >&2; exit 2; }
destdir=$1 libdir=$1$2 page=$1$3/man3/pipc.3
shift 3
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
# shellcheck disable=SC2086
flags=$(pkg-config $static --cflags --libs pipc)

sed -n '/^\.Bd -literal/,/^\.Ed/{/^\./!p;}' "$page" >"$work/example.c"
# The flags are words.
# shellcheck disable=SC2086
"$@" "$work/example.c" -o "$work/example" $flags
said=$(LD_LIBRARY_PATH=$libdir "$work/example")
[ "$said" = alone ] || {
	echo "installed.sh: the manual page's example said '$said'" >&2
	exit 1
}
echo "ok - the manual page's example, with $flags"
