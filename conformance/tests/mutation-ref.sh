#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The seeded bugs again, laid over the reference implementation.
exec sh "${srcdir:=.}/conformance/tests/mutation.sh" ref
