#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What a program inherits, the umask and descriptors, and a strange path: all is
# checked that is checked otherwise.
set -eu
# shellcheck source=conformance/tests/hostile-common.sh
# shellcheck disable=SC1091 # it is looked at by itself
. "${srcdir:=.}/conformance/tests/hostile-common.sh"

within as-usual "" -- "$conform" -j2
checked "$dir/out" >"$dir/usual"
# shellcheck disable=SC2034 # for hostile-common.sh
like=$dir/usual

for mask in 0222 0477 0777; do
	within "umask-$mask" "" -- \
		sh -c 'umask "$1"; shift; exec "$@"' sh "$mask" "$conform" -j2
done
for many in 10 250; do
	within "descriptors-$many" "" -- \
		"$environment" descriptors "$many" "$conform" -j2
done
mkdir "$dir/a b"
cp "$conform" "$dir/a b/conform"
within path-with-space "" -- "$dir/a b/conform" -j2
echo "1..$n"
