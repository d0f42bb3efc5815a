# SPDX-License-Identifier: BSD-3-Clause
# The conformance suite.  A case file is added to CASE_FILES, a file of mutants
# to MUTANT_FILES, and nowhere else.
CASE_FILES = conformance/cases/mq.c \
 conformance/cases/meta.c
# Semaphores: names and modes.
CASE_FILES += conformance/cases/sem-mode.c
CASE_FILES += conformance/cases/sem-names.c

# Message queues: extensions, what the system says, two conditions at once.
CASE_FILES += conformance/cases/mq-extension.c
CASE_FILES += conformance/cases/mq-system.c
CASE_FILES += conformance/cases/mq-mixed.c

# All kinds.
CASE_FILES += conformance/cases/gen.c conformance/cases/scenario.c

# What several case files of one kind share.
CASE_SHARED =
MUTANT_FILES = conformance/mutants/mq-mixed.c conformance/mutants/shm-memory.c \
	conformance/mutants/sem-names.c conformance/mutants/gen.c

# Message queues: notification, and what they refuse.
CASE_FILES += conformance/cases/mq-notify.c conformance/cases/mq-notify-when.c
CASE_FILES += conformance/cases/mq-notify-life.c conformance/cases/mq-notify-thread.c
CASE_FILES += conformance/cases/mq-notify-undefined.c
CASE_SHARED += conformance/cases/mq-notify.h
CASE_FILES += conformance/cases/mq-attributes.c
MUTANT_FILES += conformance/mutants/mq-notify.c conformance/mutants/mq-notify-when.c
MUTANT_FILES += conformance/mutants/mq-notify-life.c conformance/mutants/mq-notify-thread.c
MUTANT_FILES += conformance/mutants/mq-attributes.c
MUTANT_SHARED = conformance/mutants/mq-notify.h
EXTRA_DIST += conformance/mutants/unmutated-mqb.txt

# Semaphores.
CASE_FILES += conformance/cases/sem-open.c conformance/cases/sem-race.c \
	conformance/cases/sem-wait.c conformance/cases/sem-post.c \
	conformance/cases/sem-unlink.c conformance/cases/sem-close.c \
	conformance/cases/sem-timed.c conformance/cases/sem-library.c \
	conformance/cases/sem-signal.c conformance/cases/sem-perm.c \
	conformance/cases/sem-limits.c conformance/cases/sem-stress.c \
	conformance/cases/sem-undefined.c
CASE_SHARED += conformance/cases/sem.h
MUTANT_FILES += conformance/mutants/sem-open.c \
	conformance/mutants/sem-wait.c conformance/mutants/sem-post.c \
	conformance/mutants/sem-name.c conformance/mutants/sem-timed.c \
	conformance/mutants/sem-signal.c conformance/mutants/sem-perm.c \
	conformance/mutants/sem-stress.c
EXTRA_DIST += conformance/mutants/unmutated-sem.txt

# Shared memory.
CASE_FILES += conformance/cases/shm-open.c conformance/cases/shm-descriptor.c \
	conformance/cases/shm-mode.c conformance/cases/shm-size.c \
	conformance/cases/shm-map.c conformance/cases/shm-life.c \
	conformance/cases/shm-handle.c conformance/cases/shm-name.c \
	conformance/cases/shm-system.c conformance/cases/gen-suite.c \
	conformance/cases/gen-limits.c
CASE_SHARED += conformance/cases/shm.h
MUTANT_FILES += conformance/mutants/shm-open.c conformance/mutants/shm-mode.c \
	conformance/mutants/shm-map.c conformance/mutants/shm-life.c \
	conformance/mutants/shm-path.c conformance/mutants/gen-limits.c
EXTRA_DIST += conformance/mutants/unmutated-shm.txt

