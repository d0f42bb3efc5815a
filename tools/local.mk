# SPDX-License-Identifier: BSD-3-Clause
# Host tools, and what lets other test systems run the suite.

TOOLS_TESTS = tools/tests/boot.sh tools/tests/columns.sh tools/tests/host.sh tools/tests/matrix.sh \
	tools/tests/portable.sh tools/tests/report.sh tools/tests/scripts.sh tools/tests/summary.sh \
	tools/tests/workflows.sh
TESTS += $(TOOLS_TESTS)
# A real kernel that stops in the middle of a run; skipped without qemu.
check-boot:
	$(AM_TESTS_ENVIRONMENT) $(SHELL) $(srcdir)/tools/tests/boot-kernel.sh
PHONY_TARGETS += check-boot
EXTRA_DIST += tools/tests/boot-kernel.sh
EXTRA_DIST += $(TOOLS_TESTS) tools/boot tools/ci tools/debian-kernel \
	tools/matrix tools/matrix.html tools/pipc-diff \
	tools/pipc-matrix tools/pipc_formats.py tools/pipc_records.py \
	tools/tests/browser.py tools/tests/check tools/tests/handmade.py tools/tests/kcidb-5.schema.json tools/tests/kirk.schema.json \
	tools/tests/pointer-mqueue.c tools/tests/pointer-mqueue.h

# Kyua and LAVA run the suite from here; autopkgtest's files are for packagers.
runnersdir = $(pkgdatadir)/runners
dist_runners_DATA = tools/runners/Kyuafile tools/runners/lava.yaml
dist_runners_SCRIPTS = tools/runners/pipc-atf
EXTRA_DIST += tools/runners/autopkgtest/control \
	tools/runners/autopkgtest/conform tools/runners/pipc-conform.test.in

# --enable-installed-tests: a .test file for gnome-desktop-testing-runner.
if INSTALLED_TESTS
installedtestsdir = $(datadir)/installed-tests/pipc
installedtests_DATA = pipc-conform.test
CLEANFILES += pipc-conform.test
pipc-conform.test: tools/runners/pipc-conform.test.in Makefile
	$(AM_V_GEN)sed 's|@bindir[@]|$(bindir)|' \
		$(srcdir)/tools/runners/pipc-conform.test.in > $@
endif
