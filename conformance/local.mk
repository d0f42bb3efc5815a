# SPDX-License-Identifier: BSD-3-Clause
# The conformance suite.  A case file is added to CASE_FILES, and nowhere else.
CASE_FILES = conformance/cases/sem.c conformance/cases/shm.c \
	conformance/cases/mq.c conformance/cases/meta.c

bin_PROGRAMS += pipc-conform
pipc_conform_SOURCES = conformance/child.c conformance/ct.h \
	conformance/ledger.c conformance/main.c conformance/run.c \
	conformance/run.h $(CASE_FILES)
nodist_pipc_conform_SOURCES = registry.c
pipc_conform_LDADD = libpipc-core.la
CLEANFILES += registry.c

# The table of all cases, made from their sources.
registry.c: tools/registry.awk $(CASE_FILES)
	$(AM_V_GEN)(cd $(srcdir) && $(AWK) -f tools/registry.awk $(CASE_FILES)) > $@.tmp
	$(AM_V_at)mv $@.tmp $@

TESTS += pipc-conform conformance/tests/runner.sh conformance/tests/trace.sh
dist_man_MANS += conformance/pipc-conform.1
EXTRA_DIST += tools/registry.awk tools/summary.awk \
	conformance/tests/runner.sh conformance/tests/trace.sh

# The installed program, as its users start it.
installcheck-local:
	"$(DESTDIR)$(bindir)/pipc-conform"
