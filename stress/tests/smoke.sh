#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Every workload for an instant: invariants only, no speed.
set -eu
: "${builddir:=.}"
exec "$builddir/pipc-stress" --profile smoke --format tap