# Message queues: opening, sending, receiving, waiting.
CASE_FILES += conformance/cases/mq-open.c \
	conformance/cases/mq-races.c \
	conformance/cases/mq-names.c \
	conformance/cases/mq-send.c \
	conformance/cases/mq-receive.c \
	conformance/cases/mq-order.c \
	conformance/cases/mq-blocked.c \
	conformance/cases/mq-timed.c \
	conformance/cases/mq-attr.c \
	conformance/cases/mq-access.c \
	conformance/cases/mq-limits.c \
	conformance/cases/mq-stress.c
MUTANT_FILES += conformance/mutants/mq-open.c \
	conformance/mutants/mq-names.c \
	conformance/mutants/mq-send.c \
	conformance/mutants/mq-receive.c \
	conformance/mutants/mq-order.c \
	conformance/mutants/mq-blocked.c \
	conformance/mutants/mq-timed.c \
	conformance/mutants/mq-attr.c \
	conformance/mutants/mq-access.c \
	conformance/mutants/mq-limits.c \
	conformance/mutants/mq-stress.c
CASE_SHARED += conformance/cases/mq.h
CASE_SHARED += conformance/cases/extension.h
MUTANT_SHARED += conformance/mutants/mq.h
EXTRA_DIST += conformance/mutants/unmutated-mqa.txt

# What is known of systems; a new file of platform-notes is added here.
QUIRK_FILES = platform-notes/linux.quirks platform-notes/freebsd.quirks \
	platform-notes/illumos.quirks platform-notes/macos.quirks \
	platform-notes/cygwin.quirks platform-notes/netbsd.quirks
NOTE_FILES = platform-notes/README.md platform-notes/linux.md \
	platform-notes/freebsd.md platform-notes/illumos.md \
	platform-notes/macos.md platform-notes/cygwin.md \
	platform-notes/netbsd.md \
	platform-notes/evidence/linux-6.18-glibc-2.36-x86_64.jsonl \
	platform-notes/evidence/linux-6.18-musl-x86_64.jsonl

# The harness and all cases: once, for the programs and for the unit tests.
noinst_LTLIBRARIES += libct.la
libct_la_SOURCES = conformance/blocked.c conformance/check.c \
	conformance/clock.c conformance/ct.h conformance/errno-name.c \
	conformance/exit.c conformance/expect.c conformance/expect.h \
	conformance/identity.c conformance/init.c conformance/init.h \
	conformance/ledger.c conformance/mutant.c conformance/mutant.h \
	conformance/object.c conformance/options.c conformance/options.h \
	conformance/peer.c conformance/probe.c conformance/report.c \
	conformance/report.h conformance/run.c conformance/run.h \
	conformance/signals.c conformance/thread.c $(CASE_SHARED) $(CASE_FILES)
nodist_libct_la_SOURCES = quirks.c registry.c requirements.c
libct_la_LIBADD = libpipc-core.la

bin_PROGRAMS += pipc-conform
pipc_conform_SOURCES = conformance/main.c conformance/no-mutants.c
pipc_conform_LDADD = libct.la

# The same program with the seeded bugs: never installed.
check_PROGRAMS += pipc-mutants
pipc_mutants_SOURCES = conformance/main.c $(MUTANT_FILES) $(MUTANT_SHARED)
nodist_pipc_mutants_SOURCES = mutants.c
pipc_mutants_LDADD = libct.la

# Tables made from the sources.
CLEANFILES += mutation-*.txt quirks.c registry.c requirements.c mutants.c
registry.c: tools/registry.awk $(CASE_FILES)
	$(AM_V_GEN)(cd $(srcdir) && $(AWK) -v kinds='CT_CASE CT_PROGRAM' \
		-f tools/registry.awk $(CASE_FILES)) > $@.tmp
	$(AM_V_at)mv $@.tmp $@
mutants.c: tools/registry.awk $(MUTANT_FILES)
	$(AM_V_GEN)(cd $(srcdir) && $(AWK) -v kinds=CT_MUTANT \
		-f tools/registry.awk $(MUTANT_FILES)) > $@.tmp
	$(AM_V_at)mv $@.tmp $@
