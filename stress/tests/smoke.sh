#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Every workload for an instant on each backend: invariants only, no speed.
set -eu
: "${builddir:=.}" "${srcdir:=.}"
# shellcheck disable=SC1091 # it is looked at by itself
. "$srcdir/stress/tests/backends"
# What the environment kept from being checked stands in the last lines.
exec "$builddir/pipc-stress" --profile smoke --format tap --allow-unchecked \
	--backend "$(echo "$backends" | tr ' ' ,)"