quirks.c: tools/quirks.awk $(QUIRK_FILES) $(CASE_FILES)
	$(AM_V_GEN)(cd $(srcdir) && $(AWK) -f tools/quirks.awk \
		$(QUIRK_FILES) $(CASE_FILES)) > $@.tmp
	$(AM_V_at)mv $@.tmp $@
requirements.c: tools/requirements.awk conformance/requirements.txt
	$(AM_V_GEN)$(AWK) -f $(srcdir)/tools/requirements.awk \
		$(srcdir)/conformance/requirements.txt > $@.tmp
	$(AM_V_at)mv $@.tmp $@

# The closed lists of cases are tests; each case is in exactly one of them.
TEST_EXTENSIONS += .cases
CASES_LOG_DRIVER = $(TAP_DRIVER)
AM_CASES_LOG_DRIVER_FLAGS = --ignore-exit
CASES_LOG_COMPILER = $(builddir)/pipc-conform
AM_CASES_LOG_FLAGS = -j2 --cases
MUSTPASS = conformance/mustpass/gen.cases conformance/mustpass/sem.cases conformance/mustpass/shm.cases \
	conformance/mustpass/mq.cases
TESTS += $(MUSTPASS)

# Unit tests of the harness; check_expect has tables of quirks of its own.
if HAVE_CHECK
HARNESS_TESTS = check_blocked check_check check_clock check_errno_name \
	check_expect check_identity check_init check_ledger check_mutant \
	check_object check_options check_peer check_probe \
	check_report check_run check_signals check_thread
check_PROGRAMS += $(HARNESS_TESTS)
TESTS += $(HARNESS_TESTS)
endif
check_ct_headers = conformance/tests/check_ct.h lib/tests/check_pipc.h
check_expect_SOURCES = conformance/tests/check_expect.c
check_blocked_SOURCES = conformance/tests/check_blocked.c \
	$(check_ct_headers)
check_check_SOURCES = conformance/tests/check_check.c \
	$(check_ct_headers)
check_clock_SOURCES = conformance/tests/check_clock.c \
	$(check_ct_headers)
check_errno_name_SOURCES = conformance/tests/check_errno_name.c \
	$(check_ct_headers)
check_identity_SOURCES = conformance/tests/check_identity.c \
	$(check_ct_headers)
check_init_SOURCES = conformance/tests/check_init.c \
	$(check_ct_headers)
check_ledger_SOURCES = conformance/tests/check_ledger.c \
	$(check_ct_headers)
check_mutant_SOURCES = conformance/tests/check_mutant.c \
	$(check_ct_headers)
check_object_SOURCES = conformance/tests/check_object.c \
	$(check_ct_headers)
check_options_SOURCES = conformance/tests/check_options.c \
	$(check_ct_headers)
check_peer_SOURCES = conformance/tests/check_peer.c \
	$(check_ct_headers)
check_probe_SOURCES = conformance/tests/check_probe.c \
	$(check_ct_headers)
check_report_SOURCES = conformance/tests/check_report.c \
	$(check_ct_headers)
check_run_SOURCES = conformance/tests/check_run.c \
	$(check_ct_headers)
check_signals_SOURCES = conformance/tests/check_signals.c \
	$(check_ct_headers)
check_thread_SOURCES = conformance/tests/check_thread.c \
	$(check_ct_headers)
check_blocked_CFLAGS = $(CHECK_CFLAGS)
check_check_CFLAGS = $(CHECK_CFLAGS)
check_clock_CFLAGS = $(CHECK_CFLAGS)
check_errno_name_CFLAGS = $(CHECK_CFLAGS)
check_expect_CFLAGS = $(CHECK_CFLAGS)
check_identity_CFLAGS = $(CHECK_CFLAGS)
check_init_CFLAGS = $(CHECK_CFLAGS)
check_ledger_CFLAGS = $(CHECK_CFLAGS)
check_mutant_CFLAGS = $(CHECK_CFLAGS)
check_object_CFLAGS = $(CHECK_CFLAGS)
check_options_CFLAGS = $(CHECK_CFLAGS)
check_peer_CFLAGS = $(CHECK_CFLAGS)
check_probe_CFLAGS = $(CHECK_CFLAGS)
check_report_CFLAGS = $(CHECK_CFLAGS)
check_run_CFLAGS = $(CHECK_CFLAGS)
check_signals_CFLAGS = $(CHECK_CFLAGS)
check_thread_CFLAGS = $(CHECK_CFLAGS)
check_blocked_LDADD = libct.la $(CHECK_LIBS)
check_check_LDADD = libct.la $(CHECK_LIBS)
check_clock_LDADD = libct.la $(CHECK_LIBS)
check_errno_name_LDADD = libct.la $(CHECK_LIBS)
check_expect_LDADD = libct.la $(CHECK_LIBS)
check_identity_LDADD = libct.la $(CHECK_LIBS)
check_init_LDADD = libct.la $(CHECK_LIBS)
check_ledger_LDADD = libct.la $(CHECK_LIBS)
check_mutant_LDADD = libct.la $(CHECK_LIBS)
check_object_LDADD = libct.la $(CHECK_LIBS)
check_options_LDADD = libct.la $(CHECK_LIBS)
check_peer_LDADD = libct.la $(CHECK_LIBS)
check_probe_LDADD = libct.la $(CHECK_LIBS)
check_report_LDADD = libct.la $(CHECK_LIBS)
check_run_LDADD = libct.la $(CHECK_LIBS)
check_signals_LDADD = libct.la $(CHECK_LIBS)
check_thread_LDADD = libct.la $(CHECK_LIBS)

# Hostile environments, and what they are made with.
TESTS += conformance/tests/hostile.sh
check_PROGRAMS += deny
deny_SOURCES = conformance/tests/deny.c
if SHARED_LINUX
check_LTLIBRARIES += step-clock.la
step_clock_la_SOURCES = conformance/tests/step-clock.c
step_clock_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
endif
EXTRA_DIST += conformance/tests/hostile.sh


# Message queues: close, unlink, the rest.
CASE_FILES += conformance/cases/mq-close.c
CASE_FILES += conformance/cases/mq-unlink.c
CASE_FILES += conformance/cases/mq-handle.c
CASE_FILES += conformance/cases/mq-misc.c
MUTANT_FILES += conformance/mutants/mq-close.c
MUTANT_FILES += conformance/mutants/mq-unlink.c
MUTANT_FILES += conformance/mutants/mq-handle.c
MUTANT_FILES += conformance/mutants/mq-misc.c
MUTANT_FILES += conformance/mutants/mq-extension.c
EXTRA_DIST += conformance/mutants/unmutated-mqc.txt

# Each seeded bug must make a case of the requirement that it breaks fail.
TESTS += conformance/tests/mutation.sh
PHONY_TARGETS += mutation
mutation: pipc-mutants
	$(AM_TESTS_ENVIRONMENT) $(SHELL) $(srcdir)/conformance/tests/mutation.sh

TESTS += conformance/tests/order.sh conformance/tests/writers.sh conformance/tests/quirks.sh conformance/tests/runner.sh conformance/tests/trace.sh
dist_man_MANS += conformance/pipc-conform.1
EXTRA_DIST += tools/pipc-trace tools/trust $(NOTE_FILES) $(QUIRK_FILES) tools/quirks.awk tools/registry.awk tools/requirements.awk tools/summary.awk \
	conformance/requirements.txt conformance/tests/runner.sh \
	conformance/tests/order.sh conformance/tests/writers.sh \
	conformance/tests/quirks.sh conformance/tests/trace.sh \
	conformance/tests/mutation.sh \
	$(MUSTPASS)

# The installed program, as its users start it.
installcheck-local: installcheck-lib
	"$(DESTDIR)$(bindir)/pipc-conform"

# The schema of --json, for readers.
dist_pkgdata_DATA = conformance/pipc.schema.json

# What reads the JSON Lines on the host.
TESTS += tools/tests/host.sh
EXTRA_DIST += tools/matrix.html tools/pipc-diff tools/pipc-matrix \
	tools/pipc_records.py tools/tests/host.sh
